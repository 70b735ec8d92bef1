//! What stands around an event in a log: time, status, pixel, address, body.
//!
//! Every role has the names under which logs usually have it; `countonce.toml` can name
//! others. Never what an event says.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::Channel;
use crate::platform::meta::lean::{Draft, Raw, Scan, fields};

use super::address::{address, agent};
use super::time::{joined, unix};

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
            "timestamp(ms)",
        ],
    ),
    ("pixel", &["pixel_id", "pixel", "dataset_id", "dataset"]),
    ("status", &["status", "status_code", "response_status", "EdgeResponseStatus", "sc-status"]),
    ("response", &["response", "response_body"]),
    (
        "user_agent",
        &[
            "user_agent",
            "ua",
            "http_user_agent",
            "ClientRequestUserAgent",
            "request_user_agent",
            "userAgent",
            "cs(User-Agent)",
            "cs-user-agent",
        ],
    ),
    ("method", &["method", "request_method", "ClientRequestMethod", "requestMethod", "cs-method"]),
    (
        "url",
        &[
            "url",
            "uri",
            "request_uri",
            "ClientRequestURI",
            "requestUrl",
            "request_url",
            "cs-uri-stem",
            "cs-uri",
        ],
    ),
    ("query", &["query_string", "args", "cs-uri-query"]),
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

/// What a role is known by: its place among all.
pub(super) mod role {
    pub(in crate::audit) const TIME: usize = 0;
    pub(in crate::audit) const PIXEL: usize = 1;
    pub(in crate::audit) const STATUS: usize = 2;
    pub(in crate::audit) const RESPONSE: usize = 3;
    pub(in crate::audit) const AGENT: usize = 4;
    pub(in crate::audit) const METHOD: usize = 5;
    pub(in crate::audit) const URL: usize = 6;
    pub(in crate::audit) const QUERY: usize = 7;
    pub(in crate::audit) const BODY: usize = 8;
    pub(in crate::audit) const EVENT: usize = 9;
    pub(in crate::audit) const CONTENT_TYPE: usize = 10;
}

use role::{AGENT, BODY, CONTENT_TYPE, EVENT, METHOD, PIXEL, QUERY, RESPONSE, STATUS, TIME, URL};

/// The field in which Google's logs have the request (Google Cloud, `LogEntry`).
const REQUEST: &str = "httpRequest";

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
    own: Arc<[String]>,
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
        let own = roles.iter().filter(|(_, role)| !matches!(*role, EVENT | BODY));
        let own = own.map(|(name, _)| name.clone()).collect();
        Names { roles, lengths, fields, paths, given, own }
    }

    #[inline]
    pub(super) fn role(&self, name: &str) -> Option<usize> {
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

    /// Names of the log's own fields, where they stand among those of an event; else none.
    pub(super) fn own(&self, among: bool) -> Arc<[String]> {
        if among { Arc::clone(&self.own) } else { Arc::default() }
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
    /// Its query, where the log has that apart.
    pub(super) query: Option<Cow<'a, str>>,
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

impl<'a> Envelope<'a> {
    /// Takes the value of a role.
    fn put(&mut self, role: usize, value: Raw<'a>) -> Option<()> {
        match role {
            TIME => self.time = joined(self.time, &value.text()?),
            PIXEL => self.pixel = value.text(),
            STATUS => {
                self.status = match value {
                    Raw::Number(text) => text.parse().ok(),
                    other => other.text()?.trim().parse().ok(),
                };
            }
            RESPONSE => self.response = value.text(),
            AGENT => self.agent = value.text().map(agent),
            METHOD => self.method = value.text(),
            // Of an address with its query and one without, the first says more.
            URL if self.url.as_ref().is_some_and(|url| url.contains('?')) => {}
            URL => self.url = value.text(),
            QUERY if matches!(value, Raw::Text(..)) => self.query = value.text(),
            QUERY => {}
            BODY => self.body = value.text(),
            CONTENT_TYPE => self.content_type = value.text(),
            _ => self.event = value.text(),
        }
        Some(())
    }

    /// Reads the value at the cursor as that of a role of the line itself.
    #[inline]
    pub(super) fn read(&mut self, role: usize, scan: &mut Scan<'a>) -> Option<()> {
        match role {
            TIME if self.time.is_none() => {
                if let Some(number) = scan.whole_number() {
                    self.time = Some(unix(number as f64));
                    self.has_own = true;
                    return Some(());
                }
            }
            STATUS => {
                if let Some(number) = scan.whole_number() {
                    self.status = u16::try_from(number).ok();
                    self.has_own = true;
                    return Some(());
                }
            }
            PIXEL => {
                if let Some(text) = scan.plain() {
                    self.pixel = Some(Cow::Borrowed(text));
                    self.has_own = true;
                    return Some(());
                }
            }
            _ => {}
        }
        self.take(role, scan.value()?)
    }

    /// Takes the value of a role of the line itself.
    #[inline]
    pub(super) fn take(&mut self, role: usize, value: Raw<'a>) -> Option<()> {
        if value.is_null() {
            return Some(());
        }
        self.has_own |= !matches!(role, EVENT | BODY);
        self.put(role, value)
    }

    /// What a call of one event shows of it.
    pub(super) fn kept(&self) -> Envelope<'static> {
        let kept = |text: &Option<Cow<'_, str>>| text.as_deref().map(|t| Cow::Owned(t.to_owned()));
        Envelope {
            time: self.time,
            pixel: kept(&self.pixel),
            status: self.status,
            response: kept(&self.response),
            agent: kept(&self.agent),
            content_type: kept(&self.content_type),
            ..Envelope::default()
        }
    }

    /// Makes one address of the parts that the log has of it.
    fn join(&mut self) {
        if let (Some(url), Some(query)) = (&self.url, self.query.take()) {
            self.url = Some(Cow::Owned(address(url, &query).into_owned()));
        }
    }
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
            name if is_of_events(name) => None,
            REQUEST => {
                if let Raw::Object(text) = scan.value()? {
                    let mut inner = fields(text)?;
                    while let Some((name, value)) = inner.field() {
                        if let Some(role) = names.role(name).filter(|_| value != Raw::Null) {
                            found.put(role, value)?;
                        }
                    }
                    is_usual = false;
                }
                continue;
            }
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
        found.read(role, &mut scan)?;
    }
    found.join();
    let is_whole = if found.event.is_some() { is_inner } else { is_usual && found.is_event };
    if !is_whole {
        *draft = None;
    }
    scan.is_done().then_some(found)
}

