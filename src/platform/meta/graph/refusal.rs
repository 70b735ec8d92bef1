//! What Meta refuses, one event and the whole request with it.
//!
//! Codes, subcodes and titles as answered by the real API where a source is known;
//! what is inferred says so. Two answers are wanted of each offence: the refusal that
//! stands in a verdict, and the error object that goes over the wire.
//! Never what is merely unwise: that is for the rules.

use super::body::Call;
use super::entry::UNKNOWN;
use crate::event::{Event, MatchKey, Refusal};
use crate::platform::meta::vocabulary::{ACTION_SOURCES, MOST_EVENTS, is_too_broad};

const SECOND: i64 = 1_000;
const DAY: i64 = 24 * 60 * 60 * SECOND;
/// Oldest event that is taken (Meta, using the API: "up to 7 days").
const OLDEST: i64 = 7 * DAY;
/// Oldest event of a physical store (Meta, offline events: "62 days").
const OLDEST_IN_STORE: i64 = 62 * DAY;
/// How far ahead an event may lie. Meta refuses future events (community) and documents
/// no tolerance; a day is more than any clock is wrong, so that a skewed clock is left to
/// the rules and only nonsense is refused.
const FURTHEST_AHEAD: i64 = DAY;
/// Events that business messaging takes (Meta, 2804066).
const MESSAGING_EVENTS: [&str; 5] =
    ["LeadSubmitted", "Purchase", "AddToCart", "InitiateCheckout", "ViewContent"];
/// Elements of `extinfo`, and the one that is the OS version (Meta, app events).
const EXTINFO_LENGTH: usize = 16;
const EXTINFO_OS_VERSION: usize = 4;
/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offence {
    /// HTTP status of the answer.
    pub(super) status: u16,
    code: u32,
    subcode: Option<u32>,
    title: String,
    /// What is wrong, for a person; carries no personal data.
    pub(super) detail: String,
}

impl Offence {
    fn new(subcode: Option<u32>, title: &str, detail: impl Into<String>) -> Offence {
        Offence { status: 400, code: 100, subcode, title: title.to_owned(), detail: detail.into() }
    }

    /// As it stands on an event.
    pub(super) fn refusal(&self) -> Refusal {
        Refusal { code: self.code, subcode: self.subcode, title: self.title.clone() }
    }
}

/// The first offence of a whole call and the position of the event it is about.
pub(super) fn of_call(call: &Call, events: &[Event], now: i64) -> Option<(Option<usize>, Offence)> {
    if !call.has_token {
        // Meta, error codes: 190 is every trouble with a token; the text is the API's usual one.
        return Some((
            None,
            Offence {
                status: 401,
                code: 190,
                subcode: None,
                title: "An access token is required to request this resource.".to_owned(),
                detail: String::new(),
            },
        ));
    }
    if call.unreadable {
        let detail = call.faults.first().cloned().unwrap_or_default();
        return Some((None, Offence::new(None, "Invalid parameter", detail)));
    }
    if events.is_empty() {
        // Inferred: Graph answers so for any missing parameter that it requires.
        return Some((
            None,
            Offence::new(None, "The parameter data is required.", "no event in `data`"),
        ));
    }
    if events.len() > MOST_EVENTS {
        // Subcode and title unsourced.
        let detail = format!("{} events, at most {MOST_EVENTS} are taken", events.len());
        return Some((None, Offence::new(None, "Too many events in one request", detail)));
    }
    of_events(events, now).map(|(position, offence)| (Some(position), offence))
}

/// The first event that is refused. `now` is in Unix milliseconds.
pub(super) fn of_events(events: &[Event], now: i64) -> Option<(usize, Offence)> {
    events
        .iter()
        .enumerate()
        .find_map(|(position, event)| of_event(event, now).map(|offence| (position, offence)))
}

fn of_event(event: &Event, now: i64) -> Option<Offence> {
    required(event)
        .or_else(|| unknown(event))
        .or_else(|| time(event, now))
        .or_else(|| purchase(event))
        .or_else(|| people(event))
        .or_else(|| click_id(event))
        .or_else(|| source(event))
}

/// Fields without which there is no event. Subcodes and titles are unsourced.
fn required(event: &Event) -> Option<Offence> {
    let missing = |field: &str| {
        Some(Offence::new(
            None,
            &format!("Missing required field: {field}"),
            format!("the event has no `{field}`"),
        ))
    };
    if event.name().is_empty() {
        return missing("event_name");
    }
    match &event.time {
        None => return missing("event_time"),
        Some(time) if time.millis.is_none() => {
            return Some(Offence::new(None, "Invalid event_time", "`event_time` is not a number"));
        }
        Some(_) => {}
    }
    match event.action_source.as_deref() {
        None => missing("action_source"),
        Some(source) if !ACTION_SOURCES.contains(&source) => Some(Offence::new(
            None,
            "Invalid action_source",
            "`action_source` is none of Meta's nine",
        )),
        Some(_) => None,
    }
}

