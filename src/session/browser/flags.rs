//! What a browser is started with: the capabilities that ask the driver for it.
//!
//! The browser shall look like an ordinary visitor's and send nothing of its own.
//! Never a session's number or its steps.

use std::path::Path;

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};

use super::{BrowserOptions, BrowserSource, is_root};

/// Switches that keep the browser from talking to anyone but the site.
///
/// Source: Chromium, "Chrome flags for tooling".
const SILENT: &[&str] = &[
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-field-trial-config",
    "--disable-quic",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--no-service-autorun",
];

/// Features that would fetch something, ask something, load the site by another address,
/// or start processes that no page of the site needs: pages of the browser's own with
/// every window, and a spare one with every page.
const FEATURES_OFF: &[&str] = &[
    "AimEnabled",
    "AutofillServerCommunication",
    "CertificateTransparencyComponentUpdater",
    "DialMediaRouteProvider",
    "GlobalMediaControls",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "InterestFeedContentSuggestions",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "SpareRendererForSitePerProcess",
    "Translate",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
];

/// Switches that keep pages alive and equal wherever their window is.
///
/// Without the cache for going back, a page is always loaded again then: visitors get
/// that often enough, and it is the case in which a conversion may be told twice.
const STEADY: &[&str] = &[
    "--allow-pre-commit-input",
    "--disable-back-forward-cache",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-popup-blocking",
    "--disable-renderer-backgrounding",
    "--force-color-profile=srgb",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
];

/// Chromium leaves this machine's own names out of every proxy unless told not to.
const PROXY_ALL: &str = "--proxy-bypass-list=<-loopback>";

/// Makes `navigator.webdriver` false, as it is for a visitor.
const NO_AUTOMATION_MARK: &str = "--disable-blink-features=AutomationControlled";

