//! Finds the events in a line of a log and hands them to the worker.
//!
//! The quick way reads events without building them; whatever is unusual becomes an
//! exchange, as on a tape, and goes through the platform's full decoder.
//! Never counts an event, never asks a rule.

mod access;
mod entries;
mod extended;
mod hits;
mod shape;

use std::borrow::Cow;

use crate::capture::Exchange;
use crate::event::{Channel, Event};
use crate::platform::Platform;
use crate::platform::meta::lean::{self, Draft, Lean, Rails, Raw, fields};

use super::envelope::{Envelope, open};
use super::exchange::{self, Whole, mend};
use super::layout::Names;
use super::names::rename;
use super::worker::{Around, Said, Worker};
use super::{AuditError, Spot};
use shape::Stand;

pub(super) use access::is_balancers;
pub(super) use extended::{Fields, HEADER};

/// Places of unreadable lines that are kept per thread and input.
const MOST_SAMPLES: usize = 8;
/// Most events in one request; what Meta makes of more is for the full decoder.
const MOST_EVENTS: usize = crate::platform::meta::vocabulary::MOST_EVENTS;

/// Reads the lines of one input in one thread.
pub(super) struct Lines<'a, 's> {
    worker: &'a mut Worker<'s>,
    platform: &'a Platform,
    channel: Channel,
    names: &'a Names,
    /// Shapes of lines, and of events that stand in a list or in a text.
    rails: Rails<shape::Place>,
    events: Rails<shape::Place>,
    /// Lines with no event in them that need none.
    pub(super) foreign: u64,
    /// Lines that cannot be read.
    pub(super) bad: u64,
    /// The first of them.
    pub(super) samples: Vec<(Spot, String)>,
}

impl<'a, 's> Lines<'a, 's> {
    pub(super) fn new(
        worker: &'a mut Worker<'s>,
        platform: &'a Platform,
        channel: Channel,
        names: &'a Names,
    ) -> Lines<'a, 's> {
        Lines {
            worker,
            platform,
            channel,
            names,
            rails: Rails::default(),
            events: Rails::default(),
            foreign: 0,
            bad: 0,
            samples: Vec::new(),
        }
    }

    /// Notes how long it took to get at some bytes.
    pub(super) fn fetched(&mut self, time: std::time::Duration) {
        self.worker.fetching += time;
    }

    /// Notes an unreadable line.
    pub(super) fn fault(&mut self, spot: Spot, cause: impl Into<String>) {
        self.bad += 1;
        if self.samples.len() < MOST_SAMPLES {
            self.samples.push((spot, cause.into()));
        }
    }

    /// A line whose fields have the platform's names already.
    pub(super) fn plain(&mut self, text: &str, spot: Spot) -> Result<(), AuditError> {
        self.object(text, spot)
    }

    /// A line of JSON.
    pub(super) fn json(&mut self, text: &str, spot: Spot) -> Result<(), AuditError> {
        if self.names.rename() {
            return match rename(text, self.names) {
                Ok(renamed) => self.object(&renamed, spot),
                Err(cause) => {
                    self.fault(spot, cause);
                    Ok(())
                }
            };
        }
        self.object(text, spot)
    }

