//! Lines of one event each, in the shape of lines before them.
//!
//! Along the rails that earlier lines laid, values go straight to where they belong: to the
//! event, or to what the log says around it. Never how a line is parsed.

use crate::platform::meta::lean::{Draft, Field, Rails, Scan, Turn};

use super::super::envelope::Envelope;
use super::super::layout::{Names, Part};

/// Where a value belongs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// To the log, in that role.
    Log(usize),
    /// To neither the log nor the event.
    Beside,
    /// To the event, whose fields stand among those of the log.
    Among(Field),
    /// To the event, which is a field of its own.
    Inside(Field),
    /// The event begins.
    Event,
    /// `user_data` begins.
    User,
    /// `custom_data` begins.
    Custom,
}

/// Where the event of a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// Its fields stand among those of the line.
    Among,
    /// It is a field of its own, from that byte on.
    Inside(usize),
}

/// Reads a line of a known shape into `draft` and `envelope`; `None` where the line has no
/// such shape, or is unusual.
#[inline]
pub(super) fn ride<'a>(
    rails: &mut Rails<Place>,
    text: &'a str,
    draft: &mut Draft<'a>,
    envelope: &mut Envelope<'a>,
) -> Option<Stand> {
    let (mut stand, mut is_among, mut is_beside) = (Stand::Among, false, false);
    rails.ride(text, |place, scan: &mut Scan<'a>| match place {
        Place::Inside(field) => draft.read(field, scan),
        Place::Log(role) => envelope.read(role, scan),
        Place::Among(field) => {
            is_among = true;
            draft.read(field, scan)
        }
        Place::User => draft.begin_user_data(),
        Place::Custom => draft.begin_custom_data(),
        Place::Event => {
            let first = stand == Stand::Among;
            stand = Stand::Inside(scan.at());
            first.then_some(())
        }
        Place::Beside => {
            is_beside = true;
            scan.value().map(drop)
        }
    })?;
    if stand == Stand::Among && is_beside {
        return None;
    }
    // Lines that have both are parsed: only one of the two is the event.
    (draft.is_named() && !(is_among && stand != Stand::Among)).then_some(stand)
}

/// Reads an event of a known shape that stands alone.
#[inline]
pub(super) fn ride_event<'a>(
    rails: &mut Rails<Place>,
    text: &'a str,
    draft: &mut Draft<'a>,
) -> Option<()> {
    let mut envelope = Envelope::default();
    ride(rails, text, draft, &mut envelope).map(drop)
}

/// Lays rails for a line of one event that was parsed.
pub(super) fn learn(rails: &mut Rails<Place>, text: &str, names: &Names) {
    rails.learn(text, |path, name| match path {
        [] => match names.part(name) {
            Part::Log(role) => Turn::Read(Place::Log(role)),
            Part::Inner => Turn::Enter(Place::Event),
            Part::Data => Turn::EnterOne(Place::Event),
            Part::Other => Turn::Stop,
            Part::Event => match of_event(None, name, Place::Among) {
                Turn::Stop => Turn::Read(Place::Beside),
                turn => turn,
            },
        },
        [parent] if matches!(names.part(parent), Part::Inner | Part::Data) => {
            of_event(None, name, Place::Inside)
        }
        [parent] => of_event(Some(*parent), name, Place::Among),
        [_, parent] => of_event(Some(*parent), name, Place::Inside),
        _ => Turn::Stop,
    });
}

/// Lays rails for an event that stands alone.
pub(super) fn learn_event(rails: &mut Rails<Place>, text: &str) {
    rails.learn(text, |path, name| match path {
        [] => of_event(None, name, Place::Among),
        [parent] => of_event(Some(*parent), name, Place::Among),
        _ => Turn::Stop,
    });
}

