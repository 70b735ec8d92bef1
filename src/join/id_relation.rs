//! How two texts that should be equal differ: the causes that occur in real sites, alone
//! and several at a time.
//!
//! Used for event ids, event names and product ids. A relation is claimed only where it
//! fully explains the difference; otherwise there is none.
//! Never decides whether two events belong together; see `near_miss`.

mod affix;
mod number;
mod spelling;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::id_health::IdScheme;
use crate::platform::meta::lean::Hash;
use crate::platform::meta::normalise::digest;
pub use spelling::is_invisible;
use spelling::normalised;

/// One thing that turns one text into the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Upper and lower case.
    Case,
    /// White space.
    WhiteSpace,
    /// Characters that no reader sees: zero-width ones, controls, marks of direction.
    Invisible,
    /// The same letters composed in two ways (NFC and NFD, or wide forms).
    Unicode,
    /// One is URL- or HTML-encoded more often than the other.
    Encoding,
    /// Punctuation or quotes.
    Punctuation,
    /// The same number written in two ways (leading zeros, decimals, thousands, exponent).
    Number,
    /// One is the Base64 text of the other.
    Base64,
    /// One is the SHA-256 digest of the other.
    Digest,
    /// One has more at its front.
    Prefix,
    /// One has more at its end.
    Suffix,
    /// One was cut.
    Truncated,
}

impl Step {
    /// The cause in the few stable words of findings.
    pub fn name(self) -> &'static str {
        match self {
            Step::Case => "case",
            Step::WhiteSpace => "white space",
            Step::Invisible => "invisible characters",
            Step::Unicode => "Unicode form",
            Step::Encoding => "encoding",
            Step::Punctuation => "punctuation",
            Step::Number => "number format",
            Step::Base64 => "Base64",
            Step::Digest => "digest",
            Step::Prefix => "prefix",
            Step::Suffix => "suffix",
            Step::Truncated => "truncated",
        }
    }
}

/// What turns one text into the other: the fewest steps that explain all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdRelation {
    steps: Vec<Step>,
    /// Characters that both have in common, where one is a part of the other.
    core: Option<usize>,
}

impl IdRelation {
    fn of(mut steps: Vec<Step>, core: Option<usize>) -> IdRelation {
        steps.sort_unstable();
        steps.dedup();
        IdRelation { steps, core }
    }

    /// The steps, each once.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The cause in words: `case`, `case and white space`, `case, encoding and prefix`.
    pub fn name(&self) -> String {
        let names: Vec<&str> = self.steps.iter().map(|step| step.name()).collect();
        match names.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [most @ .., last] => format!("{} and {last}", most.join(", ")),
        }
    }

    /// True where chance does not make it: nothing is left over, or much is in common.
    pub fn is_strong(&self) -> bool {
        self.core.is_none_or(|core| core >= STRONG_CORE)
    }
}

/// So many characters in common are no chance though one text goes on. An engineering choice.
const STRONG_CORE: usize = 6;
/// Fewest characters that ids without their punctuation have in common, where that is all.
const SHORTEST_CORE: usize = 4;
/// Shortest text that is taken for Base64: shorter ones decode by chance.
const SHORTEST_BASE64: usize = 8;

/// What is tried, the least likely cause first: that one is given up first where the rest
/// explains as much.
const SPELLINGS: [Step; 7] = [
    Step::Number,
    Step::Punctuation,
    Step::Unicode,
    Step::Invisible,
    Step::Encoding,
    Step::WhiteSpace,
    Step::Case,
];

/// The relation between two different texts, `None` where nothing simple explains it.
pub fn relate(left: &str, right: &str) -> Option<IdRelation> {
    if left == right || left.is_empty() || right.is_empty() {
        return None;
    }
    numbers(left, right)
        .or_else(|| spelt(left, right))
        .or_else(|| wrapped(left, right))
        .or_else(|| wrapped(right, left))
        .or_else(|| part(left, right))
}

/// The same number in two ways, with white space about it or without.
fn numbers(left: &str, right: &str) -> Option<IdRelation> {
    if number::same(left, right) {
        return Some(IdRelation::of(vec![Step::Number], None));
    }
    let bare = |text: &str| normalised(text, &[Step::WhiteSpace]);
    let (left, right) = (bare(left), bare(right));
    (left != right && number::same(&left, &right))
        .then(|| IdRelation::of(vec![Step::WhiteSpace, Step::Number], None))
}

/// Two spellings of one text.
fn spelt(left: &str, right: &str) -> Option<IdRelation> {
    let equal = |steps: &[Step]| {
        let (left, right) = (normalised(left, steps), normalised(right, steps));
        let enough = !steps.contains(&Step::Punctuation) || left.chars().count() >= SHORTEST_CORE;
        !left.is_empty() && left == right && enough
    };
    Some(IdRelation::of(fewest(&SPELLINGS, equal)?, None))
}

