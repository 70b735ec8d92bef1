//! The steps of a session, one after the other, and what a profile or a variant has the
//! visitor do between them.
//!
//! What a single action takes is another file's.
//! Never judges what came.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::Instant;
use url::Url;

use super::mishap::{self, Mishap};
use super::pictures::Pictures;
use super::plan::{Beat, Manner};
use super::session::{Played, millis, now};
use super::{Bound, Progress, Tell};
use crate::capture::{CookieRecord, Line, SessionStatus, StepRecord, TwistMark};
use crate::scenario::Step;
use crate::session::browser::{ActError, Browser, may_leave, perform};
use crate::step::Action;

/// Why the steps ended early.
pub(super) enum Halt {
    Stopped,
    Failed {
        what: String,
        gone: bool,
        /// True when a step was not possible, rather than the site or the browser.
        step: bool,
    },
}

/// A session in which steps are being played.
pub(super) struct Playing<'a> {
    pub(super) bound: &'a Bound,
    pub(super) beats: &'a [Beat],
    pub(super) usual: &'a [Duration],
    /// True once the profile or the variant has had a hand in the flow.
    pub(super) twisted: bool,
    pub(super) tell: &'a Tell,
    pub(super) browser: &'a mut Browser,
    pub(super) first_visit: bool,
    /// When the last action ended, if it may have set off a navigation of its own.
    pub(super) acted: Option<Instant>,
    pub(super) page: String,
    /// Address of the page as it is, which stays in memory.
    pub(super) address: String,
    /// Address of the page before an absence.
    pub(super) last_page: String,
    /// Pictures taken so far, and the page of the last one.
    pub(super) pictures: Pictures,
    /// What is kept of the cookies after the step.
    pub(super) cookies: Vec<CookieRecord>,
}

