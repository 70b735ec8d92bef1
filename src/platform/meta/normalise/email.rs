//! What each implementation accepts as an e-mail address.
//!
//! Never looks an address up; an address is a shape here.

/// The longest local part and label that PHP's validation accepts (RFC 5321, 4.5.3.1).
const PHP_LONGEST_LOCAL: usize = 64;
const PHP_LONGEST_LABEL: usize = 63;
/// The longest address that PHP's validation accepts.
const PHP_LONGEST_ADDRESS: usize = 254;

/// Lower-case address as the pixel, the parameter builder and the Node SDK accept it.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let labels: Vec<&str> = domain.split('.').collect();
    is_dot_atom(local) && labels.len() >= 2 && labels.iter().all(|label| is_label(label))
}

/// As PHP's `FILTER_VALIDATE_EMAIL` accepts it, without quoted local parts and address literals.
pub(super) fn is_php_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let labels: Vec<&str> = domain.split('.').collect();
    text.len() <= PHP_LONGEST_ADDRESS
        && local.len() <= PHP_LONGEST_LOCAL
        && is_dot_atom(local)
        && labels.len() >= 2
        && labels.iter().all(|label| is_label(label) && label.len() <= PHP_LONGEST_LABEL)
        && labels.last().is_some_and(|top| top.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// What PHP's `FILTER_SANITIZE_EMAIL` leaves.
pub(super) fn php_sanitised(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-=?^_`{|}~@.[]".contains(*c))
        .collect()
}

/// As the Python SDK accepts it: something, an at sign, something with a dot inside.
pub(super) fn is_python_address(text: &str) -> bool {
    // The at sign may be any of several; the dot must have something on both sides.
    text.match_indices('@').any(|(at, _)| {
        let domain = &text[at + 1..];
        at > 0
            && domain.char_indices().any(|(dot, c)| c == '.' && dot > 0 && dot + 1 < domain.len())
    })
}

/// Atoms of letters, digits and the usual signs, with single dots between them.
fn is_dot_atom(text: &str) -> bool {
    text.split('.').all(|atom| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_!#$%&'*+/=?^`{|}~-".contains(&b))
    })
}

/// Letters, digits and inner hyphens.
fn is_label(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
