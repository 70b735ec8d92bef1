//! Chromium, Chrome and what else is built from it, by `ChromeDriver`.
//!
//! The browser shall look like an ordinary visitor's and send nothing of its own.
//! Never a session's number or its steps.

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};

use super::super::device::client_hints;
use super::super::{BrowserSource, is_root};
use super::{Engine, Packages, Start, Whereabouts, Wish, languages, proxy_capability};

pub(super) const ENGINE: Engine = Engine {
    name: "chromium",
    remote: "chrome",
    title: "Chromium",
    browser: Whereabouts {
        title: "Chromium or Chrome",
        variable: "COUNTONCE_CHROMIUM",
        names: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"],
        places: &[
            "/snap/bin/chromium",
            "/opt/google/chrome/chrome",
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        ],
    },
    driver: Whereabouts {
        title: "ChromeDriver",
        variable: "COUNTONCE_CHROMEDRIVER",
        names: &["chromedriver", "chromium.chromedriver", "chromium-chromedriver"],
        places: &[
            // Source: the runner images' documentation of preinstalled browsers.
            "$CHROMEWEBDRIVER/chromedriver",
            "/usr/lib/chromium/chromedriver",
            "/usr/lib/chromium-browser/chromedriver",
            "/usr/lib64/chromium/chromedriver",
            "/usr/lib64/chromium-browser/chromedriver",
            "/snap/bin/chromium.chromedriver",
            "/opt/homebrew/bin/chromedriver",
            "/usr/local/bin/chromedriver",
        ],
    },
    paired: true,
    needs_display: false,
    tells_initiator: true,
    packages: Packages {
        debian: &[
            &["apt-get", "update"],
            &["apt-get", "install", "-y", "--no-install-recommends", "chromium", "chromium-driver"],
        ],
        // Ubuntu's packages of that name only fetch the snap, which needs its daemon.
        ubuntu: &[
            &["apt-get", "update"],
            &["apt-get", "install", "-y", "chromium-browser", "chromium-chromedriver"],
        ],
        ubuntu_needs_snap: true,
        advice: [
            "run `sudo apt-get update && sudo apt-get install chromium chromium-driver`, or `countonce setup --yes` as root",
            "run `sudo snap install chromium`, which brings its driver along, or `countonce setup --yes` as root",
            "Ubuntu ships Chromium as a snap only, and there is no snap daemon here: install Google Chrome's own package and the ChromeDriver of the same version, or use a Debian image, where `apt-get install chromium chromium-driver` does it",
            "run `sudo dnf install chromium chromedriver`",
            "run `sudo pacman -S chromium`, which brings its driver along",
            "run `apk add chromium chromium-chromedriver`",
            "run `brew install --cask chromedriver google-chrome`",
            "install Chromium or Chrome and the ChromeDriver of the same version, and put both on the search path or name them in COUNTONCE_CHROMIUM and COUNTONCE_CHROMEDRIVER",
        ],
    },
    start: Start {
        arguments: |port, _| vec![format!("--port={port}"), "--enable-chrome-logs".to_owned()],
        greeting: Some("was started successfully on port "),
    },
    shares: true,
    devtools: true,
    capabilities,
    // All but the first number is zero, and the device nameless, as in every Chromium
    // since the user-agent reduction.
    phone_agent: |major| {
        format!(
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Mobile Safari/537.36"
        )
    },
};

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

fn capabilities(wish: &Wish<'_>) -> Capabilities {
    let options = wish.options;
    let mut wanted = wish.common();
    let mut put = |name: &str, value: Value| wanted.insert(name.to_owned(), value);
    let mut chrome = json!({
        "args": arguments(wish),
        "excludeSwitches": ["enable-automation"],
        "prefs": {
            "intl.accept_languages": languages(&options.locale),
            "credentials_enable_service": false,
            "profile.password_manager_leak_detection": false,
        },
    });
    if let Some(device) = wish.device {
        chrome["mobileEmulation"] = json!({
            "deviceMetrics": {
                "width": device.width, "height": device.height, "pixelRatio": device.scale,
                "mobile": true, "touch": device.touch,
            },
            "userAgent": wish.agent(),
        });
        if device.user_agent.is_none() {
            chrome["mobileEmulation"]["clientHints"] = client_hints();
        }
    }
    match (&options.source, wish.folder) {
        (BrowserSource::Installed(found), Some(folder)) => {
            chrome["binary"] = json!(found.browser.path);
            if wish.proxy.is_none() {
                put("webSocketUrl", json!(true));
                let files = format!("--user-data-dir={}", folder.join("profile").display());
                if let Some(list) = chrome["args"].as_array_mut() {
                    list.push(json!(files));
                }
            }
        }
        _ => {
            put("browserName", json!(ENGINE.remote));
            if let Some(proxy) = wish.proxy {
                put("proxy", proxy_capability(proxy));
            }
        }
    }
    put("goog:chromeOptions", chrome);
    wanted
}

fn arguments(wish: &Wish<'_>) -> Vec<String> {
    let options = wish.options;
    let (width, height) = wish.window();
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
        if let Some(proxy) = wish.proxy {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::super::{BrowserOptions, Device, tests};
    use super::*;

    fn options() -> BrowserOptions {
        tests::options(&ENGINE)
    }

    fn capabilities(
        options: &BrowserOptions,
        folder: Option<&Path>,
        proxy: Option<&str>,
    ) -> Capabilities {
        (ENGINE.capabilities)(&Wish { options, folder, proxy, device: None })
    }

    #[test]
    fn a_browser_of_one_session_passes_for_a_telephone() {
        let options = options();
        let device = Device::phone();
        let folder = Some(Path::new("/srv/profile"));
        let wish =
            Wish { options: &options, folder, proxy: Some("127.0.0.1:9"), device: Some(&device) };
        let wanted = (ENGINE.capabilities)(&wish);
        let emulation = &wanted["goog:chromeOptions"]["mobileEmulation"];
        assert_eq!(emulation["deviceMetrics"]["touch"], json!(true));
        let agent = emulation["userAgent"].as_str().expect("a text");
        assert!(agent.contains("Chrome/156.0.0.0 Mobile"), "{agent}");
    }

    fn args(wanted: &Capabilities) -> Vec<&str> {
        let list = wanted["goog:chromeOptions"]["args"].as_array().expect("a list");
        list.iter().filter_map(Value::as_str).collect()
    }

    #[test]
    fn nothing_in_a_browser_says_that_it_is_headless() {
        let wanted = capabilities(&options(), Some(Path::new("/srv/profile")), None);
        let args = args(&wanted);
        let agent = args.iter().find(|arg| arg.starts_with("--user-agent=")).expect("there");
        assert!(agent.contains("Chrome/156.0.0.0") && !agent.contains("Headless"), "{agent}");
        assert!(args.contains(&NO_AUTOMATION_MARK));
        assert_eq!(wanted["goog:chromeOptions"]["excludeSwitches"], json!(["enable-automation"]));
    }

    #[test]
    fn a_shared_browser_has_no_proxy_and_one_of_its_own_has() {
        let shared = capabilities(&options(), Some(Path::new("/srv/profile")), None);
        assert!(!args(&shared).iter().any(|arg| arg.starts_with("--proxy-server")));
        assert_eq!(shared["webSocketUrl"], json!(true));
        let own = capabilities(&options(), Some(Path::new("/srv/profile")), Some("127.0.0.1:9"));
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
        let wanted = capabilities(&headed, Some(Path::new("/srv/profile")), None);
        assert!(!args(&wanted).iter().any(|arg| arg.starts_with("--headless")));
    }
}
