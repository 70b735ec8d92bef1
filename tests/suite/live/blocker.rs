//! A real blocker in a real browser beside our own: both are given the same rules, and
//! the same requests must get through.
//!
//! The real one is a declarative-rules extension that the test makes; it lives in
//! Chromium, and our tap lets everything through there.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use countonce::capture::{self, Answer, Opening, Reply, Request, TapeWriter};
use countonce::session::filters::Filters;
use countonce::session::setup::Found;
use countonce::session::tap::{Authority, BrowserTap, BrowserTapConfig, LensConfig};
use countonce::visitor::Circumstances;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::stage::browser;

/// Each rule as filter lists write it, and as browsers take it from an extension.
fn rules() -> Vec<(&'static str, Value)> {
    let rule = |id: u32, condition: Value| json!({"id": id, "priority": 1, "action": {"type": "block"}, "condition": condition});
    vec![
        (
            "||connect.facebook.net^$third-party",
            rule(1, json!({"urlFilter": "||connect.facebook.net^", "domainType": "thirdParty"})),
        ),
        ("/fbevents.js", rule(2, json!({"urlFilter": "/fbevents.js"}))),
        (
            "||facebook.com/tr/$image",
            rule(3, json!({"urlFilter": "||facebook.com/tr/", "resourceTypes": ["image"]})),
        ),
        ("||facebook.com/beacon^", rule(4, json!({"urlFilter": "||facebook.com/beacon^"}))),
    ]
}

/// Asks for scripts, images, data and a beacon, and says when all have been tried.
const PAGE: &str = "<!doctype html><link rel=icon href=data:,><script>
  const ended = (make) => new Promise(end => { const one = make(); one.onload = one.onerror = end; });
  const script = src => ended(() => {
    const one = document.createElement('script'); one.src = src; document.head.append(one); return one;
  });
  const image = src => ended(() => { const one = new Image(); one.src = src; return one; });
  const data = src => fetch(src, { mode: 'no-cors' }).catch(() => {});
  Promise.all([
    script('https://connect.facebook.net/en_US/sdk.js'),
    script('https://shop.test/assets/fbevents.js'),
    script('https://cdn.test/app.js'),
    image('https://www.facebook.com/tr/?id=1&ev=PageView'),
    image('https://www.facebook.com/pixel.gif'),
    image('https://stats.test/tr/?id=1'),
    data('https://www.facebook.com/tr/?id=1&ev=Lead'),
    data('https://shop.test/data'),
    data('https://www.facebook.com/beacon?by=fetch'),
  ]).then(() => {
    navigator.sendBeacon('https://www.facebook.com/beacon?by=beacon', 'x');
    navigator.sendBeacon('https://stats.test/beacon', 'x');
  }).then(() => fetch('https://shop.test/done'));
</script>";

fn answer(request: &Request) -> Reply {
    let page = request.url == "https://shop.test/";
    let (kind, body) = if page { ("text/html", PAGE) } else { ("text/plain", "") };
    let answer = Answer::new(200, kind, body).with("access-control-allow-origin", "*");
    Reply { answer, record: !page, sightings: Vec::new() }
}

/// An extension with the rules, in a folder.
fn extension(folder: &Path) {
    let manifest = json!({
        "manifest_version": 3, "name": "blocker of a test", "version": "1",
        "permissions": ["declarativeNetRequest"],
        "declarative_net_request": {"rule_resources": [
            {"id": "rules", "enabled": true, "path": "rules.json"}]},
    });
    let rules: Vec<Value> = rules().into_iter().map(|(_, rule)| rule).collect();
    std::fs::write(folder.join("manifest.json"), manifest.to_string()).expect("written");
    std::fs::write(folder.join("rules.json"), json!(rules).to_string()).expect("written");
}

pub(super) struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // One that has ended by itself needs no end.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Starts a driver, which says the port after that greeting, and says where it listens.
pub(super) fn driver(found: &Found, greeting: &str) -> (Driver, String) {
    let mut child = Command::new(&found.driver.path)
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the driver starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| {
            let (_, port) = line.split_once(greeting)?;
            Some(port.trim_end_matches('.').to_owned())
        })
        .expect("the driver says its port");
    // A driver that nobody listens to any more ends at its next word.
    std::thread::spawn(move || lines.for_each(drop));
    (Driver(child), format!("http://127.0.0.1:{port}"))
}