/// Observed for a field of the event; inferred for user data, which is validated alike.
fn unknown(event: &Event) -> Option<Offence> {
    let field = event.marks.keys().find_map(|mark| mark.strip_prefix(UNKNOWN));
    let key = event.unknown_keys.first().map(|(name, _)| format!("user_data.{name}"));
    let name = field.map(str::to_owned).or(key)?;
    Some(Offence::new(
        Some(2_804_019),
        "Server Side Api Parameter Error",
        format!("unexpected key `{name}`"),
    ))
}

fn time(event: &Event, now: i64) -> Option<Offence> {
    let time = event.time.as_ref()?;
    let millis = time.millis?;
    let in_store = event.action_source.as_deref() == Some("physical_store");
    let oldest = if in_store { OLDEST_IN_STORE } else { OLDEST };
    if time.milliseconds_for_seconds || millis > now.saturating_add(FURTHEST_AHEAD) {
        // Subcode and title unsourced.
        return Some(Offence::new(
            None,
            "Event timestamp in the future",
            "`event_time` is Unix time in seconds",
        ));
    }
    if millis < now.saturating_sub(oldest) {
        let days = oldest / DAY;
        return Some(Offence::new(
            Some(2_804_003),
            "Event Timestamp Too Old",
            format!("`event_time` lies more than {days} days back"),
        ));
    }
    None
}

fn purchase(event: &Event) -> Option<Offence> {
    if event.name() != "Purchase" {
        return None;
    }
    let lacks = |name: &str| event.parameter_text(name).is_none_or(|text| text.trim().is_empty());
    let missing = ["value", "currency"].into_iter().find(|name| lacks(name))?;
    Some(Offence::new(
        Some(2_804_009),
        &format!("Missing {missing} for Purchase event"),
        format!("`custom_data.{missing}` is required"),
    ))
}

fn people(event: &Event) -> Option<Offence> {
    let given: Vec<MatchKey> = event
        .keys
        .iter()
        .filter(|(_, values)| values.iter().any(|value| !value.is_empty()))
        .map(|(key, _)| *key)
        .collect();
    let others = event.marks.keys().any(|mark| mark.starts_with("user_data."));
    let weak = !others && is_too_broad(&given);
    weak.then(|| {
        let detail = if given.is_empty() {
            "`user_data` is empty".to_owned()
        } else {
            let names: Vec<&str> = given.iter().map(|key| key.name()).collect();
            format!("`user_data` has only {}", names.join(", "))
        };
        Offence::new(Some(2_804_050), "Not enough customer information parameters", detail)
    })
}

/// The shape `fb.<index>.<time>.<click id>`; a fifth part is Meta's own (meta-facts 3.4).
fn click_id(event: &Event) -> Option<Offence> {
    let well_formed = |text: &str| {
        let mut parts = text.splitn(4, '.');
        let number = |part: Option<&str>| {
            part.is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        };
        parts.next() == Some("fb")
            && number(parts.next())
            && number(parts.next())
            && parts.next().is_some_and(|click| {
                !click.is_empty() && !click.contains(|c: char| c.is_whitespace())
            })
    };
    let given = event.keys.get(&MatchKey::ClickId)?;
    given.iter().any(|text| !text.is_empty() && !well_formed(text)).then(|| {
        Offence::new(
            Some(2_804_001),
            "Click ID incorrectly formatted",
            "`fbc` is not fb.<index>.<time>.<click id>",
        )
    })
}

/// What an action source demands of its own events (meta-facts 2.3).
fn source(event: &Event) -> Option<Offence> {
    match event.action_source.as_deref() {
        Some("app") => app(event),
        Some("business_messaging") if !MESSAGING_EVENTS.contains(&event.name()) => {
            Some(Offence::new(
                Some(2_804_066),
                "Messaging event type not allowed",
                "business messaging takes only its own events",
            ))
        }
        _ => None,
    }
}

/// Titles other than the OS version's are unsourced.
fn app(event: &Event) -> Option<Offence> {
    let wrong = |subcode, title: &str, detail: &str| Some(Offence::new(subcode, title, detail));
    let data = event
        .marks
        .get("app_data")
        .and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let Some(data) = data else {
        return wrong(None, "Missing app_data", "app events need `app_data`");
    };
    for flag in ["application_tracking_enabled", "advertiser_tracking_enabled"] {
        if data.get(flag).is_none_or(serde_json::Value::is_null) {
            return wrong(None, "Invalid app_data", &format!("`app_data.{flag}` is missing"));
        }
    }
    let Some(extinfo) = data.get("extinfo").and_then(serde_json::Value::as_array) else {
        return wrong(None, "Invalid app_data", "`app_data.extinfo` is missing");
    };
    let platform = extinfo.first().and_then(serde_json::Value::as_str);
    if extinfo.len() != EXTINFO_LENGTH || !matches!(platform, Some("a2" | "i2")) {
        return wrong(None, "Invalid app_data", "`extinfo` needs 16 elements, `a2` or `i2` first");
    }
    let version = extinfo.get(EXTINFO_OS_VERSION).and_then(serde_json::Value::as_str);
    if version.is_none_or(str::is_empty) {
        return wrong(
            Some(2_804_043),
            "Empty OS version in extinfo",
            "element 4 of `extinfo` is empty",
        );
    }
    None
}
