//! Masking: the shape of a value without the value.
//!
//! Whatever may be personal data passes through here before it stands in a message,
//! a table or a log. Shapes are kept because they are what a reader needs to see the
//! fault: a plus sign, a space, an upper-case letter.

use std::sync::LazyLock;

use regex::Regex;

/// What in running text may be somebody's: e-mail addresses, plain or percent-encoded,
/// and telephone numbers, international or as a row of digits.
static PERSONAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        [A-Za-z0-9._%+-]+ (?: @ | %40 ) [A-Za-z0-9-]+ (?: \. [A-Za-z0-9-]+ )+
        | \+ [0-9] [0-9\ ().-]{6,20} [0-9]
        | \b [0-9]{10,15} \b
        ",
    )
    .expect("the pattern is constant")
});

/// The shape of a text: letters become `a` or `A`, digits `9`, other non-ASCII `~`,
/// punctuation and spaces stay; long texts are shortened in the middle.
pub fn mask(text: &str) -> String {
    const LONGEST: usize = 48;
    let shape: Vec<char> = text
        .chars()
        .map(|c| match c {
            'a'..='z' => 'a',
            'A'..='Z' => 'A',
            '0'..='9' => '9',
            c if c.is_ascii_control() => '·',
            c if c.is_ascii() => c,
            _ => '~',
        })
        .collect();
    if shape.len() <= LONGEST {
        return shape.into_iter().collect();
    }
    let half = LONGEST / 2 - 1;
    let head: String = shape[..half].iter().collect();
    let tail: String = shape[shape.len() - half..].iter().collect();
    format!("{head}…{tail}")
}

/// A line of running text, such as a program prints, with e-mail addresses and telephone
/// numbers in it masked. Names of persons have no shape and stay.
pub fn mask_text(text: &str) -> String {
    PERSONAL.replace_all(text, |found: &regex::Captures<'_>| mask(&found[0])).into_owned()
}

/// An address with the values of its query masked and its fragment and credentials dropped.
pub fn mask_url(address: &str) -> String {
    let without_fragment = address.split('#').next().unwrap_or(address);
    let (base, query) = match without_fragment.split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (without_fragment, None),
    };
    let base = match base.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or(authority);
            format!("{scheme}://{host}{path}")
        }
        None => base.to_owned(),
    };
    let Some(query) = query else { return base };
    let masked: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) => format!("{name}=…"),
            None => "…".to_owned(),
        })
        .collect();
    format!("{base}?{}", masked.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_survive_and_values_do_not() {
        assert_eq!(mask("Ann.Lee+1@example.com"), "Aaa.Aaa+9@aaaaaaa.aaa");
        assert_eq!(mask(" +44 20 7183 8750"), " +99 99 9999 9999");
        assert_eq!(mask("José"), "Aaa~");
        assert!(mask(&"x".repeat(500)).chars().count() < 60);
    }

    #[test]
    fn running_text_keeps_its_words_and_loses_persons() {
        assert_eq!(
            mask_text("2026-11-23 09:00:00 order 1042 by ann%40example.com, tel +1 (650) 555-1212"),
            "2026-11-23 09:00:00 order 1042 by aaa%99aaaaaaa.aaa, tel +9 (999) 999-9999"
        );
        assert_eq!(mask_text("tel 16505551212;"), "tel 99999999999;");
        assert_eq!(mask_text("GET /a@b HTTP/1.1 200 5123"), "GET /a@b HTTP/1.1 200 5123");
    }

    #[test]
    fn addresses_keep_names_of_parameters_only() {
        assert_eq!(
            mask_url("https://u:p@shop.test/thanks?email=a%40b.com&x=1&flag#top"),
            "https://shop.test/thanks?email=…&x=…&…"
        );
        assert_eq!(mask_url("https://shop.test/@me"), "https://shop.test/@me");
        assert_eq!(mask_url("/relative"), "/relative");
    }
}
