//! WebKit by `WebKitWebDriver` and the small browser that comes with WebKitGTK.
//!
//! It has no headless mode and no BiDi: it runs on a virtual display, one browser a
//! session, and cannot say who caused a request.
//! Never a session's number or its steps.

use fantoccini::wd::Capabilities;
use serde_json::json;

use super::super::BrowserSource;
use super::{Engine, Packages, Start, Whereabouts, Wish, proxy_capability};

const INSTALL: &[&[&str]] = &[
    &["apt-get", "update"],
    &["apt-get", "install", "-y", "--no-install-recommends", "webkit2gtk-driver", "xvfb"],
];

pub(super) const ENGINE: Engine = Engine {
    name: "webkit",
    remote: "MiniBrowser",
    title: "WebKit",
    browser: Whereabouts {
        title: "WebKitGTK's MiniBrowser",
        variable: "COUNTONCE_MINIBROWSER",
        names: &["MiniBrowser"],
        places: &[
            "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
            "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
            "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.0/MiniBrowser",
            "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
            "/usr/lib/webkit2gtk-4.1/MiniBrowser",
        ],
    },
    driver: Whereabouts {
        title: "WebKitWebDriver",
        variable: "COUNTONCE_WEBKITWEBDRIVER",
        names: &["WebKitWebDriver"],
        places: &[],
    },
    paired: false,
    needs_display: true,
    tells_initiator: false,
    packages: Packages {
        debian: INSTALL,
        ubuntu: INSTALL,
        ubuntu_needs_snap: false,
        advice: [
            "run `sudo apt-get install webkit2gtk-driver xvfb`, or `countonce setup --browser webkit --yes` as root",
            "run `sudo apt-get install webkit2gtk-driver xvfb`, or `countonce setup --browser webkit --yes` as root",
            "run `sudo apt-get install webkit2gtk-driver xvfb`, or `countonce setup --browser webkit --yes` as root",
            "run `sudo dnf install webkit2gtk4.1 xorg-x11-server-Xvfb`",
            "run `sudo pacman -S webkit2gtk-4.1 xorg-server-xvfb`",
            "run `apk add webkit2gtk-4.1 xvfb`",
            "WebKitGTK does not run on macOS: play in a Debian container",
            "install WebKitGTK with its WebKitWebDriver and MiniBrowser, and Xvfb; name them in COUNTONCE_MINIBROWSER, COUNTONCE_WEBKITWEBDRIVER and COUNTONCE_XVFB",
        ],
    },
    start: Start { arguments: |port, _| vec![format!("--port={port}")], greeting: None },
    shares: false,
    devtools: false,
    capabilities,
    // Nearly every WebKit on a telephone is Safari on an iPhone.
    phone_agent: |_| {
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 \
         (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
            .to_owned()
    },
};

fn capabilities(wish: &Wish<'_>) -> Capabilities {
    let mut wanted = wish.common();
    let BrowserSource::Installed(found) = &wish.options.source else {
        wanted.insert("browserName".to_owned(), json!(ENGINE.remote));
        if let Some(proxy) = wish.proxy {
            wanted.insert("proxy".to_owned(), proxy_capability(proxy));
        }
        return wanted;
    };
    let mut args = vec![
        "--automation".to_owned(),
        "--javascript-can-open-windows-automatically=true".to_owned(),
        // A page is always loaded again on going back, as in the other engines.
        "--enable-page-cache=false".to_owned(),
    ];
    if let Some(agent) = wish.agent() {
        args.push(format!("--user-agent={agent}"));
    }
    if let Some(proxy) = wish.proxy {
        // The `proxy` capability does not reach the network process; the argument does.
        args.push(format!("--proxy=http://{proxy}"));
    }
    wanted.insert(
        "webkitgtk:browserOptions".to_owned(),
        json!({"binary": found.browser.path, "args": args}),
    );
    wanted
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::options;
    use super::*;

    #[test]
    fn the_proxy_is_an_argument_of_the_browser() {
        let options = options(&ENGINE);
        let wanted = capabilities(&Wish {
            options: &options,
            folder: None,
            proxy: Some("127.0.0.1:9"),
            device: None,
        });
        let args = &wanted["webkitgtk:browserOptions"]["args"];
        assert!(
            args.as_array().is_some_and(|args| args.contains(&json!("--proxy=http://127.0.0.1:9")))
        );
        assert!(wanted.get("proxy").is_none());
    }
}
