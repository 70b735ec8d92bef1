//! What JavaScript, Python and PHP each call white space, lower case, a digit and a digest.
//!
//! The differences are small and decide whether two digests agree.
//! Never which field a text belongs to.

/// White space as `\s` and `trim()` of JavaScript see it.
pub(super) fn js_space(c: char) -> bool {
    // ECMAScript counts the byte order mark as white space and NEL not; Unicode the reverse.
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// White space as `str.strip()` and `\s` of Python see it.
pub(super) fn python_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// What `trim()` of PHP removes.
pub(super) fn php_trimmed(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\0' | '\x0b')
}

/// White space as `\s` of PCRE sees it without the `u` modifier.
pub(super) fn ascii_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// The text without the characters that match.
pub(super) fn without(text: &str, unwanted: impl Fn(char) -> bool) -> String {
    text.chars().filter(|c| !unwanted(*c)).collect()
}

/// 64 hexadecimal digits, either case.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// 32 hexadecimal digits, either case.
pub(super) fn is_md5(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// 32 lower-case hexadecimal digits.
pub(super) fn is_lower_md5(text: &str) -> bool {
    is_md5(text) && !text.bytes().any(|b| b.is_ascii_uppercase())
}

/// The text after `+` and up to two zeros at its start: where the SDKs look for a country code.
pub(super) fn without_exit_code(text: &str) -> &str {
    let text = text.strip_prefix('+').unwrap_or(text);
    let text = text.strip_prefix('0').unwrap_or(text);
    text.strip_prefix('0').unwrap_or(text)
}
