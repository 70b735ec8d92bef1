//! What stands around an event in a log: time, status, pixel, address, body.
//!
//! Never what a field is called, see `layout`; never what an event says.

use std::borrow::Cow;

use crate::event::Channel;
use crate::platform::meta::lean::{Draft, Raw, Scan, fields};

use super::address::{address, agent};
use super::layout::role::{
    AGENT, BODY, CONTENT_TYPE, EVENT, METHOD, PIXEL, QUERY, RESPONSE, STATUS, TIME, URL,
};
use super::layout::{Names, REQUEST, is_of_events};
use super::time::{joined, unix};

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

/// An event that stands in a field, read to its end; nothing is read where it is unusual.
fn event<'a>(scan: &mut Scan<'a>, draft: &mut Draft<'a>) -> Option<&'a str> {
    let mut inner = scan.enter(true)?;
    draft.object(&mut inner, &[])?;
    scan.leave(&inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::layout::Layout;

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
