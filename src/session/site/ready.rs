//! When a started site is ready: an address that answers, or a line that it prints.
//!
//! Asking goes past every proxy and trusts any certificate, since it is this machine's
//! own site that is asked, and nothing is sent to it but the question.
//! Never waits by itself.

use std::time::Duration;

use url::Url;

use super::SiteError;

/// Begins a `ready` that is a part of a line of output.
pub const OUTPUT: &str = "output:";
/// How long one question may take; a site that compiles its pages answers late.
const ANSWER: Duration = Duration::from_secs(20);

/// What says that a site is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// Any answer from an address.
    Answer(Url),
    /// An answer from an address that is no error.
    Health(Url),
    /// A line of output that holds this text.
    Line(String),
}

impl Sign {
    /// Reads `ready` of the configuration against the site's address.
    pub(super) fn read(ready: Option<&str>, site: &Url) -> Result<Sign, SiteError> {
        let Some(ready) = ready else { return Ok(Sign::Answer(site.clone())) };
        if let Some(text) = ready.strip_prefix(OUTPUT) {
            return Ok(Sign::Line(text.trim().to_owned()));
        }
        site.join(ready)
            .map(Sign::Health)
            .map_err(|cause| SiteError::Ready { ready: ready.to_owned(), what: cause.to_string() })
    }

    /// How a message names it.
    pub(super) fn name(&self) -> String {
        match self {
            Sign::Answer(url) => format!("{url} did not answer"),
            Sign::Health(url) => format!("{url} did not answer with a status below 400"),
            Sign::Line(text) => format!("it printed no line with `{text}`"),
        }
    }
}

/// Asks an address.
pub(super) struct Asker {
    client: reqwest::Client,
}

impl Asker {
    pub(super) fn new() -> Result<Asker, String> {
        // Whoever was first has chosen the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_danger_accept_invalid_certs(true)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER)
            .build()
            .map_err(|cause| cause.to_string())?;
        Ok(Asker { client })
    }

    /// The status of an answer, or why there is none.
    pub(super) async fn ask(&self, url: &Url) -> Result<u16, String> {
        let answer = self.client.get(url.clone()).send().await;
        answer.map(|answer| answer.status().as_u16()).map_err(|cause| root_of(&cause))
    }
}

/// The innermost cause: the outer ones only repeat the address.
fn root_of(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_a_path_an_address_or_a_line() {
        let site: Url = "http://127.0.0.1:8000/shop".parse().expect("an address");
        let read = |ready| Sign::read(ready, &site).expect("good");
        assert_eq!(read(None), Sign::Answer(site.clone()));
        let health = |text: &str| Sign::Health(text.parse().expect("an address"));
        assert_eq!(read(Some("/health")), health("http://127.0.0.1:8000/health"));
        assert_eq!(read(Some("http://127.0.0.1:9/x")), health("http://127.0.0.1:9/x"));
        assert_eq!(read(Some("output: Booted")), Sign::Line("Booted".to_owned()));
        assert!(matches!(Sign::read(Some("http://["), &site), Err(SiteError::Ready { .. })));
    }
}
