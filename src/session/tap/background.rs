//! What browsers call for themselves: update checks, settings, experiments.
//!
//! It is answered at once and left out of everything, so that it neither slows a
//! session nor keeps it from being quiet. Never holds a host that a page needs.

/// What browsers call for themselves, whatever the page does (observed with Chromium 156
/// and Firefox 153 behind a proxy). Names below a host are meant too.
///
/// With a path only addresses that begin with it are meant, where a page may well use
/// the same host.
pub const BROWSER_BACKGROUND: &[&str] = &[
    "accounts.google.com/ListAccounts",
    "android.clients.google.com",
    "clients2.google.com",
    "clients2.googleusercontent.com",
    "content-autofill.googleapis.com",
    "content-signature-2.cdn.mozilla.net",
    "detectportal.firefox.com",
    "edgedl.me.gvt1.com",
    "optimizationguide-pa.googleapis.com",
    "redirector.gvt1.com",
    "safebrowsing.googleapis.com",
    "services.mozilla.com",
    "update.googleapis.com",
];

/// One entry of what browsers call for themselves.
pub(super) struct Background {
    host: String,
    path: Option<String>,
}

impl Background {
    pub(super) fn new(text: &str) -> Background {
        match text.split_once('/') {
            Some((host, path)) => {
                Background { host: host.to_ascii_lowercase(), path: Some(format!("/{path}")) }
            }
            None => Background { host: text.to_ascii_lowercase(), path: None },
        }
    }

    /// Without a path it is the host as a whole that is asked about.
    pub(super) fn is(&self, host: &str, path: Option<&str>) -> bool {
        let below = host.strip_suffix(self.host.as_str());
        below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            && match (&self.path, path) {
                (None, _) => true,
                (Some(prefix), Some(path)) => path.starts_with(prefix.as_str()),
                (Some(_), None) => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn background_entries_mean_names_below_them_and_paths_where_given() {
        let whole = Background::new("services.mozilla.com");
        assert!(whole.is("services.mozilla.com", None));
        assert!(
            whole.is("firefox.settings.Services.mozilla.com".to_lowercase().as_str(), Some("/"))
        );
        assert!(!whole.is("otherservices.mozilla.com", None));
        let part = Background::new("accounts.google.com/ListAccounts");
        assert!(part.is("accounts.google.com", Some("/ListAccounts")));
        assert!(!part.is("accounts.google.com", Some("/gsi/client")));
        assert!(!part.is("accounts.google.com", None), "the tunnel itself must open");
    }
}
