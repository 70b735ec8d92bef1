//! The walk through a configuration file, every error noted on the way.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::error::ScenarioError;
use super::super::read::check_site;
use super::super::source::Source;
use super::schema::{
    BROWSER_KEYS, COUNTING_KEYS, PLATFORM_KEYS, PLATFORMS, QUALITY_KEYS, SITE_KEYS, TABLES,
    WAIT_KEYS,
};
use super::{BrowserConfig, Config, Counting, PlatformConfig, Site, SiteCommand, Wait};
use crate::event::window;
use crate::step::{Flaw, duration, nearest};

/// Longest host name that DNS allows (RFC 1035).
const LONGEST_HOST: usize = 253;

/// Reads a file; all of its errors at once.
pub(super) fn read(source: &Source) -> Result<Config, Vec<ScenarioError>> {
    let (table, broken) = DeTable::parse_recoverable(&source.text);
    if !broken.is_empty() {
        // What the recovery made of a broken file is not worth judging.
        return Err(broken.iter().map(|error| syntax(source, error)).collect());
    }
    let mut reader = Reader { source, errors: Vec::new() };
    let config = reader.whole(table.get_ref());
    let mut errors = reader.errors;
    if errors.is_empty() {
        return Ok(config);
    }
    errors.sort_by_key(|error| error.place);
    Err(errors)
}

/// An error at bytes of the file.
pub(super) fn at(source: &Source, bytes: &Range<usize>, what: impl Into<String>) -> ScenarioError {
    let place = source.place(bytes.start);
    let end = source.place(bytes.end);
    let width = if end.line == place.line { end.column.saturating_sub(place.column) } else { 1 };
    source.error(place, width.max(1), what)
}

fn syntax(source: &Source, error: &toml::de::Error) -> ScenarioError {
    let end = source.text.len();
    let bytes = error.span().unwrap_or(end..end);
    let message = error.message().lines().next().unwrap_or_default();
    at(source, &bytes, format!("not valid TOML: {message}"))
        .hint("texts stand in quotes, tables in [brackets], one key on a line")
}

pub(super) struct Reader<'a> {
    source: &'a Source,
    errors: Vec<ScenarioError>,
}

pub(super) type Value<'v> = Spanned<DeValue<'v>>;

