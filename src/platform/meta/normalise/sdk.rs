//! The business SDKs for PHP, Python and Node, each with its own normaliser.
//!
//! `None` stands for "sends nothing" and for "throws": either way the key is not on
//! the wire. All three send `external_id` as it was given.
//! Never the parameter builder, which current SDKs may use instead.

use super::{email, places, text};
use crate::event::MatchKey;

/// Lengths that the Node SDK takes for a phone number.
const NODE_PHONE: std::ops::RangeInclusive<usize> = 7..=15;

/// The PHP SDK (38288dd).
pub(super) fn php(key: MatchKey, input: &str) -> Option<String> {
    if key == MatchKey::ExternalId {
        return Some(input.to_owned());
    }
    if input.is_empty() {
        return None;
    }
    if text::is_sha256(input) || text::is_lower_md5(input) {
        return Some(input.to_owned());
    }
    // strtolower() of PHP 8 knows ASCII only: É stays É.
    let lower = input.to_ascii_lowercase();
    let value = lower.trim_matches(text::php_trimmed);
    match key {
        MatchKey::Email => {
            Some(email::php_sanitised(value)).filter(|address| email::is_php_address(address))
        }
        MatchKey::Phone => Some(php_phone(value)),
        MatchKey::City => Some(text::without(value, |c| {
            text::ascii_space(c) || c.is_ascii_digit() || ".-()".contains(c)
        })),
        MatchKey::State => Some(text::without(value, |c| !c.is_ascii_lowercase())),
        MatchKey::Country => {
            Some(text::without(value, |c| !c.is_ascii_lowercase())).filter(|code| code.len() == 2)
        }
        MatchKey::Zip => {
            let joined = value.replace(' ', "");
            joined.split('-').next().map(str::to_owned)
        }
        _ => Some(value.to_owned()),
    }
}

/// Letters, hyphens and brackets go; blanks and plus only from what looks international.
fn php_phone(value: &str) -> String {
    let kept = text::without(value, |c| c.is_ascii_lowercase() || "()-".contains(c));
    let kept = kept.trim_matches(text::php_trimmed);
    let bare = text::without(kept, |c| c == '-' || text::ascii_space(c));
    if is_international(text::without_exit_code(&bare), |c| c.is_ascii_digit()) {
        text::without(kept, |c| c == '-' || c == '+' || text::ascii_space(c))
    } else {
        kept.to_owned()
    }
}

/// The Python SDK (94914f9).
pub(super) fn python(key: MatchKey, input: &str) -> Option<String> {
    if key == MatchKey::ExternalId {
        return Some(input.to_owned());
    }
    if input.is_empty() {
        return None;
    }
    let lower = input.to_lowercase();
    let value = lower.trim_matches(text::python_space);
    if text::is_sha256(value) || text::is_md5(value) {
        return Some(value.to_owned());
    }
    let is_digit = |c: char| c.is_numeric();
    match key {
        MatchKey::Email => {
            Some(value.to_owned()).filter(|address| email::is_python_address(address))
        }
        MatchKey::Phone => {
            let bare = text::without(value, |c| text::python_space(c) || "-()".contains(c));
            let once = text::without_exit_code(&bare);
            let twice = text::without_exit_code(once);
            if twice.starts_with('0') {
                return Some(once.to_owned());
            }
            is_international(twice, is_digit).then(|| twice.to_owned())
        }
        MatchKey::City | MatchKey::State => Some(text::without(value, |c| {
            text::python_space(c) || c.is_ascii_digit() || ".-()".contains(c)
        })),
        MatchKey::Country => Some(text::without(value, |c| !c.is_ascii_lowercase()))
            .filter(|code| places::is_country_code(code)),
        MatchKey::Zip => {
            let joined = text::without(value, text::python_space);
            joined.split('-').next().map(str::to_owned)
        }
        _ => Some(value.to_owned()),
    }
}

/// The Node SDK's own utilities (before the parameter builder).
pub(super) fn node(key: MatchKey, input: &str) -> Option<String> {
    if key == MatchKey::ExternalId {
        return Some(input.to_owned());
    }
    let lower = input.trim_matches(text::js_space).to_lowercase();
    if lower.is_empty() {
        return None;
    }
    if text::is_sha256(&lower) || text::is_md5(&lower) {
        return Some(lower);
    }
    match key {
        MatchKey::Email => Some(lower).filter(|address| email::is_address(address)),
        MatchKey::Phone => node_phone(&lower),
        MatchKey::Gender => match text::without(&lower, |c| !c.is_ascii_lowercase()).as_str() {
            "female" | "f" => Some("f".to_owned()),
            "male" | "m" => Some("m".to_owned()),
            _ => None,
        },
        MatchKey::City | MatchKey::State => Some(text::without(&lower, |c| {
            text::js_space(c) || c.is_ascii_digit() || ".-()".contains(c)
        })),
        MatchKey::Country => Some(lower).filter(|code| places::is_country_code(code)),
        MatchKey::Zip => {
            let joined = text::without(&lower, text::js_space);
            joined.split('-').next().filter(|code| code.len() >= 2).map(str::to_owned)
        }
        _ => Some(lower),
    }
}

fn node_phone(lower: &str) -> Option<String> {
    let bare = text::without(lower, |c| c.is_ascii_lowercase() || "-@#<>'\",; ()+".contains(c));
    let national = text::without_exit_code(&bare);
    let is_digit = |c: char| c.is_ascii_digit();
    let international = match national.strip_prefix('1') {
        Some(rest) => rest.len() == 10 && rest.chars().all(is_digit),
        None => !national.starts_with('0') && is_international(national, is_digit),
    };
    let number = if international { national } else { &bare };
    NODE_PHONE.contains(&number.encode_utf16().count()).then(|| number.to_owned())
}

/// One to four digits, two or three more, four at the least after them.
fn is_international(text: &str, is_digit: impl Fn(char) -> bool) -> bool {
    !text.starts_with('0') && text.chars().count() >= 7 && text.chars().all(is_digit)
}
