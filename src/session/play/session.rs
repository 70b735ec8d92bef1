//! One session: a scenario's steps, one after the other, in a fresh profile behind its own tap.
//!
//! What comes after the last step is another file's.
//! Never judges what came.

mod acting;
mod looking;
mod opening;
mod twisting;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use super::learning::Learning;
use super::mishap::{self, Mishap};
use super::notebook::Notebook;
use super::pictures::Pictures;
use super::plan::{Beat, Manner, Plan};
use super::tally::Tally;
use super::twist;
use super::{Bound, Part, Progress, Stage, Tell};
use crate::capture::{CookieRecord, Line, SessionStatus, StepRecord, TwistMark};
use crate::event::Expectation;
use crate::session::browser::{ActError, Browser, Tab, may_leave};
use crate::session::tap::BrowserTap;
use crate::step::Action;
use opening::{OpenError, open};

pub(super) use opening::record_start;

/// How long nothing moves on a page of a twisted flow before what is missing there is taken
/// for lost by the twist (assumed: timers of pages are shorter). What the step takes in the
/// flow as written comes on top.
const STILL: Duration = Duration::from_secs(3);

/// The same on a page without scripts, where nothing comes by itself.
const STILL_WITHOUT_SCRIPTS: Duration = Duration::from_millis(500);

/// Longest wait for a calm page before a step that may leave it.
const LONGEST_CALM: Duration = Duration::from_secs(2);

/// A session whose steps are over.
pub(super) struct Played {
    pub(super) stage: Arc<Stage>,
    pub(super) part: Part,
    pub(super) number: u32,
    pub(super) begun: Instant,
    pub(super) status: SessionStatus,
    pub(super) mishap: Option<Mishap>,
    pub(super) screenshot: Option<PathBuf>,
    pub(super) browser_time: Duration,
    pub(super) waiting: Duration,
    /// The page, its tap and what it saw; `None` where it never came to a page.
    pub(super) open: Option<Open>,
    /// True when the browser cannot be used any more.
    pub(super) browser_gone: bool,
    /// What is awaited after the last step.
    pub(super) expect: Vec<Expectation>,
    /// What the flow shows, where variants are derived from it.
    pub(super) learning: Option<Learning>,
}

pub(super) struct Open {
    pub(super) tab: Tab,
    pub(super) tap: BrowserTap,
    pub(super) tally: Tally,
    pub(super) notebook: Arc<Notebook>,
}

/// Why the steps ended early.
enum Halt {
    Stopped,
    Failed {
        what: String,
        gone: bool,
        /// True when a step was not possible, rather than the site or the browser.
        step: bool,
    },
}

/// Plays the steps of a session that is on the tape already.
///
/// `gone` is why there is no browser, where there is none.
pub(super) async fn play_steps(
    stage: &Arc<Stage>,
    part: &Part,
    bound: &Bound,
    plan: Result<&Plan, String>,
    number: u32,
    browser: Result<&mut Browser, String>,
    tell: &Tell,
) -> Played {
    let mut played = Played {
        stage: Arc::clone(stage),
        part: part.clone(),
        number,
        begun: Instant::now(),
        status: SessionStatus::Played,
        mishap: None,
        screenshot: None,
        browser_time: Duration::ZERO,
        waiting: Duration::ZERO,
        open: None,
        browser_gone: false,
        expect: plan.as_ref().map(|plan| plan.expect.clone()).unwrap_or_default(),
        learning: part.teaches.then(|| Learning::new(bound.steps.len())),
    };
    let plan = match plan {
        Ok(plan) => plan,
        Err(why) => return played.not_applicable(why),
    };
    let browser = match browser {
        Ok(browser) => browser,
        Err(what) => return played.broken(what, true),
    };
    match open(stage, part, bound, number, browser).await {
        Ok(open) => played.open = Some(open),
        Err(OpenError::Tap(what)) => return played.broken(what, false),
        Err(OpenError::Browser(what)) => return played.broken(what, true),
    }
    // Commands to the page are counted by the page itself.
    let busy = played.open.as_ref().map(|open| open.tab.page.busy()).unwrap_or_default();
    played.browser_time += played.begun.elapsed().saturating_sub(busy);
    if let Some(open) = &played.open {
        twist::prepare(&open.tab, &part.circumstances).await;
    }
    let mut playing = Playing {
        bound,
        beats: &plan.beats,
        usual: &plan.usual,
        twisted: false,
        tell,
        browser,
        first_visit: true,
        acted: None,
        page: String::new(),
        address: String::new(),
        last_page: String::new(),
        pictures: Pictures::default(),
        cookies: Vec::new(),
    };
    playing.all(&mut played).await;
    played
}

struct Playing<'a> {
    bound: &'a Bound,
    beats: &'a [Beat],
    usual: &'a [Duration],
    /// True once the profile or the variant has had a hand in the flow.
    twisted: bool,
    tell: &'a Tell,
    browser: &'a mut Browser,
    first_visit: bool,
    /// When the last action ended, if it may have set off a navigation of its own.
    acted: Option<Instant>,
    page: String,
    /// Address of the page as it is, which stays in memory.
    address: String,
    /// Address of the page before an absence.
    last_page: String,
    /// Pictures taken so far, and the page of the last one.
    pictures: Pictures,
    /// What is kept of the cookies after the step.
    cookies: Vec<CookieRecord>,
}

impl Playing<'_> {
    async fn all(&mut self, played: &mut Played) {
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
    fn is_strained(&self, played: &Played) -> bool {
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
    fn usual(&self, beat: &Beat) -> Duration {
        beat.origin.and_then(|origin| self.usual.get(origin)).copied().unwrap_or_default()
    }

    async fn step(&mut self, played: &mut Played, beat: &Beat) -> Result<(), Halt> {
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

    fn site(&self) -> Result<Url, Halt> {
        Url::parse(&self.bound.site).map_err(|cause| Halt::Failed {
            what: format!("the site's address `{}` cannot be read: {cause}", self.bound.site),
            gone: false,
            step: false,
        })
    }

    fn halt(&mut self, error: ActError) -> Halt {
        let gone = matches!(error, ActError::Gone(_));
        let step = matches!(error, ActError::Miss(_));
        let log = if gone { self.browser.log_tail() } else { String::new() };
        Halt::Failed { what: mishap::failed(&error, &self.bound.site, &log), gone, step }
    }
}

impl Played {
    fn broken(mut self, what: String, browser_gone: bool) -> Played {
        self.status = SessionStatus::Broken;
        self.browser_gone = browser_gone;
        self.mishap = Some(Mishap { what, ..Mishap::default() });
        self
    }

    /// The profile or the variant cannot be played with this flow.
    fn not_applicable(mut self, why: String) -> Played {
        self.status = SessionStatus::NotApplicable;
        self.mishap = Some(Mishap { what: why, ..Mishap::default() });
        self
    }

    /// How the steps ended.
    pub(super) fn status(&self) -> SessionStatus {
        self.status
    }
}

pub(super) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
