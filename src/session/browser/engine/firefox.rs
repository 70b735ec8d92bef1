//! Firefox by `geckodriver`: one browser per driver, and in it a profile for each session.
//!
//! The browser shall look like an ordinary visitor's and send nothing of its own.
//! Never a session's number or its steps.

use std::path::Path;

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};

use super::super::BrowserSource;
use super::{Engine, Packages, Start, Whereabouts, Wish, languages, proxy_capability};

/// How geckodriver gets where no package has it.
const GECKODRIVER: &[&str] =
    &["cargo", "install", "geckodriver", "--locked", "--root", "/usr/local"];

pub(super) const ENGINE: Engine = Engine {
    name: "firefox",
    remote: "firefox",
    title: "Firefox",
    browser: Whereabouts {
        title: "Firefox",
        variable: "COUNTONCE_FIREFOX",
        names: &["firefox-esr", "firefox"],
        places: &[
            "/usr/lib/firefox-esr/firefox-esr",
            "/usr/lib/firefox/firefox",
            "/snap/bin/firefox",
            "/Applications/Firefox.app/Contents/MacOS/firefox",
        ],
    },
    driver: Whereabouts {
        title: "geckodriver",
        variable: "COUNTONCE_GECKODRIVER",
        names: &["geckodriver"],
        places: &[
            "/usr/local/bin/geckodriver",
            "/snap/bin/geckodriver",
            "/opt/homebrew/bin/geckodriver",
            "~/.cargo/bin/geckodriver",
            "~/.local/bin/geckodriver",
        ],
    },
    // The driver has versions of its own and talks to every Firefox of the last years.
    paired: false,
    needs_display: false,
    tells_initiator: false,
    packages: Packages {
        debian: &[
            &["apt-get", "update"],
            &["apt-get", "install", "-y", "--no-install-recommends", "firefox-esr"],
            GECKODRIVER,
        ],
        ubuntu: &[&["snap", "install", "firefox"], GECKODRIVER],
        ubuntu_needs_snap: true,
        advice: [
            "run `sudo apt-get install firefox-esr` and `cargo install geckodriver --locked`, or `countonce setup --browser firefox --yes` as root",
            "run `sudo snap install firefox`, which brings geckodriver along, or `cargo install geckodriver --locked`",
            "install Mozilla's own package of Firefox, and run `cargo install geckodriver --locked`",
            "run `sudo dnf install firefox` and `cargo install geckodriver --locked`",
            "run `sudo pacman -S firefox geckodriver`",
            "run `apk add firefox geckodriver`",
            "run `brew install --cask firefox` and `brew install geckodriver`",
            "install Firefox and geckodriver, and put both on the search path or name them in COUNTONCE_FIREFOX and COUNTONCE_GECKODRIVER",
        ],
    },
    start: Start { arguments, greeting: Some("Listening on 127.0.0.1:") },
    shares: true,
    devtools: false,
    capabilities,
    phone_agent: |major| {
        format!("Mozilla/5.0 (Android 14; Mobile; rv:{major}.0) Gecko/{major}.0 Firefox/{major}.0")
    },
};

/// Preferences that keep the browser from talking to anyone but the site, and its pages
/// alive and equal wherever their window is.
///
/// Source: Firefox, `remote/shared/RecommendedPreferences.sys.mjs`, and what was observed
/// behind a proxy.
const PREFERENCES: &[(&str, Preference)] = &[
    // Names of this machine go through the proxy like all others.
    ("network.proxy.allow_hijacking_localhost", Preference::On),
    ("dom.webdriver.enabled", Preference::Off),
    // Without the cache for going back, a page is always loaded again then, as in Chromium.
    ("browser.sessionhistory.max_total_viewers", Preference::Number(0)),
    ("fission.bfcacheInParent", Preference::Off),
    ("dom.disable_open_during_load", Preference::Off),
    // A session that ends stands behind the next one; its timers must go on.
    ("dom.min_background_timeout_value", Preference::Number(4)),
    ("dom.timeout.enable_budget_timer_throttling", Preference::Off),
    ("widget.windows.window_occlusion_tracking.enabled", Preference::Off),
    ("app.normandy.enabled", Preference::Off),
    ("app.update.disabledForTesting", Preference::On),
    ("browser.aboutConfig.showWarning", Preference::Off),
    ("browser.newtabpage.enabled", Preference::Off),
    ("browser.region.network.url", Preference::Text("")),
    ("browser.safebrowsing.malware.enabled", Preference::Off),
    ("browser.safebrowsing.phishing.enabled", Preference::Off),
    ("browser.safebrowsing.downloads.remote.enabled", Preference::Off),
    ("browser.startup.page", Preference::Number(0)),
    ("captivedetect.canonicalURL", Preference::Text("")),
    ("datareporting.healthreport.uploadEnabled", Preference::Off),
    ("datareporting.policy.dataSubmissionEnabled", Preference::Off),
    ("dom.push.connection.enabled", Preference::Off),
    ("dom.security.https_first", Preference::Off),
    ("extensions.getAddons.cache.enabled", Preference::Off),
    ("extensions.systemAddon.update.enabled", Preference::Off),
    ("extensions.update.enabled", Preference::Off),
    ("media.gmp-manager.updateEnabled", Preference::Off),
    ("network.captive-portal-service.enabled", Preference::Off),
    ("network.connectivity-service.enabled", Preference::Off),
    ("network.dns.disablePrefetch", Preference::On),
    ("network.prefetch-next", Preference::Off),
    ("network.http.speculative-parallel-limit", Preference::Number(0)),
    ("security.OCSP.enabled", Preference::Number(0)),
    ("services.settings.server", Preference::Text("data:,#remote-settings-dummy/v1")),
    ("signon.rememberSignons", Preference::Off),
    ("toolkit.telemetry.enabled", Preference::Off),
    ("toolkit.telemetry.unified", Preference::Off),
];

