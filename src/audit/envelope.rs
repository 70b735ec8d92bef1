//! What stands around an event in a log: time, status, pixel, address, body.
//!
//! Every role has the names under which logs usually have it; `countonce.toml` can name
//! others. Never what an event says.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::event::Channel;
use crate::platform::meta::lean::{Draft, Raw, Scan, fields};

use super::time::time;

/// What a field of a log can be to us, with the usual names of such fields.
pub const ROLES: &[(&str, &[&str])] = &[
    (
        "time",
        &[
            "received_at",
            "time",
            "timestamp",
            "@timestamp",
            "ts",
            "date",
            "at",
            "EdgeStartTimestamp",
        ],
    ),
    ("pixel", &["pixel_id", "pixel", "dataset_id", "dataset"]),
    ("status", &["status", "status_code", "response_status", "EdgeResponseStatus"]),
    ("response", &["response", "response_body"]),
    ("user_agent", &["user_agent", "ua", "http_user_agent", "ClientRequestUserAgent"]),
    ("method", &["method", "request_method", "ClientRequestMethod"]),
    ("url", &["url", "uri", "request_uri", "ClientRequestURI"]),
    ("body", &["body", "request_body", "payload"]),
    ("event", &["event", "message"]),
    ("content_type", &["content_type", "request_content_type"]),
];

/// Names of the fields of one side's logs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// Form of the files, where it is not to be told from them.
    pub form: Option<String>,
    /// The field of a role, where it is none of the usual names.
    pub roles: BTreeMap<String, String>,
    /// Columns and fields of the log by the platform's name of what they hold.
    pub fields: BTreeMap<String, String>,
}

/// The layouts of both sides and of orders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layouts {
    /// Browser logs.
    pub browser: Layout,
    /// Server logs.
    pub server: Layout,
    /// Orders; roles are `id`, `time`, `value`, `currency`, `event`.
    pub orders: Layout,
}

impl Layouts {
    /// The layout of a side.
    pub fn of(&self, channel: Channel) -> &Layout {
        match channel {
            Channel::Browser => &self.browser,
            Channel::Server => &self.server,
        }
    }
}

const TIME: usize = 0;
const PIXEL: usize = 1;
const STATUS: usize = 2;
const RESPONSE: usize = 3;
const AGENT: usize = 4;
const METHOD: usize = 5;
const URL: usize = 6;
const BODY: usize = 7;
const EVENT: usize = 8;
const CONTENT_TYPE: usize = 9;

/// What a column beside those of the event holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Time,
    Pixel,
    Status,
    Other,
}

/// A layout made ready for many lines.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// Names and their role.
    roles: Vec<(String, usize)>,
    /// Places of them by the length of the name.
    lengths: Vec<Vec<usize>>,
    /// Names in the log and the platform's name for them.
    pub(super) fields: Vec<(String, String)>,
    /// Given names of roles that lead into objects (`request.time`).
    pub(super) paths: Vec<String>,
    /// Every name that the user gives.
    pub(super) given: Vec<String>,
}

impl Names {
    pub(super) fn new(layout: &Layout) -> Names {
        let roles: Vec<(String, usize)> = ROLES
            .iter()
            .enumerate()
            .flat_map(|(role, (name, usual))| match layout.roles.get(*name) {
                Some(given) => vec![(given.clone(), role)],
                None => usual.iter().map(|usual| ((*usual).to_owned(), role)).collect(),
            })
            .collect();
        let fields =
            layout.fields.iter().map(|(ours, theirs)| (theirs.clone(), ours.clone())).collect();
        let mut lengths =
            vec![Vec::new(); 1 + roles.iter().map(|(n, _)| n.len()).max().unwrap_or(0)];
        for (place, (name, _)) in roles.iter().enumerate() {
            lengths[name.len()].push(place);
        }
        let paths = layout.roles.values().filter(|name| name.contains('.')).cloned().collect();
        let given = layout.roles.values().chain(layout.fields.values()).cloned().collect();
        Names { roles, lengths, fields, paths, given }
    }

    #[inline]
    fn role(&self, name: &str) -> Option<usize> {
        let places = self.lengths.get(name.len())?;
        places
            .iter()
            .map(|at| &self.roles[*at])
            .find(|(known, _)| known == name)
            .map(|known| known.1)
    }

    /// What a name holds that is no field of the event.
    pub(super) fn beside(&self, name: &str) -> Option<Beside> {
        Some(match self.role(name)? {
            TIME => Beside::Time,
            PIXEL => Beside::Pixel,
            STATUS => Beside::Status,
            _ => Beside::Other,
        })
    }

    /// True where lines have to be brought into the usual form first.
    pub(super) fn rename(&self) -> bool {
        !self.fields.is_empty() || !self.paths.is_empty()
    }

    /// True for a name whose value holds an event or a hit as a whole.
    pub(super) fn is_whole(&self, name: &str) -> bool {
        name == "data" || self.role(name).is_some_and(|role| matches!(role, EVENT | BODY | URL))
    }

    /// Names of the log's own fields.
    pub(super) fn own(&self) -> Vec<String> {
        let own = self.roles.iter().filter(|(_, role)| !matches!(*role, EVENT | BODY));
        own.map(|(name, _)| name.clone()).collect()
    }

