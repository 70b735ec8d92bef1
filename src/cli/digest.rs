//! `countonce digest`: what each implementation hashes, or what made a digest.

use std::collections::BTreeMap;
use std::io::BufRead as _;

use serde_json::{Map, Value, json};

use super::args::DigestOptions;
use super::{Streams, WRONG_INPUT};
use crate::event::MatchKey;
use crate::platform::meta::normalise::{Implementation, normalise, on_the_wire};
use crate::platform::meta::proof::{Proof, Prover};

pub(super) fn run(options: &DigestOptions, streams: &Streams) -> u8 {
    if options.batch {
        return batch(streams);
    }
    let (Some(field), Some(value)) = (&options.field, &options.value) else {
        streams.err("error: give FIELD and VALUE, or --batch to read them from standard input");
        return WRONG_INPUT;
    };
    let key = match key(field) {
        Ok(key) => key,
        Err(text) => {
            streams.err(&format!("error: {text}"));
            return WRONG_INPUT;
        }
    };
    match &options.is {
        Some(digest) => identify(key, value, digest, options, streams),
        None => table(key, value, options.json, streams),
    }
}

/// The match key of that name, or of the plain word for it.
fn key(field: &str) -> Result<MatchKey, String> {
    let lower = field.to_ascii_lowercase();
    let word =
        WORDS.iter().find(|(word, _)| *word == lower).map_or(lower.as_str(), |(_, name)| name);
    MatchKey::from_name(word).ok_or_else(|| {
        let near = MatchKey::ALL
            .iter()
            .map(|key| key.name())
            .min_by_key(|name| strsim::damerau_levenshtein(name, &lower));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let names: Vec<&str> = MatchKey::ALL.iter().map(|key| key.name()).collect();
        format!("there is no match key `{field}`{hint}\n  match keys: {}", names.join(", "))
    })
}

/// Plain words for match keys, as people type them.
const WORDS: &[(&str, &str)] = &[
    ("email", "em"),
    ("phone", "ph"),
    ("first_name", "fn"),
    ("last_name", "ln"),
    ("gender", "ge"),
    ("birth_date", "db"),
    ("dob", "db"),
    ("city", "ct"),
    ("state", "st"),
    ("zip", "zp"),
];

fn table(key: MatchKey, value: &str, machine: bool, streams: &Streams) -> u8 {
    if machine {
        streams.out(&line(key.name(), key, value).to_string());
        return 0;
    }
    let widest = Implementation::ALL.iter().map(|one| one.name().len()).max().unwrap_or(0);
    for implementation in Implementation::ALL {
        let name = implementation.name();
        match (normalise(implementation, key, value), on_the_wire(implementation, key, value)) {
            (Some(text), Some(sent)) => streams.out(&format!("{name:<widest$}  {sent}  {text:?}")),
            _ => streams.out(&format!("{name:<widest$}  sends nothing")),
        }
    }
    0
}

/// Says which normalisation, or which mistake, makes this digest of the value.
fn identify(
    key: MatchKey,
    value: &str,
    seen: &str,
    options: &DigestOptions,
    streams: &Streams,
) -> u8 {
    let mut person = BTreeMap::from([(field_of(key).to_owned(), value.to_owned())]);
    if let Some(country) = &options.country {
        person.insert("country".to_owned(), country.clone());
    }
    let (verdict, words, fix) = match Prover::new(person).prove(key, seen) {
        Proof::Accepted(makers) => {
            let names: Vec<&str> = makers.iter().map(|maker| maker.name()).collect();
            ("accepted", names.join(", "), String::new())
        }
        Proof::Mistake(mistake) => ("mistake", mistake.cause(), mistake.fix(key)),
        Proof::PixelCopy(other) => (
            "accepted",
            format!("the value of {other}, which the pixel copies here"),
            String::new(),
        ),
        Proof::Nothing(literal) => (
            "nothing",
            format!("the digest of {literal}"),
            "send no key where there is no value".to_owned(),
        ),
        Proof::Unknown => {
            ("unknown", "none of the known normalisations or mistakes".to_owned(), String::new())
        }
    };
    if options.json {
        let answer = json!({"field": key.name(), "digest": seen, "verdict": verdict, "by": words, "fix": fix});
        streams.out(&answer.to_string());
    } else {
        streams.out(&format!("{verdict}: {words}"));
        if !fix.is_empty() {
            streams.out(&format!("fix: {fix}"));
        }
    }
    0
}

/// The persona's field that holds the plain data of a key.
fn field_of(key: MatchKey) -> &'static str {
    WORDS.iter().find(|(_, name)| *name == key.name()).map_or(key.name(), |(word, _)| word)
}

/// One line of the batch: normalised texts and their digests by implementation.
fn line(field: &str, key: MatchKey, value: &str) -> Value {
    let (mut texts, mut digests) = (Map::new(), Map::new());
    for (implementation, name) in BATCH {
        let text = normalise(*implementation, key, value);
        let sent = on_the_wire(*implementation, key, value).filter(|sent| is_digest(sent));
        digests.insert((*name).to_owned(), sent.into());
        texts.insert((*name).to_owned(), text.into());
    }
    json!({"field": field, "value": value, "normalised": texts, "sha256": digests})
}

/// True for a SHA-256 in hex, with or without the parameter builder's appendix; keys that an
/// implementation sends as plain text have no digest.
fn is_digest(sent: &str) -> bool {
    let body = sent.split_once('.').map_or(sent, |(body, _)| body);
    body.len() == 64 && body.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The names that batch lines use.
const BATCH: &[(Implementation, &str)] = &[
    (Implementation::Pixel, "pixel"),
    (Implementation::ParameterBuilder, "param_builder"),
    (Implementation::PhpSdk, "php_sdk"),
    (Implementation::PythonSdk, "python_sdk"),
    (Implementation::NodeSdk, "node_sdk"),
];

fn batch(streams: &Streams) -> u8 {
    for (number, text) in std::io::stdin().lock().lines().enumerate() {
        let answer = text.map_err(|cause| cause.to_string()).and_then(|text| {
            if text.trim().is_empty() {
                return Ok(None);
            }
            let row: Value = serde_json::from_str(&text).map_err(|cause| cause.to_string())?;
            let part = |name: &str| {
                row.get(name)
                    .and_then(Value::as_str)
                    .ok_or_else(|| format!("`{name}` must be a text"))
            };
            let field = part("field")?;
            Ok(Some(line(field, key(field)?, part("value")?)))
        });
        match answer {
            Ok(Some(answer)) => streams.out(&answer.to_string()),
            Ok(None) => {}
            Err(what) => {
                streams.err(&format!("error: standard input:{}: {what}", number + 1));
                return WRONG_INPUT;
            }
        }
    }
    0
}
