//! uBlock Origin in Firefox beside our own engine: with the same lists, the same of the
//! platform's requests must get through.
//!
//! The add-on is Debian's package `webext-ublock-origin-firefox`, or the folder that
//! `COUNTONCE_UBLOCK` names. Without it, or without Firefox, the test is skipped with a
//! visible line, unless the environment requires all engines.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use countonce::capture::{Answer, Reply, Request};
use countonce::session::Engine;
use countonce::session::filters::{Filters, installed as installed_lists};
use countonce::session::setup::{self, Found};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::time::Instant;

use super::blocker::{Network, driver};
use crate::engines::installed;

/// Names the folder of the unpacked add-on.
const VARIABLE: &str = "COUNTONCE_UBLOCK";

/// Where Debian's package has it.
const PACKAGED: &str =
    "/usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/uBlock0@raymondhill.net";

/// How long the add-on may take to read its lists.
const READY: Duration = Duration::from_mins(1);

/// What a shop's page may ask for, and some that no list names.
const PAGE: &str = "<!doctype html><link rel=icon href=data:,><script>
  const ended = (make) => new Promise(end => { const one = make(); one.onload = one.onerror = end; });
  const script = src => ended(() => {
    const one = document.createElement('script'); one.src = src; document.head.append(one); return one;
  });
  const image = src => ended(() => { const one = new Image(); one.src = src; return one; });
  const data = src => fetch(src, { mode: 'no-cors' }).catch(() => {});
  Promise.all([
    script('https://connect.facebook.net/en_US/fbevents.js'),
    script('https://connect.facebook.net/en_US/sdk/hooks.js'),
    script('https://connect.facebook.net/signals/config/1234567890123456?v=2.9.324'),
    script('https://shop.test/assets/fbevents.js'),
    script('https://cdn.test/app.js'),
    image('https://www.facebook.com/tr/?id=1&ev=PageView'),
    image('https://www.facebook.com/tr?id=1&ev=PageView&noscript=1'),
    image('https://www.facebook.com/images/logo.png'),
    image('https://stats.test/picture/?id=1'),
    data('https://www.facebook.com/tr/?id=1&ev=Lead'),
    data('https://shop.test/data'),
  ]).then(() => {
    navigator.sendBeacon('https://www.facebook.com/tr/', 'id=1&ev=Purchase');
    navigator.sendBeacon('https://shop.test/beacon', 'x');
  }).then(() => fetch('https://shop.test/done', { method: 'POST' }));
</script>";

fn answer(request: &Request) -> Reply {
    let page = request.url == "https://shop.test/";
    let (kind, body) = if page { ("text/html", PAGE) } else { ("text/plain", "") };
    let answer = Answer::new(200, kind, body).with("access-control-allow-origin", "*");
    Reply { answer, record: !page, sightings: Vec::new() }
}

/// The folder of the add-on, or a visible line.
fn add_on() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let folder = named.unwrap_or_else(|| PathBuf::from(PACKAGED));
    if folder.join("manifest.json").is_file() {
        return Some(folder);
    }
    let missing = format!(
        "no uBlock Origin at {}: install webext-ublock-origin-firefox, or name its folder in {VARIABLE}",
        folder.display()
    );
    let required = std::env::var_os("COUNTONCE_REQUIRE_ENGINES").is_some_and(|set| set == "1");
    assert!(!required, "{missing}");
    eprintln!("SKIPPED, {missing}");
    None
}

async fn firefox(found: &Found, driver: &str, proxy: &str) -> Client {
    let mut wanted = Capabilities::new();
    wanted.insert("acceptInsecureCerts".to_owned(), json!(true));
    let proxy = json!({"proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy});
    wanted.insert("proxy".to_owned(), proxy);
    let options = json!({"args": ["-headless"], "binary": found.browser.path});
    wanted.insert("moz:firefoxOptions".to_owned(), options);
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(wanted).connect(driver).await.expect("a browser")
}

/// Puts the add-on into the running browser, for as long as that runs.
async fn install(driver: &str, client: &Client, folder: &Path) {
    let session = client.session_id().await.expect("asked").expect("a session");
    let address = format!("{driver}/session/{session}/moz/addon/install");
    let body = json!({"path": folder, "temporary": true}).to_string();
    // A second installation in the same process is refused and means nothing.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = http.post(address).body(body).send().await.expect("asked");
    let (status, said) = (answer.status(), answer.text().await.unwrap_or_default());
    assert!(status.is_success(), "the add-on is not installed: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn live_what_our_engine_lets_through_ublock_origin_does_too_and_nothing_else() {
    let engine = Engine::named("firefox").expect("an engine");
    if !installed(engine) {
        return;
    }
    let Some(folder) = add_on() else { return };
    let lists = installed_lists(Some(&folder.join("assets/thirdparties/easylist")));
    assert_eq!(lists.len(), 2, "{lists:?}");
    let ours = Arc::new(Filters::load(&lists).expect("lists"));
    let found = setup::find_of(engine).expect("found above");
    let (_driver, address) = driver(&found, "Listening on 127.0.0.1:");

    let network = Network::open(answer, Some(ours)).await;
    let client = firefox(&found, &address, &network.proxy()).await;
    let emulated = network.visit(&client).await;
    client.close().await.expect("closed");
    network.close().await;

    let network = Network::open(answer, None).await;
    let client = firefox(&found, &address, &network.proxy()).await;
    let open = network.visit(&client).await;
    install(&address, &client, &folder).await;
    let deadline = Instant::now() + READY;
    let real = loop {
        // Until the add-on has read its lists everything gets through.
        let through = network.visit(&client).await;
        if through.len() < open.len() {
            break through;
        }
        assert!(Instant::now() < deadline, "the add-on blocks nothing: {through:#?}");
    };
    client.close().await.expect("closed");
    network.close().await;

    assert_eq!(open.len(), 14, "{open:#?}");
    assert_eq!(emulated, real);
    let blocked: BTreeSet<&String> = open.difference(&real).collect();
    for url in [
        "https://connect.facebook.net/en_US/fbevents.js",
        "https://shop.test/assets/fbevents.js",
        "https://www.facebook.com/tr/?id=1&ev=PageView",
        "https://www.facebook.com/tr/?id=1&ev=Lead",
        "https://www.facebook.com/tr/",
    ] {
        assert!(blocked.iter().any(|one| *one == url), "{url} is not blocked: {blocked:#?}");
    }
}
