//! The proof of digests: which normalisation, or which mistake, made one out of a
//! test person's plain data.
//!
//! Per key there is a family of texts that real implementations digest, and one of
//! texts that real faults digest; a digest is looked up in both. Families are made at
//! the first question and kept, so that a run of many events costs little more than
//! one. A digest that is in no family stays unknown: nothing is guessed.
//! Never which event carried it, never how bad it is.

mod domain;
mod given;
mod letters;
mod nothing;
mod right;
mod shape;
mod slip;
mod wrong;

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::normalise::{Implementation, hex};
use crate::event::MatchKey;

pub use super::people::without_appendix;
pub use domain::{Meaning, meaning};
pub use given::{country_code, nearest_country, person_of};
pub use nothing::{may_be_known, nothing, placeholder};
pub use shape::{Shape, shape};
pub use slip::Slip;

/// What a digest was proven to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// What these make of the person's value.
    Accepted(Vec<Maker>),
    /// The person's value after one or more known mistakes.
    Mistake(Mistake),
    /// The value of another key that the pixel script copies here by itself.
    PixelCopy(MatchKey),
    /// A literal that stands for no value at all.
    Nothing(&'static str),
    /// Nothing that is known of the person leads to it.
    Unknown,
}

impl Proof {
    /// How much the proof is worth where a list holds several values: the best speaks for all.
    fn rank(&self) -> u8 {
        match self {
            Proof::Accepted(_) => 4,
            Proof::Mistake(_) => 3,
            Proof::PixelCopy(_) => 2,
            Proof::Nothing(_) => 1,
            Proof::Unknown => 0,
        }
    }
}

/// Whose normalisation leads to a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Maker {
    /// A program of Meta.
    Known(Implementation),
    /// Common server tag templates: trimmed and lower-cased, hardly more (meta-facts 3.2).
    TagTemplate,
    /// The letter of Meta's documentation.
    Documented,
    /// The site's own way, where no rule is set.
    AsGiven,
}

impl Maker {
    /// How messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Maker::Known(implementation) => implementation.name(),
            Maker::TagTemplate => "tag templates",
            Maker::Documented => "documentation",
            Maker::AsGiven => "as given",
        }
    }
}

/// One or more slips that together explain a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What went wrong, in the order in which it happened.
    pub slips: Vec<Slip>,
    /// Implementations that make this of such an input without complaint.
    pub by: Vec<Implementation>,
}

impl Mistake {
    fn new(slips: Vec<Slip>) -> Mistake {
        Mistake { slips, by: Vec::new() }
    }

    /// The cause in a few stable words.
    pub fn cause(&self) -> String {
        let words: Vec<&str> = self.slips.iter().map(|slip| slip.words()).collect();
        words.join(", ")
    }

    /// What to change.
    pub fn fix(&self, key: MatchKey) -> String {
        let mut parts: Vec<String> = self.slips.iter().map(|slip| slip.fix(key)).collect();
        // Two slips may have one cure.
        parts.dedup();
        parts.join("; ")
    }
}

/// A text that a site may have digested, with what went wrong on the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spelling {
    bytes: Vec<u8>,
    slips: Vec<Slip>,
    by: Vec<Implementation>,
}

/// Plain data of one person by field name; an empty value is no value.
#[derive(Debug, Clone, Copy)]
struct Plain<'a>(&'a BTreeMap<String, String>);

impl<'a> Plain<'a> {
    fn get(self, field: &str) -> Option<&'a str> {
        self.0.get(field).map(String::as_str).filter(|value| !value.trim().is_empty())
    }
}

/// Keys whose digests can be traced to a person.
pub const PROVABLE: [MatchKey; 11] = [
    MatchKey::Email,
    MatchKey::Phone,
    MatchKey::FirstName,
    MatchKey::LastName,
    MatchKey::Gender,
    MatchKey::BirthDate,
    MatchKey::City,
    MatchKey::State,
    MatchKey::Zip,
    MatchKey::Country,
    MatchKey::ExternalId,
];

/// Digests of one key, by how far they are from what is right.
#[derive(Debug, Default)]
struct Family {
    right: OnceLock<HashMap<String, Vec<Maker>>>,
    wrong: OnceLock<HashMap<String, Mistake>>,
    deep: OnceLock<HashMap<String, Mistake>>,
}