impl Playing<'_> {
    pub(super) async fn all(&mut self, played: &mut Played) {
        for (position, beat) in self.beats.iter().enumerate() {
            let step = &beat.step;
            (self.tell)(Progress::Step {
                session: played.number,
                line: step.place.line,
                text: step.text.clone(),
            });
            if matches!(beat.mark, Some(TwistMark::Refuses | TwistMark::Agrees)) {
                // What the page before the answer sends belongs to the time before it.
                self.let_page_tell(played).await;
            }
            let at = now();
            let begun = Instant::now();
            let mut mark = beat.mark;
            self.twisted |= mark == Some(TwistMark::Twist);
            let result = match beat.manner {
                Manner::Plain => self.step(played, beat).await,
                _ => self.twist(played, beat, &mut mark).await,
            };
            let failure = match &result {
                Ok(()) => None,
                Err(Halt::Stopped) => Some("the run was stopped".to_owned()),
                Err(Halt::Failed { what, .. }) => Some(what.clone()),
            };
            let record = StepRecord {
                session: played.number,
                at,
                line: step.place.line,
                text: step.text.clone(),
                millis: millis(begun.elapsed()),
                page: self.page.clone(),
                error: failure,
                cookies: std::mem::take(&mut self.cookies),
                twist: mark,
            };
            let written = played.stage.tape.write(Line::Step(record));
            let result = result.and_then(|()| match written {
                Ok(_) => Ok(()),
                Err(cause) => {
                    Err(Halt::Failed { what: cause.to_string(), gone: false, step: false })
                }
            });
            match result {
                Ok(()) => {
                    if let (Some(learning), Some(origin)) = (&mut played.learning, beat.origin) {
                        learning.stands_at(origin, &self.address, begun.elapsed());
                    }
                }
                Err(Halt::Stopped) => {
                    played.status = SessionStatus::Stopped;
                    return;
                }
                Err(Halt::Failed { what, gone, step: by_step }) => {
                    let inapplicable = by_step && self.is_strained(played);
                    self.broken(played, step, what, gone).await;
                    if inapplicable {
                        played.status = SessionStatus::NotApplicable;
                    }
                    return;
                }
            }
            let last = position + 1 == self.beats.len();
            self.pictures.take(played, &self.page, last).await;
        }
    }

    /// True when the flow may break for no fault of the site: it was twisted, or the
    /// visitor's browser runs no scripts.
    pub(super) fn is_strained(&self, played: &Played) -> bool {
        (self.twisted && played.part.variant.is_some()) || played.part.circumstances.without_scripts
    }

    /// Waits until the page has sent what it sends by itself.
    async fn let_page_tell(&mut self, played: &mut Played) {
        let quiet = played.stage.deadlines.quiet;
        let Some(open) = played.open.as_mut().filter(|_| !self.first_visit) else { return };
        let begun = Instant::now();
        open.be_still(quiet).await;
        played.waiting += begun.elapsed();
    }

    /// How long the step takes in the flow as written; zero where unknown.
    pub(super) fn usual(&self, beat: &Beat) -> Duration {
        beat.origin.and_then(|origin| self.usual.get(origin)).copied().unwrap_or_default()
    }

    pub(super) async fn step(&mut self, played: &mut Played, beat: &Beat) -> Result<(), Halt> {
        let step = &beat.step;
        let mut leaving = false;
        for action in &step.actions {
            let mut halt = played.stage.stop.clone();
            let doing = self.action(played, beat, action);
            tokio::select! {
                result = doing => result?,
                // An error means that nobody is left who could stop the run.
                Ok(_) = halt.wait_for(|stopped| *stopped) => return Err(Halt::Stopped),
            }
            leaving |= may_leave(action) || matches!(action, Action::Wait { .. });
        }
        if leaving {
            self.look_at_address(played).await;
            self.look_at_cookies(played).await;
        }
        Ok(())
    }

    /// What a profile or a variant has the visitor do.
    pub(super) async fn twist(
        &mut self,
        played: &mut Played,
        beat: &Beat,
        mark: &mut Option<TwistMark>,
    ) -> Result<(), Halt> {
        if let Manner::ThenCloseTab = beat.manner {
            let begun = Instant::now();
            self.step(played, beat).await?;
            let Some(open) = &mut played.open else { return Ok(()) };
            let closed = open.close_once_asked(begun).await;
            self.acted = None;
            return closed.map_err(|error| self.halt(error));
        }
        if let (Manner::DoubleClick, [action]) = (&beat.manner, &beat.step.actions[..]) {
            return self.action(played, beat, action).await;
        }
        let deadlines = played.stage.deadlines.clone();
        let circumstances = played.part.circumstances.clone();
        let site = self.site()?;
        if let Manner::Later { .. } = beat.manner {
            // What a visitor comes back to is a page of their own, not the first visitor's.
            self.last_page = self.address.clone();
        }
        let last_page = self.last_page.clone();
        let acted = self.acted.take();
        let first = std::mem::replace(&mut self.first_visit, false);
        let Some(open) = &mut played.open else { return Ok(()) };
        if !first || acted.is_some() {
            open.be_still(deadlines.quiet).await;
        }
        let mut halt = played.stage.stop.clone();
        let doing = async {
            match &beat.manner {
                Manner::Reload => {
                    let patience = deadlines.element.into();
                    perform(&open.tab.page, &Action::Reload, &site, patience).await?;
                    open.be_still(deadlines.quiet).await;
                }
                Manner::BackAndForward => open.back_and_forward(deadlines.quiet).await?,
                Manner::SecondTab => open.second_tab(deadlines.quiet).await?,
                Manner::Later { hours } => {
                    let quiet = deadlines.quiet;
                    let ahead = open.let_pass(&site, *hours, &circumstances, quiet).await?;
                    if !ahead {
                        *mark = Some(TwistMark::Twist);
                    }
                }
                Manner::Open(_) | Manner::OpenLast => {
                    let address = match &beat.manner {
                        Manner::Open(address) => address,
                        _ => &last_page,
                    };
                    let visit = Action::Visit(address.clone());
                    let patience = deadlines.element.into();
                    perform(&open.tab.page, &visit, &site, patience).await?;
                    open.be_still(deadlines.quiet).await;
                }
                Manner::Cookies(cookies) => open.set_cookies(&site, cookies).await?,
                Manner::Plain | Manner::DoubleClick | Manner::ThenCloseTab => {}
            }
            Ok(())
        };
        let begun = Instant::now();
        let result: Result<(), ActError> = tokio::select! {
            result = doing => result,
            // An error means that nobody is left who could stop the run.
            Ok(_) = halt.wait_for(|stopped| *stopped) => return Err(Halt::Stopped),
        };
        played.waiting += begun.elapsed();
        result.map_err(|error| self.halt(error))?;
        self.look_at_address(played).await;
        Ok(())
    }

    pub(super) fn site(&self) -> Result<Url, Halt> {
        Url::parse(&self.bound.site).map_err(|cause| Halt::Failed {
            what: format!("the site's address `{}` cannot be read: {cause}", self.bound.site),
            gone: false,
            step: false,
        })
    }

    pub(super) fn halt(&mut self, error: ActError) -> Halt {
        let gone = matches!(error, ActError::Gone(_));
        let step = matches!(error, ActError::Miss(_));
        let log = if gone { self.browser.log_tail() } else { String::new() };
        Halt::Failed { what: mishap::failed(&error, &self.bound.site, &log), gone, step }
    }

    async fn broken(&mut self, played: &mut Played, step: &Step, what: String, gone: bool) {
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
    async fn screenshot(&self, played: &Played) -> Option<PathBuf> {
        let picture = played.open.as_ref()?.tab.page.screenshot().await.ok()?;
        let bytes = STANDARD.decode(picture).ok()?;
        let path = played.stage.artefacts.join(format!("session-{}.png", played.number));
        tokio::fs::create_dir_all(&played.stage.artefacts).await.ok()?;
        tokio::fs::write(&path, bytes).await.ok()?;
        Some(path)
    }
}
