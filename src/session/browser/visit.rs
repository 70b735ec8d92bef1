//! What a visitor does besides steps: a second tab, a closed one, cookies that are set or
//! gone, scripts that run before those of the page.
//!
//! Never why it is done.

use serde_json::json;

use super::cookie::{self, Cookie};
use super::page::PageError;
use super::{Home, Tab};

impl Tab {
    /// Has a function run in every page of the tab before its own scripts; false where the
    /// browser has no command for it.
    pub(crate) async fn preload(&self, function: &str) -> bool {
        let Home::Profile { bidi, profile, window, .. } = &self.home else { return false };
        // Where it can, in every tab of the profile; older browsers know only the one tab.
        for place in [("userContexts", profile), ("contexts", window)] {
            let params = json!({"functionDeclaration": function, place.0: [place.1]});
            if bidi.call("script.addPreloadScript", params).await.is_ok() {
                return true;
            }
        }
        false
    }

    /// Opens an address in a second tab of the same profile, waits until it has loaded,
    /// and hands back what closes it.
    pub(crate) async fn second(&self, address: &str) -> Result<Second, PageError> {
        match &self.home {
            Home::Profile { bidi, profile, .. } => {
                let refused = PageError::Refused;
                let opened = bidi
                    .call("browsingContext.create", json!({"type": "tab", "userContext": profile}))
                    .await
                    .map_err(refused)?;
                let window = opened["context"].as_str().unwrap_or_default().to_owned();
                let params = json!({"context": window, "url": address, "wait": "complete"});
                bidi.call("browsingContext.navigate", params).await.map_err(refused)?;
                Ok(Second { window, first: None })
            }
            Home::Browser(_) => {
                let first = self.page.window().await?;
                let window = self.page.new_window().await?;
                self.page.switch_to(&window).await?;
                self.page.goto(address).await?;
                Ok(Second { window, first: Some(first) })
            }
        }
    }

    /// Closes a second tab.
    pub(crate) async fn close_second(&self, second: Second) -> Result<(), PageError> {
        match (&self.home, second.first) {
            (Home::Profile { bidi, .. }, _) => {
                let params = json!({"context": second.window});
                bidi.call("browsingContext.close", params).await.map_err(PageError::Refused)?;
            }
            (Home::Browser(_), first) => {
                self.page.close_window().await?;
                if let Some(first) = first {
                    self.page.switch_to(&first).await?;
                }
            }
        }
        Ok(())
    }

    /// Closes the tab at once, whatever it is doing.
    pub(crate) async fn shut(&self) -> Result<(), PageError> {
        match &self.home {
            Home::Profile { bidi, window, .. } => {
                let params = json!({"context": window});
                bidi.call("browsingContext.close", params)
                    .await
                    .map(|_| ())
                    .map_err(PageError::Refused)
            }
            Home::Browser(_) => self.page.close_window().await,
        }
    }

    /// The cookies of the page's site.
    pub(crate) async fn site_cookies(&self) -> Result<Vec<Cookie>, PageError> {
        let listed = match &self.home {
            Home::Profile { bidi, window, .. } => {
                let partition = json!({"type": "context", "context": window});
                let answer = bidi.call("storage.getCookies", json!({"partition": partition})).await;
                answer.map(|answer| answer["cookies"].clone()).map_err(PageError::Refused)?
            }
            Home::Browser(_) => self.page.cookies().await?,
        };
        Ok(cookie::listed(Some(&listed)))
    }

    /// Takes a cookie of the page's site away.
    pub(crate) async fn forget(&self, name: &str) -> Result<(), PageError> {
        match &self.home {
            Home::Profile { bidi, window, .. } => {
                let partition = json!({"type": "context", "context": window});
                let params = json!({"filter": {"name": name}, "partition": partition});
                bidi.call("storage.deleteCookies", params)
                    .await
                    .map(|_| ())
                    .map_err(PageError::Refused)
            }
            Home::Browser(_) => self.page.forget(name).await,
        }
    }
}

/// A second tab that is open.
#[derive(Debug)]
pub(crate) struct Second {
    window: String,
    /// The window that commands went to before.
    first: Option<String>,
}
