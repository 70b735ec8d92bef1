//! Addresses and user agents as servers and CDNs write them: in parts, and often with one
//! layer of percent-encoding more than was on the wire.
//!
//! Never which addresses are the platform's.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// What stands for a value that is not there (W3C, Extended Log File Format).
const NONE: &str = "-";

/// Characters that logs encode on top of what the browser sent, beside controls and all that
/// is not ASCII: those that RFC 1738, section 2.2, calls unsafe, and the apostrophe (assumed of
/// CloudFront, whose logs have `%2520` for a space). A percent sign is among them, so that
/// `%3A` of a browser is `%253A` in such a log.
const ENCODED: &[u8] = b" \"#%'<>[\\]^`{|}~";

/// The path and the query of a request as one address.
pub(super) fn address<'a>(stem: &str, query: &'a str) -> Cow<'a, str> {
    if query == NONE || query.is_empty() || stem.contains('?') {
        return Cow::Owned(stem.to_owned());
    }
    Cow::Owned(format!("{stem}?{}", unwrapped(query)))
}

/// The text without the layer of encoding that the log has put on top of it, where it has:
/// then percent signs are encoded themselves, and nothing is that a log leaves alone.
pub(super) fn unwrapped(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut wrapped = false;
    for at in memchr::memchr_iter(b'%', bytes) {
        let code = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
        let (Some(high), Some(low)) = (code(at + 1), code(at + 2)) else {
            return Cow::Borrowed(text);
        };
        match (high * 16 + low) as u8 {
            b'%' => wrapped |= code(at + 3).is_some() && code(at + 4).is_some(),
            byte if byte.is_ascii_control() || !byte.is_ascii() || ENCODED.contains(&byte) => {}
            _ => return Cow::Borrowed(text),
        }
    }
    if wrapped { percent_decode_str(text).decode_utf8_lossy() } else { Cow::Borrowed(text) }
}

/// The user agent as the browser sent it: logs whose fields stand between spaces have `+`
/// (IIS) or `%20` (CloudFront) in place of its own.
pub(super) fn agent(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(' ') {
        return text;
    }
    if text.contains("%20") || text.contains("%2520") {
        let plain = unwrapped(&text);
        return Cow::Owned(percent_decode_str(&plain).decode_utf8_lossy().into_owned());
    }
    if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { text }
}

/// A value that is there.
pub(super) fn some(text: &str) -> Option<&str> {
    (text != NONE && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_layer_of_encoding_is_taken_off_where_the_log_has_put_one_on_top() {
        let sent = "id=1&dl=https%3A%2F%2Fshop.test%2Fa%20b&cd[value]=1%2C5&n=%C3%BC";
        let logged =
            "id=1&dl=https%253A%252F%252Fshop.test%252Fa%2520b&cd%5Bvalue%5D=1%252C5&n=%25C3%25BC";
        assert_eq!(unwrapped(logged), sent);
        // Only brackets are encoded: the text means the same as it stands.
        let half = sent.replace('[', "%5B").replace(']', "%5D");
        for plain in [sent, half.as_str(), "a=100%25&dl=x%2Fy", "a=%", "a=%zz", ""] {
            assert_eq!(unwrapped(plain), plain);
        }
    }

    #[test]
    fn parts_of_an_address_are_joined_where_both_are_there() {
        assert_eq!(address("/tr", "id=1"), "/tr?id=1");
        for nothing in ["-", ""] {
            assert_eq!(address("/tr", nothing), "/tr");
        }
        assert_eq!(address("/tr?id=1", "id=1"), "/tr?id=1");
    }

    #[test]
    fn user_agents_get_their_spaces_back() {
        let sent = "Mozilla/5.0 (X11; Linux x86_64) (+https://bot.test)";
        for logged in [
            "Mozilla/5.0%20(X11;%20Linux%20x86_64)%20(+https://bot.test)",
            "Mozilla/5.0%2520(X11;%2520Linux%2520x86_64)%2520(+https://bot.test)",
            sent,
        ] {
            assert_eq!(agent(logged.into()), sent);
        }
        assert_eq!(agent("Mozilla/5.0+(X11;+Linux)".into()), "Mozilla/5.0 (X11; Linux)");
    }
}
