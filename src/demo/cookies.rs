//! The pixel's two first-party cookies, made by the server on the first answer.
//!
//! A pixel that finds a valid cookie keeps it. Setting both before any script
//! runs means that even the first page view carries the same strings on both
//! channels, and that a browser's limits on script-made cookies do not apply.
//! Never who the visitor is.

/// Longest click id the pixel takes from an address (observed, pixel script).
const LONGEST_CLICK_ID: usize = 500;

/// How long both cookies live, in seconds (Meta, fbp and fbc parameters: 90 days).
pub(super) const LIFETIME: u32 = 90 * 24 * 60 * 60;

/// The index of the domain that the cookie is set on. Meta, fbp and fbc parameters:
/// a server that makes the value uses 1.
const SUBDOMAIN_INDEX: u8 = 1;

/// A browser id as Meta documents it: version, subdomain index, creation time in
/// milliseconds, random number.
pub(super) fn make_fbp(now: i64) -> String {
    let random: u64 = rand::random_range(1_000_000_000..10_000_000_000);
    format!("fb.{SUBDOMAIN_INDEX}.{now}.{random}")
}

/// The click id cookie for a landing: an earlier one stays unless the address
/// brings a different click id.
pub(super) fn fbc(earlier: Option<String>, click_id: Option<&str>, now: i64) -> Option<String> {
    let earlier = earlier.filter(|value| payload(value).is_some() && is_cookie_text(value));
    let Some(click_id) = click_id.filter(|id| is_click_id(id)) else { return earlier };
    match earlier {
        Some(value) if payload(&value).is_some_and(|earlier| says(earlier, click_id)) => {
            Some(value)
        }
        _ => Some(format!("fb.{SUBDOMAIN_INDEX}.{now}.{click_id}")),
    }
}

/// True for a value that the pixel would keep; a fifth part is the mark that Meta's
/// parameter builder leaves.
pub(super) fn is_fbp(value: &str) -> bool {
    payload(value).is_some_and(|rest| {
        let random = rest.split('.').next().unwrap_or_default();
        !random.is_empty()
            && random.chars().all(|c| c.is_ascii_digit())
            && says(rest, random)
            && is_cookie_text(rest)
    })
}

fn is_click_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST_CLICK_ID
        && !id.to_lowercase().contains("javascript")
        && is_cookie_text(id)
}

/// True for what may stand in a cookie as it is.
fn is_cookie_text(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, ';' | ',' | '"' | '\\'))
}

/// What follows version, index and time: random number or click id, which may hold
/// dots of its own, and perhaps the mark of Meta's parameter builder.
fn payload(value: &str) -> Option<&str> {
    let mut parts = value.splitn(4, '.');
    let (version, index, time) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let rest = parts.next().filter(|rest| !rest.is_empty())?;
    (version == "fb" && digits(index) && digits(time)).then_some(rest)
}

/// True when a payload is that text, with or without the parameter builder's mark
/// of 2 or 8 characters (observed, parameter builder).
fn says(payload: &str, text: &str) -> bool {
    payload.strip_prefix(text).is_some_and(|mark| {
        mark.is_empty() || (mark.starts_with('.') && matches!(mark.len(), 3 | 9))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    #[test]
    fn a_made_browser_id_is_one_the_pixel_keeps() {
        let made = make_fbp(NOW);
        assert!(is_fbp(&made), "{made}");
        assert!(made.starts_with("fb.1.1790000000000."));
        assert!(is_fbp("fb.1.1790000000000.1234567890.AQQCAQIB"));
        assert!(!is_fbp("fb.1.1790000000000") && !is_fbp("1234567890") && !is_fbp(""));
    }

    #[test]
    fn a_click_id_is_copied_as_it_is_and_kept_for_the_visit() {
        let first = fbc(None, Some("IwAR0_aBcD-9"), NOW).expect("made");
        assert_eq!(first, "fb.1.1790000000000.IwAR0_aBcD-9");
        let later = fbc(Some(first.clone()), None, NOW + 5000);
        assert_eq!(later.as_deref(), Some(first.as_str()));
        let same_click = fbc(Some(first.clone()), Some("IwAR0_aBcD-9"), NOW + 5000);
        assert_eq!(same_click.as_deref(), Some(first.as_str()));
        let marked = Some(format!("{first}.AQQCAQIB"));
        assert_eq!(fbc(marked.clone(), Some("IwAR0_aBcD-9"), NOW + 5000), marked);
        let dotted = fbc(None, Some("a.b"), NOW);
        assert_eq!(fbc(dotted.clone(), Some("a.b"), NOW + 5000), dotted);
    }

    #[test]
    fn another_click_makes_another_cookie() {
        let earlier = Some("fb.1.1790000000000.IwAR0_aBcD-9".to_owned());
        let made = fbc(earlier, Some("IwAR0_abcd-9"), NOW + 1);
        assert_eq!(made.as_deref(), Some("fb.1.1790000000001.IwAR0_abcd-9"));
    }

    #[test]
    fn nothing_is_invented() {
        assert_eq!(fbc(None, None, NOW), None);
        assert_eq!(fbc(Some("rubbish".into()), None, NOW), None);
        assert_eq!(fbc(None, Some("JavaScript:alert(1)"), NOW), None);
        assert_eq!(fbc(None, Some("a;b"), NOW), None);
        assert_eq!(fbc(None, Some(&"x".repeat(501)), NOW), None);
    }
}
