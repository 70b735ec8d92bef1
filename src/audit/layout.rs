//! What the fields of a log are called, and what each is to us.
//!
//! Every role has the names under which logs usually have it; `countonce.toml` can name
//! others. Never a value of a field.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::Channel;

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

use role::{BODY, EVENT, PIXEL, QUERY, STATUS, TIME, URL};

/// The field in which Google's logs have the request (Google Cloud, `LogEntry`).
pub(super) const REQUEST: &str = "httpRequest";

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

/// True for names that are an event's wherever they stand.
pub(super) fn is_of_events(name: &str) -> bool {
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
