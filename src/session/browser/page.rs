//! One page through the classic `WebDriver` protocol: commands, and what their failures mean.
//!
//! The script that looks and waits is sent from here. A page that changes under a
//! command is no failure: the command is tried again until its time is over.
//! Never which action is carried out, never a scenario.

mod command;

pub(super) use command::plain;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use fantoccini::Client;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::wish::SCRIPT;
use command::{Command, devtools, meaning};

/// Longest wait inside one command, so that a stop or a crash is noticed in between.
const SLICE: Duration = Duration::from_secs(2);

/// The same where the caller may have no hope left before the deadline.
const SHORT_SLICE: Duration = Duration::from_millis(500);

/// Says that what is not there will not come any more, so that nobody need wait for it.
pub(crate) type Hopeless<'a> = Option<&'a (dyn Fn() -> bool + Send + Sync)>;

/// Pause before a command is tried again after the page changed under it. The driver
/// tells no one when a page is ready again, so it has to be asked.
const AGAIN: Duration = Duration::from_millis(15);

/// Pause before a page that runs no scripts is asked again: nothing in it can tell.
const ASKED_AGAIN: Duration = Duration::from_millis(50);

/// How much longer than a page load the driver may be silent before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(15);

/// The name under which an element travels. Source: W3C `WebDriver`, "web element identifier".
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Quality of small pictures, of 100: text stays readable at some 15 kB a page (measured
/// with the demo shop).
const PICTURE_QUALITY: u32 = 55;

/// How deep frames are entered in search of an element.
const DEEPEST_FRAME: u32 = 4;

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PageError {
    /// The page went away or changed while the command ran; it may not have been carried out.
    Changed(String),
    /// The page did not load in time.
    Slow,
    /// The address could not be opened (`net::ERR_…`).
    Network(String),
    /// A script threw.
    Script(String),
    /// Browser or driver are gone.
    Gone(String),
    /// The driver refused the command.
    Refused(String),
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PageError::Changed(what) => write!(f, "the page changed meanwhile ({what})"),
            PageError::Slow => write!(f, "the page did not finish loading"),
            PageError::Network(what) => write!(f, "the page cannot be opened ({what})"),
            PageError::Script(what) => write!(f, "the script failed: {what}"),
            PageError::Gone(what) => write!(f, "the browser is gone ({what})"),
            PageError::Refused(what) => write!(f, "the browser refused: {what}"),
        }
    }
}

/// A page that steps act on.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    client: Client,
    load: Duration,
    busy: Arc<AtomicU64>,
    /// True when the driver takes commands of Chromium's own protocol.
    devtools: bool,
    /// True while pages run no scripts of their own: what the driver runs cannot wait in
    /// them either, since timers are the page's.
    inert: Arc<AtomicBool>,
}

/// What the script answered when the wish was met.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sought {
    /// The element, where the wish was for one.
    pub(crate) element: Option<String>,
    /// The script's whole answer.
    pub(crate) answer: Value,
    /// How many frames were entered to get there.
    pub(crate) depth: u32,
}

/// A wish that was not met.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Unmet {
    /// The script's last answer, with its reason and candidates.
    Missing(Value),
    /// Something failed on the way.
    Failed(PageError),
}

impl From<PageError> for Unmet {
    fn from(error: PageError) -> Unmet {
        Unmet::Failed(error)
    }
}

impl Page {
    pub(super) fn new(client: Client, load: Duration, devtools: bool) -> Page {
        Page { client, load, busy: Arc::default(), devtools, inert: Arc::default() }
    }

    /// Time spent in commands so far.
    pub(crate) fn busy(&self) -> Duration {
        Duration::from_micros(self.busy.load(Ordering::Relaxed))
    }

    /// How long a page may take to load.
    pub(crate) fn load(&self) -> Duration {
        self.load
    }

    /// Opens an address and waits until it has loaded.
    pub(crate) async fn goto(&self, address: &str) -> Result<(), PageError> {
        self.command(Command::post("url", json!({"url": address}))).await.map(|_| ())
    }

    /// Loads the page again.
    pub(crate) async fn reload(&self) -> Result<(), PageError> {
        self.command(Command::post("refresh", json!({}))).await.map(|_| ())
    }

    /// One step back in the history.
    pub(crate) async fn back(&self) -> Result<(), PageError> {
        self.command(Command::post("back", json!({}))).await.map(|_| ())
    }

    /// One step forward in the history.
    pub(crate) async fn forward(&self) -> Result<(), PageError> {
        self.command(Command::post("forward", json!({}))).await.map(|_| ())
    }

    /// Pages run no scripts of their own from here on.
    pub(crate) fn is_inert(&self) {
        self.inert.store(true, Ordering::Relaxed);
    }

    /// True when pages run no scripts of their own.
    pub(crate) fn inert(&self) -> bool {
        self.inert.load(Ordering::Relaxed)
    }

