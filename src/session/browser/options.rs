//! What browsers are started with, and where they come from.
//!
//! Never how an engine is told of it.

use std::time::Duration;

use super::{ENGINES, Engine};
use crate::session::setup::Found;

/// The locale that a browser has without being told.
pub(super) const OWN_LOCALE: &str = "en-US";

/// What browsers are started with. The defaults are those of an ordinary desktop visitor.
#[derive(Debug, Clone)]
pub struct BrowserOptions {
    /// Where the browsers come from.
    pub source: BrowserSource,
    /// Which engine they are of.
    pub engine: &'static Engine,
    /// Shows the browser's window.
    pub headed: bool,
    /// Digests (base64 of SHA-256) of public keys whose certificates are trusted.
    pub trusted_keys: Vec<String>,
    /// Language of the visitor, as a BCP 47 tag.
    pub locale: String,
    /// Time zone of the visitor, an IANA name. Not settable with a foreign `WebDriver`.
    pub timezone: String,
    /// Window width and height in pixels.
    pub window: (u32, u32),
    /// How long a page may take to load.
    pub load: Duration,
}

/// Where browsers come from.
#[derive(Debug, Clone)]
pub enum BrowserSource {
    /// Browser and driver of this machine.
    Installed(Found),
    /// A `WebDriver` that is running already, by its address.
    WebDriver(String),
}

impl BrowserOptions {
    /// Options with the usual visitor: US English, UTC, 1280 by 800.
    ///
    /// A foreign `WebDriver` is asked for Chromium unless `engine` is set to another.
    pub fn new(source: BrowserSource) -> BrowserOptions {
        let engine = match &source {
            BrowserSource::Installed(found) => found.engine,
            BrowserSource::WebDriver(_) => ENGINES[0],
        };
        BrowserOptions {
            source,
            engine,
            headed: false,
            trusted_keys: Vec::new(),
            locale: OWN_LOCALE.to_owned(),
            timezone: "UTC".to_owned(),
            window: (1280, 800),
            load: Duration::from_secs(30),
        }
    }

    /// Major version that user agents name: the browser's own where it is known.
    pub(super) fn major(&self) -> u32 {
        /// What a visitor of a foreign browser passes for: recent, and of no importance.
        const RECENT: u32 = 150;
        match &self.source {
            BrowserSource::Installed(found) => found.browser.major,
            BrowserSource::WebDriver(_) => RECENT,
        }
    }
}
