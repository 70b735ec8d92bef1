//! The configuration file `countonce.toml`: where the site is, how it is started, how
//! long to wait, and what other rooms read from it.
//!
//! Unknown keys are errors with a place and a suggestion. The `[policy]` table is
//! only found here; the gate reads it.

mod logs;
mod reader;
mod schema;
mod visitors;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::consent::Consent;
use super::error::ScenarioError;
use super::source::Source;
use crate::visitor::Circumstances;

pub use logs::{AuditConfig, Entry, LogNames};
pub use schema::config_schema;

/// Name of the file.
pub const CONFIG_FILE: &str = "countonce.toml";

/// What a configuration file says; everything is optional.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    /// Its text, for rooms that read a table of their own.
    pub text: String,
    /// The site.
    pub site: Site,
    /// What is played in.
    pub browser: BrowserConfig,
    /// How long to wait.
    pub wait: Wait,
    /// Ad platforms by name.
    pub platforms: BTreeMap<String, PlatformConfig>,
    /// The times by which copies are counted.
    pub counting: Counting,
    /// File with real scores of match quality, below the folder of the configuration file.
    pub calibration: Option<PathBuf>,
    /// Bytes of [`Config::text`] that the `[policy]` table takes, where there is one.
    pub policy: Option<Range<usize>>,
    /// The user's own profiles by name.
    pub profiles: BTreeMap<String, Circumstances>,
    /// How the banner of the site is answered, where a scenario does not say.
    pub consent: Consent,
    /// Shares of the site's visitors by profile, 0 to 1; the rest is `clean`.
    pub traffic: BTreeMap<String, f64>,
    /// What production logs call things.
    pub audit: AuditConfig,
}

/// Where the site is and how it is started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Site {
    /// Its address, or `demo`.
    pub url: Option<String>,
    /// Name under which browsers see it (`shop.test`), so that the page has a real domain.
    pub name: Option<String>,
    /// The command that starts it.
    pub command: Option<SiteCommand>,
}

/// The command that starts a site for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteCommand {
    /// Program and arguments; a command written as one text is given to `sh -c`.
    pub words: Vec<String>,
    /// Working directory, below the folder of the configuration file.
    pub folder: Option<PathBuf>,
    /// Path or address that answers once the site is up, or a line that it prints.
    pub ready: Option<String>,
    /// Variables added to its environment.
    pub environment: BTreeMap<String, String>,
}

/// What scenarios are played in; `None` leaves it to the flags and their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BrowserConfig {
    /// Name of the engine.
    pub name: Option<String>,
    /// Address of a running `WebDriver` server or grid.
    pub webdriver: Option<String>,
    /// Address that browser taps listen on.
    pub proxy_bind: Option<IpAddr>,
    /// Host under which browsers on other hosts reach this one.
    pub proxy_host: Option<String>,
}

/// Deadlines, in milliseconds; `None` leaves the default of whoever waits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wait {
    /// For each step.
    pub step: Option<u64>,
    /// For late events after the last step.
    pub settle: Option<u64>,
    /// How long both channels must have been silent before a session ends.
    pub quiet: Option<u64>,
    /// For the site's first answer.
    pub start: Option<u64>,
}

/// Times by which copies are counted, in milliseconds; `None` leaves what the platform
/// publishes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counting {
    /// Copies merge within this time of the first.
    pub dedup_window: Option<u64>,
    /// The browser's copy is preferred within this time of the first.
    pub browser_preference: Option<u64>,
}

/// Settings of one ad platform.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlatformConfig {
    /// Further hosts whose requests are the platform's (first-party endpoints).
    pub hosts: Vec<String>,
}

impl Config {
    /// Looks for the file in a folder and in those above it.
    pub fn find(from: &Path) -> Option<PathBuf> {
        from.ancestors().map(|folder| folder.join(CONFIG_FILE)).find(|file| file.is_file())
    }

    /// Reads a file; all of its errors at once.
    pub fn read(file: &Path) -> Result<Config, Vec<ScenarioError>> {
        let source = Source::open(file).map_err(|error| vec![error])?;
        reader::read(&source)
    }

    /// Reads a text; `file` stands in its errors.
    pub fn parse(file: &Path, text: &str) -> Result<Config, Vec<ScenarioError>> {
        reader::read(&Source::new(file, text))
    }

