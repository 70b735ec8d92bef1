//! Browser id (`fbp`) and click id (`fbc`): their parts, and what is wrong with a text
//! that should be one.
//!
//! Both are `fb.<subdomain index>.<creation time>.<payload>`, with a fifth part where
//! Meta's libraries leave their mark (meta-facts 1.9, 3.4).
//! Never which visitor they belong to.

use super::people::without_appendix;
use crate::event::MatchKey;

/// A well-formed browser id or click id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserId<'a> {
    /// 0 for `com`, 1 for `example.com`, 2 for `www.example.com`.
    pub subdomain_index: u8,
    /// The creation time as written, digits only.
    pub created: &'a str,
    /// The random number of an `fbp`, the click id of an `fbc`.
    pub payload: &'a str,
}

impl BrowserId<'_> {
    /// Creation time in Unix milliseconds, where it is written in milliseconds.
    pub fn created_millis(&self) -> Option<i64> {
        (unit(self.created) == Unit::Milliseconds).then(|| self.created.parse().ok()).flatten()
    }
}

/// The unit that a creation time must be in, told by its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Thirteen digits, as it must be.
    Milliseconds,
    /// Ten digits.
    Seconds,
    /// Sixteen or nineteen digits.
    Finer,
    /// Eight digits that read as a date, or fourteen with a time.
    Calendar,
    /// Anything else.
    Unknown,
}

impl Unit {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Milliseconds => "milliseconds",
            Unit::Seconds => "seconds",
            Unit::Finer => "microseconds or nanoseconds",
            Unit::Calendar => "a calendar date",
            Unit::Unknown => "no known unit",
        }
    }
}

/// The unit of a creation time.
pub fn unit(created: &str) -> Unit {
    match created.len() {
        13 => Unit::Milliseconds,
        10 => Unit::Seconds,
        16 | 19 => Unit::Finer,
        8 | 14 if created.starts_with("20") => Unit::Calendar,
        _ => Unit::Unknown,
    }
}

/// The longest click id that the pixel takes (meta-facts 1.9).
pub const LONGEST_CLICK_ID: usize = 500;
/// The random part: ten digits in older scripts, eighteen in later ones (meta-facts 1.9);
/// other libraries go a little beyond.
const LONGEST_RANDOM: usize = 20;
/// What the pixel stores for a dot inside a click id (meta-facts 1.9).
const STORED_DOT: &str = "__DOT__";

/// Reads an `fbp`; on failure, what is wrong with it in a few stable words.
pub fn read_fbp(value: &str) -> Result<BrowserId<'_>, &'static str> {
    let id = read(MatchKey::BrowserId, value)?;
    if id.payload.is_empty() || id.payload.contains('.') {
        return Err("not four parts");
    }
    if !id.payload.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("random part is no number");
    }
    if id.payload.len() > LONGEST_RANDOM {
        return Err("random part too long");
    }
    Ok(id)
}

/// Reads an `fbc`; on failure, what is wrong with it in a few stable words.
pub fn read_fbc(value: &str) -> Result<BrowserId<'_>, &'static str> {
    let id = read(MatchKey::ClickId, value)?;
    if id.payload.is_empty() {
        return Err("no click id");
    }
    if nothing(id.payload) {
        return Err("null literal");
    }
    if id.payload.contains(STORED_DOT) {
        return Err("stored form of a dot left");
    }
    if id.payload.len() > LONGEST_CLICK_ID {
        return Err("click id too long");
    }
    Ok(id)
}

fn read(key: MatchKey, value: &str) -> Result<BrowserId<'_>, &'static str> {
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if !(plain && value.starts_with("fb."))
        && let Some(fault) = disguise(value)
    {
        return Err(fault);
    }
    let Some(rest) = without_appendix(key, value).strip_prefix("fb.") else {
        return Err("not in the form fb.…");
    };
    let mut parts = rest.splitn(3, '.');
    let (Some(index), Some(created)) = (parts.next(), parts.next()) else {
        return Err("not four parts");
    };
    let Ok(subdomain_index) = index.parse::<u8>() else {
        return Err("subdomain index is no small number");
    };
    if created.is_empty() || !created.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("creation time is no number");
    }
    let payload = parts.next().ok_or("not four parts")?;
    Ok(BrowserId { subdomain_index, created, payload })
}

