//! `countonce digest`: what each implementation hashes, or what made a digest.

mod batch;
mod identify;

use serde_json::json;

use super::args::DigestOptions;
use super::{Streams, WRONG_INPUT};
use crate::event::{MatchKey, Secrecy};
use crate::platform::meta::normalise::{Implementation, digest, normalise, on_the_wire};
use crate::platform::meta::proof::{Prover, country_code, nearest_country, person_of};

pub(super) fn run(options: &DigestOptions, streams: &Streams) -> u8 {
    if options.batch {
        return answer_batch(streams);
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
    let country = match options.country.as_deref().map(country).transpose() {
        Ok(country) => country,
        Err(text) => {
            streams.err(&format!("error: {text}"));
            return WRONG_INPUT;
        }
    };
    let prover = Prover::new(person_of(key, value, country));
    match &options.is {
        Some(seen) => tell(&prover, key, value, seen, options.json, streams),
        None => table(&prover, key, value, options.json, streams),
    }
}

/// The match key of that name, or of the plain word for it.
fn key(field: &str) -> Result<MatchKey, String> {
    let lower = field.to_ascii_lowercase();
    let word =
        WORDS.iter().find(|(word, _)| *word == lower).map_or(lower.as_str(), |(_, name)| name);
    MatchKey::from_name(word).ok_or_else(|| {
        let names: Vec<&str> = MatchKey::ALL.iter().map(|key| key.name()).collect();
        let known = format!("match keys: {}", names.join(", "));
        if let Some((_, whole)) = PARTS.iter().find(|(part, _)| *part == lower) {
            return format!(
                "`{field}` is a part of {whole} that old SDKs know and Meta documents no rule \
                 for; give the whole value as `{whole}`\n  {known}"
            );
        }
        let near = MatchKey::ALL
            .iter()
            .map(|key| key.name())
            .min_by_key(|name| strsim::damerau_levenshtein(name, &lower));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        format!("there is no match key `{field}`{hint}\n  {known}")
    })
}

/// Parts of keys that the PHP and Python SDKs take as keys of their own, with the whole.
const PARTS: &[(&str, &str)] = &[
    ("dobd", "db"),
    ("dobm", "db"),
    ("doby", "db"),
    ("f5first", "fn"),
    ("f5last", "ln"),
    ("fi", "fn"),
];

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

/// The country of that code or name.
fn country(text: &str) -> Result<&'static str, String> {
    country_code(text).ok_or_else(|| {
        let near = nearest_country(text).map(str::to_uppercase);
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        format!(
            "`{text}` is no country{hint}\n  write the code of ISO 3166-1, such as US, GB or DE"
        )
    })
}

fn table(prover: &Prover, key: MatchKey, value: &str, machine: bool, streams: &Streams) -> u8 {
    let asked = prover.asked_for(key).filter(|_| key.secrecy() != Secrecy::Plain);
    if machine {
        let mut line = batch::line(key.name(), key, value);
        if let (Some(line), Some(asked)) = (line.as_object_mut(), asked) {
            let sent = json!({"normalised": asked, "sha256": digest(&asked)});
            line.insert("documented".to_owned(), sent);
        }
        streams.out(&line.to_string());
        return 0;
    }
    let names = Implementation::ALL.iter().map(|one| one.name()).chain([DOCUMENTED]);
    let widest = names.map(str::len).max().unwrap_or(0);
    for implementation in Implementation::ALL {
        let name = implementation.name();
        match (normalise(implementation, key, value), on_the_wire(implementation, key, value)) {
            (Some(text), Some(sent)) => streams.out(&format!("{name:<widest$}  {sent}  {text:?}")),
            _ => streams.out(&format!("{name:<widest$}  sends nothing")),
        }
    }
    match asked {
        Some(text) => {
            streams.out(&format!("{DOCUMENTED:<widest$}  {}  {text:?}", digest(&text)));
        }
        None if key == MatchKey::Phone => streams.out(&format!(
            "{DOCUMENTED:<widest$}  needs the country's code in front: give --country"
        )),
        None => {}
    }
    0
}

/// The row of the table that no implementation is behind.
const DOCUMENTED: &str = "as documented";

/// Says which normalisation, or which mistake, makes this digest of the value.
fn tell(
    prover: &Prover,
    key: MatchKey,
    value: &str,
    seen: &str,
    machine: bool,
    streams: &Streams,
) -> u8 {
    let answer = identify::identify(prover, key, value, seen);
    if machine {
        let answer = json!({
            "field": key.name(),
            "digest": seen,
            "verdict": answer.verdict,
            "by": answer.words,
            "fix": answer.fix,
        });
        streams.out(&answer.to_string());
        return 0;
    }
    streams.out(&format!("{}: {}", answer.verdict, answer.words));
    if !answer.fix.is_empty() {
        streams.out(&format!("fix: {}", answer.fix));
    }
    0
}

/// Reads the batch; lines that could not be read make the input wrong, but only at the end.
fn answer_batch(streams: &Streams) -> u8 {
    match batch::answer(std::io::stdin().lock(), &mut |line| streams.out(line)) {
        Ok(0) => 0,
        Ok(bad) => {
            streams.err(&format!(
                "error: standard input: {bad} {} could not be read; each is answered by a line \
                 with `error` and `line`",
                if bad == 1 { "line" } else { "lines" }
            ));
            WRONG_INPUT
        }
        Err(cause) => {
            streams.err(&format!("error: standard input: {cause}"));
            WRONG_INPUT
        }
    }
}