/// A tap whose network is the test's own answers, and its tape.
pub(super) struct Network {
    tap: BrowserTap,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Network {
    /// Opens it; with filters, for a visitor whose blocker is ours.
    pub(super) async fn open(
        answer: fn(&Request) -> Reply,
        filters: Option<Arc<Filters>>,
    ) -> Network {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tape.jsonl");
        let opening = Opening { countonce_tape: capture::TAPE_FORMAT, ..Opening::default() };
        let tape = Arc::new(TapeWriter::create(&path, &opening).expect("a tape"));
        let authority = Arc::new(Authority::new().expect("an authority"));
        let claims = Arc::new(|_: &str, _: &str| true);
        let responder = Arc::new(move |request: &Request| Some(answer(request)));
        let mut config = BrowserTapConfig::new(1, authority, claims, responder, tape);
        config.bind = (Ipv4Addr::LOCALHOST, 0).into();
        if filters.is_some() {
            let circumstances = Circumstances::of_profile("adblock");
            config.lens = LensConfig { circumstances, filters, ..LensConfig::clear() };
        }
        let tap = BrowserTap::open(config).await.expect("a tap");
        Network { tap, path, _folder: folder }
    }

    /// `host:port` of the proxy.
    pub(super) fn proxy(&self) -> String {
        self.tap.address().to_string()
    }

    /// Opens the page in that browser; what gets through to the network.
    pub(super) async fn visit(&self, client: &Client) -> BTreeSet<String> {
        let before = self.through().len();
        let done = || self.through().iter().skip(before).any(|url| url.ends_with("/done"));
        client.goto("https://shop.test/").await.expect("the page opens");
        let deadline = Instant::now() + Duration::from_secs(20);
        let tick = Duration::from_millis(50);
        let came = self.tap.witness().until(deadline, tick, |_| done()).await;
        assert!(came, "the page has not tried everything: {:#?}", self.through());
        // Beacons are on their way by now; leaving the page lets them arrive.
        client.goto("about:blank").await.expect("left");
        let quiet = |seen: &countonce::session::Seen| seen.is_quiet_for(Duration::from_millis(300));
        assert!(self.tap.witness().until(deadline, tick, quiet).await, "never quiet");
        self.through().into_iter().skip(before).collect()
    }

    /// Requests of pages that got through so far, in order.
    fn through(&self) -> Vec<String> {
        let (capture, _open) = capture::read(&self.path).expect("a tape");
        let urls = capture.exchanges.into_iter().map(|exchange| exchange.request.url);
        urls.filter(|url| [".test/", "facebook"].iter().any(|part| url.contains(part))).collect()
    }

    pub(super) async fn close(self) {
        self.tap.close().await;
    }
}

/// Opens the page with that blocker; what got through to the network.
async fn through(
    found: &Found,
    driver: &str,
    extension: Option<&Path>,
    filters: Option<Arc<Filters>>,
) -> BTreeSet<String> {
    let network = Network::open(answer, filters).await;
    let mut args = vec![
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-features=DisableLoadExtensionCommandLineSwitch".to_owned(),
        format!("--proxy-server=http://{}", network.proxy()),
    ];
    args.extend(extension.map(|folder| format!("--load-extension={}", folder.display())));
    let mut wanted = Capabilities::new();
    wanted.insert("acceptInsecureCerts".to_owned(), json!(true));
    let chrome = json!({"args": args, "binary": found.browser.path});
    wanted.insert("goog:chromeOptions".to_owned(), chrome);
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(wanted)
        .connect(driver)
        .await
        .expect("a browser");
    let through = network.visit(&client).await;
    client.close().await.expect("closed");
    network.close().await;
    through
}

#[tokio::test(flavor = "multi_thread")]
async fn what_our_blocker_lets_through_a_real_one_does_too_and_nothing_else() {
    let Some(found) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    extension(folder.path());
    let list = folder.path().join("rules.txt");
    let lines: Vec<&str> = rules().into_iter().map(|(line, _)| line).collect();
    std::fs::write(&list, lines.join("\n")).expect("written");
    let ours = Arc::new(Filters::load(&[list]).expect("rules"));
    let (_driver, address) = driver(&found, "started successfully on port ");

    let open = through(&found, &address, None, None).await;
    assert_eq!(open.len(), 12, "{open:#?}");
    let real = through(&found, &address, Some(folder.path()), None).await;
    let emulated = through(&found, &address, None, Some(ours)).await;
    assert_eq!(emulated, real);
    let blocked: Vec<&String> = open.difference(&real).collect();
    assert_eq!(
        blocked,
        [
            "https://connect.facebook.net/en_US/sdk.js",
            "https://shop.test/assets/fbevents.js",
            "https://www.facebook.com/beacon?by=beacon",
            "https://www.facebook.com/beacon?by=fetch",
            "https://www.facebook.com/tr/?id=1&ev=PageView",
        ]
    );
}
