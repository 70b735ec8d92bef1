//! What profiles and variants have the visitor do, carried out on the tab.
//!
//! Never where in the flow it goes; the plan says that.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use super::session::Open;
use super::tally::{Goal, Stillness};
use crate::session::browser::{ActError, PageError, Tab};
use crate::session::tap::BLANK;
use crate::visitor::Circumstances;

/// Longest wait for the requests of a page that was opened, left or loaded again.
const SETTLED: Duration = Duration::from_secs(2);

/// Longest wait for the site to be asked after a click, before its tab is closed.
const ASKED: Duration = Duration::from_secs(2);

/// How long cookies of scripts live under tracking prevention. Source: WebKit, "Tracking
/// Prevention Policy" and "Intelligent Tracking Prevention 2.1": 7 days.
const SCRIPT_COOKIE_HOURS: u32 = 7 * 24;

/// The same after a landing with link decoration. Source: "Intelligent Tracking
/// Prevention 2.2": 24 hours.
const DECORATED_COOKIE_HOURS: u32 = 24;

/// Seconds of an hour.
const HOUR: i64 = 3600;

/// Moves the clock that scripts see.
const CLOCK: &str = "() => {
  const ahead = AHEAD, Real = Date, now = () => Real.now() + ahead;
  const Moved = function (...given) {
    if (!new.target) return new Real(now()).toString();
    return Reflect.construct(Real, given.length ? given : [now()], new.target);
  };
  Moved.now = now; Moved.parse = Real.parse; Moved.UTC = Real.UTC;
  Moved.prototype = Real.prototype; Real.prototype.constructor = Moved;
  globalThis.Date = Moved;
}";

/// What scripts find where the browser objects by signal (Global Privacy Control).
const SIGNAL: &str = "() => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl',
  { get: () => true, configurable: true, enumerable: true })";

/// Brings a fresh tab into its circumstances.
pub(super) async fn prepare(tab: &Tab, circumstances: &Circumstances) {
    if circumstances.signals_privacy {
        // A browser without the command sends the header all the same.
        let _told = tab.preload(SIGNAL).await;
    }
    if circumstances.without_scripts {
        tab.page.is_inert();
    }
}

impl Open {
    /// Waits until both taps are still.
    pub(super) async fn be_still(&mut self, quiet: Duration) {
        let since = Instant::now();
        let still = Stillness { quiet, since };
        self.tally.wait(&Goal::Quiet, Some(still), since + SETTLED).await;
    }

    /// One step back in the history, and forward again.
    pub(super) async fn back_and_forward(&mut self, quiet: Duration) -> Result<(), ActError> {
        done(self.tab.page.back().await)?;
        self.be_still(quiet).await;
        done(self.tab.page.forward().await)?;
        self.be_still(quiet).await;
        Ok(())
    }

    /// The page that stands there, in a second tab as well.
    pub(super) async fn second_tab(&mut self, quiet: Duration) -> Result<(), ActError> {
        let address = self.tab.page.address().await.map_err(failed)?;
        let second = self.tab.second(&address).await.map_err(failed)?;
        self.be_still(quiet).await;
        self.tab.close_second(second).await.map_err(failed)
    }

    /// Closes the tab as soon as the site has been asked for something since then.
    pub(super) async fn close_once_asked(&mut self, since: Instant) -> Result<(), ActError> {
        let tick = Duration::from_millis(10);
        let asked = self.tap.witness();
        asked
            .until(Instant::now() + ASKED, tick, |seen| seen.last.is_some_and(|last| last >= since))
            .await;
        self.tab.shut().await.map_err(failed)
    }

    /// Sets cookies of the site: before its first page is opened, or on the page that stands
    /// there, where they count from the next request on.
    pub(super) async fn set_cookies(
        &mut self,
        site: &Url,
        cookies: &[(String, String)],
        is_first: bool,
    ) -> Result<(), ActError> {
        if is_first {
            self.leave_for_blank_page(site).await?;
        }
        for (name, value) in cookies {
            self.tab.page.set_cookie(name, value).await.map_err(failed)?;
        }
        Ok(())
    }

    /// The browser is closed, and hours pass: what does not outlive them goes. Says
    /// whether the clock of pages runs ahead from here on.
    pub(super) async fn let_pass(
        &mut self,
        site: &Url,
        hours: u32,
        circumstances: &Circumstances,
        quiet: Duration,
    ) -> Result<bool, ActError> {
        self.leave_for_blank_page(site).await?;
        self.be_still(quiet).await;
        let decorated = circumstances.strips_click_ids;
        let cap = if decorated { DECORATED_COOKIE_HOURS } else { SCRIPT_COOKIE_HOURS };
        let capped = circumstances.caps_script_cookies && hours >= cap;
        let then = Timestamp::now().as_second() + i64::from(hours) * HOUR;
        let served = self.tap.served_cookies();
        for cookie in self.tab.site_cookies().await.map_err(failed)? {
            let ended = cookie.expires.is_none_or(|ends| ends <= then);
            if ended || (capped && !served.contains(&cookie.name)) {
                self.tab.forget(&cookie.name).await.map_err(failed)?;
            }
        }
        let clear = "const done = arguments[arguments.length - 1]; sessionStorage.clear(); done();";
        match self.tab.page.run(clear, json!([])).await {
            // Storage may be switched off; then nothing is in it.
            Ok(_) | Err(PageError::Script(_) | PageError::Changed(_)) => {}
            Err(error) => return Err(failed(error)),
        }
        let ahead = i64::from(hours) * HOUR * 1000;
        Ok(self.tab.preload(&CLOCK.replace("AHEAD", &ahead.to_string())).await)
    }

    /// A page of the site's origin that nothing of the site's is on.
    async fn leave_for_blank_page(&mut self, site: &Url) -> Result<(), ActError> {
        let address = site.join(BLANK).map_err(|cause| ActError::Miss(cause.to_string()))?;
        done(self.tab.page.goto(address.as_str()).await)
    }
}

/// A page that a script replaces meanwhile is a page all the same.
fn done(result: Result<(), PageError>) -> Result<(), ActError> {
    match result {
        Ok(()) | Err(PageError::Changed(_)) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

fn failed(error: PageError) -> ActError {
    match error {
        PageError::Gone(what) => ActError::Gone(what),
        other => ActError::Miss(other.to_string()),
    }
}
