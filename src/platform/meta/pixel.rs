//! Hits of the pixel: from the bytes of one request to one event.
//!
//! A hit is flat: bracketed names carry event parameters (`cd[…]`), user data
//! (`ud[…]`, `udff[…]`, and `aud[…]` under an older normaliser) and the rest says
//! how and by which script it was sent. Nothing is trimmed or folded.
//! Never whether what it says is right.

pub(super) mod answer;
mod parameters;

use crate::capture::{Exchange, Request};
use crate::event::{Defect, Event, EventTime, MatchKey, MisplacedId, mask};

use super::address::{self, Purpose};
use super::form::Fields;
use crate::platform::Decoded;

/// Events that the script sends by itself; they cannot carry the site's id (meta-facts 1.13).
const AUTOMATIC: &[&str] =
    &["SubscribedButtonClick", "Microdata", "PixelInitialized", "UserProperties", "InputData"];
/// Parameters in which sites put the id by mistake; the script sends them as they are (observed).
const MISPLACED: &[&str] = &["eventID", "event_id", "eventId", "eventid", "eid"];
/// How many odds and ends of one hit are kept; a real hit has some fifty.
const MOST_MARKS: usize = 256;

/// The event of a recorded hit. Empty for requests that are no hits.
pub(super) fn decode(exchange: &Exchange) -> Decoded {
    let Some(fields) = hit_fields(&exchange.request) else { return Decoded::default() };
    let defect = |what: String| Defect {
        exchange: exchange.number,
        channel: exchange.channel,
        session: exchange.session,
        what,
    };
    let mut defects: Vec<Defect> = fields.faults.iter().cloned().map(defect).collect();
    match fields.get("id") {
        None => defects.push(defect("hit without a pixel id (`id`)".to_owned())),
        Some(id) if !address::is_pixel_id(id) => {
            defects.push(defect(format!(
                "the pixel id `{}` is not a number of up to 26 digits",
                mask(id)
            )));
        }
        Some(_) => {}
    }
    let readable = ["id", "ev", "dl"].iter().any(|name| fields.get(name).is_some());
    let events = if readable { vec![event(exchange, &fields)] } else { Vec::new() };
    Decoded { events, defects }
}

/// Drops copies of a hit that the script sends for other receivers: same pixel,
/// session, time and counter, marked as a forced GET (meta-facts 4.5).
pub(super) fn without_twins(events: Vec<Event>) -> Vec<Event> {
    use std::collections::BTreeSet;
    let identity = |event: &Event| {
        Some((
            event.session,
            event.pixel.clone(),
            event.name.clone(),
            event.time.as_ref()?.text.clone(),
            event.marks.get("ec")?.clone(),
        ))
    };
    let forced = |event: &Event| event.marks.get("rqm").is_some_and(|method| method == "FGET");
    let originals: BTreeSet<_> =
        events.iter().filter(|event| !forced(event)).filter_map(identity).collect();
    events
        .into_iter()
        .filter(|event| {
            !forced(event) || identity(event).is_none_or(|identity| !originals.contains(&identity))
        })
        .collect()
}

/// Everything a hit says, query first, or `None` when the request is no hit.
pub(super) fn hit_fields(request: &Request) -> Option<Fields> {
    let purpose = address::purpose(&request.method, &request.url);
    if !matches!(purpose, Purpose::Hit | Purpose::Perhaps | Purpose::Foreign) {
        return None;
    }
    if !matches!(request.method.as_str(), "GET" | "POST") {
        return None;
    }
    let mut fields = Fields::default();
    if let Some(query) = request.query() {
        fields.read_urlencoded(query.as_bytes(), "query");
    }
    if !request.body.is_empty() {
        let content_type = request.header("content-type").unwrap_or_default();
        let multipart = content_type.to_ascii_lowercase().starts_with("multipart/")
            || (content_type.is_empty() && request.body.starts_with(b"--"));
        if multipart {
            fields.read_multipart(&request.body, content_type);
        } else {
            fields.read_urlencoded(&request.body, "body");
        }
    }
    let has_id = fields.get("id").is_some_and(address::is_pixel_id);
    let has = |name: &str| fields.get(name).is_some();
    let is_hit = match purpose {
        Purpose::Hit => true,
        Purpose::Perhaps => has_id && (has("ev") || has("dl")),
        // Nothing in the address speaks for it, so the parameters have to.
        _ => has_id && has("ev") && has("dl"),
    };
    is_hit.then_some(fields)
}

