//! Browsers: one per worker, and in it a fresh profile for each session.
//!
//! A profile inside a running browser costs a third of a new browser, so that is
//! the usual way; where the browser cannot do it, or the driver is someone else's,
//! each session gets a browser of its own.
//! Never which step comes next, never what a page sends.

mod act;
mod bidi;
mod cookie;
mod device;
mod display;
mod driver;
mod engine;
mod keys;
mod miss;
mod options;
mod page;
mod roles;
mod tab;
mod telling;
mod visit;
mod wish;

pub(crate) use act::{ActError, Patience, double_click, may_leave, perform};
pub use device::Device;
pub(crate) use display::Display;
pub use engine::{ENGINES, Engine, Packages, Whereabouts};
pub use options::{BrowserOptions, BrowserSource};
pub(crate) use page::Page;
pub(crate) use page::PageError;
pub(crate) use tab::Tab;
pub(crate) use telling::{Ear, NO_REASON, Told, stack_of};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use bidi::Bidi;
use driver::Driver;
use engine::Wish;
use options::OWN_LOCALE;
use tab::Home;
use telling::Telling;

/// Why there is no browser to play in.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The driver did not start.
    #[error("the driver {} did not start: {what}{}", program.display(), quoted(log))]
    Driver {
        /// The driver.
        program: PathBuf,
        /// What happened.
        what: String,
        /// End of its log.
        log: String,
    },
    /// The driver did not start a browser.
    #[error("the driver at {address} started no browser: {what}{}", quoted(log))]
    Start {
        /// Address of the driver.
        address: String,
        /// What the driver said.
        what: String,
        /// End of the driver's log.
        log: String,
    },
    /// A running browser gave no fresh profile.
    #[error("the browser gave no fresh profile: {what}{}", quoted(log))]
    Profile {
        /// What it said.
        what: String,
        /// End of the driver's log.
        log: String,
    },
    /// The address given as a driver's is not one.
    #[error("`{address}` is not the address of a WebDriver: {what}")]
    Address {
        /// The address.
        address: String,
        /// What is wrong.
        what: String,
    },
}

fn quoted(log: &str) -> String {
    if log.is_empty() { String::new() } else { format!("\nthe driver's log ends with:\n{log}") }
}

/// A browser that sessions are played in.
pub(crate) struct Browser {
    options: Arc<BrowserOptions>,
    driver: Option<Driver>,
    /// The running browser; `None` when each session has one of its own.
    shared: Option<Shared>,
    address: String,
}

struct Shared {
    client: fantoccini::Client,
    bidi: Bidi,
    telling: Telling,
}

/// What a session wants of its page beside the page itself.
pub(crate) struct Wanted<'a> {
    /// What the browser passes for.
    pub(crate) device: Option<&'a Device>,
    /// Told of what happens in the profile, where the browser tells.
    pub(crate) ear: Ear,
    /// Scripts that run in every page before its own, and report to the ear.
    pub(crate) scripts: &'a [&'static str],
}

impl Browser {
    /// Starts a driver and, where profiles can share it, a browser.
    pub(crate) async fn start(options: Arc<BrowserOptions>) -> Result<Browser, BrowserError> {
        let (driver, address) = match &options.source {
            BrowserSource::WebDriver(address) => (None, address.clone()),
            BrowserSource::Installed(found) => {
                let driver = Driver::start(found, &options).await?;
                let address = driver.address().to_owned();
                (Some(driver), address)
            }
        };
        let mut browser = Browser { options, driver, shared: None, address };
        if browser.driver.is_some() && browser.options.engine.shares {
            browser.shared = browser.share().await?;
        }
        Ok(browser)
    }

