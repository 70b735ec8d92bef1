//! How each implementation turns a person's plain data into the text it digests.
//!
//! There is no one canonical digest: Meta's pixel, its parameter builder and its
//! SDKs disagree on names, places, phones and genders. Rules ask this room which of
//! them a digest agrees with, so every one is kept as it behaves, faults included.
//! Never the network, never the clock, never whether a value is good or bad.

mod builder;
mod email;
mod places;
mod sdk;
mod text;

pub(super) use places::{COUNTRIES, STATES};

use sha2::{Digest as _, Sha256};

use crate::event::MatchKey;

/// A program whose normalisation is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Implementation {
    /// The pixel script (2.9.324).
    Pixel,
    /// Meta's parameter builder for Node and for browsers.
    ParameterBuilder,
    /// Meta's parameter builder for PHP.
    ParameterBuilderPhp,
    /// The PHP business SDK.
    PhpSdk,
    /// The Python business SDK.
    PythonSdk,
    /// The Node business SDK before it used the parameter builder.
    NodeSdk,
}

impl Implementation {
    /// Every implementation, the pixel first.
    pub const ALL: [Implementation; 6] = [
        Implementation::Pixel,
        Implementation::ParameterBuilder,
        Implementation::ParameterBuilderPhp,
        Implementation::PhpSdk,
        Implementation::PythonSdk,
        Implementation::NodeSdk,
    ];

    /// How messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Implementation::Pixel => "pixel",
            Implementation::ParameterBuilder => "parameter builder",
            Implementation::ParameterBuilderPhp => "parameter builder (PHP)",
            Implementation::PhpSdk => "PHP SDK",
            Implementation::PythonSdk => "Python SDK",
            Implementation::NodeSdk => "Node SDK (legacy)",
        }
    }
}

/// The text that the implementation digests for this key, or the digest itself where
/// it takes the input for one. `None` where it sends nothing or throws.
///
/// Keys that no implementation hashes come back as they are.
pub fn normalise(implementation: Implementation, key: MatchKey, input: &str) -> Option<String> {
    if !is_normalised(key) {
        return Some(input.to_owned());
    }
    match implementation {
        Implementation::Pixel => builder::pixel(key, input),
        Implementation::ParameterBuilder => builder::parameter_builder(key, input),
        Implementation::ParameterBuilderPhp => builder::parameter_builder_php(key, input),
        Implementation::PhpSdk => sdk::php(key, input),
        Implementation::PythonSdk => sdk::python(key, input),
        Implementation::NodeSdk => sdk::node(key, input),
    }
}

/// What the implementation puts on the wire for this key. `None` where it sends nothing or throws.
pub fn on_the_wire(implementation: Implementation, key: MatchKey, input: &str) -> Option<String> {
    let text = normalise(implementation, key, input)?;
    if !is_normalised(key) {
        return Some(text);
    }
    let sdk = matches!(
        implementation,
        Implementation::PhpSdk | Implementation::PythonSdk | Implementation::NodeSdk
    );
    // The SDKs send external_id as it was given (observed on the wire).
    if sdk && key == MatchKey::ExternalId {
        return Some(text);
    }
    // The pixel looks for a digest in what it was given, the others in what they made of it.
    let taken_for_digest = match implementation {
        Implementation::Pixel => {
            text::is_sha256(input) || (text::is_md5(input) && key != MatchKey::Email)
        }
        _ => text::is_sha256(&text) || text::is_md5(&text),
    };
    if taken_for_digest {
        // The PHP SDK sends an upper-case digest unchanged (meta-facts 3.3).
        let verbatim = implementation == Implementation::PhpSdk;
        return Some(if verbatim { text } else { text.to_ascii_lowercase() });
    }
    // PHP compares "" loosely with null and sends nothing; Python digests the empty text.
    if text.is_empty() && implementation != Implementation::PythonSdk {
        return None;
    }
    Some(digest(&text))
}

/// Every country that is known: its name in lower-case letters without spaces, and its
/// ISO 3166-1 alpha-2 code in lower case. A country with several names comes several times.
pub fn countries() -> impl Iterator<Item = (&'static str, &'static str)> {
    places::countries()
}

/// SHA-256 of a text, in lower-case hex.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// True for the keys whose values are normalised before they travel.
fn is_normalised(key: MatchKey) -> bool {
    matches!(
        key,
        MatchKey::Email
            | MatchKey::Phone
            | MatchKey::FirstName
            | MatchKey::LastName
            | MatchKey::Gender
            | MatchKey::BirthDate
            | MatchKey::City
            | MatchKey::State
            | MatchKey::Zip
            | MatchKey::Country
            | MatchKey::ExternalId
    )
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests;
