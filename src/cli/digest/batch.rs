//! `countonce digest --batch`: a line of JSON for each line read.
//!
//! A line that cannot be read has an answer too and keeps no other from its own.

use std::io::{BufRead, Read as _};

use serde_json::{Map, Value, json};

use super::key;
use crate::event::MatchKey;
use crate::platform::meta::normalise::{Implementation, normalise, on_the_wire};

/// Bytes of the longest line that is read: no plain value of a person is near it (assumed).
const LONGEST_LINE: u64 = 1 << 20;

/// The names that batch lines use.
const NAMES: &[(Implementation, &str)] = &[
    (Implementation::Pixel, "pixel"),
    (Implementation::ParameterBuilder, "param_builder"),
    (Implementation::PhpSdk, "php_sdk"),
    (Implementation::PythonSdk, "python_sdk"),
    (Implementation::NodeSdk, "node_sdk"),
];

/// Answers every line; how many of them could not be read, or what broke the input off.
pub(super) fn answer(mut input: impl BufRead, out: &mut dyn FnMut(&str)) -> std::io::Result<u64> {
    let (mut number, mut bad) = (0_u64, 0);
    let mut raw = Vec::new();
    loop {
        raw.clear();
        if input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut raw)? == 0 {
            return Ok(bad);
        }
        number += 1;
        let whole = raw.ends_with(b"\n") || (raw.len() as u64) < LONGEST_LINE;
        if !whole {
            skip_line(&mut input)?;
        }
        let answered = if whole {
            one(&raw, number == 1)
        } else {
            Err(format!("longer than {} KiB", LONGEST_LINE >> 10))
        };
        match answered {
            Ok(None) => {}
            Ok(Some(answer)) => out(&answer.to_string()),
            Err(what) => {
                bad += 1;
                out(&json!({"error": what, "line": number}).to_string());
            }
        }
    }
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let block = input.fill_buf()?;
        if block.is_empty() {
            return Ok(());
        }
        let end = block.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(block.len(), |end| end + 1);
        input.consume(length);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// The answer to a line; none to a blank one.
fn one(raw: &[u8], first: bool) -> Result<Option<Value>, String> {
    let text = std::str::from_utf8(raw).map_err(|cause| format!("no UTF-8: {cause}"))?;
    // Editors and shells of Windows put a byte order mark in front.
    let text = if first { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let row: Value = serde_json::from_str(text).map_err(|cause| format!("no JSON: {cause}"))?;
    let fields = row
        .as_object()
        .ok_or("a line must be an object such as {\"field\":\"em\",\"value\":\"a@b.co\"}")?;
    let part = |name: &str| match fields.get(name) {
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(Value::Number(number)) => {
            Err(format!("`{name}` must be a text: write \"{number}\", or a leading zero is lost"))
        }
        Some(_) => Err(format!("`{name}` must be a text")),
        None => Err(format!("`{name}` is missing")),
    };
    let field = part("field")?;
    Ok(Some(line(field, key(field)?, part("value")?)))
}

/// Normalised texts and what is sent for them, by implementation.
pub(super) fn line(field: &str, key: MatchKey, value: &str) -> Value {
    let (mut texts, mut digests) = (Map::new(), Map::new());
    for (implementation, name) in NAMES {
        let text = normalise(*implementation, key, value);
        let sent = on_the_wire(*implementation, key, value).filter(|sent| is_digest(sent));
        digests.insert((*name).to_owned(), sent.into());
        texts.insert((*name).to_owned(), text.into());
    }
    json!({"field": field, "value": value, "normalised": texts, "sha256": digests})
}

/// True for a digest in hex, with or without the parameter builder's appendix: a SHA-256, or
/// an MD5 that was given and passed through (meta-facts 3.3). Keys that an implementation
/// sends as plain text have none.
fn is_digest(sent: &str) -> bool {
    let body = sent.split_once('.').map_or(sent, |(body, _)| body);
    matches!(body.len(), 32 | 64) && body.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(input: &[u8]) -> (Vec<Value>, u64) {
        let mut lines = Vec::new();
        let bad = answer(input, &mut |text| {
            lines.push(serde_json::from_str(text).expect("JSON"));
        });
        (lines, bad.expect("read"))
    }

    #[test]
    fn a_bad_line_is_answered_and_the_rest_too() {
        let mut input = "\u{feff}{\"field\":\"ct\",\"value\":\"São Paulo\"}\n\nno json\n\
            {\"field\":\"zp\"}\n{\"field\":\"zp\",\"value\":94105}\n{\"field\":\"zp\",\"value\":null}\n\
            {\"field\":\"dobd\",\"value\":\"9\"}\n{\"field\":\"fn\",\"value\":\"\\ud800\"}\n[]\n"
            .as_bytes()
            .to_vec();
        input.extend(b"{\"field\":\"fn\",\"value\":\"\xff\"}\n");
        input.extend(b"{\"field\":\"em\",\"value\":\"A@b.co\"}");
        let (lines, bad) = of(&input);
        assert_eq!((lines.len(), bad), (10, 8));
        assert_eq!(lines[0]["normalised"]["pixel"], "sopaulo");
        assert_eq!(lines[9]["normalised"]["pixel"], "a@b.co");
        let numbers: Vec<u64> = lines.iter().filter_map(|line| line["line"].as_u64()).collect();
        assert_eq!(numbers, [3, 4, 5, 6, 7, 8, 9, 10]);
        let error = |at: usize| lines[at]["error"].as_str().unwrap_or_default().to_owned();
        assert!(error(3).contains("write \"94105\""), "{}", error(3));
        assert!(error(5).contains("dobd") && error(5).contains("db"), "{}", error(5));
    }

    #[test]
    fn a_line_without_an_end_fills_no_memory() {
        let mut input = vec![b'x'; (LONGEST_LINE * 3) as usize];
        input.extend(b"\n{\"field\":\"em\",\"value\":\"A@b.co\"}\n");
        let (lines, bad) = of(&input);
        assert_eq!((lines.len(), bad), (2, 1));
        assert_eq!(lines[0]["line"], 1);
    }

    #[test]
    fn a_digest_that_was_given_is_what_is_sent() {
        let md5 = "d41d8cd98f00b204e9800998ecf8427e";
        let (lines, _) = of(format!("{{\"field\":\"ct\",\"value\":\"{md5}\"}}").as_bytes());
        assert_eq!(lines[0]["sha256"]["param_builder"], md5);
        let (lines, _) = of(b"{\"field\":\"external_id\",\"value\":\"u-7\"}");
        assert_eq!(lines[0]["sha256"]["php_sdk"], Value::Null);
    }
}
