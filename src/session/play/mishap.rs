//! What broke a session, in one sentence that says where, what, and what to do.
//!
//! Never a browser: it is given what the browser said.

use std::path::Path;

use crate::event::{Place, mask_url};
use crate::session::browser::ActError;

/// A broken session: the step, what was wrong, and what is there to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mishap {
    /// File, line and column of the step; empty where no step is to blame.
    pub(super) at: String,
    /// What is wrong.
    pub(super) what: String,
    /// Address of the page, masked; empty where there was none.
    pub(super) page: String,
    /// Screenshot, as the user finds it.
    pub(super) screenshot: Option<String>,
}

impl std::fmt::Display for Mishap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        f.write_str(&self.what)?;
        if !self.page.is_empty() {
            write!(f, "; page: {}", self.page)?;
        }
        if let Some(screenshot) = &self.screenshot {
            write!(f, "; screenshot: {screenshot}")?;
        }
        Ok(())
    }
}

/// `file:line:column`, or the file alone.
pub(super) fn place(file: &Path, place: Place) -> String {
    match place.line {
        0 => file.display().to_string(),
        _ => format!("{}:{place}", file.display()),
    }
}

/// The sentence for an action that failed.
pub(super) fn failed(error: &ActError, site: &str, log: &str) -> String {
    match error {
        ActError::Miss(what) => what.clone(),
        ActError::Unreachable { address, what } if same_host(address, site) => {
            site_down(site, what)
        }
        ActError::Unreachable { address, what } => {
            format!("{} cannot be opened: {what}", mask_url(address))
        }
        ActError::Gone(what) if log.is_empty() => format!("the browser is gone: {what}"),
        ActError::Gone(what) => {
            format!("the browser is gone: {what}; the driver's log ends with: {}", one_line(log))
        }
    }
}

/// The site is not there at all: no fault of its tracking.
pub(super) fn site_down(site: &str, what: &str) -> String {
    format!("the site at {} does not answer ({what}); start it or check --site", mask_url(site))
}

/// The sentence for an event that was waited for in vain.
pub(super) fn no_event(event: &str, channel: &str, seconds: f64, instead: &str) -> String {
    format!(
        "no {event} was caught on the {channel} (waited {seconds:.1} s); caught there: {instead}"
    )
}

fn same_host(address: &str, site: &str) -> bool {
    let host =
        |text: &str| url::Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
    host(address).is_some() && host(address) == host(site)
}

fn one_line(log: &str) -> String {
    log.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mishap_says_where_what_and_what_to_look_at() {
        let mishap = Mishap {
            at: place(Path::new("buy.yaml"), Place { line: 7, column: 5 }),
            what: "nothing matches `#pay`".to_owned(),
            page: "https://shop.test/cart?email=…".to_owned(),
            screenshot: Some("session-3.png".to_owned()),
        };
        assert_eq!(
            mishap.to_string(),
            "buy.yaml:7:5: nothing matches `#pay`; page: https://shop.test/cart?email=…; \
             screenshot: session-3.png"
        );
    }

    #[test]
    fn a_site_that_is_down_is_told_from_another_host_that_is() {
        let error = |address: &str| ActError::Unreachable {
            address: address.to_owned(),
            what: "net::ERR_TUNNEL_CONNECTION_FAILED".to_owned(),
        };
        let own = failed(&error("https://shop.test/?x=1"), "https://shop.test", "");
        assert!(own.starts_with("the site at https://shop.test does not answer"), "{own}");
        assert!(own.ends_with("start it or check --site"), "{own}");
        let other = failed(&error("https://pay.test/?card=1"), "https://shop.test", "");
        assert_eq!(
            other,
            "https://pay.test/?card=… cannot be opened: net::ERR_TUNNEL_CONNECTION_FAILED"
        );
    }

    #[test]
    fn a_crash_quotes_the_drivers_log_on_one_line() {
        let said = failed(&ActError::Gone("tab crashed".to_owned()), "", "one\n\n two\n");
        assert_eq!(said, "the browser is gone: tab crashed; the driver's log ends with: one | two");
    }
}
