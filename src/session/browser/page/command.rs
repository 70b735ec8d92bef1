//! Commands as the driver takes them, and what its refusals mean for a step.
//!
//! Never sends anything.

use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};

use super::PageError;

/// A command of the browser's own protocol, by the driver's extension for it.
pub(super) fn devtools(method: &str, params: &Value) -> Command {
    Command::post("goog/cdp/execute", json!({"cmd": method, "params": params}))
}

/// A command by its path below the session.
#[derive(Debug)]
pub(super) struct Command {
    path: String,
    body: Option<Value>,
    deletes: bool,
}

impl Command {
    pub(super) fn get(path: &str) -> Command {
        Command { path: path.to_owned(), body: None, deletes: false }
    }

    pub(super) fn post(path: impl Into<String>, body: Value) -> Command {
        Command { path: path.into(), body: Some(body), deletes: false }
    }

    pub(super) fn delete(path: impl Into<String>) -> Command {
        Command { path: path.into(), body: None, deletes: true }
    }
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        match &self.body {
            Some(body) => (http::Method::POST, Some(body.to_string())),
            None if self.deletes => (http::Method::DELETE, None),
            None => (http::Method::GET, None),
        }
    }
}

/// What a failed command means for the step.
pub(super) fn meaning(cause: &CmdError) -> PageError {
    let CmdError::Standard(error) = cause else {
        return PageError::Gone(plain(&cause.to_string()));
    };
    let what = plain(&error.message);
    match error.error {
        ErrorStatus::InvalidSessionId | ErrorStatus::SessionNotCreated => PageError::Gone(what),
        ErrorStatus::Timeout => PageError::Slow,
        // The driver answers so at once, too, when the page goes away under a script.
        ErrorStatus::ScriptTimeout
        | ErrorStatus::StaleElementReference
        | ErrorStatus::DetachedShadowRoot
        | ErrorStatus::ElementClickIntercepted
        | ErrorStatus::ElementNotInteractable
        | ErrorStatus::MoveTargetOutOfBounds
        | ErrorStatus::NoSuchElement
        | ErrorStatus::NoSuchFrame
        | ErrorStatus::NoSuchShadowRoot
        | ErrorStatus::NoSuchAlert
        | ErrorStatus::UnexpectedAlertOpen => PageError::Changed(what),
        ErrorStatus::NoSuchWindow => PageError::Gone("its window was closed".to_owned()),
        _ => by_text(error.error == ErrorStatus::JavascriptError, what),
    }
}

/// The rest can only be told by the driver's words.
fn by_text(script: bool, what: String) -> PageError {
    const CHANGED: &[&str] = &[
        "document unloaded",
        "Document was unloaded",
        "Browsing context has been discarded",
        "browsing context is no longer",
        "AbortError",
        "destroyed before query",
        "can't access dead object",
        "NS_BINDING_ABORTED",
        "execution context",
        "frame detached",
        "target frame",
        "aborted by navigation",
        "loading status",
        "no such execution",
        "inspector error",
        "Cannot find context",
        "not attached",
        "does not belong to the document",
    ];
    const GONE: &[&str] =
        &["tab crashed", "disconnected", "not reachable", "closed the connection", "target closed"];
    // Firefox names the page that it shows instead: `about:neterror?e=connectionFailure&…`.
    if let Some((_, rest)) = what.split_once("about:neterror?e=") {
        let code = rest.split(['&', ' ']).next().unwrap_or_default();
        return PageError::Network(code.to_owned());
    }
    if let Some(at) = what.find("net::ERR_") {
        let code: String =
            what[at..].chars().take_while(|c| !c.is_whitespace() && *c != '"').collect();
        return PageError::Network(code);
    }
    if GONE.iter().any(|word| what.contains(word)) {
        return PageError::Gone(what);
    }
    if CHANGED.iter().any(|word| what.contains(word)) {
        return PageError::Changed(what);
    }
    if script {
        let message = what.strip_prefix("javascript error: ").unwrap_or(&what);
        return PageError::Script(message.to_owned());
    }
    PageError::Refused(what)
}

/// The driver's message without its stack and its note about the session.
pub(in crate::session::browser) fn plain(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    first.split("(Session info").next().unwrap_or(first).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_failures_keep_their_code_only() {
        let what = "unknown error: net::ERR_CONNECTION_REFUSED at \"http://x/\"".to_owned();
        assert_eq!(
            by_text(false, what),
            PageError::Network("net::ERR_CONNECTION_REFUSED".to_owned())
        );
    }

    #[test]
    fn a_page_that_goes_away_is_told_from_a_browser_that_does() {
        let changed = "javascript error: document unloaded while waiting for result";
        assert!(matches!(by_text(true, changed.to_owned()), PageError::Changed(_)));
        assert!(matches!(by_text(false, "tab crashed".to_owned()), PageError::Gone(_)));
        assert_eq!(
            by_text(true, "javascript error: x is not defined".to_owned()),
            PageError::Script("x is not defined".to_owned())
        );
    }

    #[test]
    fn firefox_says_the_same_in_other_words() {
        let error = "Reached error page: about:neterror?e=connectionFailure&u=https%3A//x/&c=UTF-8";
        let network = PageError::Network("connectionFailure".to_owned());
        assert_eq!(by_text(false, error.to_owned()), network);
        let unloaded = by_text(true, "Document was unloaded".to_owned());
        assert!(matches!(unloaded, PageError::Changed(_)), "{unloaded:?}");
    }

    #[test]
    fn the_drivers_stack_is_left_out() {
        let message = "no such window: closed\n  (Session info: chrome=156)\n#0 0x5581 <unknown>";
        assert_eq!(plain(message), "no such window: closed");
    }
}