fn event(exchange: &Exchange, fields: &Fields) -> Event {
    let pixel = fields.get("id").unwrap_or_default();
    let mut event = Event::new(exchange.channel, exchange.number, pixel);
    event.session = exchange.session;
    event.caught = exchange.at;
    event.sender = exchange.request.header("user-agent").map(str::to_owned);
    event.name = fields.get("ev").map(str::to_owned);
    event.page = fields.get("dl").map(str::to_owned);
    event.time = fields.get("ts").map(|text| EventTime {
        text: text.to_owned(),
        millis: text.parse().ok(),
        milliseconds_for_seconds: false,
    });
    for (name, value) in &fields.pairs {
        read(&mut event, name, value);
    }
    event.transport = transport(&exchange.request, fields.get("rqm"));
    let mark =
        |name: &str, wanted: &str| event.marks.get(name).is_some_and(|value| value == wanted);
    event.automatic = is_automatic(event.name())
        || mark("es", "automatic")
        || mark("es", "user_properties")
        || mark("cs_est", "true");
    event
}

/// True for names of events that the script sends by itself.
pub(super) fn is_automatic(name: &str) -> bool {
    AUTOMATIC.contains(&name)
}

fn read(event: &mut Event, name: &str, value: &str) {
    let (stem, key) = match name.split_once('[') {
        Some((stem, rest)) => (stem, rest.strip_suffix(']').unwrap_or(rest)),
        None => (name, ""),
    };
    match stem {
        "id" | "ev" | "dl" | "ts" if key.is_empty() => {}
        "eid" if key.is_empty() => event.id = Some(value.to_owned()),
        "eid" => misplaced(event, name, value),
        "cd" => {
            if MISPLACED.contains(&key) {
                misplaced(event, name, value);
            }
            parameters::put(&mut event.parameters, key, value);
        }
        "ud" | "udff" => match MatchKey::from_name(key) {
            Some(known) => push(event.keys.entry(known).or_default(), value),
            None => event.unknown_keys.push((key.to_owned(), value.to_owned())),
        },
        "aud" | "audff" => {
            if let Some(known) = MatchKey::from_name(key) {
                push(event.older_keys.entry(known).or_default(), value);
            }
        }
        "fbp" => push(event.keys.entry(MatchKey::BrowserId).or_default(), value),
        "fbc" => push(event.keys.entry(MatchKey::ClickId).or_default(), value),
        // Experiment codes change from hit to hit and say nothing.
        "exp" | "expv2" => {}
        _ => {
            if event.marks.len() < MOST_MARKS {
                let shape = matches!(stem, "cud" | "ncud" | "cudff" | "ncudff");
                let shown = if shape && !is_masked(value) { mask(value) } else { value.to_owned() };
                event.marks.insert(name.to_owned(), shown);
            }
        }
    }
}

/// The first of several misplaced ids is kept.
fn misplaced(event: &mut Event, place: &str, id: &str) {
    event
        .misplaced_id
        .get_or_insert_with(|| MisplacedId { place: place.to_owned(), id: id.to_owned() });
}

fn push(values: &mut Vec<String>, value: &str) {
    if !values.iter().any(|known| known == value) {
        values.push(value.to_owned());
    }
}

/// True for a value that the script has masked: no letter and no digit is left in it.
fn is_masked(value: &str) -> bool {
    !value.chars().any(char::is_alphanumeric)
}

/// How the hit travelled: by what the script says, otherwise by what HTTP shows.
fn transport(request: &Request, claimed: Option<&str>) -> &'static str {
    let content_type = request.header("content-type").unwrap_or_default();
    match (request.method.as_str(), claimed) {
        (_, Some("fetch" | "xhr")) => "fetch",
        ("GET", _) => "GET",
        ("POST", Some("SB")) => "beacon",
        ("POST", Some("formPOST")) => "form POST",
        _ if content_type.starts_with("multipart/") || content_type.starts_with("text/plain") => {
            "beacon"
        }
        _ if request.header("sec-fetch-mode").is_some_and(|mode| mode != "navigate") => "fetch",
        _ => "form POST",
    }
}

#[cfg(test)]
mod tests;
