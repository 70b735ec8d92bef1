//! Entries of HTTP archives (HAR 1.2) as exchanges.
//!
//! Browsers differ in what they write: forms as text or as pairs, answers plain or in base64.
//! Never opens a file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::time::time;
use crate::capture::{Answer, Door, Exchange, Request};
use crate::event::Channel;

const CONTENT_TYPE: &str = "content-type";
const FORM: &str = "application/x-www-form-urlencoded";

/// An entry of an HTTP archive (HAR 1.2).
pub(super) fn archived(entry: &serde_json::Value, channel: Channel, at: usize) -> Exchange {
    let request = &entry["request"];
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let headers = |list: &serde_json::Value| {
        list.as_array()
            .into_iter()
            .flatten()
            .map(|header| (text(&header["name"]).to_ascii_lowercase(), text(&header["value"])))
            .collect::<Vec<_>>()
    };
    let mut request_headers = headers(&request["headers"]);
    let data = &request["postData"];
    let has_kind = request_headers.iter().any(|(name, _)| name == CONTENT_TYPE);
    if let Some(kind) = data["mimeType"].as_str().filter(|_| !has_kind) {
        request_headers.push((CONTENT_TYPE.to_owned(), kind.to_owned()));
    }
    let body = match (data["text"].as_str().filter(|text| !text.is_empty()), pairs(data)) {
        (None, Some(form)) => {
            // What was read from a form of any kind is written as the plainest one.
            request_headers.retain(|(name, _)| name != CONTENT_TYPE);
            request_headers.push((CONTENT_TYPE.to_owned(), FORM.to_owned()));
            form.into_bytes()
        }
        (text, _) => text.unwrap_or_default().as_bytes().to_vec(),
    };
    let answer = &entry["response"];
    Exchange {
        number: at as u64 + 1,
        channel,
        door: Door::Browser,
        session: None,
        at: time(&text(&entry["startedDateTime"])).unwrap_or(0),
        request: Request {
            method: text(&request["method"]).to_ascii_uppercase(),
            url: text(&request["url"]),
            headers: request_headers,
            body,
        },
        answer: Answer {
            status: answer["status"]
                .as_u64()
                .and_then(|status| status.try_into().ok())
                .unwrap_or(0),
            headers: headers(&answer["headers"]),
            body: content(&answer["content"]),
        },
        injected: None,
    }
}

/// The pairs of a posted form, where the archive has those.
fn pairs(data: &serde_json::Value) -> Option<String> {
    let pairs = data["params"].as_array().filter(|pairs| !pairs.is_empty())?;
    let pairs = pairs.iter().filter_map(|pair| {
        Some((pair["name"].as_str()?, pair["value"].as_str().unwrap_or_default()))
    });
    Some(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// The body of an answer.
fn content(content: &serde_json::Value) -> Vec<u8> {
    let text = content["text"].as_str().unwrap_or_default();
    match content["encoding"].as_str() {
        Some("base64") => STANDARD.decode(text).unwrap_or_default(),
        _ => text.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(post: serde_json::Value) -> Exchange {
        let entry = json!({
            "startedDateTime": "2026-03-02T12:00:00.500Z",
            "request": { "method": "POST", "url": "https://www.facebook.com/tr/", "headers": [], "postData": post },
            "response": { "status": -1, "headers": [], "content": { "text": "eyJhIjoxfQ==", "encoding": "base64" } },
        });
        archived(&entry, Channel::Browser, 4)
    }

    #[test]
    fn a_posted_form_is_read_as_text_and_as_pairs() {
        let text = read(json!({ "mimeType": FORM, "text": "id=1&cd%5Bvalue%5D=2", "params": [] }));
        let pairs =
            [json!({ "name": "id", "value": "1" }), json!({ "name": "cd[value]", "value": "2" })];
        let pairs = read(json!({ "mimeType": "multipart/form-data; boundary=x", "params": pairs }));
        assert_eq!(text.request, pairs.request);
        assert_eq!(text.request.body, b"id=1&cd%5Bvalue%5D=2");
        assert_eq!(text.request.headers, [(CONTENT_TYPE.to_owned(), FORM.to_owned())]);
        assert_eq!((text.number, text.at), (5, 1_772_452_800_500));
        assert_eq!((text.answer.status, text.answer.body.as_slice()), (0, b"{\"a\":1}".as_slice()));
    }
}
