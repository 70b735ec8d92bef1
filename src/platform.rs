//! Platforms: how an ad platform speaks on the wire, matches people and counts.
//!
//! A platform is plain functions over captured bytes. To add one: one folder here,
//! one line in [`PLATFORMS`].
//! Never sockets, never browsers, never what is good or bad.

pub mod meta;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::capture::{Answer, Capture, Exchange, Reply, Request};
use crate::event::{Defect, Event, Injected};
use crate::persona::Persona;

/// Every platform that is known.
pub const PLATFORMS: &[&Platform] = &[&meta::PLATFORM];

/// Cookies in which banners keep what a visitor agreed to.
///
/// Source: the documentation of each consent platform (`OneTrust`, Cookiebot, Usercentrics,
/// Complianz, `CookieYes`, Borlabs, Axeptio, IAB TCF, `tarteaucitron`, Didomi, Shopify).
pub const CONSENT_COOKIES: &[&str] = &[
    "OptanonConsent",
    "OptanonAlertBoxClosed",
    "CookieConsent",
    "uc_settings",
    "cmplz_marketing",
    "cookieyes-consent",
    "borlabs-cookie",
    "axeptio_cookies",
    "euconsent-v2",
    "tarteaucitron",
    "didomi_token",
    "_tracking_consent",
    "cookie_consent",
    "consent",
];

/// One ad platform: plain functions, so that whoever holds sockets stays ignorant of it.
pub struct Platform {
    /// Its name in configuration and reports.
    pub name: &'static str,
    /// True when a browser's request (method, address) may be the platform's. Where it is
    /// false, [`Platform::answer_hit`] answers `None`.
    pub claims: fn(&str, &str) -> bool,
    /// True for hosts at which servers reach the platform.
    pub intercepts: fn(&str) -> bool,
    /// The names of such hosts, for clients that are led to another address by name; names
    /// below them are meant as well.
    pub hosts: &'static [&'static str],
    /// Answers what the browser side sends to the platform: scripts, configuration, hits.
    /// The last argument is the time in Unix milliseconds.
    pub answer_hit: fn(&Request, &PixelScript, i64) -> Option<Reply>,
    /// Answers a page's request to a host that the user has named as the platform's (a
    /// gateway, a first-party endpoint) where its address alone says nothing. `None`
    /// leaves it to whoever is there.
    pub answer_named: fn(&Request, &PixelScript) -> Option<Reply>,
    /// Answers what servers send to the platform, at that time in Unix milliseconds. To be
    /// asked for hosts that [`Platform::intercepts`] and for the tap's own base URL only: on
    /// any other host the path of a call may well be the site's own.
    pub answer_call: fn(&Request, i64) -> Option<Reply>,
    /// Words the refusal that a scenario wants for a call; `None` where the request is not
    /// the platform's, or where the fault is none of words.
    pub refuse: fn(&Request, &Injected) -> Option<Answer>,
    /// Reads the events out of a recorded exchange.
    pub decode: fn(&Exchange) -> Decoded,
    /// Script that reports, in every page, what the page tells the platform's own: a
    /// function of a reporter.
    pub watch: &'static str,
    /// Names of the cookies that the platform's script keeps.
    pub cookies: &'static [&'static str],
    /// Finds out who caused the browser's events.
    pub callers: fn(&Capture, &mut [Event]),
    /// Removes what only all events together show to be no event of its own.
    pub settle: fn(Vec<Event>) -> Vec<Event>,
    /// Opaque texts by which server events of this person can be recognised.
    pub marks: fn(&Persona) -> Vec<String>,
    /// Groups events of one name, given with their rows in order of arrival, into what it would count.
    pub count: fn(&[(usize, &Event)], Counting) -> Vec<Counted>,
    /// The times by which it counts, as it publishes them.
    pub counting: Counting,
    /// Hosts that its script and its hits are at, with all names below them.
    pub page_hosts: &'static [&'static str],
    /// Names of events that tell of a mere view: they come again with every page.
    pub views: &'static [&'static str],
    /// The same kind of texts as a cookie of the visitor gives them away: name, value.
    pub cookie_traces: fn(&str, &str) -> Vec<String>,
    /// The same kind of texts as an event carries them.
    pub traces: fn(&Event) -> Vec<String>,
}

/// What an exchange says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// Its events.
    pub events: Vec<Event>,
    /// What in it could not be read.
    pub defects: Vec<Defect>,
}

/// How a pixel script names its version (`fbq.version="2.9.324"`), minified or not.
static VERSION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:\bversion|\["version"\])\s*=\s*["'](\d+\.\d+\.\d+[\w.-]*)["']"#)
        .expect("the pattern is constant")
});

/// The script that is served to pages as the platform's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PixelScript {
    /// Our own, which speaks the same wire format.
    StandIn,
    /// A file the user gave.
    Given {
        /// Its text.
        text: String,
        /// The version it names, where it names one.
        version: Option<String>,
    },
}

impl PixelScript {
    /// A script that the user gave, with the version it assigns to itself.
    pub fn given(text: impl Into<String>) -> PixelScript {
        let text = text.into();
        let version = VERSION.captures(&text).map(|found| found[1].to_owned());
        PixelScript::Given { text, version }
    }

    /// How reports name it.
    pub fn name(&self) -> String {
        match self {
            PixelScript::StandIn => "stand-in".to_owned(),
            PixelScript::Given { version: Some(version), .. } => format!("real {version}"),
            PixelScript::Given { version: None, .. } => "given file of unknown version".to_owned(),
        }
    }
}

/// The times by which copies are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counting {
    /// Copies merge when they arrive within this time of the first one, milliseconds.
    pub dedup_window: i64,
    /// A browser copy is kept if it arrives within this time of the first one, milliseconds.
    pub browser_preference: i64,
}

/// One conversion as the platform counts it: the copies it merges and the one it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Rows of the copies, in order of arrival, the kept one among them.
    pub copies: Vec<usize>,
    /// Row of the copy whose value and match keys survive.
    pub kept: usize,
    /// Why that one, and why these are one, in a few words.
    pub why: Cow<'static, str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_script_is_named_by_its_own_version() {
        for (text, name) in [
            (
                r#"(function(){fbq.version="2.9.324";fbq._releaseSegment="stable"})()"#,
                "real 2.9.324",
            ),
            ("fbq.version = '2.9.1';", "real 2.9.1"),
            (r#"n.version="2.0";f.version="2.9.15""#, "real 2.9.15"),
            ("subversion='1.2.3'", "given file of unknown version"),
            ("", "given file of unknown version"),
        ] {
            assert_eq!(PixelScript::given(text).name(), name);
        }
        assert_eq!(PixelScript::StandIn.name(), "stand-in");
    }

    #[test]
    fn every_platform_has_a_name_of_its_own() {
        let mut names: Vec<&str> = PLATFORMS.iter().map(|platform| platform.name).collect();
        names.dedup();
        assert_eq!(names.len(), PLATFORMS.len());
    }

    #[test]
    fn the_list_finds_the_platform_of_an_address() {
        let owner = |method: &str, url: &str| {
            PLATFORMS
                .iter()
                .find(|platform| (platform.claims)(method, url))
                .map(|platform| platform.name)
        };
        assert_eq!(owner("GET", "https://www.facebook.com/tr/?id=1&ev=Lead"), Some("meta"));
        assert_eq!(owner("GET", "https://connect.facebook.net/en_US/fbevents.js"), Some("meta"));
        assert_eq!(owner("GET", "https://shop.test/"), None);
    }
}
