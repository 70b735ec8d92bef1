//! Finds the events in a line of a log and hands them to the worker.
//!
//! The quick way reads events without building them; whatever is unusual becomes an
//! exchange, as on a tape, and goes through the platform's full decoder.
//! Never counts an event, never asks a rule.

use std::borrow::Cow;

use crate::capture::{Answer, Door, Exchange, Request};
use crate::event::{Channel, Event};
use crate::platform::Platform;
use crate::platform::meta::lean::{self, Hash, Lean, Raw, fields, stable};

use super::envelope::{Envelope, Names, open};
use super::names::rename;
use super::verdict::Verdict;
use super::worker::{Around, Said, Worker};
use super::{AuditError, Spot};

/// Places of unreadable lines that are kept per thread and input.
const MOST_SAMPLES: usize = 8;
/// Stands for the pixel id where a log names none, while an event is decoded in full.
const NO_PIXEL: &str = "1";
/// Most events in one request; what Meta makes of more is for the full decoder.
const MOST_EVENTS: usize = crate::platform::meta::vocabulary::MOST_EVENTS;

/// Reads the lines of one input in one thread.
pub(super) struct Lines<'a, 's> {
    worker: &'a mut Worker<'s>,
    platform: &'a Platform,
    channel: Channel,
    names: &'a Names,
    own: Vec<String>,
    /// Lines with no event in them that need none.
    pub(super) foreign: u64,
    /// Lines that cannot be read.
    pub(super) bad: u64,
    /// The first of them.
    pub(super) samples: Vec<(Spot, String)>,
}

impl<'a, 's> Lines<'a, 's> {
    pub(super) fn new(
        worker: &'a mut Worker<'s>,
        platform: &'a Platform,
        channel: Channel,
        names: &'a Names,
    ) -> Lines<'a, 's> {
        let own = names.own();
        Lines { worker, platform, channel, names, own, foreign: 0, bad: 0, samples: Vec::new() }
    }

    /// Notes an unreadable line.
    pub(super) fn fault(&mut self, spot: Spot, cause: impl Into<String>) {
        self.bad += 1;
        if self.samples.len() < MOST_SAMPLES {
            self.samples.push((spot, cause.into()));
        }
    }

    /// A line whose fields have the platform's names already.
    pub(super) fn plain(&mut self, text: &str, spot: Spot) -> Result<(), AuditError> {
        self.object(text, spot)
    }

    /// A line of JSON.
    pub(super) fn json(&mut self, text: &str, spot: Spot) -> Result<(), AuditError> {
        if self.names.rename() {
            return match rename(text, self.names) {
                Ok(renamed) => self.object(&renamed, spot),
                Err(cause) => {
                    self.fault(spot, cause);
                    Ok(())
                }
            };
        }
        self.object(text, spot)
    }

