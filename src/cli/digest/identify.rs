//! What a text is, of a plain value: which normalisation or which mistake made it, in
//! whatever dress it comes.
//!
//! Never a guess: what nothing leads to stays unknown, and what it looks like is said.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use crate::event::{MatchKey, Secrecy};
use crate::platform::meta::normalise::{Implementation, digest, on_the_wire};
use crate::platform::meta::proof::{Proof, Prover, Shape, shape, without_appendix};

/// Fewest hex digits by which a cut digest is recognised.
const SHORTEST_CUT: usize = 8;

/// An answer in three parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// `accepted`, `mistake`, `nothing` or `unknown`.
    pub(super) verdict: &'static str,
    /// Who made it, or what went wrong.
    pub(super) words: String,
    /// What to change; empty where nothing is.
    pub(super) fix: String,
}

impl Answer {
    fn new(verdict: &'static str, words: impl Into<String>, fix: impl Into<String>) -> Answer {
        Answer { verdict, words: words.into(), fix: fix.into() }
    }

    /// The same digest in a dress that keeps it from matching.
    fn dressed(self, dress: &str, fix: &str) -> Answer {
        if self.verdict == "unknown" {
            return Answer::new("unknown", format!("{dress}: {}", self.words), "");
        }
        let fix = if self.fix.is_empty() { fix.to_owned() } else { format!("{fix}; {}", self.fix) };
        Answer::new("mistake", format!("{dress}: {}", self.words), fix)
    }
}

/// What `seen` is of `value`.
pub(super) fn identify(prover: &Prover, key: MatchKey, value: &str, seen: &str) -> Answer {
    if seen.trim().is_empty() {
        return Answer::new("nothing", "an empty text, which is no digest", NO_VALUE);
    }
    let trimmed = seen.trim();
    match shape(seen) {
        Shape::Sha256 | Shape::UpperSha256 => hashed(prover, key, value, trimmed),
        // As long as an MD5 or a SHA-1, and perhaps a part of something longer.
        Shape::Md5 | Shape::Sha1 => {
            let answer = hashed(prover, key, value, trimmed);
            match answer.verdict {
                "unknown" => cut(prover, key, value, trimmed).unwrap_or(answer),
                _ => answer,
            }
        }
        Shape::PaddedSha256 => hashed(prover, key, value, trimmed)
            .dressed("white space around the digest", "trim the digest"),
        Shape::PrefixedSha256 => {
            let bare = &trimmed[trimmed.len() - DIGITS..];
            hashed(prover, key, value, bare)
                .dressed("text in front of the digest", "send the 64 hex digits alone")
        }
        Shape::Base64 => base64(prover, key, value, trimmed),
        Shape::OtherSha2 => other_sha2(prover, key, trimmed),
        Shape::CutSha256 => cut(prover, key, value, trimmed).unwrap_or_else(|| {
            Answer::new("unknown", format!("{} hex digits, which no digest has", trimmed.len()), "")
        }),
        Shape::Plain | Shape::Empty => {
            cut(prover, key, value, trimmed).unwrap_or_else(|| plain(prover, key, value, trimmed))
        }
    }
}

/// Hex digits of a SHA-256.
const DIGITS: usize = 64;
const NO_VALUE: &str = "send no key where there is no value";
const SEND_HEX: &str = "send the SHA-256 in lower-case hex";

/// Implementations that put this on the wire for the value, by their names.
fn makers(key: MatchKey, value: &str, sent: &str) -> Vec<&'static str> {
    Implementation::ALL
        .into_iter()
        .filter(|one| {
            on_the_wire(*one, key, value).is_some_and(|made| made.eq_ignore_ascii_case(sent))
        })
        .map(Implementation::name)
        .collect()
}