/// The steps without those that are not needed; `None` where all of them do not do.
fn fewest(all: &[Step], explains: impl Fn(&[Step]) -> bool) -> Option<Vec<Step>> {
    if !explains(all) {
        // Without its punctuation a short id is nothing; the rest may still explain it.
        let rest: Vec<Step> =
            all.iter().copied().filter(|step| *step != Step::Punctuation).collect();
        return (rest.len() < all.len()).then(|| fewest(&rest, explains)).flatten();
    }
    let mut steps = all.to_vec();
    for step in all {
        let without: Vec<Step> = steps.iter().copied().filter(|kept| kept != step).collect();
        if explains(&without) {
            steps = without;
        }
    }
    Some(steps)
}

/// The outer text made of the inner one: its Base64, or its digest.
fn wrapped(inner: &str, outer: &str) -> Option<IdRelation> {
    if outer.len() == 64 && outer.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let outer = outer.to_ascii_lowercase();
        if digest(inner) == outer {
            return Some(IdRelation::of(vec![Step::Digest], None));
        }
        let plain = normalised(inner, &[Step::WhiteSpace, Step::Case]);
        if digest(&plain) == outer {
            let mut steps = spelt(inner, &plain).map(|found| found.steps).unwrap_or_default();
            steps.push(Step::Digest);
            return Some(IdRelation::of(steps, None));
        }
        return None;
    }
    if outer.len() < SHORTEST_BASE64 {
        return None;
    }
    let bare = outer.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(bare).or_else(|_| URL_SAFE_NO_PAD.decode(bare)).ok()?;
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() >= SHORTEST_CORE)?;
    if text == inner {
        return Some(IdRelation::of(vec![Step::Base64], None));
    }
    let mut steps = spelt(inner, &text)?.steps;
    steps.push(Step::Base64);
    Some(IdRelation::of(steps, None))
}

/// One text is a part of the other, in whatever spelling.
fn part(left: &str, right: &str) -> Option<IdRelation> {
    // Punctuation and zeros tell where a part begins and ends.
    let spellings = &SPELLINGS[2..];
    let find = |steps: &[Step]| affix::part(&normalised(left, steps), &normalised(right, steps));
    let (step, core) = find(spellings)?;
    let same = |steps: &[Step]| find(steps).is_some_and(|(found, _)| found == step);
    let mut steps = fewest(spellings, same)?;
    steps.push(step);
    Some(IdRelation::of(steps, Some(core)))
}

/// Stands for an id without case, white space, punctuation and leading zeros: ids that were
/// meant to be one are equal in it as a rule.
pub fn fold_id(id: &str) -> u64 {
    match uuid(id) {
        Some(hex) => fold_uuid(&hex),
        None => fold_other(id),
    }
}

/// What [`fold_id`] says of an id, and its scheme: most ids are looked at once for both.
#[inline]
pub fn fold_and_scheme(id: &str) -> (u64, IdScheme) {
    match uuid(id) {
        Some(hex) => (fold_uuid(&hex), IdScheme::Uuid),
        None => (fold_other(id), IdScheme::of(id)),
    }
}

#[inline]
fn fold_uuid(hex: &[u8; 32]) -> u64 {
    if hex[0] == b'0' {
        return fold_other(str::from_utf8(hex).expect("digits are text"));
    }
    let mut hash = Hash::seeded(2);
    for word in hex.as_chunks::<8>().0 {
        hash.add(u64::from_le_bytes(*word));
    }
    hash.add(0);
    hash.finish()
}

fn fold_other(id: &str) -> u64 {
    let mut hash = Hash::seeded(2);
    if id.is_ascii() {
        let mut word = [0u8; 8];
        let mut filled = 0;
        let mut begun = false;
        for byte in id.bytes().filter(u8::is_ascii_alphanumeric) {
            begun |= byte != b'0';
            if !begun {
                continue;
            }
            word[filled] = byte.to_ascii_lowercase();
            filled += 1;
            if filled == 8 {
                hash.add(u64::from_le_bytes(word));
                (word, filled) = ([0; 8], 0);
            }
        }
        hash.add(u64::from_le_bytes(word));
        return hash.finish();
    }
    let bare: String = bare(id).to_lowercase();
    hash.text(bare.trim_start_matches('0'));
    hash.finish()
}

/// The 32 digits, in small letters, of a UUID in its usual form of 36 characters.
#[inline]
pub(super) fn uuid(id: &str) -> Option<[u8; 32]> {
    let bytes: &[u8; 36] = id.as_bytes().try_into().ok()?;
    if [bytes[8], bytes[13], bytes[18], bytes[23]] != [b'-'; 4] {
        return None;
    }
    let mut hex = [0; 32];
    hex[..8].copy_from_slice(&bytes[..8]);
    hex[8..12].copy_from_slice(&bytes[9..13]);
    hex[12..16].copy_from_slice(&bytes[14..18]);
    hex[16..20].copy_from_slice(&bytes[19..23]);
    hex[20..].copy_from_slice(&bytes[24..]);
    let mut good = true;
    for byte in &mut hex {
        // Digits have this bit already.
        let small = *byte | 0x20;
        good &= (byte.wrapping_sub(b'0') < 10) | (small.wrapping_sub(b'a') < 6);
        *byte = small;
    }
    good.then_some(hex)
}

fn bare(text: &str) -> String {
    normalised(text, &[Step::Punctuation])
}

#[cfg(test)]
mod tests;
