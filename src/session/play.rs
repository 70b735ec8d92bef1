//! Playing: every part of a run in its own session, several at a time, all on one tape.
//!
//! One broken scenario never stops the others. What was caught stays caught, however
//! a session ends.
//! Never reads a payload's meaning, never judges.

mod ending;
mod learning;
mod lesson;
mod mishap;
mod notebook;
mod pictures;
mod plan;
mod session;
mod tally;
mod twist;
mod worker;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::browser::{BrowserOptions, Device};
use super::faults::Faults;
use super::filters::Filters;
use super::tap::{Authority, Claims, Forwarding, Hosts, Mapping, Network};
use super::witness::Witness;
use crate::capture::{Responder, SessionStatus, TapeWriter};
use crate::scenario::{Scenario, Step};
use crate::visitor::{Aim, Circumstances, Variant};

pub use lesson::Lesson;

/// What one session needs beyond its scenario; made for its number, so that every
/// session, a repeated one too, has a test person of its own.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The steps, with the test person's data in them.
    pub steps: Vec<Step>,
    /// The site's public address (`https://shop.test`), against which paths are resolved.
    pub site: String,
    /// Names that lead to the site.
    pub mappings: Vec<Mapping>,
    /// The visitor's public address.
    pub visitor: Option<IpAddr>,
    /// What the browser passes for; `None` for the desktop browser that it is. The
    /// profile `mobile` sets it to [`Device::phone`].
    pub device: Option<Device>,
    /// The test person's plain data by field name.
    pub persona: BTreeMap<String, String>,
    /// Opaque texts that tie server calls to this visitor.
    pub marks: Vec<String>,
}

/// Makes a part's steps and data for a session number.
pub type Bind = Arc<dyn Fn(u32) -> Bound + Send + Sync>;

/// One scenario in one profile and variant: what has to be played.
#[derive(Clone)]
pub struct Part {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Name of the profile.
    pub profile: String,
    /// The visitor's circumstances.
    pub circumstances: Circumstances,
    /// The variant; `None` for the flow as written.
    pub variant: Option<&'static Variant>,
    /// Which repetition, from 1; 0 where nothing is repeated.
    pub repeat: u32,
    /// What variants of the scenario are derived from.
    pub lesson: Arc<Lesson>,
    /// True when it is this part that the lesson is learnt from.
    pub teaches: bool,
    /// How often it was played before.
    pub before: Before,
    /// Its steps and data.
    pub bind: Bind,
}

/// How often a part was played before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before {
    /// Attempts made.
    pub attempts: u32,
    /// Those of them that were made since the one before was no good.
    pub retries: u32,
}

/// How long things may take.
#[derive(Debug, Clone)]
pub struct Deadlines {
    /// Until the element of a step is there and usable.
    pub element: Duration,
    /// From the last step until all that is expected has come; a scenario may set its own.
    pub settle: Duration,
    /// Without anything happening on a tap before it counts as quiet.
    pub quiet: Duration,
    /// The same where a scenario expects nothing, so that absence means something.
    pub silence: Duration,
    /// Without anything happening before a step that may leave the page, so that what
    /// a page still loads is not cut off by a visitor faster than any person.
    pub calm: Duration,
}

impl Default for Deadlines {
    fn default() -> Deadlines {
        Deadlines {
            element: Duration::from_secs(10),
            settle: Duration::from_secs(5),
            quiet: Duration::from_millis(250),
            silence: Duration::from_secs(1),
            calm: Duration::from_millis(30),
        }
    }
}