/// Answers for one person.
#[derive(Debug, Default)]
pub struct Prover {
    person: BTreeMap<String, String>,
    families: BTreeMap<MatchKey, Family>,
}

impl Prover {
    /// A prover for the person with these fields (`email`, `phone` …); none is fine.
    pub fn new(person: BTreeMap<String, String>) -> Prover {
        let families = PROVABLE.iter().map(|key| (*key, Family::default())).collect();
        Prover { person, families }
    }

    /// True where the person has a value for the key, so that an unknown digest means something.
    pub fn knows(&self, key: MatchKey) -> bool {
        !self.right(key).is_empty()
    }

    /// What the value on the wire is. The appendix of Meta's parameter builder and the
    /// case of the digits do not matter here.
    pub fn prove(&self, key: MatchKey, value: &str) -> Proof {
        let value = without_appendix(key, value.trim()).to_ascii_lowercase();
        if let Some(makers) = self.right(key).get(&value) {
            return Proof::Accepted(makers.clone());
        }
        if let Some(literal) = nothing(key, &value) {
            return Proof::Nothing(literal);
        }
        if let Some(mistake) = self.wrong(key).get(&value) {
            return Proof::Mistake(mistake.clone());
        }
        if let Some(other) = self.copied(key, &value) {
            return Proof::PixelCopy(other);
        }
        if let Some(other) = self.other_key(key, &value) {
            let slip = match (key, other) {
                (MatchKey::FirstName, MatchKey::LastName)
                | (MatchKey::LastName, MatchKey::FirstName) => Slip::NamesSwapped,
                _ => Slip::ValueOf(other),
            };
            return Proof::Mistake(Mistake::new(vec![slip]));
        }
        self.deep(key).get(&value).cloned().map_or(Proof::Unknown, Proof::Mistake)
    }

    /// Every text whose digest is known for the key, right ones first, with what it proves.
    pub fn texts(&self, key: MatchKey) -> Vec<(Vec<u8>, Proof)> {
        let mut found: Vec<(Vec<u8>, Proof)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (text, maker) in right::texts(key, self.plain()) {
            let place = *places.entry(text.clone()).or_insert(found.len());
            match found.get_mut(place) {
                Some((_, Proof::Accepted(makers))) => {
                    if !makers.contains(&maker) {
                        makers.push(maker);
                    }
                }
                _ => found.push((text.into_bytes(), Proof::Accepted(vec![maker]))),
            }
        }
        found.extend(wrong::spellings(key, self.plain()).into_iter().map(|spelling| {
            let mistake = Mistake { slips: spelling.slips, by: spelling.by };
            (spelling.bytes, Proof::Mistake(mistake))
        }));
        found
    }

    /// The text that Meta's documentation asks for, where it can be told.
    pub fn asked_for(&self, key: MatchKey) -> Option<String> {
        let texts = right::texts(key, self.plain());
        let documented = texts.iter().find(|(_, maker)| *maker == Maker::Documented);
        documented.or(texts.first()).map(|(text, _)| text.clone())
    }

    /// What the values of one key are together: the best of them, since the platform
    /// takes whichever matches.
    pub fn prove_any(&self, key: MatchKey, values: &[String]) -> Proof {
        let mut best = Proof::Unknown;
        for value in values {
            let proof = self.prove(key, value);
            if proof.rank() > best.rank() {
                best = proof;
            }
        }
        best
    }