    fn object(&mut self, text: &str, spot: Spot) -> Result<(), AuditError> {
        if let Some(envelope) = open(text, self.names) {
            return self.opened(text, &envelope, spot);
        }
        // Escaped names, fields that come twice: the full parser makes it usual.
        let usual = match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value @ serde_json::Value::Object(_)) => value.to_string(),
            Ok(_) => {
                self.fault(spot, "JSON, but no object");
                return Ok(());
            }
            Err(error) => {
                let what = if error.is_eof() { "ends too early" } else { "is not JSON" };
                self.fault(spot, format!("the line {what} at column {}", error.column()));
                return Ok(());
            }
        };
        match open(&usual, self.names) {
            Some(envelope) => self.opened(&usual, &envelope, spot),
            None => {
                self.fault(spot, "values inside each other too deep");
                Ok(())
            }
        }
    }

    fn opened(
        &mut self,
        text: &str,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        if let Some(url) = &envelope.url {
            if let Some(pixel) = call_pixel(url) {
                let pixel = envelope.pixel.clone().unwrap_or(Cow::Borrowed(pixel));
                let envelope = Envelope { pixel: Some(pixel), ..envelope.clone() };
                if let Some(body) = &envelope.body {
                    return self.inner(body, &envelope, spot);
                }
            } else if !envelope.is_event && envelope.event.is_none() {
                return self.hit(url, envelope, spot);
            }
        }
        if let Some(event) = envelope.event.as_deref().or(envelope.body.as_deref()) {
            return self.inner(event, envelope, spot);
        }
        if let Some(data) = envelope.data {
            return self.data(data, text, envelope, spot);
        }
        if envelope.is_event {
            return self.entries(&[Cow::Borrowed(text)], envelope.has_own, envelope, spot);
        }
        if envelope.url.is_some() {
            self.foreign += 1;
        } else {
            self.fault(spot, "no event in it: no event_name, data, event, body or url");
        }
        Ok(())
    }

    /// An event, or a whole body, that stands in a field.
    fn inner(&mut self, text: &str, envelope: &Envelope<'_>, spot: Spot) -> Result<(), AuditError> {
        if text.trim_start().starts_with('{') {
            if envelope.event.is_some() {
                let quick = lean::call(text, self.channel, envelope.time, &[]);
                if quick.is_some_and(|lean| lean.name.is_some()) {
                    return self.entries(&[Cow::Borrowed(text)], false, envelope, spot);
                }
            }
            let mut scan = fields(text);
            let data = scan.as_mut().and_then(|scan| {
                while let Some((name, value)) = scan.field() {
                    if name == "data" {
                        return Some(value);
                    }
                }
                None
            });
            if let Some(data) = data {
                return self.data(data, text, envelope, spot);
            }
            return self.entries(&[Cow::Borrowed(text)], false, envelope, spot);
        }
        // Forms and whatever else clients send.
        let exchange = self.call(envelope, text.as_bytes().to_vec(), false, spot);
        self.full(&exchange, envelope, spot)
    }

    /// The list of events of a whole body, in its three shapes.
    fn data(
        &mut self,
        data: Raw<'_>,
        body: &str,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        let owned;
        let list = match data {
            Raw::Array(list) => list,
            Raw::Text(..) => {
                owned = data.text().unwrap_or_default();
                &owned
            }
            _ => "",
        };
        let texts = entry_texts(list);
        match texts {
            Some(texts) if !texts.is_empty() && texts.len() <= MOST_EVENTS => {
                self.entries(&texts, false, envelope, spot)
            }
            _ => {
                let exchange = self.call(envelope, body.as_bytes().to_vec(), true, spot);
                self.full(&exchange, envelope, spot)
            }
        }
    }

    /// Events of one request.
    fn entries(
        &mut self,
        texts: &[Cow<'_, str>],
        flat: bool,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        let own: &[String] = if flat { &self.own } else { &[] };
        let mut leans: Vec<Lean<'_>> = Vec::with_capacity(texts.len());
        for text in texts {
            match lean::call(text, self.channel, envelope.time, own) {
                Some(lean) => leans.push(lean),
                None => {
                    let body = self.body_of(texts, flat);
                    let exchange = self.call(envelope, body, true, spot);
                    return self.full(&exchange, envelope, spot);
                }
            }
        }
        let around = around_hash(envelope);
        let mut said = Vec::with_capacity(leans.len());
        for (place, lean) in leans.iter().enumerate() {
            said.push(self.ask(lean, around, |lines| {
                let body = lines.body_of(&texts[place..=place], flat);
                let caught = envelope.time.or(lean.time);
                lines.decode(&lines.call_at(envelope, body, true, spot, caught)).into_iter().next()
            }));
        }
        let refused = self.channel == Channel::Server
            && said.iter().any(|said| self.verdict(said).refused.is_some());
        let mut taken = Vec::new();
        let mut sampled = false;
        for (place, (lean, said)) in leans.iter().zip(&said).enumerate() {
            let around = Around {
                channel: self.channel,
                spot,
                entry: place as u32,
                caught: envelope.time,
                pixel: envelope.pixel.as_deref(),
            };
            if self.worker.wants(lean, &around) {
                sampled |= self.worker.samples(lean, &around);
                taken.push((place, lean, said, around));
            }
        }
        let mut events = Vec::new();
        if sampled {
            let body = self.body_of(texts, flat);
            let caught = envelope.time.or(leans[0].time);
            let exchange = self.call_at(envelope, body, true, spot, caught);
            events = (self.platform.decode)(&exchange).events;
            mend(&mut events, self.channel, envelope);
        }
        for (place, lean, said, around) in taken {
            let mut whole = || events.get(place).cloned();
            self.worker.take(lean, &around, said, refused, &mut whole)?;
        }
        Ok(())
    }

    /// The verdict of an event that reads the quick way.
    fn ask(
        &mut self,
        lean: &Lean<'_>,
        around: u64,
        whole: impl FnOnce(&mut Self) -> Option<Event>,
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
        let verdict = match whole(self) {
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

    /// An address of a hit, with what its log says.
    pub(super) fn url(&mut self, text: &str, spot: Spot) -> Result<(), AuditError> {
        self.hit(text, &Envelope::default(), spot)
    }

    fn hit(&mut self, url: &str, envelope: &Envelope<'_>, spot: Spot) -> Result<(), AuditError> {
        let method = envelope.method.as_deref().unwrap_or(if envelope.body.is_some() {
            "POST"
        } else {
            "GET"
        });
        let body = envelope.body.as_deref().filter(|body| !body.is_empty());
        let form = envelope.content_type.as_deref().is_none_or(|kind| kind.contains("urlencoded"));
        let query = match (usual_hit(url), body) {
            (Some(query), None) => Some(query),
            (Some(""), Some(body)) if form && !body.starts_with("--") => Some(body),
            _ => None,
        };
        let quick = (self.channel == Channel::Browser && matches!(method, "GET" | "POST"))
            .then_some(query)
            .flatten()
            .and_then(lean::hit);
        if let Some(lean) = quick {
            let around = Around {
                channel: self.channel,
                spot,
                entry: 0,
                caught: envelope.time,
                pixel: envelope.pixel.as_deref(),
            };
            if !self.worker.wants(&lean, &around) {
                return Ok(());
            }
            let caught = envelope.time.or(lean.time);
            let exchange = || hit_exchange(url, method, envelope, caught, spot);
            let said = self.ask(&lean, 0, |lines| lines.decode(&exchange()).into_iter().next());
            let event = if self.worker.samples(&lean, &around) {
                self.decode(&exchange()).into_iter().next()
            } else {
                None
            };
            return self.worker.take(&lean, &around, &said, false, &mut || event.clone());
        }
        let exchange = Exchange {
            channel: self.channel,
            ..hit_exchange(url, method, envelope, envelope.time, spot)
        };
        self.full(&exchange, envelope, spot)
    }

    /// The events of an exchange by the full decoder.
    pub(super) fn full(
        &mut self,
        exchange: &Exchange,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        let mut decoded = (self.platform.decode)(exchange);
        if exchange.at == 0
            && let Some(time) = decoded.events.iter().find_map(|event| event.time.as_ref()?.millis)
        {
            decoded = (self.platform.decode)(&Exchange { at: time, ..exchange.clone() });
        }
        if decoded.events.is_empty() && decoded.defects.is_empty() {
            self.foreign += 1;
            return Ok(());
        }
        if decoded.events.is_empty()
            && let Some(defect) = decoded.defects.first()
        {
            self.fault(spot, defect.what.clone());
            return Ok(());
        }
        mend(&mut decoded.events, self.channel, envelope);
        self.events(decoded.events, envelope, spot)
    }

    /// Events that are decoded already.
    pub(super) fn events(
        &mut self,
        events: Vec<Event>,
        envelope: &Envelope<'_>,
        spot: Spot,
    ) -> Result<(), AuditError> {
        for event in events {
            let lean = Lean::of(&event);
            let around = Around {
                channel: event.channel,
                spot,
                entry: event.entry,
                caught: envelope.time,
                pixel: envelope.pixel.as_deref(),
            };
            if !self.worker.wants(&lean, &around) {
                continue;
            }
            let said = Said::Own(Box::new(self.worker.judge(&event)));
            let refused = event.refused.is_some();
            self.worker.take(&lean, &around, &said, refused, &mut || Some(event.clone()))?;
        }
        Ok(())
    }

    fn decode(&self, exchange: &Exchange) -> Vec<Event> {
        let mut events = (self.platform.decode)(exchange).events;
        mend(&mut events, self.channel, &Envelope::default());
        events
    }

    /// A body of events out of their texts, the log's own fields left out.
    fn body_of(&self, texts: &[Cow<'_, str>], flat: bool) -> Vec<u8> {
        let mut body = String::from("{\"data\":[");
        for (place, text) in texts.iter().enumerate() {
            if place > 0 {
                body.push(',');
            }
            match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
                Ok(mut event) if flat => {
                    event.retain(|name, _| !self.own.contains(name));
                    body.push_str(&serde_json::Value::Object(event).to_string());
                }
                _ => body.push_str(text),
            }
        }
        body.push_str("]}");
        body.into_bytes()
    }

    fn call(&self, envelope: &Envelope<'_>, body: Vec<u8>, json: bool, spot: Spot) -> Exchange {
        self.call_at(envelope, body, json, spot, envelope.time)
    }

    fn call_at(
        &self,
        envelope: &Envelope<'_>,
        body: Vec<u8>,
        json: bool,
        spot: Spot,
        caught: Option<i64>,
    ) -> Exchange {
        let pixel = envelope.pixel.as_deref().unwrap_or(NO_PIXEL);
        let mut headers = Vec::new();
        if self.channel == Channel::Server {
            // A log holds no token; that a call came without one cannot be told from it.
            headers.push(("authorization".to_owned(), "[removed]".to_owned()));
        }
        if let Some(kind) = envelope.content_type.as_deref().or(json.then_some("application/json"))
        {
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        if let Some(agent) = &envelope.agent {
            headers.push(("user-agent".to_owned(), agent.clone().into_owned()));
        }
        Exchange {
            number: spot.0,
            channel: self.channel,
            door: Door::ForwardProxy,
            session: None,
            at: caught.unwrap_or(0),
            request: Request {
                method: "POST".to_owned(),
                url: format!("https://graph.facebook.com/{pixel}/events"),
                headers,
                body,
            },
            answer: answer(envelope),
            injected: None,
        }
    }
}

/// What a log cannot know of an event, taken back.
fn mend(events: &mut [Event], channel: Channel, envelope: &Envelope<'_>) {
    for event in events {
        if event.transport == "call" && channel == Channel::Browser {
            // An event of the page in the form of the API is no call of the page.
            event.transport = "log";
            event.refused = None;
        }
        if event.pixel == NO_PIXEL {
            event.pixel = envelope
                .pixel
                .as_deref()
                .filter(|pixel| *pixel != NO_PIXEL)
                .unwrap_or("")
                .to_owned();
        }
    }
}

/// The answer as far as the log has it.
fn answer(envelope: &Envelope<'_>) -> Answer {
    let with =
        |status: u16, body: String| Answer { status, headers: vec![], body: body.into_bytes() };
    match (envelope.status, envelope.response.as_deref()) {
        (None, None) => with(0, String::new()),
        (status, Some(body)) => with(status.unwrap_or(0), body.to_owned()),
        (Some(200..=299), None) => with(200, r#"{"events_received":1}"#.to_owned()),
        (Some(status), None) => with(
            status,
            serde_json::json!({"error": {"code": status, "message": format!("answered with status {status}")}})
                .to_string(),
        ),
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

/// Texts of the entries of a list; `None` where it is not of a usual shape.
fn entry_texts(list: &str) -> Option<Vec<Cow<'_, str>>> {
    let mut scan = lean::entries(list)?;
    let mut texts = Vec::new();
    while let Some(item) = scan.item() {
        match item {
            Raw::Object(text) => texts.push(Cow::Borrowed(text)),
            Raw::Text(..) => {
                let text = item.text()?;
                text.trim_start().starts_with('{').then_some(())?;
                texts.push(Cow::Owned(text.into_owned()));
            }
            _ => return None,
        }
    }
    scan.is_done().then_some(texts)
}

/// The query of a hit at the platform's own address, or `""` where it has none.
fn usual_hit(url: &str) -> Option<&str> {
    let path = ["https://www.facebook.com", "https://facebook.com", "http://www.facebook.com"]
        .iter()
        .find_map(|front| url.strip_prefix(front))
        .or_else(|| url.starts_with('/').then_some(url))?;
    let rest = path.strip_prefix("/tr").map(|rest| rest.strip_prefix('/').unwrap_or(rest))?;
    let rest = rest.split('#').next().unwrap_or(rest);
    if rest.is_empty() { Some("") } else { rest.strip_prefix('?') }
}

/// The pixel of an address of the server API.
fn call_pixel(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    let pixel = path.strip_suffix("/events")?.rsplit('/').next()?;
    (!pixel.is_empty() && pixel.bytes().all(|byte| byte.is_ascii_digit())).then_some(pixel)
}

fn hit_exchange(
    url: &str,
    method: &str,
    envelope: &Envelope<'_>,
    caught: Option<i64>,
    spot: Spot,
) -> Exchange {
    let url = if url.starts_with('/') {
        format!("https://www.facebook.com{url}")
    } else {
        url.to_owned()
    };
    let mut headers = Vec::new();
    for (name, value) in [("user-agent", &envelope.agent), ("content-type", &envelope.content_type)]
    {
        if let Some(value) = value {
            headers.push((name.to_owned(), value.clone().into_owned()));
        }
    }
    Exchange {
        number: spot.0,
        channel: Channel::Browser,
        door: Door::Browser,
        session: None,
        at: caught.unwrap_or(0),
        request: Request {
            method: method.to_ascii_uppercase(),
            url,
            headers,
            body: envelope.body.as_deref().unwrap_or("").as_bytes().to_vec(),
        },
        answer: Answer { status: envelope.status.unwrap_or(0), headers: vec![], body: vec![] },
        injected: None,
    }
}
