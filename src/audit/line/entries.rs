//! Events of one request that read the quick way: their verdicts, and their way to the worker.
//!
//! The rules are asked once of events that are alike to all of them. Never a line's own
//! fields, never a rule.

use std::borrow::Cow;

use crate::event::Channel;
use crate::platform::meta::lean::{self, Draft, Hash, Lean, stable};

use super::super::envelope::Envelope;
use super::super::exchange::{Line, Whole, body_of, call, mend};
use super::super::verdict::Verdict;
use super::super::worker::{Around, Said};
use super::super::{AuditError, Spot};
use super::{Lines, shape};

impl Lines<'_, '_> {
    /// What the log says around an event.
    pub(super) fn around<'e>(
        &self,
        envelope: &'e Envelope<'_>,
        entry: u32,
        spot: Spot,
    ) -> Around<'e> {
        Around {
            channel: self.channel,
            spot,
            entry,
            caught: envelope.time,
            pixel: envelope.pixel.as_deref(),
        }
    }

    /// The one event of a line, and the line's own text of it. `flat` where fields of the log stand among its own.
    pub(in crate::audit) fn single<'t>(
        &mut self,
        lean: &Lean<'_>,
        text: &dyn Fn() -> Cow<'t, str>,
        flat: bool,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        let around = self.around(envelope, 0, spot);
        if !self.worker.wants(lean, &around) {
            return Ok(());
        }
        let (channel, names) = (self.channel, self.names);
        let whole = || {
            Some(Whole::Line(Box::new(Line {
                text: text().into_owned(),
                own: names.own(flat),
                channel,
                envelope: envelope.kept(),
                spot,
                caught: envelope.time.or(lean.time),
            })))
        };
        let said = self.ask(lean, around_hash(envelope), whole);
        let refused = channel == Channel::Server && self.verdict(&said).refused.is_some();
        self.worker.take(lean, &around, &said, refused, &whole)
    }

    /// Events of one request.
    pub(super) fn entries(
        &mut self,
        texts: &[Cow<'_, str>],
        flat: bool,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        let own = self.names.own(flat);
        let mut leans: Vec<Lean<'_>> = Vec::with_capacity(texts.len());
        for text in texts {
            match self.lean(text, envelope.time, &own) {
                Some(lean) => leans.push(lean),
                None => {
                    let body = body_of(texts, &own);
                    let exchange = call(self.channel, envelope, body, true, spot, envelope.time);
                    return self.full(&exchange, envelope, spot);
                }
            }
        }
        if let ([lean], [text]) = (leans.as_slice(), texts) {
            return self.single(lean, &|| text.clone(), flat, envelope, spot);
        }
        let around = around_hash(envelope);
        let mut said = Vec::with_capacity(leans.len());
        for (place, lean) in leans.iter().enumerate() {
            let channel = self.channel;
            said.push(self.ask(lean, around, || {
                let body = body_of(&texts[place..=place], &own);
                let caught = envelope.time.or(lean.time);
                let exchange = call(channel, envelope, body, true, spot, caught);
                let pixel = envelope.pixel.as_deref().map(str::to_owned);
                Some(Whole::Text(Box::new(exchange), pixel))
            }));
        }
        let refused = self.channel == Channel::Server
            && said.iter().any(|said| self.verdict(said).refused.is_some());
        let mut taken = Vec::new();
        let mut sampled = false;
        for (place, (lean, said)) in leans.iter().zip(&said).enumerate() {
            let around = self.around(envelope, place as u32, spot);
            if self.worker.wants(lean, &around) {
                sampled |= self.worker.samples(lean, &around);
                taken.push((place, lean, said, around));
            }
        }
        let mut events = Vec::new();
        if sampled {
            // What the platform says of one event may be the fault of another of its request.
            let caught = envelope.time.or(leans[0].time);
            let body = body_of(texts, &own);
            let exchange = call(self.channel, envelope, body, true, spot, caught);
            events = (self.platform.decode)(&exchange).events;
            mend(&mut events, self.channel, envelope.pixel.as_deref());
        }
        for (place, lean, said, around) in taken {
            let whole = || events.get(place).cloned().map(Whole::of);
            self.worker.take(lean, &around, said, refused, &whole)?;
        }
        Ok(())
    }

    /// An event that stands alone, where it reads the quick way.
    fn lean<'t>(&mut self, text: &'t str, caught: Option<i64>, own: &[String]) -> Option<Lean<'t>> {
        if !own.is_empty() {
            return lean::call(text, self.channel, caught, own);
        }
        let mut draft = Draft::new(self.channel);
        if shape::ride_event(&mut self.events, text, &mut draft).is_some() {
            return Some(draft.into_lean(caught));
        }
        let lean = lean::call(text, self.channel, caught, own)?;
        shape::learn_event(&mut self.events, text);
        Some(lean)
    }

    /// The verdict of an event that reads the quick way.
    pub(super) fn ask(
        &mut self,
        lean: &Lean<'_>,
        around: u64,
        whole: impl FnOnce() -> Option<Whole>,
    ) -> Said {
        let signature = lean.signature.map(|signature| {
            let mut hash = Hash::seeded(around);
            hash.add(signature);
            hash.finish()
        });
        if let Some(number) = signature.and_then(|signature| self.worker.verdicts.known(signature))
        {
            return Said::Kept(number);
        }
        let verdict = match whole().and_then(|whole| whole.decode(self.platform)) {
            Some(event) => self.worker.judge(&event),
            None => Verdict::default(),
        };
        match signature.and_then(|signature| self.worker.verdicts.keep(signature, &verdict)) {
            Some(number) => Said::Kept(number),
            None => Said::Own(Box::new(verdict)),
        }
    }

    fn verdict<'v>(&'v self, said: &'v Said) -> &'v Verdict {
        match said {
            Said::Kept(number) => self.worker.verdicts.get(*number),
            Said::Own(verdict) => verdict,
        }
    }
}

/// What around an event makes a difference to rules and refusals.
fn around_hash(envelope: &Envelope<'_>) -> u64 {
    if envelope.status.is_none() && envelope.response.is_none() && envelope.agent.is_none() {
        return 1;
    }
    let mut hash = Hash::new();
    hash.add(u64::from(envelope.status.unwrap_or(0)));
    if let Some(body) = envelope.response.as_deref() {
        if body.contains("\"error\"") {
            let answer: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
            for part in ["code", "error_subcode", "error_user_title", "message"] {
                hash.text(&answer["error"][part].to_string());
            }
        } else {
            hash.add(1 + u64::from(body.contains("\"events_received\"")));
        }
    }
    if let Some(agent) = envelope.agent.as_deref() {
        hash.add(stable(agent.as_bytes()));
    }
    hash.finish()
}