    fn object(&mut self, text: &str, spot: Spot) -> Result<(), AuditError> {
        let (mut draft, mut envelope) = (Draft::new(self.channel), Envelope::default());
        if let Some(stand) = shape::ride(&mut self.rails, text, &mut draft, &mut envelope) {
            let lean = draft.finish(envelope.time);
            return match stand {
                Stand::Among => {
                    let own = envelope.has_own;
                    self.single(lean, &|| Cow::Borrowed(text), own, &envelope, spot)
                }
                Stand::Inside(at) => {
                    self.single(lean, &|| Cow::Borrowed(&text[at..]), false, &envelope, spot)
                }
            };
        }
        let mut draft = None;
        if let Some(envelope) = open(text, self.names, self.channel, &mut draft) {
            let is_list = matches!(envelope.data, Some(Raw::Array(_)));
            if draft.as_ref().is_some_and(Draft::is_named) || is_list {
                shape::learn(&mut self.rails, text, self.names);
            }
            return self.opened(text, &envelope, draft.as_mut(), spot);
        }
        // Escaped names, fields that come twice: the full parser makes it usual.
        let usual = match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value @ serde_json::Value::Object(_)) => value.to_string(),
            Ok(_) => {
                self.fault(spot, "JSON, but no object");
                return Ok(());
            }
            Err(error) => {
                let what = if error.is_eof() { "ends too early" } else { "is not JSON" };
                self.fault(spot, format!("the line {what} at column {}", error.column()));
                return Ok(());
            }
        };
        let mut draft = None;
        match open(&usual, self.names, self.channel, &mut draft) {
            Some(envelope) => self.opened(&usual, &envelope, draft.as_mut(), spot),
            None => {
                self.fault(spot, "values inside each other too deep");
                Ok(())
            }
        }
    }

    fn opened(
        &mut self,
        text: &str,
        envelope: &Envelope<'_>,
        draft: Option<&mut Draft<'_>>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        if let Some(url) = &envelope.url {
            if let Some(pixel) = call_pixel(url) {
                let pixel = envelope.pixel.clone().unwrap_or(Cow::Borrowed(pixel));
                let envelope = Envelope { pixel: Some(pixel), ..envelope.clone() };
                if let Some(body) = &envelope.body {
                    return self.inner(body, &envelope, spot);
                }
            } else if !envelope.is_event && envelope.event.is_none() {
                return self.hit(url, envelope, spot);
            }
        }
        if let Some(event) = envelope.event.as_deref().or(envelope.body.as_deref()) {
            if let Some(draft) = draft.filter(|draft| draft.is_named()) {
                let lean = draft.finish(envelope.time);
                return self.single(lean, &|| Cow::Borrowed(event), false, envelope, spot);
            }
            return self.inner(event, envelope, spot);
        }
        if let Some(data) = envelope.data {
            return self.data(data, text, envelope, spot);
        }
        if envelope.is_event {
            if let Some(draft) = draft {
                let lean = draft.finish(envelope.time);
                let flat = envelope.has_own;
                return self.single(lean, &|| Cow::Borrowed(text), flat, envelope, spot);
            }
            return self.entries(&[Cow::Borrowed(text)], envelope.has_own, envelope, spot);
        }
        if envelope.url.is_some() {
            self.foreign += 1;
        } else {
            self.fault(spot, "no event in it: no event_name, data, event, body or url");
        }
        Ok(())
    }

    /// An event, or a whole body, that stands in a field.
    fn inner(&mut self, text: &str, envelope: &Envelope<'_>, spot: Spot) -> Result<(), AuditError> {
        if text.trim_start().starts_with('{') {
            let mut scan = fields(text);
            let data = scan.as_mut().and_then(|scan| {
                while let Some((name, value)) = scan.field() {
                    if name == "data" {
                        return Some(value);
                    }
                }
                None
            });
            if let Some(data) = data {
                return self.data(data, text, envelope, spot);
            }
            return self.entries(&[Cow::Borrowed(text)], false, envelope, spot);
        }
        // Forms and whatever else clients send.
        let body = text.as_bytes().to_vec();
        let exchange = exchange::call(self.channel, envelope, body, false, spot, envelope.time);
        self.full(&exchange, envelope, spot)
    }

    /// The list of events of a whole body, in its three shapes.
    fn data(
        &mut self,
        data: Raw<'_>,
        body: &str,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        let owned;
        let list = match data {
            Raw::Array(list) => list,
            Raw::Text(..) => {
                owned = data.text().unwrap_or_default();
                &owned
            }
            _ => "",
        };
        let texts = entry_texts(list);
        match texts {
            Some(texts) if !texts.is_empty() && texts.len() <= MOST_EVENTS => {
                self.entries(&texts, false, envelope, spot)
            }
            _ => {
                let body = body.as_bytes().to_vec();
                let time = envelope.time;
                let exchange = exchange::call(self.channel, envelope, body, true, spot, time);
                self.full(&exchange, envelope, spot)
            }
        }
    }

    /// The events of an exchange by the full decoder.
    pub(super) fn full(
        &mut self,
        exchange: &Exchange,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        let mut decoded = (self.platform.decode)(exchange);
        if exchange.at == 0
            && let Some(time) = decoded.events.iter().find_map(|event| event.time.as_ref()?.millis)
        {
            decoded = (self.platform.decode)(&Exchange { at: time, ..exchange.clone() });
        }
        if decoded.events.is_empty() && decoded.defects.is_empty() {
            self.foreign += 1;
            return Ok(());
        }
        if decoded.events.is_empty()
            && let Some(defect) = decoded.defects.first()
        {
            self.fault(spot, defect.what.clone());
            return Ok(());
        }
        mend(&mut decoded.events, self.channel, envelope.pixel.as_deref());
        self.events(decoded.events, envelope, spot)
    }

    /// Events that are decoded already.
    pub(super) fn events(
        &mut self,
        events: Vec<Event>,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        for event in events {
            let lean = Lean::of(&event);
            let around = Around {
                channel: event.channel,
                spot,
                entry: event.entry,
                caught: envelope.time,
                pixel: envelope.pixel.as_deref(),
            };
            if !self.worker.wants(&lean, &around) {
                continue;
            }
            let said = Said::Own(Box::new(self.worker.judge(&event)));
            let refused = event.refused.is_some();
            let whole = || Some(Whole::of(event.clone()));
            self.worker.take(&lean, &around, &said, refused, &whole)?;
        }
        Ok(())
    }
}

/// Texts of the entries of a list; `None` where it is not of a usual shape.
fn entry_texts(list: &str) -> Option<Vec<Cow<'_, str>>> {
    let mut scan = lean::entries(list)?;
    let mut texts = Vec::new();
    while let Some(item) = scan.item() {
        match item {
            Raw::Object(text) => texts.push(Cow::Borrowed(text)),
            Raw::Text(..) => {
                let text = item.text()?;
                text.trim_start().starts_with('{').then_some(())?;
                texts.push(Cow::Owned(text.into_owned()));
            }
            _ => return None,
        }
    }
    scan.is_done().then_some(texts)
}

/// The pixel of an address of the server API.
fn call_pixel(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    let pixel = path.strip_suffix("/events")?.rsplit('/').next()?;
    (!pixel.is_empty() && pixel.bytes().all(|byte| byte.is_ascii_digit())).then_some(pixel)
}