/// What a field of an event, or of an object in it, is.
fn of_event(parent: Option<&str>, name: &str, place: impl Fn(Field) -> Place) -> Turn<Place> {
    let field = match (parent, name) {
        (None, "user_data") => return Turn::Enter(Place::User),
        (None, "custom_data") => return Turn::Enter(Place::Custom),
        (None, name) => Field::of_event(name),
        (Some("user_data"), name) => Field::of_user(name),
        (Some(_), name) => Field::of_custom(name),
    };
    field.map_or(Turn::Stop, |field| Turn::Read(place(field)))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::{Map, Value, json};

    use super::super::super::envelope::open;
    use super::super::super::layout::Layout;
    use super::*;
    use crate::event::Channel;
    use crate::platform::meta::lean::Raw;

    const DIGEST: &str = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";

    /// What was read of a line: the event, what the log says beside it, and where it stands.
    fn parsed(text: &str, names: &Names) -> Option<String> {
        let mut draft = None;
        let envelope = open(text, names, Channel::Server, &mut draft)?;
        let mut draft = draft.filter(Draft::is_named)?;
        let event = envelope.event.as_deref().unwrap_or(text);
        Some(shown(&mut draft, &envelope, envelope.event.is_some(), event))
    }

    /// The same of a request with one event.
    fn requested(text: &str, names: &Names) -> Option<String> {
        let envelope = open(text, names, Channel::Server, &mut None)?;
        let Some(Raw::Array(list)) = envelope.data else { return None };
        let mut scan = crate::platform::meta::lean::entries(list)?;
        let Some(Raw::Object(event)) = scan.item() else { return None };
        scan.item().is_none().then_some(())?;
        let mut draft = Draft::new(Channel::Server);
        draft.object(&mut crate::platform::meta::lean::fields(event)?, &[])?;
        draft.is_named().then(|| shown(&mut draft, &envelope, true, event))
    }

    fn ridden(rails: &mut Rails<Place>, text: &str) -> Option<String> {
        let mut draft = Draft::new(Channel::Server);
        let mut envelope = Envelope::default();
        let stand = ride(rails, text, &mut draft, &mut envelope)?;
        let event = match stand {
            Stand::Among => text,
            Stand::Inside(at) => crate::platform::meta::lean::first(&text[at..]),
        };
        Some(shown(&mut draft, &envelope, stand != Stand::Among, event))
    }

    fn shown(draft: &mut Draft<'_>, log: &Envelope<'_>, inside: bool, event: &str) -> String {
        let own = log.has_own && !inside;
        let (time, pixel, status) = (log.time, &log.pixel, log.status);
        let beside = format!("{pixel:?} {status:?} {:?} {:?} {own}", log.response, log.agent);
        format!("{:?} {time:?} {beside} {event}", draft.finish(time))
    }

    fn bases() -> Vec<Value> {
        let user = json!({"em": [DIGEST], "ph": DIGEST, "external_id": "7", "fbp":
            "fb.1.1772452800000.123456789", "client_ip_address": "81.2.69.142"});
        let custom = json!({"value": 42.5, "currency": "USD", "content_ids": ["a"], "contents":
            [{"id": "a", "quantity": 1}], "own": {"a": [1]}});
        let event = json!({"event_name": "Purchase", "event_time": 1_772_452_790, "event_id": "a-1",
            "event_source_url": "https://shop.test/a", "user_data": user, "custom_data": custom});
        let bare = json!({"event_name": "Lead", "user_data": {"em": DIGEST}});
        let other = json!({"user_data": {"ph": DIGEST}, "event_id": "é", "event_name": "Lead",
            "custom_data": {"order_id": "1"}});
        let mut bases = vec![event.clone(), bare.clone(), other.clone()];
        for event in [event, bare, other] {
            bases
                .push(json!({"received_at": 1_772_452_800_123_i64, "pixel_id": "1", "status": 200,
                "event": event}));
            bases.push(json!({"time": "2026-03-02T12:00:00Z", "event": event, "response": "{}"}));
            let mut flat = event.as_object().cloned().unwrap_or_default();
            flat.insert("received_at".to_owned(), json!("1772452800123"));
            flat.insert("status".to_owned(), json!("500"));
            bases.push(flat.into());
        }
        bases
    }

    /// The line with each of its values replaced, gone, moved to the end or there twice.
    fn variations(base: &Value) -> Vec<String> {
        let odd = [
            "null",
            "\"\"",
            "\"x\\\"y\"",
            "7",
            "-1.50",
            "\"1772452800\"",
            "true",
            "[]",
            "{}",
            "[\"a\",\"b\"]",
            "[null]",
            "{\"a\":1}",
            "\"\\u00e9\"",
            "1772452800",
        ];
        let mut found = vec![base.to_string()];
        let mut paths = Vec::new();
        walk(base, &mut Vec::new(), &mut paths);
        for path in paths {
            let (name, parents) = path.split_last().expect("a name");
            let change = |change: &dyn Fn(&mut Map<String, Value>)| {
                let mut line = base.clone();
                let inner = parents.iter().fold(&mut line, |value, name| &mut value[name.as_str()]);
                if let Some(fields) = inner.as_object_mut() {
                    change(fields);
                }
                line
            };
            for text in odd {
                let value: Value = serde_json::from_str(text).expect("JSON");
                found.push(
                    change(&|fields| {
                        fields.insert(name.clone(), value.clone());
                    })
                    .to_string(),
                );
            }
            found.push(
                change(&|fields| {
                    fields.shift_remove(name);
                })
                .to_string(),
            );
            found.push(
                change(&|fields| {
                    if let Some(value) = fields.shift_remove(name) {
                        fields.insert(name.clone(), value);
                    }
                })
                .to_string(),
            );
            // There twice, which no map holds.
            let marked = change(&|fields| {
                fields.insert("TWICE".to_owned(), fields[name].clone());
            });
            found.push(marked.to_string().replace("TWICE", name));
        }
        found
    }

    fn walk(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        for (name, inner) in value.as_object().into_iter().flatten() {
            path.push(name.clone());
            found.push(path.clone());
            if path.last().is_some_and(|name| name != "own") {
                walk(inner, path, found);
            }
            path.pop();
        }
    }

    #[test]
    fn whatever_rides_is_read_as_the_parser_reads_it() {
        let names = Names::new(&Layout::default());
        let mut rails = Rails::default();
        let lines: Vec<String> = bases().iter().flat_map(variations).collect();
        let read = |text: &str| parsed(text, &names).or_else(|| requested(text, &names));
        let mut known = 0;
        // All lines lay rails for all others.
        for text in &lines {
            if read(text).is_some() {
                learn(&mut rails, text, &names);
                known += 1;
            }
        }
        let mut rode = 0;
        for text in &lines {
            let Some(found) = ridden(&mut rails, text) else { continue };
            assert_eq!(Some(found), read(text), "{text}");
            rode += 1;
        }
        assert!(known > 500 && rode * 10 > known * 7, "{rode} of {known} ride");
        // Nor does anything ride that is no JSON.
        for text in lines.iter().step_by(7) {
            let mut cut = String::new();
            for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                cut.clear();
                write!(cut, "{}", &text[..end]).expect("memory");
                assert_eq!(ridden(&mut rails, &cut), None, "{cut}");
            }
        }
    }
}