    fn plain(&self) -> Plain<'_> {
        Plain(&self.person)
    }

    fn right(&self, key: MatchKey) -> &HashMap<String, Vec<Maker>> {
        static NONE: OnceLock<HashMap<String, Vec<Maker>>> = OnceLock::new();
        let Some(family) = self.families.get(&key) else {
            return NONE.get_or_init(HashMap::new);
        };
        family.right.get_or_init(|| {
            let mut found: HashMap<String, Vec<Maker>> = HashMap::new();
            for (text, maker) in right::texts(key, self.plain()) {
                let makers = found.entry(sha256(text.as_bytes())).or_default();
                if !makers.contains(&maker) {
                    makers.push(maker);
                }
            }
            found
        })
    }

    fn wrong(&self, key: MatchKey) -> &HashMap<String, Mistake> {
        static NONE: OnceLock<HashMap<String, Mistake>> = OnceLock::new();
        let Some(family) = self.families.get(&key) else {
            return NONE.get_or_init(HashMap::new);
        };
        family.wrong.get_or_init(|| {
            let mut found = HashMap::new();
            for spelling in wrong::spellings(key, self.plain()) {
                let mistake = Mistake { slips: spelling.slips, by: spelling.by };
                found.entry(sha256(&spelling.bytes)).or_insert(mistake);
            }
            found
        })
    }

    /// Digests of digests and digests of the wrong kind, of right and of wrong texts.
    fn deep(&self, key: MatchKey) -> &HashMap<String, Mistake> {
        static NONE: OnceLock<HashMap<String, Mistake>> = OnceLock::new();
        let Some(family) = self.families.get(&key) else {
            return NONE.get_or_init(HashMap::new);
        };
        family.deep.get_or_init(|| {
            let rights = right::texts(key, self.plain())
                .into_iter()
                .map(|(text, _)| (text.into_bytes(), Vec::new()));
            let wrongs = wrong::spellings(key, self.plain())
                .into_iter()
                .map(|spelling| (spelling.bytes, spelling.slips));
            let mut found: HashMap<String, Mistake> = HashMap::new();
            for (bytes, slips) in rights.chain(wrongs) {
                for (digest, slip) in again(&bytes) {
                    let mut slips = slips.clone();
                    slips.push(slip);
                    found.entry(digest).or_insert_with(|| Mistake::new(slips));
                }
            }
            found
        })
    }

    fn other_key(&self, key: MatchKey, value: &str) -> Option<MatchKey> {
        // A site may take whatever it likes for an id of its own, an e-mail digest too.
        if key == MatchKey::ExternalId {
            return None;
        }
        PROVABLE.into_iter().find(|other| {
            *other != key
                && *other != MatchKey::ExternalId
                && (self.right(*other).contains_key(value)
                    || self.wrong(*other).get(value).is_some_and(|mistake| {
                        mistake.slips.iter().all(|slip| matches!(slip, Slip::NotLowerCased))
                    }))
        })
    }

    /// The pixel copies what looks like a number from `db` and `zp` into `ph` (meta-facts 1.6).
    fn copied(&self, key: MatchKey, value: &str) -> Option<MatchKey> {
        if key != MatchKey::Phone {
            return None;
        }
        let digits_of = |text: &[u8]| {
            let digits: Vec<u8> = text
                .iter()
                .copied()
                .filter(u8::is_ascii_digit)
                .skip_while(|d| *d == b'0')
                .collect();
            sha256(&digits)
        };
        let dates = wrong::dates(self.plain());
        // An eight-digit date that is right is a copy as well.
        let right = self.plain().get("birth_date").and_then(right::compact_date);
        if right.is_some_and(|date| digits_of(date.as_bytes()) == value)
            || dates.iter().any(|(text, _)| digits_of(text) == value)
        {
            return Some(MatchKey::BirthDate);
        }
        let zip = self.plain().get("zip")?;
        (digits_of(zip.as_bytes()) == value).then_some(MatchKey::Zip)
    }
}

/// What becomes of a text when it is digested more than once or by something else.
fn again(bytes: &[u8]) -> Vec<(String, Slip)> {
    let once = sha256(bytes);
    let twice = sha256(once.as_bytes());
    let (md5, sha1) = (hex(&Md5::digest(bytes)), hex(&Sha1::digest(bytes)));
    vec![
        (sha256(once.to_ascii_uppercase().as_bytes()), Slip::UpperHexHashed),
        (sha256(twice.as_bytes()), Slip::HashedThrice),
        (sha256(md5.as_bytes()), Slip::Md5First),
        (sha256(sha1.as_bytes()), Slip::Sha1First),
        (twice, Slip::HashedTwice),
        (md5, Slip::Md5Instead),
        (sha1, Slip::Sha1Instead),
    ]
}

/// How one digest comes from the other, without any plain data: `None` where neither
/// was made of the other.
pub fn made_of(made: &str, of: &str) -> Option<Slip> {
    let (made, of) = (made.to_ascii_lowercase(), of.to_ascii_lowercase());
    let twice = sha256(of.as_bytes());
    if made == twice {
        Some(Slip::HashedTwice)
    } else if made == sha256(of.to_ascii_uppercase().as_bytes()) {
        Some(Slip::UpperHexHashed)
    } else if made == sha256(twice.as_bytes()) {
        Some(Slip::HashedThrice)
    } else {
        None
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests;
