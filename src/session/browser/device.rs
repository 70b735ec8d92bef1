//! Devices that a browser may pass for: size and density of the screen, touch, user agent.
//!
//! A session gets one by [`Bound::device`](crate::session::Bound); the profile that
//! wants a telephone sets it to [`Device::phone`].
//! Never which profile wants one.

use serde_json::json;

use super::bidi::Bidi;
use super::{BrowserOptions, Refusal};

/// A device that a browser passes for.
///
/// Chromium does all of it. Firefox does all but touch where it has no command for that,
/// WebKit does size and user agent.
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
        if self.touch {
            let touch = json!({"userContexts": [profile], "maxTouchPoints": 5});
            // A browser without the command stays one without a touch screen.
            let _ = bidi.call("emulation.setTouchOverride", touch).await;
        }
        Ok(())
    }
}
