//! One page in a fresh profile, and the end of it.
//!
//! Never which step comes next.

use serde_json::{Value, json};

use super::bidi::Bidi;
use super::cookie::{self, Cookie};
use super::page::Page;
use super::telling::Telling;

/// One page in a fresh profile.
pub(crate) struct Tab {
    /// What steps act on.
    pub(crate) page: Page,
    pub(super) home: Home,
}

/// Where a page is at home.
pub(super) enum Home {
    /// A profile inside a running browser.
    Profile { bidi: Bidi, profile: String, window: String, telling: Telling },
    /// A browser of its own.
    Browser(fantoccini::Client),
}

impl Tab {
    /// Leaves every page of the profile for an empty one, so that what they send on
    /// leaving is sent. The error is the browser's own text.
    pub(crate) async fn leave(&self) -> Result<(), String> {
        match &self.home {
            Home::Profile { bidi, profile, .. } => {
                let tree = bidi.call("browsingContext.getTree", json!({"maxDepth": 0})).await?;
                let windows = tree.get("contexts").and_then(Value::as_array).cloned();
                for window in windows.unwrap_or_default() {
                    if window.get("userContext").and_then(Value::as_str) == Some(profile) {
                        let params = json!({
                            "context": window["context"], "url": "about:blank", "wait": "none",
                        });
                        bidi.call("browsingContext.navigate", params).await?;
                    }
                }
                Ok(())
            }
            Home::Browser(client) => {
                let windows = client.windows().await.map_err(|cause| cause.to_string())?;
                for window in windows {
                    let window = String::from(window);
                    self.page.switch_to(&window).await.map_err(|error| error.to_string())?;
                    self.page.goto("about:blank").await.map_err(|error| error.to_string())?;
                }
                Ok(())
            }
        }
    }

    /// The cookies that the browser keeps, where it says so.
    pub(crate) async fn cookies(&self) -> Vec<Cookie> {
        match &self.home {
            Home::Profile { bidi, profile, .. } => {
                let partition = json!({"type": "storageKey", "userContext": profile});
                let found = bidi.call("storage.getCookies", json!({"partition": partition})).await;
                // Without an answer nothing is known, which is what an empty list says.
                cookie::listed(found.ok().as_ref().map(|found| &found["cookies"]))
            }
            Home::Browser(_) => {
                let found = self.page.cookies().await;
                cookie::listed(found.ok().as_ref())
            }
        }
    }

    /// Removes the profile, or ends its browser.
    pub(crate) async fn close(self) -> Result<(), String> {
        match self.home {
            Home::Profile { bidi, profile, telling, .. } => {
                let params = json!({"userContext": profile});
                let removed = bidi.call("browser.removeUserContext", params).await;
                telling.forget(&profile);
                removed.map(|_| ())
            }
            Home::Browser(client) => client.close().await.map_err(|cause| cause.to_string()),
        }
    }
}
