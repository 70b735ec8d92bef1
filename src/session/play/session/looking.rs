//! What is looked at after a step, for the record: address, cookies, and a picture where
//! the step broke.
//!
//! Never a step.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::Instant;

use super::{Played, Playing};
use crate::capture::{CookieRecord, SessionStatus};
use crate::event::mask_url;
use crate::scenario::Step;
use crate::session::play::mishap::{self, Mishap};

impl Playing<'_> {
    /// Keeps the page's address for the record; a page that is gone has none.
    pub(super) async fn look_at_address(&mut self, played: &Played) {
        if let Some(open) = &played.open
            && let Ok(address) = open.tab.page.address().await
        {
            self.page = mask_url(&address);
            self.address = address;
        }
    }

    /// Keeps what the caller wants to know of the cookies; nothing else of them.
    pub(super) async fn look_at_cookies(&mut self, played: &mut Played) {
        let watch = &played.stage.watch;
        if watch.cookies.is_empty() && watch.presences.is_empty() {
            return;
        }
        let Some(open) = &played.open else { return };
        let begun = Instant::now();
        let busy = open.tab.page.busy();
        let all = open.tab.cookies().await;
        // Commands to the page count themselves.
        let counted = open.tab.page.busy().saturating_sub(busy);
        played.browser_time += begun.elapsed().saturating_sub(counted);
        let kept = all.into_iter().filter_map(|cookie| {
            let named = |names: &[&str]| names.contains(&cookie.name.as_str());
            let value = named(&watch.cookies).then_some(cookie.value);
            let kept = value.is_some() || named(&watch.presences);
            kept.then_some(CookieRecord {
                name: cookie.name,
                value,
                domain: cookie.domain,
                expires: cookie.expires,
                http_only: cookie.http_only,
            })
        });
        self.cookies = kept.collect();
        if let (Some(marks), Some(open)) = (played.stage.watch.marks, &mut played.open) {
            let valued = |cookie: &CookieRecord| {
                cookie.value.as_deref().map(|value| marks(&cookie.name, value)).unwrap_or_default()
            };
            open.tally.know(self.cookies.iter().flat_map(valued));
        }
    }

    pub(super) async fn broken(
        &mut self,
        played: &mut Played,
        step: &Step,
        what: String,
        gone: bool,
    ) {
        if !gone {
            self.look_at_address(played).await;
            played.screenshot = self.screenshot(played).await;
        }
        let shown = |path: &PathBuf| path.display().to_string();
        played.status = SessionStatus::Broken;
        played.browser_gone = gone;
        played.mishap = Some(Mishap {
            at: mishap::place(&played.part.scenario.file, step.place),
            what,
            page: self.page.clone(),
            screenshot: played.screenshot.as_ref().map(shown),
        });
    }

    /// A picture is a help: where there can be none, the error stands alone.
    pub(super) async fn screenshot(&self, played: &Played) -> Option<PathBuf> {
        let picture = played.open.as_ref()?.tab.page.screenshot().await.ok()?;
        let bytes = STANDARD.decode(picture).ok()?;
        let path = played.stage.artefacts.join(format!("session-{}.png", played.number));
        tokio::fs::create_dir_all(&played.stage.artefacts).await.ok()?;
        tokio::fs::write(&path, bytes).await.ok()?;
        Some(path)
    }
}