    /// Starts the browser whose profiles sessions share; `None` when it offers no way to make any.
    async fn share(&self) -> Result<Option<Shared>, BrowserError> {
        let client = self.launch(None, None).await?;
        let socket = client
            .capabilities()
            .and_then(|given| given.get("webSocketUrl"))
            .and_then(Value::as_str)
            .map(str::to_owned);
        let Some(socket) = socket else {
            self.end(client).await;
            return Ok(None);
        };
        let telling = Telling::default();
        let listening = telling.clone();
        let hear = Box::new(move |method: &str, params: &Value| listening.hear(method, params));
        if let Ok(bidi) = Bidi::connect(&socket, hear).await {
            // A browser that tells nothing still plays.
            telling.begin(&bidi).await;
            return Ok(Some(Shared { client, bidi, telling }));
        }
        self.end(client).await;
        Ok(None)
    }

    /// Opens a page in a fresh profile whose traffic all goes through the proxy
    /// (`host:port`).
    pub(crate) async fn open(
        &mut self,
        proxy: &str,
        wanted: Wanted<'_>,
    ) -> Result<Tab, BrowserError> {
        let device = wanted.device;
        if let Some(shared) = &self.shared {
            match self.open_profile(shared, proxy, &wanted).await {
                Ok(tab) => return Ok(tab),
                Err(Refusal::Failed(what)) => {
                    return Err(BrowserError::Profile { what, log: self.log_tail() });
                }
                // A browser without this command plays the rest one browser a session.
                Err(Refusal::Unsupported) => {
                    if let Some(shared) = self.shared.take() {
                        self.end(shared.client).await;
                    }
                }
            }
        }
        let client = self.launch(Some(proxy), device).await?;
        let page = self.page(client.clone());
        let (width, height) =
            device.map_or(self.options.window, |device| (device.width, device.height));
        // A browser whose window has no say in its size stays as it is.
        let _ = page.resize(width, height).await;
        Ok(Tab { page, home: Home::Browser(client) })
    }

    fn page(&self, client: fantoccini::Client) -> Page {
        Page::new(client, self.options.load, self.options.engine.devtools)
    }

