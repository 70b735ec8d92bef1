//! Removal of secrets before anything is written: access tokens, proofs, cookies,
//! authorisation headers.
//!
//! A marker is left in the place of each token, so that rules can still see that
//! there was one and where. Never removes anything else: a tape is evidence.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use super::exchange::{Exchange, Headers};

/// What stands where a secret was.
const MARKER: &str = "[removed]";

/// Headers that never reach a tape.
const SECRET_HEADERS: &[&str] =
    &["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];

/// Names whose values are secrets, in queries, forms, multipart parts and JSON
/// (also JSON inside a JSON text, with escaped quotes, and an address inside an address).
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let names =
        r"(?:access_token|appsecret_proof|input_token|fb_exchange_token|client_secret|app_secret)";
    let pattern = format!(
        r#"(?x)
        (?P<query>(?:^|[?&\s]){names}=)[^&\s"']+
        | (?P<nested>(?i:%(?:25)*(?:3F|26|23)){names}(?i:%(?:25)*3D))(?:[^&\s"'%]|(?i:%(?:25)*7C))+
        | (?P<json>\\*"{names}\\*"\s*:\s*\\*")[^"\\]+
        | (?P<part>name="{names}"[^\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)[^\r\n]+
        "#
    );
    Regex::new(&pattern).expect("the pattern is constant")
});

/// The shape of a Graph access token, wherever one begins: click ids and digests of other
/// kinds may hold the same letters inside of them.
static SHAPED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<before>^|[^A-Za-z0-9_-]|%[0-9A-Fa-f]{2})EAA[A-Za-z0-9]{40,}")
        .expect("the pattern is constant")
});

/// Removes every secret from an exchange.
pub fn redact(exchange: &mut Exchange) {
    exchange.request.url =
        String::from_utf8_lossy(&clean(exchange.request.url.as_bytes())).into_owned();
    exchange.request.body = clean(&exchange.request.body);
    exchange.answer.body = clean(&exchange.answer.body);
    clean_headers(&mut exchange.request.headers);
    clean_headers(&mut exchange.answer.headers);
}

/// Removes every secret from an address that a browser told of.
pub(super) fn redact_address(url: &mut String) {
    *url = redact_text(url);
}

/// Removes every secret from a text, such as a line that a site prints.
pub fn redact_text(text: &str) -> String {
    String::from_utf8_lossy(&clean(text.as_bytes())).into_owned()
}

fn clean_headers(headers: &mut Headers) {
    for (name, value) in headers {
        if SECRET_HEADERS.contains(&name.as_str()) {
            MARKER.clone_into(value);
        } else if name == "referer" || name == "location" {
            *value = String::from_utf8_lossy(&clean(value.as_bytes())).into_owned();
        }
    }
}

fn clean(bytes: &[u8]) -> Vec<u8> {
    let named = NAMED.replace_all(bytes, |found: &Captures<'_>| {
        let kept = ["query", "nested", "json", "part"]
            .iter()
            .find_map(|group| found.name(group))
            .map_or(&b""[..], |group| group.as_bytes());
        [kept, MARKER.as_bytes()].concat()
    });
    let shaped = SHAPED.replace_all(&named, |found: &Captures<'_>| {
        let before = found.name("before").map_or(&b""[..], |group| group.as_bytes());
        [before, MARKER.as_bytes()].concat()
    });
    shaped.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> String {
        String::from_utf8(clean(text.as_bytes())).expect("text")
    }

    #[test]
    fn tokens_go_wherever_they_stand() {
        for (before, after) in [
            (
                "https://g/v26.0/1/events?access_token=SECRET&x=1",
                "https://g/v26.0/1/events?access_token=[removed]&x=1",
            ),
            (
                "https://f/tr/?dl=https%3A%2F%2Fs%2F%3Fa%3D1%26access_token%3D1%7CSECRET%26b%3D2&x=1",
                "https://f/tr/?dl=https%3A%2F%2Fs%2F%3Fa%3D1%26access_token%3D[removed]%26b%3D2&x=1",
            ),
            ("data=%5B%5D&access_token=SECRET", "data=%5B%5D&access_token=[removed]"),
            (r#"{"data":[],"access_token":"SECRET"}"#, r#"{"data":[],"access_token":"[removed]"}"#),
            (
                r#"{"body":"{\"access_token\": \"SECRET\"}"}"#,
                r#"{"body":"{\"access_token\": \"[removed]\"}"}"#,
            ),
            (
                "--b\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\nSECRET\r\n--b--",
                "--b\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\n[removed]\r\n--b--",
            ),
        ] {
            assert_eq!(cleaned(before), after);
        }
        let bare = format!("oops {} here", "EAAB".to_owned() + &"x1Y".repeat(20));
        assert_eq!(cleaned(&bare), "oops [removed] here");
        let coded = format!("dl=x%3DEAAB{}&y", "x1Y".repeat(20));
        assert_eq!(cleaned(&coded), "dl=x%3D[removed]&y");
    }

    #[test]
    fn everything_else_stays() {
        let click = format!("fbc=fb.1.1772452790000.IwARsMEAA{}", "x1Y".repeat(20));
        for text in ["em=62a1&ev=Purchase&cd[access]=open&token=abc", &click] {
            assert_eq!(cleaned(text), text);
        }
    }
}