    /// True for a name that belongs to the log and not to the event in it.
    pub(super) fn is_of_the_log(&self, name: &str) -> bool {
        self.role(name).is_some_and(|role| !matches!(role, EVENT | BODY))
    }
}

/// One line of a log, opened.
#[derive(Debug, Clone, Default)]
pub(super) struct Envelope<'a> {
    /// When the line was written, Unix milliseconds.
    pub(super) time: Option<i64>,
    /// Pixel id.
    pub(super) pixel: Option<Cow<'a, str>>,
    /// HTTP status of the answer.
    pub(super) status: Option<u16>,
    /// Body of the answer.
    pub(super) response: Option<Cow<'a, str>>,
    /// User agent of the request.
    pub(super) agent: Option<Cow<'a, str>>,
    /// Method of the request.
    pub(super) method: Option<Cow<'a, str>>,
    /// Address of the request.
    pub(super) url: Option<Cow<'a, str>>,
    /// Body of the request.
    pub(super) body: Option<Cow<'a, str>>,
    /// Its content type.
    pub(super) content_type: Option<Cow<'a, str>>,
    /// The event.
    pub(super) event: Option<Cow<'a, str>>,
    /// The list of events of a whole body.
    pub(super) data: Option<Raw<'a>>,
    /// True where the fields of an event stand among the others.
    pub(super) is_event: bool,
    /// True where some of the fields are the log's own.
    pub(super) has_own: bool,
}

/// Reads a line in one pass: what the log says, and its event where that is usual. `None`
/// where the line is no JSON object or an unusual one.
pub(super) fn open<'a>(
    text: &'a str,
    names: &Names,
    channel: Channel,
    draft: &mut Option<Draft<'a>>,
) -> Option<Envelope<'a>> {
    let mut found = Envelope::default();
    let mut scan = fields(text)?;
    // Fields of an event may stand among those of the line, or all in one of them.
    let (mut is_usual, mut is_inner) = (true, false);
    *draft = None;
    while let Some(name) = scan.name() {
        found.is_event |= name == "event_name";
        let role = match name {
            "event_name" | "user_data" | "custom_data" | "event_time" | "event_id"
            | "action_source" | "event_source_url" => None,
            "data" => {
                found.data = Some(scan.value()?);
                is_usual = false;
                continue;
            }
            name => names.role(name),
        };
        let Some(role) = role else {
            let before = scan.clone();
            if is_usual && !is_inner {
                let draft = draft.get_or_insert_with(|| Draft::new(channel));
                is_usual = draft.field(name, &mut scan).is_some();
            }
            if is_inner {
                is_usual = false;
            }
            if !is_usual {
                scan = before;
                scan.value()?;
            }
            continue;
        };
        is_usual &= !matches!(role, EVENT | BODY);
        if role == EVENT {
            is_inner = false;
            if let Some(text) = event(&mut scan, draft.insert(Draft::new(channel))) {
                found.event = Some(Cow::Borrowed(text));
                is_inner = true;
                continue;
            }
        }
        let value = scan.value()?;
        if value == Raw::Null {
            continue;
        }
        found.has_own |= !matches!(role, EVENT | BODY);
        match role {
            TIME => found.time = time(&value.text()?),
            PIXEL => found.pixel = value.text(),
            STATUS => {
                found.status = match value {
                    Raw::Number(text) => text.parse().ok(),
                    other => other.text()?.trim().parse().ok(),
                };
            }
            RESPONSE => found.response = value.text(),
            AGENT => found.agent = value.text(),
            METHOD => found.method = value.text(),
            URL => found.url = value.text(),
            BODY => found.body = value.text(),
            CONTENT_TYPE => found.content_type = value.text(),
            _ => found.event = value.text(),
        }
    }
    let is_whole = if found.event.is_some() { is_inner } else { is_usual && found.is_event };
    if !is_whole {
        *draft = None;
    }
    scan.is_done().then_some(found)
}

/// An event that stands in a field, read to its end; nothing is read where it is unusual.
fn event<'a>(scan: &mut Scan<'a>, draft: &mut Draft<'a>) -> Option<&'a str> {
    let mut inner = scan.enter(true)?;
    draft.object(&mut inner, &[])?;
    scan.leave(&inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_opened_by_usual_names_and_by_given_ones() {
        let line =
            r#"{"received_at":1772452800,"status":"200","event":{"event_name":"Lead"},"x":1}"#;
        let mut draft = None;
        let found = open(line, &Names::new(&Layout::default()), Channel::Server, &mut draft)
            .expect("opened");
        assert!(draft.as_ref().is_some_and(Draft::is_named));
        assert_eq!((found.time, found.status), (Some(1_772_452_800_000), Some(200)));
        assert_eq!(found.event.as_deref(), Some(r#"{"event_name":"Lead"}"#));
        let layout =
            Layout { roles: [("time".to_owned(), "x".to_owned())].into(), ..Layout::default() };
        let names = Names::new(&layout);
        let found = open(line, &names, Channel::Server, &mut draft).expect("opened");
        assert_eq!(found.time, Some(1_000));
    }
}
