//! Facts of a file go back into the stream, their findings as they were.
//!
//! Never asks a rule: that was done where the facts were made.

use crate::event::{Channel, Event, EventTime, Refusal};
use crate::platform::meta::lean::{Hash, stable};

use super::exchange::Whole;
use super::facts_file::StoredFact;
use super::verdict::{Verdict, told_before};
use super::worker::{Around, Said, Worker};
use super::{AuditError, Spot};

/// Puts a stored fact back into the stream, its findings as they were.
pub(super) fn stored(
    fact: &StoredFact<'_>,
    channel: Channel,
    spot: Spot,
    worker: &mut Worker<'_>,
) -> Result<(), AuditError> {
    let around = Around { channel, spot, entry: 0, caught: fact.caught, pixel: None };
    if !worker.wants(&fact.lean, &around) {
        return Ok(());
    }
    let name = fact.lean.name.as_deref();
    let mut signature = Hash::seeded(channel as u64 + 32);
    signature.add(fact.offences.map_or(0, |text| stable(text.as_bytes())));
    signature.add(fact.refusal.map_or(0, |text| stable(text.as_bytes())));
    signature.add(name.map_or(0, |text| stable(text.as_bytes())));
    let signature = signature.finish();
    let said = match worker.verdicts.known(signature) {
        Some(number) => Said::Kept(number),
        None => {
            let verdict = verdict(fact, name);
            match worker.verdicts.keep(signature, &verdict) {
                Some(number) => Said::Kept(number),
                None => Said::Own(Box::new(verdict)),
            }
        }
    };
    let whole = || Some(Whole::of(event_of(fact, channel)));
    worker.take(&fact.lean, &around, &said, fact.refused, &whole)
}

fn refusal(fact: &StoredFact<'_>) -> Option<Refusal> {
    fact.refusal.filter(|_| fact.refused).map(refused_as)
}

/// A refusal out of its code and subcode.
fn refused_as(text: &str) -> Refusal {
    let (code, subcode) =
        text.split_once('/').map_or((text, None), |(code, sub)| (code, Some(sub)));
    Refusal {
        code: code.parse().unwrap_or(0),
        subcode: subcode.and_then(|subcode| subcode.parse().ok()),
        title: "as the facts say".to_owned(),
    }
}

fn verdict(fact: &StoredFact<'_>, name: Option<&str>) -> Verdict {
    let findings = fact.offences.map(|text| told_before(text, name)).unwrap_or_default();
    Verdict { refused: refusal(fact), findings }
}

/// As much of an event as facts know.
fn event_of(fact: &StoredFact<'_>, channel: Channel) -> Event {
    let mut event = Event::new(channel, 0, fact.lean.pixel.clone());
    event.name = fact.lean.name.as_deref().map(str::to_owned);
    event.id = fact.lean.id.as_deref().map(str::to_owned);
    event.automatic = fact.lean.automatic;
    // Facts may know that an event was refused, and not by which code.
    event.refused = fact.refused.then(|| refused_as(fact.refusal.unwrap_or_default()));
    event.transport = if channel == Channel::Server { "call" } else { "GET" };
    event.time = fact.lean.time.map(|millis| EventTime {
        text: (millis / 1000).to_string(),
        millis: Some(millis),
        milliseconds_for_seconds: false,
    });
    if let Some(value) = fact.lean.value {
        event.parameters.insert("value".to_owned(), value.into());
    }
    if let Some(currency) = &fact.lean.currency {
        event.parameters.insert("currency".to_owned(), currency.as_ref().into());
    }
    event
}