/// What is looked at in pages, in names and scripts that the caller gives.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Scripts that run in every page before its own: functions that take a reporter, and
    /// report a text of JSON with `verb`, `event`, `id`, `pixel`, `at` and `stack`.
    pub scripts: Vec<&'static str>,
    /// Cookies whose values are kept after each step.
    pub cookies: Vec<&'static str>,
    /// Cookies of which is kept that they are there.
    pub presences: Vec<&'static str>,
    /// Marks by which server calls are known, from name and value of a cookie.
    pub marks: Option<fn(&str, &str) -> Vec<String>>,
}
/// Says from its name whether an event is a mere view.
pub type IsView = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Everything that the sessions of a run share.
pub struct Stage {
    /// How many sessions are played at a time. With one, a session begins only when the
    /// one before it has ended altogether.
    pub jobs: usize,
    /// How often a part is played again that was no good.
    pub retries: u32,
    /// Begins no further part once one is broken for good.
    pub fail_fast: bool,
    /// What browsers are started with.
    pub browser: Arc<BrowserOptions>,
    /// How long things may take.
    pub deadlines: Deadlines,
    /// Where everything is kept.
    pub tape: Arc<TapeWriter>,
    /// Signs for the browser taps.
    pub authority: Arc<Authority>,
    /// Which requests are a platform's.
    pub claims: Claims,
    /// Answers them.
    pub responder: Responder,
    /// What is looked at in pages beside their requests.
    pub watch: Watch,
    /// How hosts that are neither a platform's nor the site's are reached.
    pub network: Network,
    /// Names of the headers that tell the site about the visitor.
    pub forwarding: Forwarding,
    /// Address that browser taps listen on; loopback unless the browser is elsewhere.
    pub listen: IpAddr,
    /// Host under which browsers find their taps, where it is another than that address.
    pub proxy_host: Option<String>,
    /// What the server tap sees, where there is one.
    pub server: Option<Witness>,
    /// What the server tap does to calls, shared with it.
    pub faults: Faults,
    /// What visitors with an ad blocker block by.
    pub filters: Option<Arc<Filters>>,
    /// Which hosts are a platform's.
    pub hosts: Hosts,
    /// Which events are mere views, of which a flow with a twist may have any number.
    pub is_view: IsView,
    /// Folder for screenshots.
    pub artefacts: PathBuf,
    /// Whether the pages that a visitor comes to are pictured.
    pub pictures: bool,
    /// Becomes true when the user stops the run.
    pub stop: watch::Receiver<bool>,
    /// Number of the next session.
    pub next_session: AtomicU32,
}

impl Part {
    /// True when its twist goes on pages in the middle of the flow.
    fn twists_pages(&self) -> bool {
        self.variant.is_some_and(|variant| variant.twist.aim() == Aim::PageAfter)
    }

    /// Name of the variant; empty for the flow as written.
    pub fn variant_name(&self) -> &'static str {
        self.variant.map_or("", |variant| variant.name)
    }
}

impl Stage {
    fn number(&self) -> u32 {
        self.next_session.fetch_add(1, Ordering::Relaxed)
    }

    fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }
}

/// What became of a part: its last attempt.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Name of the profile.
    pub profile: String,
    /// Name of the variant; empty for the flow as written.
    pub variant: String,
    /// Number of its last session; `None` when it was never begun.
    pub session: Option<u32>,
    /// How often it has been played by now.
    pub played: Before,
    /// How it ended; `None` when it was never begun.
    pub status: Option<SessionStatus>,
    /// What broke it.
    pub error: Option<String>,
    /// Screenshot of the broken step.
    pub screenshot: Option<PathBuf>,
    /// Where its time went.
    pub times: Times,
}

/// Where the time of a session went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// From its begin to its end.
    pub whole: Duration,
    /// In commands to the browser.
    pub browser: Duration,
    /// Waiting for what the site sends.
    pub waiting: Duration,
}

impl Times {
    /// What is left: the program's own work.
    pub fn own(&self) -> Duration {
        self.whole.saturating_sub(self.browser).saturating_sub(self.waiting)
    }
}

/// Something to tell the user while the run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A session begins.
    Begun {
        /// Its number.
        session: u32,
        /// Scenario name.
        scenario: String,
        /// Profile name.
        profile: String,
        /// Variant name; empty for the flow as written.
        variant: String,
        /// Attempt, from 1.
        attempt: u32,
    },
    /// A step begins.
    Step {
        /// Session number.
        session: u32,
        /// Line in the scenario file.
        line: u32,
        /// The line as written.
        text: String,
    },
    /// A remark on a step that was carried out.
    Note {
        /// Session number.
        session: u32,
        /// Line in the scenario file.
        line: u32,
        /// The remark.
        text: String,
    },
    /// Parts that were played to the end are played again, for what was found in them.
    Again {
        /// How many.
        failed: usize,
        /// How many more could not be played, since they are derived from one of those.
        untaught: usize,
    },
    /// All steps are carried out; late events are awaited.
    Settling {
        /// Session number.
        session: u32,
    },
    /// A session has ended.
    Ended {
        /// Its number.
        session: u32,
        /// How.
        status: SessionStatus,
        /// What broke it.
        error: Option<String>,
        /// True when the part is played again.
        again: bool,
        /// How long it took.
        took: Duration,
    },
}

/// Told of all progress, from any thread.
pub type Tell = Arc<dyn Fn(Progress) + Send + Sync>;

/// Plays every part and hands back what became of each, in the order given.
///
/// Everything caught is on the stage's tape when this returns.
pub async fn play(stage: Arc<Stage>, parts: Vec<Part>, tell: Tell) -> Vec<Outcome> {
    let outcomes = worker::play_all(&stage, &parts, &tell).await;
    if let Some(server) = &stage.server {
        // Calls that belong to no session in particular may still be under way.
        let quiet = stage.deadlines.quiet;
        let deadline = Instant::now() + quiet * 4;
        server.until(deadline, quiet / 10, |seen| seen.is_quiet_for(quiet)).await;
    }
    outcomes
}
