//! One session: a scenario's steps, one after the other, in a fresh profile behind its own tap.
//!
//! Opening it, its steps and what comes after the last one are other files'.
//! Never judges what came.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::learning::Learning;
use super::mishap::Mishap;
use super::notebook::Notebook;
use super::opening::{OpenError, open};
use super::pictures::Pictures;
use super::plan::Plan;
use super::playing::Playing;
use super::tally::Tally;
use super::twist;
use super::{Bound, Part, Stage, Tell};
use crate::capture::{Line, SessionStart, SessionStatus, TapeError};
use crate::event::Expectation;
use crate::session::browser::{Browser, Tab};
use crate::session::tap::BrowserTap;

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

/// Begins a session's record on the tape.
pub(super) fn record_start(
    stage: &Stage,
    part: &Part,
    bound: &Bound,
    plan: Option<&Plan>,
    number: u32,
    attempt: u32,
) -> Result<(), TapeError> {
    let scenario = &part.scenario;
    let start = SessionStart {
        session: number,
        at: now(),
        scenario: scenario.name.clone(),
        file: scenario.file.display().to_string(),
        profile: part.profile.clone(),
        variant: part.variant_name().to_owned(),
        circumstances: (!part.circumstances.is_clean()).then(|| part.circumstances.clone()),
        repeat: part.repeat,
        attempt,
        expect: plan.map_or_else(|| scenario.expect.clone(), |plan| plan.expect.clone()),
        untold: plan.map(|plan| plan.untold.clone()).unwrap_or_default(),
        never: match plan {
            Some(plan) => plan.never.clone(),
            None => scenario.never.iter().map(|never| never.event.clone()).collect(),
        },
        server_faults: scenario.server_faults.clone(),
        persona: bound.persona.clone(),
        marks: bound.marks.clone(),
    };
    stage.tape.write(Line::Session(start)).map(|_| ())
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
