//! Browser engines: where each is found, how its driver is started, what is asked of it.
//!
//! An engine is one file below this one and one line in [`ENGINES`]. Sessions know
//! nothing of engines but what stands in [`Engine`].
//! Never a session, never a step.

mod chromium;
mod firefox;
mod webkit;

use std::fmt;
use std::path::Path;

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};

use super::{BrowserOptions, Device};

/// The engines, the usual one first.
pub const ENGINES: &[&Engine] = &[&chromium::ENGINE, &firefox::ENGINE, &webkit::ENGINE];

/// A browser engine.
pub struct Engine {
    /// Word for it on the command line.
    pub name: &'static str,
    /// Name that a grid knows its browser by.
    pub remote: &'static str,
    /// Name that reports give it.
    pub title: &'static str,
    /// Where its browser is.
    pub browser: Whereabouts,
    /// Where its driver is.
    pub driver: Whereabouts,
    /// True when browser and driver must be of one major version.
    pub paired: bool,
    /// True when its browser has no headless mode of its own and gets a virtual display.
    pub needs_display: bool,
    /// True when its browser says who caused a request and which requests it refused.
    pub tells_initiator: bool,
    /// How it gets onto each kind of system.
    pub packages: Packages,
    /// How its driver is started.
    pub(crate) start: Start,
    /// True when a running browser gives fresh profiles with a proxy each.
    pub(crate) shares: bool,
    /// True when its driver takes commands of Chromium's own protocol.
    pub(crate) devtools: bool,
    /// Builds the capabilities that ask for a browser.
    pub(crate) capabilities: fn(&Wish<'_>) -> Capabilities,
    /// User agent of its browser on a telephone, by major version.
    pub(crate) phone_agent: fn(u32) -> String,
}

/// Where a program is looked for.
#[derive(Debug)]
pub struct Whereabouts {
    /// What it is called in sentences.
    pub title: &'static str,
    /// Environment variable that names it and wins over everything.
    pub variable: &'static str,
    /// Names along the search path, the most usual first.
    pub names: &'static [&'static str],
    /// Places outside the search path.
    pub places: &'static [&'static str],
}

/// How an engine gets onto a system: commands where they can be run, else a sentence.
#[derive(Debug)]
pub struct Packages {
    /// Commands for Debian, without what makes them root's.
    pub debian: &'static [&'static [&'static str]],
    /// Commands for Ubuntu; empty where its packages are no use.
    pub ubuntu: &'static [&'static [&'static str]],
    /// True when Ubuntu's packages need the snap daemon.
    pub ubuntu_needs_snap: bool,
    /// What to do by hand, by system: Debian, Ubuntu, Ubuntu without its snap daemon,
    /// Fedora, Arch, Alpine, macOS, others.
    pub advice: [&'static str; 8],
}

/// How a driver is started and says where it listens.
pub(crate) struct Start {
    /// Its arguments; the port is 0 where the driver picks one and says which.
    pub(crate) arguments: fn(u16, &Path) -> Vec<String>,
    /// What it prints before the port; `None` when it must be told a free one.
    pub(crate) greeting: Option<&'static str>,
}

/// What capabilities are built from.
pub(crate) struct Wish<'a> {
    pub(crate) options: &'a BrowserOptions,
    /// The browser's own files, where the driver is ours.
    pub(crate) folder: Option<&'a Path>,
    /// `host:port` of the proxy; `None` for a browser whose profiles bring their own.
    pub(crate) proxy: Option<&'a str>,
    /// What the browser shall pass for, where it serves one session only.
    pub(crate) device: Option<&'a Device>,
}

impl Wish<'_> {
    /// Capabilities that every engine takes.
    fn common(&self) -> Capabilities {
        let mut wanted = Capabilities::new();
        let mut put = |name: &str, value: Value| wanted.insert(name.to_owned(), value);
        put("acceptInsecureCerts", json!(true));
        put("pageLoadStrategy", json!("normal"));
        // A dialog would stop every script of the page; a visitor would confirm it.
        put("unhandledPromptBehavior", json!("accept"));
        let load = u64::try_from(self.options.load.as_millis()).unwrap_or(u64::MAX);
        // Scripts end by themselves; the driver's own limit is only a last resort.
        put("timeouts", json!({"pageLoad": load, "script": load, "implicit": 0}));
        wanted
    }

    /// The size of the window.
    fn window(&self) -> (u32, u32) {
        self.device.map_or(self.options.window, |device| (device.width, device.height))
    }

    /// The user agent of a telephone, where the browser shall pass for one.
    fn agent(&self) -> Option<String> {
        self.device.map(|device| device.agent(self.options))
    }
}

/// What a proxy is called in capabilities.
fn proxy_capability(proxy: &str) -> Value {
    json!({"proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy})
}

/// What a browser of that locale accepts: the locale, then its language alone.
fn languages(locale: &str) -> String {
    match locale.split_once('-') {
        Some((language, _)) => format!("{locale},{language}"),
        None => locale.to_owned(),
    }
}

impl Engine {
    /// The engine of that name.
    pub fn named(name: &str) -> Option<&'static Engine> {
        ENGINES.iter().copied().find(|engine| engine.name == name)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Engine {
    fn eq(&self, other: &Engine) -> bool {
        self.name == other.name
    }
}

impl Eq for Engine {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_an_engine_is_in_the_list() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/session/browser/engine");
        let mut files: Vec<String> = folder
            .read_dir()
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .filter_map(|path| path.file_stem().map(|name| name.to_string_lossy().into_owned()))
            .collect();
        files.sort();
        let mut names: Vec<&str> = ENGINES.iter().map(|engine| engine.name).collect();
        names.sort_unstable();
        assert_eq!(files, names);
    }

    #[test]
    fn languages_follow_the_locale() {
        assert_eq!(languages("de-AT"), "de-AT,de");
        assert_eq!(languages("fr"), "fr");
    }
}
