//! Conversions API calls: from the bytes of one request to its events.
//!
//! A call carries up to a thousand events and stands or falls as a whole: what Meta
//! refuses about one event, it refuses about all of them.
//! Never whether the events are right; the token never leaves this room.

pub(super) mod answer;
mod body;
mod entry;
mod refusal;

use crate::capture::Exchange;
use crate::event::{Defect, Event, Injected, Refusal};
use crate::platform::Decoded;

use super::address::{self, Purpose};
use body::Call;

pub(super) use entry::KNOWN_USER_DATA;

/// The mark of the one event that made Meta refuse a request of several.
pub const CULPRIT: &str = "refused for this event";

/// The mark of an event whose call was met by a fault of the scenario; its value is the
/// fault's word.
pub const INJECTED: &str = "injected";

/// The code of a call that got no answer at all: a gateway would say so (504).
const NO_ANSWER: u32 = 504;

/// The events of a recorded call. Empty for requests that are no calls.
pub(super) fn decode(exchange: &Exchange) -> Decoded {
    let request = &exchange.request;
    let Purpose::Call { version, pixel } = address::purpose(&request.method, &request.url) else {
        return Decoded::default();
    };
    let mut call = body::read(request);
    let mut events: Vec<Event> = Vec::with_capacity(call.data.len());
    for (position, data) in call.data.iter().enumerate() {
        let mut event = Event::new(exchange.channel, exchange.number, pixel.clone());
        event.entry = position as u32;
        event.session = exchange.session;
        event.caught = exchange.at;
        event.transport = "call";
        event.sender = request.header("user-agent").map(str::to_owned);
        event.marks.clone_from(&call.marks);
        if let Some(version) = &version {
            event.marks.insert("api_version".to_owned(), version.clone());
        }
        entry::read(&mut event, data);
        events.push(event);
    }
    if !address::is_pixel_id(&pixel) {
        call.faults.push("the pixel id in the path is not a number of up to 26 digits".to_owned());
    }
    refuse(&mut events, &call, exchange);
    let defects = call
        .faults
        .into_iter()
        .map(|what| Defect {
            exchange: exchange.number,
            channel: exchange.channel,
            session: exchange.session,
            what,
        })
        .collect();
    Decoded { events, defects }
}

/// Marks every event of a refused request. What was answered counts; without a readable
/// answer (a log, a made-up exchange) the rules are asked, at the time of the exchange.
fn refuse(events: &mut [Event], call: &Call, exchange: &Exchange) {
    if let Some(injected) = &exchange.injected {
        return inject(events, injected, exchange);
    }
    let ruled = refusal::of_call(call, events, exchange.at);
    let answered = answered_refusal(exchange);
    let accepted = exchange.answer.status == 200 && answered.is_none() && is_receipt(exchange);
    let refused = match answered {
        Some(refused) => Some(refused),
        None if accepted => None,
        // Nobody took it: a retry of it is no second copy.
        None if exchange.answer.status >= 500 => Some(Refusal {
            code: u32::from(exchange.answer.status),
            subcode: None,
            title: format!("answered with status {}", exchange.answer.status),
        }),
        None => ruled.as_ref().map(|(_, offence)| offence.refusal()),
    };
    let Some(refused) = refused else { return };
    if let Some((Some(culprit), offence)) = ruled
        && offence.refusal().code == refused.code
        && let Some(event) = events.get_mut(culprit)
    {
        event.marks.insert(CULPRIT.to_owned(), "true".to_owned());
    }
    for event in events {
        event.refused = Some(refused.clone());
    }
}

/// Marks every event of a call that was met by a fault of the scenario.
fn inject(events: &mut [Event], injected: &Injected, exchange: &Exchange) {
    let word = injected.answer.name();
    let refused = (!injected.answer.is_counted()).then(|| {
        let answered = answered_refusal(exchange);
        let refused = answered.unwrap_or_else(|| Refusal {
            code: NO_ANSWER,
            subcode: None,
            title: "no answer".to_owned(),
        });
        Refusal { title: format!("{}, on purpose", refused.title), ..refused }
    });
    for (position, event) in events.iter_mut().enumerate() {
        event.marks.insert(INJECTED.to_owned(), word.to_owned());
        if injected.entry.is_some_and(|entry| entry as usize == position) {
            event.marks.insert(CULPRIT.to_owned(), "true".to_owned());
        }
        event.refused.clone_from(&refused);
    }
}

fn answered_refusal(exchange: &Exchange) -> Option<Refusal> {
    let answer: serde_json::Value = serde_json::from_slice(&exchange.answer.body).ok()?;
    let error = answer.get("error")?;
    let number = |name: &str| error.get(name).and_then(serde_json::Value::as_u64).map(|n| n as u32);
    let text = |name: &str| error.get(name).and_then(serde_json::Value::as_str);
    Some(Refusal {
        code: number("code").unwrap_or(0),
        subcode: number("error_subcode"),
        title: text("error_user_title").or_else(|| text("message")).unwrap_or("refused").to_owned(),
    })
}

fn is_receipt(exchange: &Exchange) -> bool {
    serde_json::from_slice::<serde_json::Value>(&exchange.answer.body)
        .is_ok_and(|answer| answer.get("events_received").is_some())
}

/// The first event that Meta would refuse, and why; `None` when it accepts them all.
/// `now` is in Unix milliseconds.
pub fn refusal(events: &[Event], now: i64) -> Option<(usize, Refusal)> {
    refusal::of_events(events, now).map(|(position, offence)| (position, offence.refusal()))
}

#[cfg(test)]
mod tests;