impl Reader<'_> {
    fn whole(&mut self, table: &DeTable<'_>) -> Config {
        self.known(table, TABLES);
        let site = self.table(table, "site").map(|site| self.site(site));
        let browser = self.table(table, "browser").map(|browser| self.browser(browser));
        let wait = self.table(table, "wait").map(|wait| self.wait(wait));
        let platforms = self.table(table, "platform").map(|table| self.platforms(table));
        // The gate reads the policy; here it must only be a table.
        let counting = self.table(table, "counting").map(|table| self.counting(table));
        let calibration =
            self.table(table, "match_quality").and_then(|table| self.calibration(table));
        let policy = self.table(table, "policy").is_some();
        let audit = self.table(table, "audit").map(|table| self.audit(table));
        let profiles = self.table(table, "profiles").map(|table| self.profiles(table));
        let profiles = profiles.unwrap_or_default();
        let consent = self.table(table, "consent").map(|table| self.consent(table));
        let traffic = self.table(table, "traffic").map(|table| self.traffic(table, &profiles));
        Config {
            file: self.source.file.clone(),
            text: self.source.text.clone(),
            site: site.unwrap_or_default(),
            browser: browser.unwrap_or_default(),
            wait: wait.unwrap_or_default(),
            platforms: platforms.unwrap_or_default(),
            counting: counting.unwrap_or_default(),
            calibration,
            policy: table.get("policy").filter(|_| policy).map(Spanned::span),
            profiles,
            consent: consent.unwrap_or_default(),
            traffic: traffic.unwrap_or_default(),
            audit: audit.unwrap_or_default(),
        }
    }

    fn site(&mut self, table: &DeTable<'_>) -> Site {
        self.known(table, SITE_KEYS);
        let url = self.checked(table, "url", check_site);
        let name = self.checked(table, "name", check_host);
        let words = table.get("command").and_then(|value| self.command(value));
        let folder = self.text(table, "cwd").map(PathBuf::from);
        let ready = self.text(table, "ready");
        let environment = self.table(table, "env").map(|entries| {
            let mut environment = BTreeMap::new();
            for (name, value) in entries {
                if let Some(text) = self.text_of(value) {
                    environment.insert(name.get_ref().to_string(), text);
                }
            }
            environment
        });
        if !table.contains_key("command") {
            for (key, given) in [
                ("cwd", folder.is_some()),
                ("ready", ready.is_some()),
                ("env", environment.is_some()),
            ] {
                if let (true, Some((name, _))) = (given, table.get_key_value(key)) {
                    let hint = "`command` starts the site before a run".to_owned();
                    self.fault(&name.span(), format!("`{key}` needs a `command`"), Some(hint));
                }
            }
        }
        let command = words.map(|words| SiteCommand {
            words,
            folder,
            ready,
            environment: environment.unwrap_or_default(),
        });
        Site { url, name, command }
    }

    fn command(&mut self, value: &Value<'_>) -> Option<Vec<String>> {
        let words = match value.get_ref() {
            DeValue::String(text) => vec!["sh".to_owned(), "-c".to_owned(), text.to_string()],
            _ => self.texts(value)?,
        };
        if words.iter().all(|word| word.trim().is_empty())
            || words.last().is_some_and(|word| word.trim().is_empty())
        {
            self.fault(&value.span(), "the command is empty", None);
            return None;
        }
        Some(words)
    }

    fn browser(&mut self, table: &DeTable<'_>) -> BrowserConfig {
        self.known(table, BROWSER_KEYS);
        // The engines are another room's; it refuses a name that it does not know.
        BrowserConfig {
            name: self.text(table, "name"),
            webdriver: self.checked(table, "webdriver", check_webdriver),
            proxy_bind: self
                .checked(table, "proxy-bind", check_address)
                .and_then(|text| text.parse().ok()),
            proxy_host: self.checked(table, "proxy-host", check_host),
        }
    }

    fn wait(&mut self, table: &DeTable<'_>) -> Wait {
        self.known(table, WAIT_KEYS);
        let mut read = |key: &str| self.length(table, key, duration);
        Wait {
            step: read("step"),
            settle: read("settle"),
            quiet: read("quiet"),
            start: read("start"),
        }
    }

    fn length(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        read: fn(&str) -> Result<u64, String>,
    ) -> Option<u64> {
        let text = self.text(table, key)?;
        match read(&text) {
            Ok(millis) => Some(millis),
            Err(what) => {
                let span = table.get(key).map(Spanned::span).unwrap_or_default();
                self.fault(&span, what, None);
                None
            }
        }
    }

    fn counting(&mut self, table: &DeTable<'_>) -> Counting {
        self.known(table, COUNTING_KEYS);
        Counting {
            dedup_window: self.length(table, "dedup_window", window),
            browser_preference: self.length(table, "browser_preference", window),
        }
    }

    fn calibration(&mut self, table: &DeTable<'_>) -> Option<PathBuf> {
        self.known(table, QUALITY_KEYS);
        let named = |text: &str| {
            if text.trim().is_empty() {
                return Err(Flaw::new("the name of the file is empty"));
            }
            Ok(())
        };
        self.checked(table, "calibration", named).map(PathBuf::from)
    }

    fn platforms(&mut self, table: &DeTable<'_>) -> BTreeMap<String, PlatformConfig> {
        self.known(table, PLATFORMS);
        let mut platforms = BTreeMap::new();
        for (name, _) in PLATFORMS {
            let Some(entries) = self.table(table, name) else { continue };
            self.known(entries, PLATFORM_KEYS);
            let mut config = PlatformConfig::default();
            if let Some(value) = entries.get("hosts")
                && let DeValue::Array(items) = value.get_ref()
            {
                for item in items {
                    let Some(host) = self.text_of(item) else { continue };
                    match check_host(&host) {
                        Ok(()) => config.hosts.push(host.to_lowercase()),
                        Err(flaw) => self.fault(&item.span(), flaw.what, flaw.hint),
                    }
                }
            } else if let Some(value) = entries.get("hosts") {
                self.wrong_type(value, "a list of host names");
            }
            platforms.insert((*name).to_owned(), config);
        }
        platforms
    }

    /// Notes keys that are not known.
    pub(super) fn known(&mut self, table: &DeTable<'_>, known: &[(&str, &str)]) {
        for key in table.keys() {
            let name: &str = key.get_ref();
            if known.iter().any(|(word, _)| *word == name) {
                continue;
            }
            let words = || known.iter().map(|(word, _)| *word);
            let hint = match nearest(name, words()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("known are {}", words().collect::<Vec<_>>().join(", ")),
            };
            self.fault(&key.span(), format!("unknown key `{name}`"), Some(hint));
        }
    }

    pub(super) fn table<'t, 'v>(
        &mut self,
        table: &'t DeTable<'v>,
        key: &str,
    ) -> Option<&'t DeTable<'v>> {
        let value = table.get(key)?;
        if let DeValue::Table(inner) = value.get_ref() {
            return Some(inner);
        }
        self.wrong_type(value, "a table");
        None
    }

    fn checked(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        check: fn(&str) -> Result<(), Flaw>,
    ) -> Option<String> {
        let text = self.text(table, key)?;
        match check(&text) {
            Ok(()) => Some(text),
            Err(flaw) => {
                let span = table.get(key).map(Spanned::span).unwrap_or_default();
                self.fault(&span, flaw.what, flaw.hint);
                None
            }
        }
    }

    pub(super) fn text(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        self.text_of(table.get(key)?)
    }

    pub(super) fn text_of(&mut self, value: &Value<'_>) -> Option<String> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.to_string());
        }
        self.wrong_type(value, "a text");
        None
    }

    fn texts(&mut self, value: &Value<'_>) -> Option<Vec<String>> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(value, "a text or a list of texts");
            return None;
        };
        items.iter().map(|item| self.text_of(item)).collect()
    }

    pub(super) fn wrong_type(&mut self, value: &Value<'_>, wanted: &str) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.fault(&value.span(), format!("expected {wanted}, found {found}"), None);
    }

    pub(super) fn fault(
        &mut self,
        bytes: &Range<usize>,
        what: impl Into<String>,
        hint: Option<String>,
    ) {
        let error = at(self.source, bytes, what);
        self.errors.push(ScenarioError { hint, ..error });
    }
}

/// Refuses what is no address of a driver.
fn check_webdriver(text: &str) -> Result<(), Flaw> {
    if text.starts_with("http://") {
        return Ok(());
    }
    Err(Flaw::new("not the address of a WebDriver").hint("write it as `http://HOST:PORT`"))
}

/// Refuses what is no IP address.
fn check_address(text: &str) -> Result<(), Flaw> {
    match text.parse::<std::net::IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(Flaw::new("not an IP address").hint("write it as `0.0.0.0` or `10.0.0.7`")),
    }
}

/// Refuses what is no host name: schemes, ports, paths, white space.
fn check_host(text: &str) -> Result<(), Flaw> {
    let label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    if text.len() <= LONGEST_HOST && text.split('.').all(label) {
        return Ok(());
    }
    Err(Flaw::new("not a host name").hint("write the bare name, such as `shop.test`"))
}
