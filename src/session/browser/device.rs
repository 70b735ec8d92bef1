//! Devices that a browser may pass for: size and density of the screen, touch, user agent.
//!
//! A session gets one by [`Bound::device`](crate::session::Bound); the profile that
//! wants a telephone sets it to [`Device::phone`].
//! Never which profile wants one.

use serde_json::{Value, json};

use super::bidi::Bidi;
use super::{BrowserOptions, Refusal};

/// What Chromium's client hints say of a telephone. Source: W3C, "User-Agent Client Hints",
/// and what Chromium's list of devices has for a Pixel 7.
pub(super) fn client_hints() -> Value {
    json!({
        "platform": "Android", "platformVersion": "14.0.0", "architecture": "",
        "model": "Pixel 7", "mobile": true,
    })
}

/// A device that a browser passes for.
///
/// Chromium does all of it. Firefox does all but touch, for which it has no command. WebKit
/// does the user agent, and the size as far as its window goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Width of the page, CSS pixels.
    pub width: u32,
    /// Height of the page, CSS pixels.
    pub height: u32,
    /// Device pixels per CSS pixel.
    pub scale: f64,
    /// Whether it has a touch screen.
    pub touch: bool,
    /// User agent; `None` for the one that the engine has on a telephone.
    pub user_agent: Option<String>,
}

impl Device {
    /// A telephone of the most usual size (412 by 915 at 2.625, as Chromium's own list of
    /// devices has for a Pixel 7).
    pub fn phone() -> Device {
        Device { width: 412, height: 915, scale: 2.625, touch: true, user_agent: None }
    }

    /// The user agent that a browser started with these options passes for.
    pub(crate) fn agent(&self, options: &BrowserOptions) -> String {
        let own = || (options.engine.phone_agent)(options.major());
        self.user_agent.clone().unwrap_or_else(own)
    }

    /// Makes every page of a profile one on this device.
    pub(super) async fn emulate(
        &self,
        bidi: &Bidi,
        profile: &str,
        agent: &str,
    ) -> Result<(), Refusal> {
        let viewport = json!({
            "userContexts": [profile],
            "viewport": {"width": self.width, "height": self.height},
            "devicePixelRatio": self.scale,
        });
        bidi.call("browsingContext.setViewport", viewport).await.map_err(Refusal::Failed)?;
        let user_agent = json!({"userContexts": [profile], "userAgent": agent});
        bidi.call("emulation.setUserAgentOverride", user_agent).await.map_err(Refusal::Failed)?;
        // A browser without one of these stays a little less of a telephone.
        let area = json!({"width": self.width, "height": self.height});
        let mut more = vec![("emulation.setScreenSettingsOverride", json!({"screenArea": area}))];
        if self.touch {
            more.push(("emulation.setTouchOverride", json!({"maxTouchPoints": 5})));
        }
        if self.user_agent.is_none() {
            let hints = json!({"clientHints": client_hints()});
            more.push(("userAgentClientHints.setClientHintsOverride", hints));
        }
        for (command, mut params) in more {
            params["userContexts"] = json!([profile]);
            let _ = bidi.call(command, params).await;
        }
        Ok(())
    }
}
