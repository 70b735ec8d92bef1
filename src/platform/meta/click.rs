//! Click ids as texts: where a landing page carries one, and how one text relates to another
//! that it should equal.
//!
//! Never which visit a click belongs to, never whether a change is bad.

/// The parameter that a landing page carries after a click on an ad.
const PARAMETER: &str = "fbclid";
/// What in-app browsers on iOS put behind a click id (meta-facts 1.9).
const IN_APP_MARKS: [&str; 2] = ["_aem_", "_waaem_"];

/// The click id in an address, percent-decoded once.
pub fn in_address(address: &str) -> Option<String> {
    let query = address.split_once('?')?.1.split('#').next()?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| *name == PARAMETER)
        .map(|(_, value)| {
            percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned()
        })
        .filter(|value| !value.is_empty())
}

/// How a click id was changed from the one it comes from; `None` where it does not come
/// from it, or is unchanged but for what in-app browsers add.
pub fn alteration(seen: &str, real: &str) -> Option<&'static str> {
    if is_same(seen, real) {
        return None;
    }
    if seen.eq_ignore_ascii_case(real) {
        return Some("case");
    }
    let decoded = percent_encoding::percent_decode_str(real).decode_utf8_lossy();
    let encoded = percent_encoding::percent_decode_str(seen).decode_utf8_lossy();
    if decoded == seen || encoded == real || seen.replace(' ', "+") == real {
        return Some("decoded or encoded once too often");
    }
    let kept = |c: char| c.is_ascii_alphanumeric();
    if seen.chars().filter(|c| kept(*c)).eq(real.chars().filter(|c| kept(*c))) {
        return Some("punctuation dropped or replaced");
    }
    if seen.len() >= SHORTEST_CUT && real.starts_with(seen) {
        return Some("cut");
    }
    if real.len() >= SHORTEST_CUT && seen.starts_with(real) {
        return Some("text behind it");
    }
    if seen.len() >= SHORTEST_CUT && real.to_lowercase().starts_with(&seen.to_lowercase()) {
        return Some("case");
    }
    None
}

/// True for the same click id, also with an in-app browser's mark behind it.
pub fn is_same(seen: &str, real: &str) -> bool {
    let bare = |text: &str| -> usize {
        IN_APP_MARKS.iter().filter_map(|mark| text.find(mark)).min().unwrap_or(text.len())
    };
    seen == real || seen[..bare(seen)] == real[..bare(real)]
}

/// Fewer characters than this are no remainder of a click id.
const SHORTEST_CUT: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_named_and_strangers_are_not() {
        let real = "IwAR2F4-dbP0l7Mn1_Iaw";
        for (seen, expected) in [
            ("IwAR2F4-dbP0l7Mn1_Iaw", None),
            ("IwAR2F4-dbP0l7Mn1_Iaw_aem_XyZ", None),
            ("iwar2f4-dbp0l7mn1_iaw", Some("case")),
            ("IwAR2F4-dbP0", Some("cut")),
            ("IwAR2F4dbP0l7Mn1Iaw", Some("punctuation dropped or replaced")),
            ("IwAR2F4-dbP0l7Mn1_Iaw?utm=1", Some("text behind it")),
            ("IwAR9xxxxxxxxxxxxxx", None),
            ("IwA", None),
        ] {
            assert_eq!(alteration(seen, real), expected, "{seen}");
        }
    }

    #[test]
    fn the_click_id_of_an_address_is_found_wherever_it_stands() {
        for (address, expected) in [
            ("https://shop.test/?fbclid=IwAR1", Some("IwAR1")),
            ("https://shop.test/a?b=1&fbclid=Iw%2DAR#top", Some("Iw-AR")),
            ("https://shop.test/?notfbclid=1", None),
            ("https://shop.test/?fbclid=", None),
            ("https://shop.test/#fbclid=1", None),
        ] {
            assert_eq!(in_address(address).as_deref(), expected, "{address}");
        }
    }
}
