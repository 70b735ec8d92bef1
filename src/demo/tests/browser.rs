//! A browser without a screen: cookies, redirects, forms, and the shop's script as
//! far as firing goes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::LazyLock;

use regex::Regex;
use reqwest::header::{HeaderMap, SET_COOKIE};
use reqwest::redirect::Policy;
use serde_json::{Map, Value};

/// The address that the load balancer reports.
pub(super) const ADDRESS: &str = "198.51.100.24";

/// The browser's name.
pub(super) const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36";

static CALL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^(track|trackAgain)\((.*)\);$").expect("constant"));
static INIT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^fbq\('init', '(\d+)', (.*)\);$").expect("constant"));
static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"name="token" value="([^"]+)""#).expect("constant"));

/// One visitor's browser.
pub(super) struct Browser {
    client: reqwest::Client,
    door: SocketAddr,
    pub(super) agent: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) cookies: BTreeMap<String, String>,
    /// What the pixel was told, in order.
    pub(super) fired: Vec<Fired>,
    /// What `fbq('init', …)` was given on each page.
    pub(super) matching: Vec<Map<String, Value>>,
    /// Path of the page on the screen.
    pub(super) path: String,
    /// Its text.
    pub(super) html: String,
    /// Every page's path and text.
    pub(super) seen: Vec<(String, String)>,
}

/// A call of the pixel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fired {
    pub(super) name: String,
    pub(super) params: Value,
    pub(super) id: Value,
    /// Path of the page that fired it.
    pub(super) path: String,
}

impl Browser {
    pub(super) fn new(door: SocketAddr) -> Browser {
        let _already = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .tls_certs_only([])
            .build()
            .expect("a client");
        Browser {
            client,
            door,
            agent: AGENT.to_owned(),
            headers: vec![
                ("host", "shop.test".to_owned()),
                ("x-forwarded-for", ADDRESS.to_owned()),
                ("x-forwarded-proto", "https".to_owned()),
            ],
            cookies: BTreeMap::new(),
            fired: Vec::new(),
            matching: Vec::new(),
            path: String::new(),
            html: String::new(),
            seen: Vec::new(),
        }
    }

    /// Opens a page.
    pub(super) async fn visit(&mut self, path: &str) -> u16 {
        self.open(path, None).await
    }

    /// Sends a form; the answer is the next page.
    pub(super) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> u16 {
        self.open(path, Some(form)).await
    }

    /// Sends a form from a script and fires what the answer says.
    pub(super) async fn ask(&mut self, path: &str, form: &[(&str, &str)]) -> Value {
        let answer = self.ask_and_leave(path, form).await;
        for call in answer["calls"].as_array().into_iter().flatten() {
            self.fire(call["name"].as_str().expect("a name"), &call["params"], &call["id"], false);
        }
        answer
    }

    /// Sends a form from a script and leaves before the answer is there.
    pub(super) async fn ask_and_leave(&mut self, path: &str, form: &[(&str, &str)]) -> Value {
        let (status, _, text) = self.send(path, Some(form), true).await;
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// The token in the payment form.
    pub(super) fn token(&self) -> String {
        TOKEN.captures(&self.html).expect("a payment form")[1].to_owned()
    }

    /// The only call of that name.
    #[track_caller]
    pub(super) fn only(&self, name: &str) -> &Fired {
        let found: Vec<&Fired> = self.fired.iter().filter(|fired| fired.name == name).collect();
        assert_eq!(found.len(), 1, "pixel calls named {name}");
        found[0]
    }

    async fn open(&mut self, path: &str, form: Option<&[(&str, &str)]>) -> u16 {
        let (mut status, mut headers, mut text) = self.send(path, form, false).await;
        let mut path = path.to_owned();
        while status == 303 {
            headers["location"].to_str().expect("a location").clone_into(&mut path);
            (status, headers, text) = self.send(&path, None, false).await;
        }
        assert!(status < 500, "{path}: {text}");
        self.path.clone_from(&path);
        self.html.clone_from(&text);
        self.seen.push((path, text.clone()));
        if let Some(init) = INIT.captures(&text) {
            self.matching.push(serde_json::from_str(&init[2]).expect("an object"));
            for call in CALL.captures_iter(&text) {
                let call_of: Vec<Value> =
                    serde_json::from_str(&format!("[{}]", &call[2])).expect("arguments");
                let name = call_of[0].as_str().expect("a name");
                self.fire(name, &call_of[1], &call_of[2], &call[1] == "trackAgain");
            }
        }
        status
    }

    fn fire(&mut self, name: &str, params: &Value, id: &Value, again: bool) {
        if again && self.fired.iter().any(|fired| fired.id == *id) {
            return;
        }
        self.fired.push(Fired {
            name: name.to_owned(),
            params: params.clone(),
            id: id.clone(),
            path: self.path.clone(),
        });
    }

    async fn send(
        &mut self,
        path: &str,
        form: Option<&[(&str, &str)]>,
        by_script: bool,
    ) -> (u16, HeaderMap, String) {
        let url = format!("http://{}{path}", self.door);
        let mut request = match form {
            Some(form) => self.client.post(url).form(form),
            None => self.client.get(url),
        };
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request
            .header("user-agent", &self.agent)
            .header("cookie", cookies.join("; "))
            .header("referer", format!("https://shop.test{}", self.path))
            .header("accept", if by_script { "application/json" } else { "text/html" });
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let (pair, rest) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        (status, headers, answer.text().await.expect("a text"))
    }
}
