//! A headless browser with one window, driven by the plain WebDriver protocol: opens
//! files, runs scripts, and tells what the console and the network saw.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use countonce::session::setup;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Longest wait for something on the page.
const PATIENCE: Duration = Duration::from_secs(10);

/// A window; browser and driver end with it.
pub(crate) struct Window {
    driver: Child,
    runtime: Runtime,
    client: reqwest::Client,
    session: String,
    folder: tempfile::TempDir,
}

impl Window {
    /// Starts driver and browser.
    pub(crate) fn open() -> Window {
        let found = setup::find().expect("the caller has looked for a browser");
        let folder = tempfile::tempdir().expect("a folder");
        let mut driver = Command::new(&found.driver.path)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a driver");
        let lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
        let port: u16 = lines
            .map_while(Result::ok)
            .find_map(|line| {
                line.split("successfully on port ")
                    .nth(1)?
                    .trim_end_matches('.')
                    .trim()
                    .parse()
                    .ok()
            })
            .expect("the driver names its port");
        let runtime = Runtime::new().expect("a runtime");
        let mut window = Window {
            driver,
            runtime,
            client: client(),
            session: format!("http://127.0.0.1:{port}/session"),
            folder,
        };
        let profile = window.folder.path().display().to_string();
        let answer = window.post(
            "",
            &json!({"capabilities": {"alwaysMatch": {
                "browserName": "chrome",
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                "goog:chromeOptions": {
                    "binary": found.browser.path,
                    "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900",
                        format!("--user-data-dir={profile}")],
                },
            }}}),
        );
        let id = answer["sessionId"].as_str().expect("a session").to_owned();
        window.session = format!("{}/{id}", window.session);
        // What the browser's own first page asked for is nobody's business.
        window.visit("about:blank");
        window.requests();
        window
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        let request = self.client.post(format!("{}{path}", self.session)).json(body);
        let answer: Value = self.runtime.block_on(async {
            request.send().await.expect("the driver answers").json().await.expect("JSON")
        });
        let value = answer["value"].clone();
        assert!(value.get("error").is_none(), "{path}: {value}");
        value
    }

    /// Opens an address and waits until it has loaded.
    pub(crate) fn visit(&self, address: &str) {
        self.post("url", &json!({"url": address}));
    }

    /// Runs a script and hands back what it returns.
    #[track_caller]
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({"script": script, "args": []}))
    }

    /// Runs a script that calls back.
    pub(crate) fn ask(&self, script: &str) -> Value {
        self.post("execute/async", &json!({"script": script, "args": []}))
    }

    /// Waits until a script returns something true.
    pub(crate) fn until(&self, script: &str) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let value = self.run(script);
            if value != json!(false) && value != json!(0) && !value.is_null() {
                return true;
            }
            self.ask("requestAnimationFrame(() => arguments[arguments.length - 1](0))");
        }
        false
    }

    /// Makes the window so large.
    pub(crate) fn size(&self, width: u32, height: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        );
    }

    /// Has the visitor prefer `light` or `dark`.
    pub(crate) fn scheme(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    fn devtools(&self, method: &str, params: &Value) {
        self.post("goog/cdp/execute", &json!({"cmd": method, "params": params}));
    }

    /// What the console said, errors and warnings of the browser included.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.post("se/log", &json!({"type": "browser"}));
        log.as_array().into_iter().flatten().map(|line| line["message"].to_string()).collect()
    }

    /// Addresses that were asked for, data in an address left out.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = self.post("se/log", &json!({"type": "performance"}));
        log.as_array()
            .into_iter()
            .flatten()
            .filter_map(|line| serde_json::from_str::<Value>(line["message"].as_str()?).ok())
            .filter(|line| line["message"]["method"] == "Network.requestWillBeSent")
            .filter_map(|line| {
                Some(line["message"]["params"]["request"]["url"].as_str()?.to_owned())
            })
            .filter(|address| !address.starts_with("data:"))
            .collect()
    }
}

fn client() -> reqwest::Client {
    // A second installation finds the first one in place.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

impl Drop for Window {
    fn drop(&mut self) {
        let ended = self.runtime.block_on(self.client.delete(&self.session).send());
        // The browser ends with its driver where it could not be told to.
        drop(ended);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
