//! Meta: the pixel, the Conversions API, and how the two are counted.

pub mod normalise;

use super::{Decoded, Platform};

/// The platform.
pub const PLATFORM: Platform = Platform {
    name: "meta",
    answer_hit: |_, _| None,
    answer_call: |_| None,
    decode: |_| Decoded::default(),
    marks: |_| Vec::new(),
};
