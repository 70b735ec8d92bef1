//! Spellings of one text: each step takes away what two spellings may differ in.
//!
//! Never whether what is left is enough to go by.

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

use super::Step;

/// So often a text may have been encoded over and over.
const MOST_ENCODINGS: usize = 4;
/// Longest entity that is looked for between `&` and `;`, in bytes.
const LONGEST_ENTITY: usize = 10;

/// The text without all that these steps take away, whatever their order.
pub(super) fn normalised(text: &str, steps: &[Step]) -> String {
    let has = |step: Step| steps.contains(&step);
    let mut text = text.to_owned();
    if has(Step::Encoding) {
        text = decoded(text);
    }
    if has(Step::Unicode) && !text.is_ascii() {
        text = text.nfkc().collect();
    }
    if has(Step::Invisible) {
        text.retain(|c| !is_invisible(c));
    }
    if has(Step::WhiteSpace) {
        text.retain(|c| !c.is_whitespace());
    }
    if has(Step::Case) {
        text = text.to_lowercase();
    }
    if has(Step::Number) {
        text = without_leading_zeros(&text);
    }
    if has(Step::Punctuation) {
        text.retain(char::is_alphanumeric);
    }
    text
}

/// True for characters that leave no mark on paper and are no white space.
pub fn is_invisible(c: char) -> bool {
    let format = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    );
    format || c.is_control() && !c.is_whitespace()
}

/// Every run of digits without zeros at its front.
fn without_leading_zeros(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut zeros = false;
    let mut in_number = false;
    for c in text.chars() {
        if c == '0' && !in_number {
            zeros = true;
            continue;
        }
        if zeros && !c.is_ascii_digit() {
            out.push('0');
        }
        zeros = false;
        in_number = c.is_ascii_digit();
        out.push(c);
    }
    if zeros {
        out.push('0');
    }
    out
}

/// The text with URL and HTML encoding taken off, layer by layer.
fn decoded(text: String) -> String {
    let mut text = text;
    for _ in 0..MOST_ENCODINGS {
        let plain = entities(&percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy());
        if plain == text {
            break;
        }
        text = plain;
    }
    text
}

/// The text with one layer of HTML entities taken off.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(LONGEST_ENTITY + 2).position(|byte| byte == b';');
        match end.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, c)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character of an entity: a number, or one of those that escaping functions write.
fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = match hex {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?);
    }
    match name {
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "nbsp" => Some('\u{a0}'),
        "sol" => Some('/'),
        _ => None,
    }
}