    /// The `[policy]` table with the places of its parts in [`Config::text`].
    pub fn policy(&self) -> Option<toml::Spanned<toml::de::DeTable<'_>>> {
        self.policy.as_ref()?;
        let (whole, _) = toml::de::DeTable::parse_recoverable(&self.text);
        let policy = whole.into_inner().remove("policy")?;
        let span = policy.span();
        match policy.into_inner() {
            toml::de::DeValue::Table(table) => Some(toml::Spanned::new(span, table)),
            _ => None,
        }
    }

    /// An error at bytes of the file, for rooms that read a table of their own.
    pub fn error(&self, bytes: &Range<usize>, what: &str, hint: Option<String>) -> ScenarioError {
        let source = Source::new(&self.file, self.text.as_str());
        ScenarioError { hint, ..reader::at(&source, bytes, what) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Config {
        Config::parse(Path::new(CONFIG_FILE), text).expect("good")
    }

    fn errors(text: &str) -> Vec<String> {
        let errors = Config::parse(Path::new(CONFIG_FILE), text).expect_err(text);
        errors.iter().map(ToString::to_string).collect()
    }

    const WHOLE: &str = r##"
[site]
url = "http://127.0.0.1:8000"
name = "shop.test"
command = ["python", "manage.py", "runserver"]
cwd = "backend"
ready = "/health"
env = { DEBUG = "1" }

[browser]
name = "firefox"
webdriver = "http://grid.test:4444"
proxy-bind = "0.0.0.0"
proxy-host = "runner.test"

[wait]
step = "10s"
settle = "20s"
quiet = "500ms"
start = "1m"

[platform.meta]
hosts = ["metrics.shop.test"]

[counting]
dedup_window = "24h"
browser_preference = "15s"

[match_quality]
calibration = "emq.json"

[policy]
fail-on = "warn"

[policy.rules]
value-mismatch = "off"

[profiles.kiosk]
like = "adblock"
latency = "300ms"

[consent]
accept = "#yes"
refuse = { cookies = { cc = "no" } }
before = "allowed"

[traffic]
adblock = 0.25
kiosk = 0.05

[audit.server]
form = "ndjson"
time = "logged"
fields = { event_id = "eid", "custom_data.margin" = "m" }

[audit.orders]
id = "number"
"##;

    #[test]
    fn a_whole_file_is_read() {
        let config = parse(WHOLE);
        assert_eq!(config.site.url.as_deref(), Some("http://127.0.0.1:8000"));
        assert_eq!(config.site.name.as_deref(), Some("shop.test"));
        let command = config.site.command.as_ref().expect("a command");
        assert_eq!(command.words, ["python", "manage.py", "runserver"]);
        assert_eq!(command.folder.as_deref(), Some(Path::new("backend")));
        assert_eq!(command.environment["DEBUG"], "1");
        assert_eq!(config.browser.name.as_deref(), Some("firefox"));
        assert_eq!(config.browser.proxy_bind, Some([0, 0, 0, 0].into()));
        assert_eq!(config.browser.proxy_host.as_deref(), Some("runner.test"));
        assert_eq!(config.wait.step, Some(10_000));
        assert_eq!(config.wait.quiet, Some(500));
        assert_eq!(config.platforms["meta"].hosts, ["metrics.shop.test"]);
        let kiosk = &config.profiles["kiosk"];
        assert!(kiosk.keeps_the_pixel_out() && kiosk.latency_ms == 300);
        assert!(config.consent.allowed_before && config.consent.accept.is_some());
        assert_eq!(
            config.consent.refuse,
            Some(super::super::Answer::Cookies(vec![("cc".to_owned(), "no".to_owned())]))
        );
        assert!((config.traffic["adblock"] - 0.25).abs() < 1e-9);
        assert_eq!(config.counting.dedup_window, Some(86_400_000));
        assert_eq!(config.counting.browser_preference, Some(15_000));
        assert_eq!(config.calibration.as_deref(), Some(Path::new("emq.json")));
        let server = &config.audit.server;
        assert_eq!(server.form.as_ref().map(|form| form.text.as_str()), Some("ndjson"));
        assert_eq!(server.roles["time"].text, "logged");
        assert_eq!(server.fields["custom_data.margin"].text, "m");
        assert_eq!(&config.text[server.fields["event_id"].value.clone()], "\"eid\"");
        assert_eq!(config.audit.orders.roles["id"].text, "number");
        assert_eq!(config.audit.browser, LogNames::default());
    }

    #[test]
    fn the_policy_keeps_the_places_of_its_parts() {
        let config = parse(WHOLE);
        let policy = config.policy().expect("a policy");
        let (key, value) = policy.get_ref().iter().next().expect("an entry");
        assert_eq!((&config.text[key.span()], &config.text[value.span()]), ("fail-on", "\"warn\""));
        let error = config.error(&key.span(), "unknown key `fail-on`", None);
        assert_eq!(error.place.line, 33);
        assert_eq!(error.line.as_deref(), Some("fail-on = \"warn\""));
        assert!(parse("").policy().is_none());
    }

    #[test]
    fn one_text_is_a_command_for_the_shell() {
        let config = parse("[site]\ncommand = \"npm start\"\n");
        assert_eq!(config.site.command.expect("a command").words, ["sh", "-c", "npm start"]);
    }

    #[test]
    fn every_error_of_a_file_has_its_place_and_a_suggestion() {
        let found = errors(
            "[site]\nulr = \"x\"\nurl = \"shop.test\"\nname = \"https://shop.test\"\nready = 3\n[wiat]\nstep = \"5s\"\n[wait]\nstep = 5\nsettle = \"5\"\n[platform.mta]\nhosts = []\n[platform.meta]\nhosts = [\"https://x\"]\n[counting]\nwindow = \"1h\"\ndedup_window = \"48\"\n[match_quality]\ncalibration = \" \"\n",
        );
        let text = found.join("\n");
        for part in [
            "countonce.toml:2:1: unknown key `ulr`",
            "did you mean `url`?",
            "countonce.toml:3:7: a site needs a scheme",
            "countonce.toml:4:8: not a host name",
            "countonce.toml:5:9: expected a text, found an integer",
            "countonce.toml:6:2: unknown key `wiat`",
            "did you mean `wait`?",
            "countonce.toml:9:8: expected a text, found an integer",
            "countonce.toml:10:10: `5` has no unit",
            "countonce.toml:11:11: unknown key `mta`",
            "countonce.toml:14:10: not a host name",
            "countonce.toml:16:1: unknown key `window`",
            "known are dedup_window, browser_preference",
            "countonce.toml:17:16: `48` has no unit",
            "countonce.toml:19:15: the name of the file is empty",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert_eq!(found.len(), 12, "{text}");
    }

    #[test]
    fn what_belongs_to_a_command_needs_one() {
        let found = errors("[site]\nurl = \"demo\"\nready = \"/\"\n");
        assert!(found[0].contains("countonce.toml:3:1: `ready` needs a `command`"), "{found:?}");
    }

    #[test]
    fn broken_toml_is_shown_where_it_breaks() {
        let found = errors("[site\nurl = \"http://x\"\n[wait]\nstep = \n");
        assert!(found.len() >= 2, "{found:?}");
        assert!(found.iter().all(|error| error.contains("not valid TOML")), "{found:?}");
        assert!(errors("a = 1\na = 2\n")[0].contains(":2:1"));
    }

    #[test]
    fn the_file_is_found_upwards() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).expect("folders");
        let file = folder.path().join(CONFIG_FILE);
        std::fs::write(&file, "[site]\nurl = \"demo\"\n").expect("written");
        assert_eq!(Config::find(&deep), Some(file.clone()));
        assert_eq!(Config::read(&file).expect("good").site.url.as_deref(), Some("demo"));
    }

    #[test]
    fn no_damage_to_a_file_makes_the_reader_panic() {
        let mut state = 88_172_645_463_325_252_u64;
        let mut random = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        for round in 0..4_000 {
            let mut bytes = WHOLE.as_bytes().to_vec();
            if round < bytes.len() {
                bytes.truncate(round);
            } else {
                for _ in 0..4 {
                    let at = random(bytes.len());
                    bytes[at] = random(256) as u8;
                }
            }
            let text = String::from_utf8_lossy(&bytes);
            if let Err(errors) = Config::parse(Path::new(CONFIG_FILE), &text) {
                assert!(!errors.is_empty());
                assert!(errors.iter().all(|error| !error.to_string().is_empty()));
            }
        }
    }
}