/// What hides an id, or stands in its place.
fn disguise(value: &str) -> Option<&'static str> {
    if value.trim() != value {
        return Some("white space around it");
    }
    if nothing(value) {
        return Some("null literal");
    }
    if value.starts_with(['"', '\'', '[']) {
        return Some("quotes around it");
    }
    if value.starts_with("_fbp=") || value.starts_with("_fbc=") {
        return Some("cookie name in front");
    }
    if value.contains([';', ',']) {
        return Some("several values in one");
    }
    if value.contains('%') {
        return Some("URL-encoded");
    }
    if value.contains(char::is_whitespace) {
        return Some("white space inside");
    }
    None
}

fn nothing(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'']);
    matches!(
        text.to_ascii_lowercase().as_str(),
        "" | "null" | "undefined" | "none" | "nan" | "nil" | "false" | "[object object]"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_every_script_and_library_are_read() {
        for value in [
            "fb.1.1596403881668.1116446470",
            "fb.0.1596403881668.1116446470",
            "fb.2.1596403881668.123456789012345678",
            "fb.1.1596403881668.1116446470.AQQCAQIB",
            "fb.1.1596403881668.1116446470.BA",
        ] {
            let id = read_fbp(value).expect(value);
            assert_eq!(id.created_millis(), Some(1_596_403_881_668));
        }
        for value in [
            "fb.1.1554763741205.IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk",
            "fb.1.1554763741205.IwAR2F4.AQQCAQIB",
            "fb.1.1554763741205.Iw.with.dots.and.more",
        ] {
            read_fbc(value).expect(value);
        }
        assert_eq!(
            read_fbc("fb.1.1554763741205.IwAR2F4.AQQCAQIB").expect("read").payload,
            "IwAR2F4"
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (value, expected) in [
            ("fb.1.1596403881668", "not four parts"),
            ("fb.1.1596403881668.12.345", "not four parts"),
            ("fb.1.1596403881668.abc", "random part is no number"),
            ("1116446470", "not in the form fb.…"),
            ("fb.1.2020-01-01.11", "creation time is no number"),
            ("fb.one.1596403881668.11", "subdomain index is no small number"),
            ("fb%2E1%2E1596403881668%2E11", "URL-encoded"),
            ("\"fb.1.1596403881668.11\"", "quotes around it"),
            ("_fbp=fb.1.1596403881668.11", "cookie name in front"),
            (" fb.1.1596403881668.11", "white space around it"),
            ("undefined", "null literal"),
        ] {
            assert_eq!(read_fbp(value), Err(expected), "{value}");
        }
        for (value, expected) in [
            ("fb.1.1554763741205.", "no click id"),
            ("fb.1.1554763741205.undefined", "null literal"),
            ("fb.1.1554763741205", "not four parts"),
            ("IwAR2F4", "not in the form fb.…"),
            ("fb.1.1554763741205.Iw__DOT__A", "stored form of a dot left"),
            ("fb.1.1554763741205.Iw A", "white space inside"),
        ] {
            assert_eq!(read_fbc(value), Err(expected), "{value}");
        }
        let long = format!("fb.1.1554763741205.{}", "a".repeat(501));
        assert_eq!(read_fbc(&long), Err("click id too long"));
    }

    #[test]
    fn units_are_told_by_length() {
        for (created, expected) in [
            ("1554763741205", Unit::Milliseconds),
            ("1554763741", Unit::Seconds),
            ("1554763741205000", Unit::Finer),
            ("20260302", Unit::Calendar),
            ("20260302120000", Unit::Calendar),
            ("5", Unit::Unknown),
        ] {
            assert_eq!(unit(created), expected, "{created}");
        }
    }
}
