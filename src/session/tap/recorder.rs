//! Requests that are a platform's: read whole, answered by the responder, kept.
//!
//! An exchange is on the tape before its answer goes out, and a request that came in
//! completely is kept even when the client is gone by then: beacons of a page that
//! unloads are sent on connections that die right after.
//! Never knows what a request means; the responder does.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use hyper::body::{Body as _, Incoming};
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::body::{Body, LONGEST_BODY, Partial, decoded, read_whole, whole};
use super::headers::{is_hop_by_hop, page, tape_headers};
use super::listener::Tasks;
use super::note_trouble;
use crate::capture::{Answer, Door, Exchange, Line, Reply, Request, Responder, TapeWriter};
use crate::event::{Channel, mask_url};
use crate::session::{Faults, Witness};

/// What became of a request that was claimed for the responder.
pub(super) enum Outcome {
    /// It has an answer.
    Answered(Response<Body>),
    /// The responder leaves it to the site or the network; here it is again, whole.
    Left(Parts, Body),
}

/// Everything needed to answer and to keep an exchange.
pub(super) struct Recorder {
    pub(super) channel: Channel,
    pub(super) session: Option<u32>,
    pub(super) responder: Responder,
    pub(super) tape: Arc<TapeWriter>,
    pub(super) witness: Witness,
    /// What is done to calls on purpose, where anything may be.
    pub(super) faults: Option<Faults>,
}

/// Travels with an answer that does not go out as others do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Disturbed {
    /// Until it goes out, or until the connection is given up.
    pub(super) delay: Duration,
    /// True where the connection ends without it.
    pub(super) silent: bool,
}

impl Recorder {
    /// Answers a request without a body at once, without ever giving way: nothing can
    /// come between its arrival and the tape.
    pub(super) fn take_bare(&self, parts: Parts, url: String, door: Door) -> Outcome {
        match self.answer(&parts, url, Vec::new(), door) {
            Ok(response) => Outcome::Answered(response),
            Err(_) => Outcome::Left(parts, whole("")),
        }
    }

    /// A request without a body as the responder sees it.
    pub(super) fn bare(parts: &Parts, url: String) -> Request {
        Request {
            method: parts.method.as_str().to_ascii_uppercase(),
            headers: tape_headers(&parts.headers, &url),
            url,
            body: Vec::new(),
        }
    }

    /// Reads the body in a task of its own, which outlives the connection, and answers.
    pub(super) async fn take(
        self: Arc<Self>,
        parts: Parts,
        body: Incoming,
        url: String,
        door: Door,
        tasks: &Tasks,
    ) -> Outcome {
        let (give, take) = oneshot::channel();
        tasks.spawn(async move {
            let outcome = self.read_and_answer(parts, body, url, door).await;
            // Nobody waits any more when the client is gone; the tape has it.
            let _ = give.send(outcome);
        });
        take.await.unwrap_or_else(|_| {
            let text = "countonce: the tap gave this request up while it was being read\n";
            Outcome::Answered(page(StatusCode::INTERNAL_SERVER_ERROR, text))
        })
    }

    async fn read_and_answer(
        &self,
        parts: Parts,
        body: Incoming,
        url: String,
        door: Door,
    ) -> Outcome {
        let announced = body.size_hint().exact();
        let raw = match read_whole(body, announced).await {
            Ok(raw) => raw,
            Err(partial) => return Outcome::Answered(self.refuse(&partial, &parts.method, &url)),
        };
        match self.answer(&parts, url.clone(), raw, door) {
            Ok(response) => Outcome::Answered(response),
            Err(Left::ToOthers(raw)) => Outcome::Left(parts, whole(raw)),
            Err(Left::Unread(partial)) => {
                Outcome::Answered(self.refuse(&partial, &parts.method, &url))
            }
        }
    }