    async fn open_profile(
        &self,
        shared: &Shared,
        proxy: &str,
        wanted: &Wanted<'_>,
    ) -> Result<Tab, Refusal> {
        let made = shared
            .bidi
            .call(
                "browser.createUserContext",
                json!({
                    "acceptInsecureCerts": true,
                    "proxy": {"proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy},
                }),
            )
            .await
            .map_err(Refusal::from)?;
        let profile = text_of(&made, "userContext")?;
        if self.options.locale != OWN_LOCALE {
            // A browser that cannot do this still asks for pages in that language; only
            // numbers and dates that scripts write stay in its own.
            let params = json!({"locale": self.options.locale, "userContexts": [profile]});
            let _ = shared.bidi.call("emulation.setLocaleOverride", params).await;
        }
        let (ear, scripts) = (Arc::clone(&wanted.ear), wanted.scripts);
        shared.telling.listen(&shared.bidi, &profile, ear, scripts).await;
        if let Some(device) = wanted.device {
            let agent = device.agent(&self.options);
            device.emulate(&shared.bidi, &profile, &agent).await?;
        }
        let opened = shared
            .bidi
            .call("browsingContext.create", json!({"type": "tab", "userContext": profile}))
            .await
            .map_err(Refusal::from)?;
        let window = text_of(&opened, "context")?;
        let page = self.page(shared.client.clone());
        page.switch_to(&window).await.map_err(|error| Refusal::Failed(error.to_string()))?;
        let (bidi, telling) = (shared.bidi.clone(), shared.telling.clone());
        Ok(Tab { page, home: Home::Profile { bidi, profile, window, telling } })
    }

    async fn launch(
        &self,
        proxy: Option<&str>,
        device: Option<&Device>,
    ) -> Result<fantoccini::Client, BrowserError> {
        let folder = self.driver.as_ref().map(Driver::folder);
        let engine = self.options.engine;
        let wanted = (engine.capabilities)(&Wish { options: &self.options, folder, proxy, device });
        let mut connector = HttpConnector::new();
        // Commands are small and go back and forth: without this each one may wait 40 ms.
        connector.set_nodelay(true);
        let mut builder = ClientBuilder::new(connector);
        builder.capabilities(wanted);
        let client = builder.connect(&self.address).await.map_err(|cause| match cause {
            fantoccini::error::NewSessionError::BadWebdriverUrl(cause) => {
                BrowserError::Address { address: self.address.clone(), what: cause.to_string() }
            }
            other => BrowserError::Start {
                address: self.address.clone(),
                what: page::plain(&other.to_string()),
                log: self.log_tail(),
            },
        })?;
        if self.driver.is_none() && engine.devtools && device.is_none() {
            self.page(client.clone()).hide_headless().await;
        }
        Ok(client)
    }

    /// True when sessions share one browser and so can overlap in it.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// The end of the driver's log; empty where the driver is not ours.
    pub(crate) fn log_tail(&self) -> String {
        self.driver.as_ref().map(Driver::log_tail).unwrap_or_default()
    }

    /// True when the driver has ended by itself.
    pub(crate) fn has_crashed(&mut self) -> bool {
        self.driver.as_mut().is_some_and(Driver::has_ended)
    }

    /// Closes the browser and ends the driver.
    pub(crate) async fn close(mut self) {
        if let Some(shared) = self.shared.take() {
            self.end(shared.client).await;
        }
    }

    /// Ends one browser; a driver that does not answer is ended with its browsers on drop.
    async fn end(&self, client: fantoccini::Client) {
        const PATIENCE: Duration = Duration::from_secs(2);
        let _ = tokio::time::timeout(PATIENCE, client.close()).await;
    }
}

/// Why a profile was not made.
enum Refusal {
    /// The browser does not know how.
    Unsupported,
    /// It knows, and failed.
    Failed(String),
}

impl From<String> for Refusal {
    fn from(what: String) -> Refusal {
        let unsupported = ["unknown command", "unsupported operation", "invalid argument"];
        if unsupported.iter().any(|word| what.contains(word)) {
            Refusal::Unsupported
        } else {
            Refusal::Failed(what)
        }
    }
}

fn text_of(value: &Value, name: &str) -> Result<String, Refusal> {
    let text = value.get(name).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| Refusal::Failed(format!("an answer without `{name}`")))
}

/// True when this process runs as root, where Chromium refuses its sandbox.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // A file of our own has our user as its owner.
    tempfile::tempfile().and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::super::setup::{Found, Program};
    use super::*;

    /// Options with an installed browser of that engine.
    pub(super) fn options(engine: &'static Engine) -> BrowserOptions {
        let program = |path: &str| Program {
            path: PathBuf::from(path),
            version: "156.0.1.2".to_owned(),
            major: 156,
        };
        let found = Found {
            engine,
            browser: program("/b"),
            driver: program("/d"),
            display: engine.needs_display.then(|| PathBuf::from("/x")),
        };
        BrowserOptions {
            trusted_keys: vec!["KEY=".to_owned()],
            ..BrowserOptions::new(BrowserSource::Installed(found))
        }
    }

    #[test]
    fn a_failure_quotes_the_log_and_an_empty_log_is_left_out() {
        let with =
            |log: &str| BrowserError::Profile { what: "boom".to_owned(), log: log.to_owned() };
        assert_eq!(with("").to_string(), "the browser gave no fresh profile: boom");
        assert!(with("no sandbox").to_string().ends_with("ends with:\nno sandbox"));
    }

    #[test]
    fn only_a_missing_command_makes_sessions_fall_back_to_own_browsers() {
        assert!(matches!(
            Refusal::from("browser.createUserContext: unknown command: x".to_owned()),
            Refusal::Unsupported
        ));
        assert!(matches!(Refusal::from("unknown error: crash".to_owned()), Refusal::Failed(_)));
    }
}