/// The capabilities for a browser, with its own proxy (`host:port`) where it has one.
///
/// `folder` is the place for the browser's own files where the driver is ours.
pub(super) fn capabilities(
    options: &BrowserOptions,
    folder: Option<&Path>,
    proxy: Option<&str>,
) -> Capabilities {
    let mut wanted = Capabilities::new();
    let mut put = |name: &str, value: Value| wanted.insert(name.to_owned(), value);
    put("acceptInsecureCerts", json!(true));
    put("pageLoadStrategy", json!("normal"));
    // A dialog would stop every script of the page; a visitor would confirm it.
    put("unhandledPromptBehavior", json!("accept"));
    let load = u64::try_from(options.load.as_millis()).unwrap_or(u64::MAX);
    // Scripts end by themselves; the driver's own limit is only a last resort.
    put("timeouts", json!({"pageLoad": load, "script": load, "implicit": 0}));
    let mut chrome = json!({
        "args": arguments(options, proxy),
        "excludeSwitches": ["enable-automation"],
        "prefs": {
            "intl.accept_languages": languages(&options.locale),
            "credentials_enable_service": false,
            "profile.password_manager_leak_detection": false,
        },
    });
    match (&options.source, folder) {
        (BrowserSource::Installed(found), Some(folder)) => {
            chrome["binary"] = json!(found.browser.path);
            if proxy.is_none() {
                put("webSocketUrl", json!(true));
                let files = format!("--user-data-dir={}", folder.join("profile").display());
                if let Some(list) = chrome["args"].as_array_mut() {
                    list.push(json!(files));
                }
            }
        }
        _ => {
            if let Some(proxy) = proxy {
                put("proxy", json!({"proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy}));
            }
        }
    }
    put("goog:chromeOptions", chrome);
    wanted
}

fn arguments(options: &BrowserOptions, proxy: Option<&str>) -> Vec<String> {
    let (width, height) = options.window;
    let mut args: Vec<String> = SILENT.iter().chain(STEADY).map(|arg| (*arg).to_owned()).collect();
    args.extend([PROXY_ALL, NO_AUTOMATION_MARK].map(str::to_owned));
    args.push(format!("--disable-features={}", FEATURES_OFF.join(",")));
    args.push(format!("--window-size={width},{height}"));
    args.push(format!("--lang={}", options.locale));
    if !options.headed {
        args.push("--headless=new".to_owned());
        // Without it a headless screen is smaller than the window on it.
        args.push(format!("--screen-info={{{width}x{height}}}"));
        args.push("--hide-scrollbars".to_owned());
    }
    if !options.trusted_keys.is_empty() {
        let keys = options.trusted_keys.join(",");
        args.push(format!("--ignore-certificate-errors-spki-list={keys}"));
    }
    if is_root() {
        args.push("--no-sandbox".to_owned());
    }
    if let BrowserSource::Installed(found) = &options.source {
        args.push(format!("--user-agent={}", user_agent(found.browser.major)));
        if let Some(proxy) = proxy {
            args.push(format!("--proxy-server=http://{proxy}"));
        }
    }
    args
}

/// The user agent of the same browser with a window.
///
/// Real pixel scripts drop visitors whose user agent says "Headless". All but the
/// first number is zero, as in every Chromium since the user-agent reduction.
fn user_agent(major: u32) -> String {
    let system = if cfg!(target_os = "macos") {
        "Macintosh; Intel Mac OS X 10_15_7"
    } else {
        "X11; Linux x86_64"
    };
    format!(
        "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"
    )
}

/// What a browser of that locale accepts: the locale, then its language alone.
fn languages(locale: &str) -> String {
    match locale.split_once('-') {
        Some((language, _)) => format!("{locale},{language}"),
        None => locale.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::super::setup::{Found, Program};
    use super::*;

    fn options() -> BrowserOptions {
        let program = |path: &str| Program {
            path: PathBuf::from(path),
            version: "156.0.1.2".to_owned(),
            major: 156,
        };
        let found = Found { browser: program("/b"), driver: program("/d") };
        BrowserOptions {
            trusted_keys: vec!["KEY=".to_owned()],
            ..BrowserOptions::new(BrowserSource::Installed(found))
        }
    }

    fn args(wanted: &Capabilities) -> Vec<&str> {
        let list = wanted["goog:chromeOptions"]["args"].as_array().expect("a list");
        list.iter().filter_map(Value::as_str).collect()
    }

    #[test]
    fn nothing_in_a_browser_says_that_it_is_headless() {
        let wanted = capabilities(&options(), Some(Path::new("/tmp/x")), None);
        let args = args(&wanted);
        let agent = args.iter().find(|arg| arg.starts_with("--user-agent=")).expect("there");
        assert!(agent.contains("Chrome/156.0.0.0") && !agent.contains("Headless"), "{agent}");
        assert!(args.contains(&NO_AUTOMATION_MARK));
        assert_eq!(wanted["goog:chromeOptions"]["excludeSwitches"], json!(["enable-automation"]));
    }

    #[test]
    fn a_shared_browser_has_no_proxy_and_one_of_its_own_has() {
        let shared = capabilities(&options(), Some(Path::new("/tmp/x")), None);
        assert!(!args(&shared).iter().any(|arg| arg.starts_with("--proxy-server")));
        assert_eq!(shared["webSocketUrl"], json!(true));
        let own = capabilities(&options(), Some(Path::new("/tmp/x")), Some("127.0.0.1:9"));
        assert!(args(&own).contains(&"--proxy-server=http://127.0.0.1:9"));
        assert!(args(&own).contains(&PROXY_ALL) && args(&shared).contains(&PROXY_ALL));
    }

    #[test]
    fn a_foreign_driver_gets_the_proxy_as_a_capability_and_no_path_of_this_machine() {
        let foreign = BrowserOptions {
            source: BrowserSource::WebDriver("http://10.0.0.1:4444".to_owned()),
            ..options()
        };
        let wanted = capabilities(&foreign, None, Some("10.0.0.2:9"));
        assert_eq!(wanted["proxy"]["sslProxy"], json!("10.0.0.2:9"));
        assert!(wanted["goog:chromeOptions"].get("binary").is_none());
    }

    #[test]
    fn a_headed_browser_has_no_headless_switch() {
        let headed = BrowserOptions { headed: true, ..options() };
        let wanted = capabilities(&headed, Some(Path::new("/tmp/x")), None);
        assert!(!args(&wanted).iter().any(|arg| arg.starts_with("--headless")));
    }

    #[test]
    fn languages_follow_the_locale() {
        assert_eq!(languages("de-AT"), "de-AT,de");
        assert_eq!(languages("fr"), "fr");
    }
}
