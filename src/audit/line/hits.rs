//! Hits of the pixel in lines: addresses alone, and lines of access logs.
//!
//! Never an event of the server API.

use std::sync::Arc;

use crate::capture::Exchange;
use crate::event::Channel;
use crate::platform::meta::lean;

use super::super::envelope::Envelope;
use super::super::exchange::{self, Whole};
use super::super::{AuditError, Spot};
use super::extended::{self, Fields};
use super::{Lines, access};

impl Lines<'_, '_> {
    /// An address of a hit, with what its log says.
    pub(in crate::audit) fn url(&mut self, text: &str, spot: Spot) -> Result<(), AuditError> {
        let is_address = text.starts_with('/')
            || text
                .split_once("://")
                .is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if !is_address || text.contains(' ') {
            self.fault(spot, "the line is no address");
            return Ok(());
        }
        self.hit(text, &Envelope::default(), spot)
    }

    /// A line of an access log.
    pub(in crate::audit) fn access(&mut self, text: &str, spot: Spot) -> Result<(), AuditError> {
        match access::read(text) {
            Ok(envelope) => match envelope.url.clone() {
                Some(url) => return self.hit(&url, &envelope, spot),
                None => self.foreign += 1,
            },
            Err(cause) => self.fault(spot, cause),
        }
        Ok(())
    }

    /// A line of a log whose header names its fields, or that header.
    pub(in crate::audit) fn extended(
        &mut self,
        text: &str,
        header: &mut Option<Arc<Fields>>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        if text.starts_with('#') {
            if let Some(fields) = Fields::of(text, self.names) {
                *header = Some(Arc::new(fields));
            }
            return Ok(());
        }
        let Some(fields) = header else {
            self.fault(spot, "no line before it names the fields (#Fields: …)");
            return Ok(());
        };
        match extended::read(text, fields) {
            Ok(envelope) => match envelope.url.clone() {
                Some(url) => return self.hit(&url, &envelope, spot),
                None => self.foreign += 1,
            },
            Err(cause) => self.fault(spot, cause),
        }
        Ok(())
    }

    pub(super) fn hit(
        &mut self,
        url: &str,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        let method = envelope.method.as_deref().unwrap_or(if envelope.body.is_some() {
            "POST"
        } else {
            "GET"
        });
        let body = envelope.body.as_deref().filter(|body| !body.is_empty());
        let form = envelope.content_type.as_deref().is_none_or(|kind| kind.contains("urlencoded"));
        let query = match (usual_hit(url), body) {
            (Some(query), None) => Some(query),
            (Some(""), Some(body)) if form && !body.starts_with("--") => Some(body),
            _ => None,
        };
        let quick = (self.channel == Channel::Browser && matches!(method, "GET" | "POST"))
            .then_some(query)
            .flatten()
            .and_then(lean::hit);
        if let Some(lean) = quick {
            let around = self.around(envelope, 0, spot);
            if !self.worker.wants(&lean, &around) {
                return Ok(());
            }
            let caught = envelope.time.or(lean.time);
            let whole = || {
                let exchange = exchange::hit(url, method, envelope, caught, spot);
                Some(Whole::Text(Box::new(exchange), None))
            };
            let said = self.ask(&lean, 0, whole);
            return self.worker.take(&lean, &around, &said, false, &whole);
        }
        let exchange = Exchange {
            channel: self.channel,
            ..exchange::hit(url, method, envelope, envelope.time, spot)
        };
        self.full(&exchange, envelope, spot)
    }
}

/// The query of a hit at the platform's own address, or `""` where it has none.
fn usual_hit(url: &str) -> Option<&str> {
    let path = ["https://www.facebook.com", "https://facebook.com", "http://www.facebook.com"]
        .iter()
        .find_map(|front| url.strip_prefix(front))
        .or_else(|| url.starts_with('/').then_some(url))?;
    let rest = path.strip_prefix("/tr").map(|rest| rest.strip_prefix('/').unwrap_or(rest))?;
    let rest = rest.split('#').next().unwrap_or(rest);
    if rest.is_empty() { Some("") } else { rest.strip_prefix('?') }
}
