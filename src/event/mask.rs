//! Masking: the shape of a value without the value.
//!
//! Whatever may be personal data passes through here before it stands in a message,
//! a table or a log. Shapes are kept because they are what a reader needs to see the
//! fault: a plus sign, a space, an upper-case letter.

use std::sync::LazyLock;

use regex::{Captures, Regex};

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

/// E-mail addresses (also percent-encoded), telephone numbers with a country code, and
/// digests, wherever they stand in a text.
static PERSONAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        [^\s"'<>()\[\]{},;:=@&?/]+ (?: @ | %40 ) [^\s"'<>()\[\]{},;:=@&?/]+ \. [A-Za-z]{2,}
        | \+ [0-9] [0-9\ ().-]{6,18} [0-9]
        | \b [0-9a-fA-F]{64} \b
        "#,
    )
    .expect("the pattern is constant")
});

/// A text with everything in it masked by which a person could be known.
pub fn mask_personal(text: &str) -> String {
    if !may_be_personal(text) {
        return text.to_owned();
    }
    PERSONAL.replace_all(text, |found: &Captures<'_>| mask(&found[0])).into_owned()
}

/// A text as a message may quote it: masked as a whole first, since an address that has been
/// cut is no longer known for one, and only then cut to so many characters.
pub fn mask_and_cut(text: &str, most: usize) -> String {
    let masked = mask_personal(text);
    match masked.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &masked[..end]),
        None => masked,
    }
}

/// False only where the pattern cannot match: most texts hold none of the characters that
/// every match has, and a scan of bytes tells far sooner than the pattern.
fn may_be_personal(text: &str) -> bool {
    let mut digits = 0;
    text.bytes().any(|byte| {
        digits = if byte.is_ascii_hexdigit() { digits + 1 } else { 0 };
        matches!(byte, b'@' | b'%' | b'+') || digits >= DIGEST_LENGTH
    })
}

/// Digits of a SHA-256 in hexadecimal.
const DIGEST_LENGTH: u32 = 64;

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
    fn persons_disappear_from_a_text_and_the_rest_stays() {
        for (text, shown) in [
            (
                r##"fill: { "#email": "ann.lee@example.com" }"##,
                r##"fill: { "#email": "aaa.aaa@aaaaaaa.aaa" }"##,
            ),
            ("call +44 20 7183 8750 today", "call +99 99 9999 9999 today"),
            ("/thanks?mail=a%40b.com", "/thanks?mail=a%99a.aaa"),
            ("order 10023984, 42.00 USD", "order 10023984, 42.00 USD"),
            ("${persona.email}", "${persona.email}"),
        ] {
            assert_eq!(mask_personal(text), shown);
        }
        assert!(!mask_personal(&format!("digest {}", "ab".repeat(32))).contains("abab"));
    }

    #[test]
    fn an_address_is_masked_wherever_the_text_is_cut() {
        let text = "to ann.lee@example.com, +1 650 555 1212";
        for most in 0..text.len() {
            let shown = mask_and_cut(text, most);
            assert!(!shown.contains("ann") && !shown.contains("650"), "{most}: {shown}");
            assert!(shown.chars().count() <= most + 1);
        }
        assert_eq!(mask_and_cut("USD", 3), "USD");
        assert_eq!(mask_and_cut("Euro", 3), "Eur…");
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