/// True for names that are an event's wherever they stand.
fn is_of_events(name: &str) -> bool {
    matches!(
        name,
        "event_name"
            | "user_data"
            | "custom_data"
            | "event_time"
            | "event_id"
            | "action_source"
            | "event_source_url"
    )
}

/// What a field of a line is to whoever reads lines of one event each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Of the log, by its role.
    Log(usize),
    /// Of the event.
    Event,
    /// The whole event.
    Inner,
    /// The list of events of a request.
    Data,
    /// Not for lines of one event each.
    Other,
}

impl Names {
    /// What the field of that name is.
    pub(super) fn part(&self, name: &str) -> Part {
        match self.role(name).filter(|_| !is_of_events(name)) {
            _ if name == "data" => Part::Data,
            _ if name == REQUEST => Part::Other,
            None => Part::Event,
            Some(EVENT) => Part::Inner,
            Some(BODY | URL | QUERY) => Part::Other,
            Some(role) => Part::Log(role),
        }
    }
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
    fn requests_are_found_under_the_names_that_cdns_give_them() {
        for line in [
            // Cloudflare Logpush, http_requests.
            r#"{"EdgeStartTimestamp":"2026-03-02T12:00:00Z","ClientRequestMethod":"GET","ClientRequestURI":"/tr?id=1","EdgeResponseStatus":200,"ClientRequestUserAgent":"Mozilla/5.0 (X11)"}"#,
            // Fastly, "Useful log formats", JSON.
            r#"{"timestamp":"2026-03-02T12:00:00+0000","url":"/tr?id=1","request_method":"GET","request_user_agent":"Mozilla/5.0 (X11)","response_status":200}"#,
            // CloudFront, standard logging v2 as JSON, and real-time logs.
            r#"{"date":"2026-03-02","time":"12:00:00","cs-method":"GET","cs-uri-stem":"/tr","sc-status":"200","cs(User-Agent)":"Mozilla/5.0%20(X11)","cs-uri-query":"id=1"}"#,
            r#"{"timestamp":"1772452800.000","cs-method":"GET","cs-uri-stem":"/tr","cs-uri-query":"id=1","sc-status":"200","cs-user-agent":"Mozilla/5.0%20(X11)"}"#,
            // Google Cloud load balancing.
            r#"{"httpRequest":{"requestMethod":"GET","requestUrl":"/tr?id=1","status":200,"userAgent":"Mozilla/5.0 (X11)","cacheHit":null},"timestamp":"2026-03-02T12:00:00.000Z"}"#,
            // nginx, `escape=json` with its own names.
            r#"{"ts":"1772452800.000","request_uri":"/tr?id=1","uri":"/tr","request_method":"GET","status":"200","http_user_agent":"Mozilla/5.0 (X11)"}"#,
        ] {
            let names = Names::new(&Layout::default());
            let found = open(line, &names, Channel::Browser, &mut None).expect("opened");
            assert_eq!(found.time, Some(1_772_452_800_000), "{line}");
            assert_eq!(found.url.as_deref(), Some("/tr?id=1"), "{line}");
            assert_eq!((found.method.as_deref(), found.status), (Some("GET"), Some(200)), "{line}");
            assert_eq!(found.agent.as_deref(), Some("Mozilla/5.0 (X11)"), "{line}");
        }
    }

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
