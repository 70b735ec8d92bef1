//! What Meta answers to a call: a receipt, or one error for the whole request.
//!
//! SDKs insist on all three fields of the receipt and fail without them (measured).
//! Never delivers anything, never keeps a token.

use serde_json::{Value, json};

use super::super::address::{self, Purpose};
use super::{body, refusal};
use crate::capture::{Answer, Door, Exchange, Reply, Request, Sighting};
use crate::event::{Channel, FaultAnswer, Injected};
use crate::platform::meta::{normalise, traces};

const JSON: &str = "application/json; charset=UTF-8";

/// Answers a server's request at `now` (Unix milliseconds). `None` when it is no call and
/// not addressed to Meta's API.
pub(in super::super) fn answer(request: &Request, now: i64) -> Option<Reply> {
    let trace = trace(request);
    if let Purpose::Call { .. } = address::purpose(&request.method, &request.url) {
        return Some(receipt(request, now, &trace));
    }
    let host = request.host()?;
    address::is_graph(&host).then(|| Reply {
        // What Graph says to a path or method that it does not serve (100/33, error codes).
        answer: error(
            400,
            &json!({
                "message": format!("Unsupported {} request. Object does not exist, cannot be loaded due to missing permissions, or does not support this operation.", request.method.to_ascii_lowercase()),
                "type": "GraphMethodException",
                "code": 100,
                "error_subcode": 33,
                "fbtrace_id": trace,
            }),
        ),
        record: false,
        sightings: Vec::new(),
    })
}

fn receipt(request: &Request, now: i64, trace: &str) -> Reply {
    // Decoding wants an exchange; its answer is what is being made here.
    let exchange = Exchange {
        number: 0,
        channel: Channel::Server,
        door: Door::BaseUrl,
        session: None,
        at: now,
        request: request.clone(),
        answer: Answer { status: 0, headers: Vec::new(), body: Vec::new() },
        injected: None,
    };
    let events = super::decode(&exchange).events;
    let sightings = events
        .iter()
        .map(|event| Sighting { event: event.name().to_owned(), marks: traces(event) })
        .collect();
    let answer = match refusal::of_call(&body::read(request), &events, now) {
        None => Answer::new(
            200,
            JSON,
            json!({ "events_received": events.len(), "messages": [], "fbtrace_id": trace })
                .to_string(),
        ),
        Some((position, offence)) => {
            let refusal = offence.refusal();
            let at = position
                .map(|position| format!(" (event {position} of `data`)"))
                .unwrap_or_default();
            let message = if refusal.code == 190 {
                refusal.title.clone()
            } else {
                "Invalid parameter".to_owned()
            };
            let mut fields = json!({
                "message": message,
                "type": "OAuthException",
                "code": refusal.code,
                "is_transient": false,
                "error_user_title": refusal.title,
                "error_user_msg": format!("{}{at}", offence.detail),
                "fbtrace_id": trace,
            });
            if let Some(subcode) = refusal.subcode {
                fields["error_subcode"] = subcode.into();
            }
            error(offence.status, &fields)
        }
    };
    Reply { answer, record: true, sightings }
}

/// The refusal that a scenario wants, worded as Meta's (Meta, error codes; the titles are
/// of the usual answers). `None` for faults of the connection.
pub(in super::super) fn refuse(request: &Request, injected: &Injected) -> Option<Answer> {
    let Purpose::Call { .. } = address::purpose(&request.method, &request.url) else {
        return None;
    };
    let (status, code, message, title, passing) = match injected.answer {
        FaultAnswer::BadRequest | FaultAnswer::BadEvent => {
            (400, 100, "Invalid parameter", "Invalid parameter", false)
        }
        FaultAnswer::Unauthorized => (
            401,
            190,
            "Error validating access token: Session has expired",
            "Error validating access token",
            false,
        ),
        FaultAnswer::TooMany => {
            (429, 4, "(#4) Application request limit reached", "Request limit reached", true)
        }
        FaultAnswer::Failing => {
            (500, 2, "Service temporarily unavailable", "Service temporarily unavailable", true)
        }
        FaultAnswer::Slow | FaultAnswer::Timeout | FaultAnswer::Reset => return None,
    };
    let at = injected.entry.map(|at| format!(" (event {at} of `data`)")).unwrap_or_default();
    let fields = json!({
        "message": message,
        "type": "OAuthException",
        "code": code,
        "is_transient": passing,
        "error_user_title": title,
        "error_user_msg": format!("refused on purpose, by server_faults of the scenario{at}"),
        "fbtrace_id": trace(request),
    });
    Some(error(status, &fields))
}

fn error(status: u16, fields: &Value) -> Answer {
    Answer::new(status, JSON, json!({ "error": fields }).to_string())
}

/// A trace id of Meta's shape, the same for the same request.
fn trace(request: &Request) -> String {
    let digest =
        normalise::digest(&format!("{} {}", request.url, String::from_utf8_lossy(&request.body)));
    format!("A{}", &digest[..22])
}