/// A digest in hex, of any kind.
fn hashed(prover: &Prover, key: MatchKey, value: &str, seen: &str) -> Answer {
    let bare = without_appendix(key, seen);
    let makers = makers(key, value, bare);
    let by = if makers.is_empty() {
        String::new()
    } else {
        format!(" (as {} of this value)", made_by(&makers))
    };
    match prover.prove(key, seen) {
        Proof::Accepted(known) => {
            let mut names: Vec<&str> = known.iter().map(|maker| maker.name()).collect();
            names.extend(makers.iter().filter(|name| !known.iter().any(|k| k.name() == **name)));
            Answer::new("accepted", names.join(", "), "")
        }
        Proof::Mistake(mistake) => Answer::new("mistake", mistake.cause() + &by, mistake.fix(key)),
        Proof::PixelCopy(other) => Answer::new(
            "accepted",
            format!("the value of {other}, which the pixel copies here"),
            "",
        ),
        Proof::Nothing(literal) => {
            let what = match literal {
                "" => "an empty text".to_owned(),
                blank if blank.trim().is_empty() => "white space".to_owned(),
                literal => format!("\"{literal}\""),
            };
            Answer::new("nothing", format!("the digest of {what}{by}"), NO_VALUE)
        }
        Proof::Unknown if !makers.is_empty() => Answer::new("accepted", makers.join(", "), ""),
        Proof::Unknown
            if key.secrecy() == Secrecy::Plain && bare.eq_ignore_ascii_case(&digest(value)) =>
        {
            Answer::new(
                "mistake",
                "hashed, though this key must not be",
                format!("send {key} as it is"),
            )
        }
        Proof::Unknown => {
            Answer::new("unknown", "none of the known normalisations or mistakes", "")
        }
    }
}

fn made_by(makers: &[&str]) -> String {
    format!("{} make{}", makers.join(", "), if makers.len() == 1 { "s it" } else { " it" })
}

/// Bytes of a digest in Base64.
fn base64(prover: &Prover, key: MatchKey, value: &str, seen: &str) -> Answer {
    let bare = seen.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(bare).or_else(|_| URL_SAFE_NO_PAD.decode(bare));
    let hex: String = bytes.unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect();
    let inside = match hex.len() {
        128 => other_sha2(prover, key, &hex),
        _ => hashed(prover, key, value, &hex),
    };
    inside.dressed("Base64 of a digest", "write the digest in lower-case hex")
}

/// SHA-224, SHA-384 or SHA-512 of anything that is known.
fn other_sha2(prover: &Prover, key: MatchKey, seen: &str) -> Answer {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (name, make): (&str, &dyn Fn(&[u8]) -> String) = match seen.len() {
        56 => ("SHA-224", &|text| hex(&Sha224::digest(text))),
        96 => ("SHA-384", &|text| hex(&Sha384::digest(text))),
        _ => ("SHA-512", &|text| hex(&Sha512::digest(text))),
    };
    let lower = seen.to_ascii_lowercase();
    match prover.texts(key).into_iter().find(|(text, _)| make(text) == lower) {
        Some((_, Proof::Mistake(mistake))) => Answer::new(
            "mistake",
            format!("{name} instead of SHA-256, {}", mistake.cause()),
            format!("use SHA-256; {}", mistake.fix(key)),
        ),
        Some(_) => Answer::new(
            "mistake",
            format!("{name} instead of SHA-256, of the value as it should be"),
            "use SHA-256",
        ),
        None => Answer::new(
            "unknown",
            format!("a digest of the kind of {name}, of no text that is known"),
            "",
        ),
    }
}

