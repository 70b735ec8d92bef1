//! Pseudonyms: equal values get equal names within one report, and nothing leads back.
//!
//! `em·1 SHA-256` tells a reader all there is to see: which key, whether two sides sent
//! the same, and in what shape. Numbers begin anew in each report.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::event::{MatchKey, mask, mask_and_cut};

/// Names given so far.
#[derive(Debug, Default)]
pub(super) struct Pseudonyms {
    numbers: HashMap<String, HashMap<String, usize>>,
}

impl Pseudonyms {
    /// The pseudonym of a match key's value, with the shape in which it was sent.
    pub(super) fn key(&mut self, key: MatchKey, value: &str) -> String {
        let shape = match key {
            MatchKey::ClientUserAgent => products(value),
            MatchKey::BrowserId | MatchKey::ClickId => cookie(value),
            _ => shape(value),
        };
        let kind = match key {
            MatchKey::ClientUserAgent => "ua",
            MatchKey::ClientIp => "ip",
            other => other.name(),
        };
        format!("{} {shape}", self.name(kind, value))
    }

    /// The pseudonym of any other value that may be personal.
    pub(super) fn other(&mut self, name: &str, value: &str) -> String {
        format!("{} {}", self.name(name, value), shape(value))
    }

    fn name(&mut self, kind: &str, value: &str) -> String {
        let of_kind = self.numbers.entry(kind.to_owned()).or_default();
        let next = of_kind.len() + 1;
        let number = *of_kind.entry(value.to_owned()).or_insert(next);
        let short = mask_and_cut(kind, 24);
        format!("{short}·{number}")
    }
}

/// What a value looks like: a digest by its kind, everything else by its letters and figures.
fn shape(value: &str) -> String {
    let hex = !value.is_empty() && value.chars().all(|c| c.is_ascii_hexdigit());
    let capitals = value.chars().any(|c| c.is_ascii_uppercase());
    match (hex, value.len()) {
        (_, 0) => "(empty)".to_owned(),
        (true, 64) if capitals => "SHA-256 in capitals".to_owned(),
        (true, 64) => "SHA-256".to_owned(),
        (true, length @ (32 | 40)) => format!("{length} hex digits"),
        _ => mask(value),
    }
}

/// A cookie of the platform: version and domain level as they are, the rest by its shape.
fn cookie(value: &str) -> String {
    match value.strip_prefix("fb.").and_then(|rest| rest.split_once('.')) {
        Some((level, rest)) if level.len() == 1 => format!("fb.{level}.{}", mask(rest)),
        _ => shape(value),
    }
}

/// The products that a user agent names, without what tells one device from another.
fn products(agent: &str) -> String {
    static PRODUCT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[A-Za-z][A-Za-z-]*/\d+").expect("the pattern is constant"));
    let named: Vec<&str> = PRODUCT.find_iter(agent).take(4).map(|found| found.as_str()).collect();
    if named.is_empty() { mask(agent) } else { named.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_names_and_nothing_else_is_kept() {
        let mut names = Pseudonyms::default();
        let digest = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";
        assert_eq!(names.key(MatchKey::Email, digest), "em·1 SHA-256");
        assert_eq!(names.key(MatchKey::Email, &digest.to_uppercase()), "em·2 SHA-256 in capitals");
        assert_eq!(names.key(MatchKey::Email, digest), "em·1 SHA-256");
        assert_eq!(names.key(MatchKey::Email, "Ann@example.com"), "em·3 Aaa@aaaaaaa.aaa");
        assert_eq!(names.key(MatchKey::Phone, digest), "ph·1 SHA-256");
        assert_eq!(
            names
                .key(MatchKey::ClientUserAgent, "Mozilla/5.0 (X11; Linux) Chrome/156.0 Safari/537"),
            "ua·1 Mozilla/5 Chrome/156 Safari/537"
        );
        assert_eq!(names.key(MatchKey::BrowserId, "fb.1.1596.11"), "fbp·1 fb.1.9999.99");
        assert_eq!(names.key(MatchKey::BrowserId, "ann.lee@x.com"), "fbp·2 aaa.aaa@a.aaa");
        assert_eq!(names.other("nickname", "bob"), "nickname·1 aaa");
    }
}