/// The value of a preference.
#[derive(Debug, Clone, Copy)]
enum Preference {
    On,
    Off,
    Number(i64),
    Text(&'static str),
}

impl From<Preference> for Value {
    fn from(preference: Preference) -> Value {
        match preference {
            Preference::On => json!(true),
            Preference::Off => json!(false),
            Preference::Number(number) => json!(number),
            Preference::Text(text) => json!(text),
        }
    }
}

fn arguments(port: u16, folder: &Path) -> Vec<String> {
    let root = folder.display().to_string();
    // Without a port of its own for BiDi every driver wants the same one.
    let words = ["--host", "127.0.0.1", "--websocket-port", "0", "--log", "info"];
    let mut arguments = vec![format!("--port={port}"), format!("--profile-root={root}")];
    arguments.extend(words.map(str::to_owned));
    arguments
}

fn capabilities(wish: &Wish<'_>) -> Capabilities {
    let mut wanted = wish.common();
    let options = wish.options;
    let mut preferences = serde_json::Map::new();
    for (name, value) in PREFERENCES {
        preferences.insert((*name).to_owned(), Value::from(*value));
    }
    preferences.insert("intl.accept_languages".to_owned(), json!(languages(&options.locale)));
    if let Some(agent) = wish.agent() {
        preferences.insert("general.useragent.override".to_owned(), json!(agent));
    }
    let (width, height) = wish.window();
    let mut args = vec![format!("--width={width}"), format!("--height={height}")];
    if !options.headed {
        args.push("-headless".to_owned());
    }
    let mut firefox = json!({"args": args, "prefs": preferences, "log": {"level": "error"}});
    match &options.source {
        BrowserSource::Installed(found) => firefox["binary"] = json!(found.browser.path),
        BrowserSource::WebDriver(_) => {
            wanted.insert("browserName".to_owned(), json!(ENGINE.remote));
        }
    }
    match wish.proxy {
        Some(proxy) => wanted.insert("proxy".to_owned(), proxy_capability(proxy)),
        None => wanted.insert("webSocketUrl".to_owned(), json!(true)),
    };
    wanted.insert("moz:firefoxOptions".to_owned(), firefox);
    wanted
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::options;
    use super::*;

    fn wish(proxy: Option<&str>) -> Capabilities {
        let options = options(&ENGINE);
        capabilities(&Wish { options: &options, folder: None, proxy, device: None })
    }

    #[test]
    fn this_machines_own_names_go_through_the_proxy() {
        let wanted = wish(Some("127.0.0.1:9"));
        assert_eq!(wanted["proxy"]["sslProxy"], json!("127.0.0.1:9"));
        let preferences = &wanted["moz:firefoxOptions"]["prefs"];
        assert_eq!(preferences["network.proxy.allow_hijacking_localhost"], json!(true));
        assert!(wanted.get("webSocketUrl").is_none());
    }

    #[test]
    fn a_browser_whose_profiles_bring_their_proxies_is_asked_for_bidi() {
        let wanted = wish(None);
        assert_eq!(wanted["webSocketUrl"], json!(true));
        assert!(wanted.get("proxy").is_none());
    }
}