/// A SHA-256 of which a part is missing, or to which something was added.
fn cut(prover: &Prover, key: MatchKey, value: &str, seen: &str) -> Option<Answer> {
    let lower = seen.to_ascii_lowercase();
    let hex = lower.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hex || lower.len() < SHORTEST_CUT {
        return None;
    }
    let sha256 = |text: &[u8]| -> String {
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let whole = prover
        .texts(key)
        .iter()
        .map(|(text, _)| sha256(text))
        .chain(Implementation::ALL.into_iter().filter_map(|one| on_the_wire(one, key, value)))
        .filter(|whole| whole.len() == DIGITS)
        .find(|whole| {
            whole.starts_with(&lower)
                || whole.ends_with(&lower)
                || lower.starts_with(whole.as_str())
        })?;
    let dress = if lower.len() > DIGITS {
        "a digest with more behind it".to_owned()
    } else {
        format!("{} of the 64 hex digits of a digest", lower.len())
    };
    Some(
        hashed(prover, key, value, &whole)
            .dressed(&dress, "send all 64 hex digits (is the column too short?)"),
    )
}

/// A text that is no digest of any kind.
fn plain(prover: &Prover, key: MatchKey, value: &str, seen: &str) -> Answer {
    let makers = makers(key, value, seen);
    if !makers.is_empty() {
        return Answer::new("accepted", format!("plain text, as {}", made_by(&makers)), "");
    }
    if key.secrecy() == Secrecy::Plain && seen == value.trim() {
        return Answer::new("accepted", "the value itself; this key is never hashed", "");
    }
    let known = prover.texts(key).into_iter().find(|(text, _)| text == seen.as_bytes());
    match known {
        Some((_, Proof::Mistake(mistake))) => Answer::new(
            "mistake",
            format!("plain text, not hashed, {}", mistake.cause()),
            format!("{SEND_HEX}; {}", mistake.fix(key)),
        ),
        Some(_) => Answer::new("mistake", "plain text: the normalised value, not hashed", SEND_HEX),
        None if seen == value.trim() => {
            Answer::new("mistake", "plain text: the value as it is, not hashed", SEND_HEX)
        }
        None => Answer::new(
            "unknown",
            "plain text and no digest, and not this value in a known spelling",
            "",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::proof::person_of;

    fn ask(key: MatchKey, value: &str, country: Option<&str>, seen: &str) -> Answer {
        identify(&Prover::new(person_of(key, value, country)), key, value, seen)
    }

    #[test]
    fn whatever_the_table_prints_is_known_with_its_maker() {
        use MatchKey as K;
        let values: [(K, &[&str]); 11] = [
            (K::Email, &[" John.Doe+x@Example.com ", "john", "a@b.co", "jürgen@example.de"]),
            (
                K::Phone,
                &[
                    "+1 (650) 555-1212",
                    "020 7183 8750",
                    "0044 20 7183 8750",
                    "16505551212",
                    "06 12 34 56 78",
                    "n/a",
                ],
            ),
            (K::FirstName, &["Mary-Ann", "José", "O'Neil", "정", "  ", "McDonald "]),
            (K::LastName, &["Von Braun", "O'Brien", "Müller-Groß"]),
            (K::Gender, &["Female", "m", "F ", "woman", "divers", "2"]),
            (
                K::BirthDate,
                &["2/16/1997", "1997-02-16", "16.2.1997", "19970216", "12-31-1990", "yesterday"],
            ),
            (
                K::City,
                &["St. Louis", "São Paulo", "東京", "New York", "Stoke-on-Trent", "1st City"],
            ),
            (K::State, &["California", "CA", "Bayern", "123", "ontario", "New South Wales"]),
            (K::Zip, &["SW1A 1AA", "94105-1234", "06511", "-", "100-0001"]),
            (K::Country, &["United Kingdom", "UK", "US", "USA", "Deutschland", "Nirgendwo"]),
            (K::ExternalId, &["USER-12 A", "00042", "a@b.co"]),
        ];
        for (key, values) in values {
            for value in values {
                for country in [None, Some("gb"), Some("us")] {
                    for implementation in Implementation::ALL {
                        let Some(sent) = on_the_wire(implementation, key, value) else { continue };
                        let answer = ask(key, value, country, &sent);
                        let what =
                            format!("{key} {value:?} {country:?} {implementation:?}: {answer:?}");
                        assert_ne!(answer.verdict, "unknown", "{what}");
                        if !sent.trim().is_empty() {
                            assert!(answer.words.contains(implementation.name()), "{what}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_country_tells_what_is_missing_from_a_number() {
        let national = "020 7183 8750";
        let right = ask(MatchKey::Phone, national, Some("gb"), &digest("442071838750"));
        assert_eq!(right.verdict, "accepted");
        for country in [None, Some("gb")] {
            let lacking = ask(MatchKey::Phone, national, country, &digest("2071838750"));
            assert_eq!(lacking.verdict, "mistake", "{lacking:?}");
            assert!(lacking.words.starts_with("no country code"), "{lacking:?}");
        }
        for value in ["+1 (650) 555-1212", "(650) 555-1212"] {
            let lacking = ask(MatchKey::Phone, value, Some("us"), &digest("6505551212"));
            assert!(lacking.words.starts_with("no country code"), "{lacking:?}");
        }
    }

    #[test]
    fn orders_of_a_date_and_names_of_a_country_are_told() {
        for (key, value, text, words) in [
            (MatchKey::BirthDate, "2/16/1997", "16021997", "date order"),
            (MatchKey::BirthDate, "2/16/1997", "02161997", "date order"),
            (MatchKey::BirthDate, "2/16/1997", "1997-02-16", "date format"),
            (MatchKey::Country, "United Kingdom", "united kingdom", "full country name"),
            (MatchKey::Country, "GB", "uk", "no ISO country code"),
            (MatchKey::City, "St. Louis", "st louis", "inner spaces kept"),
            (
                MatchKey::City,
                "Stoke-on-Trent",
                "Stoke on Trent",
                "inner spaces kept, not lower-cased",
            ),
            (MatchKey::State, "CA", "california", "full state name"),
        ] {
            let answer = ask(key, value, None, &digest(text));
            assert!(answer.words.starts_with(words), "{value} {text}: {answer:?}");
        }
        assert_eq!(
            ask(MatchKey::Country, "United Kingdom", None, &digest("gb")).verdict,
            "accepted"
        );
        assert_eq!(
            ask(MatchKey::BirthDate, "2/16/1997", None, &digest("19970216")).verdict,
            "accepted"
        );
    }

    #[test]
    fn what_is_no_sha256_is_named_for_what_it_is() {
        let email = " John.Doe@Example.com ";
        let right = digest("john.doe@example.com");
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let sha512 = hex(&Sha512::digest("john.doe@example.com"));
        let packed = STANDARD_NO_PAD.encode(Sha256::digest("john.doe@example.com")) + "=";
        for (seen, verdict, words) in [
            ("john.doe@example.com", "mistake", "plain text: the normalised value"),
            ("John.Doe@Example.com", "mistake", "plain text, not hashed, not lower-cased"),
            (packed.as_str(), "mistake", "Base64 of a digest: pixel"),
            (
                sha512.as_str(),
                "mistake",
                "SHA-512 instead of SHA-256, of the value as it should be",
            ),
            (&right[..63], "mistake", "63 of the 64 hex digits"),
            (&right[..32], "mistake", "32 of the 64"),
            (&digest("nobody")[..32], "unknown", "none"),
            (&right[..12], "mistake", "12 of the 64"),
            ("zzz garbage", "unknown", "plain text and no digest"),
            ("", "nothing", "an empty text"),
            ("  ", "nothing", "an empty text"),
        ] {
            let answer = ask(MatchKey::Email, email, None, seen);
            assert_eq!(answer.verdict, verdict, "{seen}: {answer:?}");
            assert!(answer.words.starts_with(words), "{seen}: {answer:?}");
        }
        let padded = ask(MatchKey::Email, email, None, &format!(" {right}"));
        assert!(padded.words.starts_with("white space around the digest: pixel"), "{padded:?}");
        let prefixed = ask(MatchKey::Email, email, None, &format!("sha256:{right}"));
        assert!(prefixed.words.starts_with("text in front"), "{prefixed:?}");
        let empty = ask(MatchKey::Email, email, None, &digest(""));
        assert_eq!(
            (empty.verdict, empty.words.as_str()),
            ("nothing", "the digest of an empty text")
        );
        let cookie = "fb.1.1700000000000.123";
        assert_eq!(ask(MatchKey::BrowserId, cookie, None, cookie).verdict, "accepted");
        assert_eq!(ask(MatchKey::BrowserId, cookie, None, &digest(cookie)).verdict, "mistake");
        assert_eq!(ask(MatchKey::ExternalId, "User-7", None, "User-7").verdict, "accepted");
    }
}