    fn answer(
        &self,
        parts: &Parts,
        url: String,
        raw: Vec<u8>,
        door: Door,
    ) -> Result<Response<Body>, Left> {
        let at = Timestamp::now().as_millisecond();
        let mut headers = tape_headers(&parts.headers, &url);
        let mut body = None;
        if let Some(codings) = joined(&parts.headers, &http::header::CONTENT_ENCODING)
            && let Some(plain) = decoded(&raw, &codings).map_err(Left::Unread)?
        {
            // These two spoke of the bytes on the wire, and those are not kept.
            headers.retain(|(name, _)| name != "content-encoding" && name != "content-length");
            body = Some(plain);
        }
        // A clone is needed only where the responder may yet leave a coded body to the site.
        let (body, raw) = match body {
            Some(plain) => (plain, Some(raw)),
            None => (raw, None),
        };
        let method = parts.method.as_str().to_ascii_uppercase();
        let request = Request { method, url, headers, body };
        let Some(Reply { mut answer, record, sightings }) = self.ask(&request) else {
            return Err(Left::ToOthers(raw.unwrap_or(request.body)));
        };
        let met = self.faults.as_ref().filter(|_| record).and_then(|faults| {
            let met = faults.meet(&sightings)?;
            if met.is_silent() {
                answer = Answer { status: 0, headers: Vec::new(), body: Vec::new() };
            } else if let Some(refusal) = faults.answer(&request, &met.injected) {
                answer = refusal;
            }
            Some(met)
        });
        let response = match &met {
            None => self.response(&answer),
            Some(met) => {
                let silent = met.is_silent();
                let mut response =
                    if silent { Response::new(whole("")) } else { self.response(&answer) };
                let disturbed = Disturbed { delay: met.delay, silent };
                response.extensions_mut().insert(disturbed);
                response
            }
        };
        // Who waits for an event waits for one that is taken.
        let taken = met.as_ref().is_none_or(|met| met.injected.answer.is_counted());
        let injected = met.map(|met| met.injected);
        if record {
            let (channel, session) = (self.channel, self.session);
            let exchange =
                Exchange { number: 0, channel, door, session, at, request, answer, injected };
            match self.tape.write(Line::Exchange(exchange)) {
                Ok(_) => self.witness.note(|seen| {
                    seen.recorded += 1;
                    seen.sightings.extend(sightings.into_iter().filter(|_| taken));
                }),
                Err(cause) => {
                    note_trouble(&self.witness, format!("an exchange was not recorded: {cause}"));
                }
            }
        }
        Ok(response)
    }

    /// A responder decodes hostile input. Should it panic, the request is kept all the
    /// same, so that the bug can be played again from the tape.
    fn ask(&self, request: &Request) -> Option<Reply> {
        let asked = panic::catch_unwind(AssertUnwindSafe(|| (self.responder)(request)));
        asked.unwrap_or_else(|cause| {
            let said = cause
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| cause.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            let what = format!("{} {}", request.method, mask_url(&request.url));
            note_trouble(&self.witness, format!("{what} could not be answered, a bug: {said}"));
            let text = "countonce: no answer, because of a bug in the responder\n";
            let answer = Answer::new(500, "text/plain; charset=utf-8", text);
            Some(Reply { answer, record: true, sightings: Vec::new() })
        })
    }

    fn response(&self, answer: &Answer) -> Response<Body> {
        let Ok(status) = StatusCode::from_u16(answer.status) else {
            let text = format!("the responder gave {} as a status", answer.status);
            note_trouble(&self.witness, text.clone());
            return page(StatusCode::INTERNAL_SERVER_ERROR, &format!("countonce: {text}\n"));
        };
        let mut response = Response::new(whole(answer.body.clone()));
        *response.status_mut() = status;
        for (name, value) in &answer.headers {
            match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                // Length and framing follow from the body.
                (Ok(name), _) if is_hop_by_hop(&name) || name == http::header::CONTENT_LENGTH => {}
                (Ok(name), Ok(value)) => {
                    response.headers_mut().append(name, value);
                }
                _ => note_trouble(
                    &self.witness,
                    format!("the responder gave a header `{name}` that HTTP does not allow"),
                ),
            }
        }
        response
    }

    fn refuse(&self, partial: &Partial, method: &Method, url: &str) -> Response<Body> {
        let (status, what) = match partial {
            Partial::TooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("its body is longer than {} MiB", LONGEST_BODY / 1024 / 1024),
            ),
            Partial::CutOff(cause) => {
                (StatusCode::BAD_REQUEST, format!("its body was cut off: {cause}"))
            }
        };
        let text = format!("{method} {} was not recorded: {what}", mask_url(url));
        note_trouble(&self.witness, text.clone());
        page(status, &format!("countonce: {text}\n"))
    }
}

enum Left {
    ToOthers(Vec<u8>),
    Unread(Partial),
}

/// All values of a header as one list.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> =
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}