    /// The window that commands go to.
    pub(super) async fn window(&self) -> Result<String, PageError> {
        let value = self.command(Command::get("window")).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Opens another tab; commands go on to the old one.
    pub(super) async fn new_window(&self) -> Result<String, PageError> {
        let value = self.command(Command::post("window/new", json!({"type": "tab"}))).await?;
        Ok(value["handle"].as_str().unwrap_or_default().to_owned())
    }

    /// Closes the window that commands go to.
    pub(super) async fn close_window(&self) -> Result<(), PageError> {
        self.command(Command::delete("window")).await.map(|_| ())
    }

    /// Takes a cookie of the page's site away.
    pub(super) async fn forget(&self, name: &str) -> Result<(), PageError> {
        let name = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
        self.command(Command::delete(format!("cookie/{name}"))).await.map(|_| ())
    }

    /// Sets a cookie of the page's site.
    pub(crate) async fn set_cookie(&self, name: &str, value: &str) -> Result<(), PageError> {
        let cookie = json!({"cookie": {"name": name, "value": value, "path": "/"}});
        self.command(Command::post("cookie", cookie)).await.map(|_| ())
    }

    /// Address of the page.
    pub(crate) async fn address(&self) -> Result<String, PageError> {
        let value = self.command(Command::get("url")).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// The cookies that the page can send, as the classic protocol lists them.
    pub(super) async fn cookies(&self) -> Result<Value, PageError> {
        self.command(Command::get("cookie")).await
    }

    /// The window as a PNG, base64.
    pub(crate) async fn screenshot(&self) -> Result<String, PageError> {
        let value = self.command(Command::get("screenshot")).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// The window as a small picture, base64: `WebP` where the browser has a command for
    /// it, else PNG.
    pub(crate) async fn picture(&self) -> Result<String, PageError> {
        let params =
            json!({"format": "webp", "quality": PICTURE_QUALITY, "optimizeForSpeed": true});
        match self.command(devtools("Page.captureScreenshot", &params)).await {
            Ok(value) => Ok(value["data"].as_str().unwrap_or_default().to_owned()),
            Err(PageError::Refused(_)) => self.screenshot().await,
            Err(error) => Err(error),
        }
    }

    /// Makes a window the one that commands go to.
    pub(super) async fn switch_to(&self, window: &str) -> Result<(), PageError> {
        self.command(Command::post("window", json!({"handle": window}))).await.map(|_| ())
    }

    /// Sets the size of the window.
    pub(super) async fn resize(&self, width: u32, height: u32) -> Result<(), PageError> {
        let rect = json!({"x": 0, "y": 0, "width": width, "height": height});
        self.command(Command::post("window/rect", rect)).await.map(|_| ())
    }

    /// Dispatches a sequence of pointer or key actions.
    pub(crate) async fn actions(&self, actions: Value) -> Result<(), PageError> {
        self.command(Command::post("actions", actions)).await.map(|_| ())
    }

    /// Enters a text where the focus is, as one insertion; false where the browser has no
    /// command for it.
    pub(crate) async fn insert(&self, text: &str) -> Result<bool, PageError> {
        if !self.devtools {
            return Ok(false);
        }
        match self.command(devtools("Input.insertText", &json!({"text": text}))).await {
            Ok(_) => Ok(true),
            Err(PageError::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Types into an element, key by key.
    pub(crate) async fn keys(&self, element: &str, text: &str) -> Result<(), PageError> {
        let path = format!("element/{element}/value");
        self.command(Command::post(path, json!({"text": text}))).await.map(|_| ())
    }

    /// Takes the word "Headless" out of the user agent of a browser that was started
    /// by someone else. Browsers without that word or that command stay as they are.
    pub(super) async fn hide_headless(&self) {
        let Ok(version) = self.command(devtools("Browser.getVersion", &json!({}))).await else {
            return;
        };
        let agent = version.get("userAgent").and_then(Value::as_str).unwrap_or_default();
        if agent.contains("Headless") {
            let params = json!({"userAgent": agent.replace("Headless", "")});
            // A refusal leaves the browser as it was.
            let _ = self.command(devtools("Network.setUserAgentOverride", &params)).await;
        }
    }

    /// A click where the script found that the element takes it.
    ///
    /// The point is given, not the element: the driver would ask the page half a dozen
    /// times where an element is. Only in a frame is it left to the driver.
    pub(crate) async fn click(&self, sought: &Sought) -> Result<(), PageError> {
        self.clicks(sought, 1).await
    }

    /// So many clicks in quick succession, where the script found that the element takes
    /// them.
    pub(crate) async fn clicks(&self, sought: &Sought, times: usize) -> Result<(), PageError> {
        let at = |name: &str| sought.answer.get(name).cloned();
        let mut to = json!({"type": "pointerMove", "duration": 0});
        match (at("x"), at("y"), &sought.element) {
            (Some(x), Some(y), _) if sought.depth == 0 => (to["x"], to["y"]) = (x, y),
            (_, _, Some(element)) => {
                (to["x"], to["y"]) = (json!(0), json!(0));
                to["origin"] = json!({ELEMENT: element});
            }
            _ => return Err(PageError::Changed("the element is gone".to_owned())),
        }
        let press = json!({"type": "pointerDown", "button": 0});
        let release = json!({"type": "pointerUp", "button": 0});
        let mut actions = vec![to];
        for _ in 0..times {
            actions.extend([press.clone(), release.clone()]);
        }
        self.actions(json!({"actions": [{
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": actions,
        }]}))
        .await?;
        if self.inert() {
            return Ok(());
        }
        // The page schedules what a click sets off; two turns of its loop later a form is
        // on its way. A page that is left meanwhile cannot answer, and need not.
        let turns = "const done = arguments[arguments.length - 1];
            setTimeout(() => setTimeout(done, 0), 0);";
        let _left = self.run(turns, json!([])).await;
        Ok(())
    }

    /// Runs a script that calls back with its result.
    pub(crate) async fn run(&self, script: &str, args: Value) -> Result<Value, PageError> {
        let body = json!({"script": script, "args": args});
        self.command(Command::post("execute/async", body)).await
    }

    /// Goes back to the page itself after something was done in a frame.
    pub(crate) async fn leave_frames(&self) -> Result<(), PageError> {
        self.command(Command::post("frame", json!({"id": null}))).await.map(|_| ())
    }

    async fn enter(&self, frame: &Value) -> Result<(), PageError> {
        self.command(Command::post("frame", json!({"id": frame}))).await.map(|_| ())
    }

    /// Waits until a wish is met, in the page or in a frame of it.
    ///
    /// On success the driver stands in the frame that holds the element; `depth`
    /// says so, and [`Page::leave_frames`] leads back.
    pub(crate) async fn seek(
        &self,
        wish: &Value,
        deadline: Instant,
        hopeless: Hopeless<'_>,
    ) -> Result<Sought, Unmet> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let inert = self.inert();
            let slice = match (inert, hopeless) {
                (true, _) => Duration::ZERO,
                (false, None) => left.min(SLICE),
                (false, Some(_)) => left.min(SHORT_SLICE),
            };
            match self.seek_once(wish, slice).await {
                Ok(sought) => return Ok(sought),
                Err(Unmet::Failed(PageError::Changed(what))) => {
                    // It may have changed while the driver stood in a frame.
                    match self.leave_frames().await {
                        Ok(()) | Err(PageError::Changed(_)) => {}
                        Err(other) => return Err(other.into()),
                    }
                    if Instant::now() >= deadline {
                        return Err(Unmet::Failed(PageError::Changed(what)));
                    }
                    tokio::time::sleep(AGAIN).await;
                }
                Err(Unmet::Missing(answer)) => {
                    let is_final = answer.get("final").is_some_and(|last| last == &json!(true));
                    let in_vain = hopeless.is_some_and(|hopeless| hopeless());
                    if is_final || in_vain || Instant::now() >= deadline {
                        return Err(Unmet::Missing(answer));
                    }
                    if inert {
                        tokio::time::sleep(ASKED_AGAIN).await;
                    }
                }
                Err(failed) => return Err(failed),
            }
        }
    }

    async fn seek_once(&self, wish: &Value, within: Duration) -> Result<Sought, Unmet> {
        let mut depth = 0;
        let mut within = within;
        loop {
            let answer = self.run(SCRIPT, json!([wish, millis(within)])).await?;
            if answer.get("ok") == Some(&json!(true)) {
                if let Some(frame) = answer.get("enter")
                    && depth < DEEPEST_FRAME
                {
                    self.enter(frame).await?;
                    depth += 1;
                    within = Duration::ZERO;
                    continue;
                }
                let element = answer["element"].get(ELEMENT).and_then(Value::as_str);
                return Ok(Sought { element: element.map(str::to_owned), answer, depth });
            }
            if depth > 0 {
                self.leave_frames().await?;
                return Err(Unmet::Missing(answer));
            }
            return match self.seek_in_closed_frames(wish, &answer).await? {
                Some(sought) => Ok(sought),
                None => Err(Unmet::Missing(answer)),
            };
        }
    }

    /// Looks into frames of other origins, which the page's own script cannot see into.
    async fn seek_in_closed_frames(
        &self,
        wish: &Value,
        answer: &Value,
    ) -> Result<Option<Sought>, PageError> {
        for frame in answer.get("closed").and_then(Value::as_array).into_iter().flatten() {
            self.enter(frame).await?;
            let inner = self.run(SCRIPT, json!([wish, 0])).await?;
            if inner.get("ok") == Some(&json!(true)) && inner.get("enter").is_none() {
                let element = inner["element"].get(ELEMENT).and_then(Value::as_str);
                let element = element.map(str::to_owned);
                return Ok(Some(Sought { element, answer: inner, depth: 1 }));
            }
            self.leave_frames().await?;
        }
        Ok(None)
    }

    async fn command(&self, command: Command) -> Result<Value, PageError> {
        let begun = Instant::now();
        let answer =
            tokio::time::timeout(self.load + PATIENCE, self.client.issue_cmd(command)).await;
        let spent = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.busy.fetch_add(spent, Ordering::Relaxed);
        match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(cause)) => Err(meaning(&cause)),
            Err(_) => Err(PageError::Gone("the driver does not answer".to_owned())),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
