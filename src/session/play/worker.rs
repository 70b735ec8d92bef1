//! Workers: each plays parts one after the other in a browser of its own.
//!
//! The end of a session is mostly waiting. With several workers it runs beside the
//! worker's next session; with one worker nothing overlaps, so that whatever the
//! server sends belongs to the only session there is.
//! Never what a step does.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use super::ending::Ended;
use super::lesson::Learnt;
use super::plan::{Ground, Plan};
use super::session::{Played, play_steps, record_start};
use super::{Before, Bound, Outcome, Part, Progress, Stage, Tell, Times};
use crate::capture::SessionStatus;
use crate::session::browser::Browser;

/// Sessions of one worker that may be ending at a time: each holds a page open.
const ENDING: usize = 3;

/// How long a worker that has nothing to play waits before it looks again.
const LESSON_TICK: Duration = Duration::from_millis(250);

/// What the workers of a run share.
struct Shared {
    stage: Arc<Stage>,
    parts: Vec<Part>,
    tell: Tell,
    queue: Mutex<VecDeque<usize>>,
    outcomes: Mutex<Vec<Option<Outcome>>>,
    /// Set when no further part shall begin.
    halted: AtomicBool,
    /// Set once any browser has started.
    started: AtomicBool,
    /// Why browsers cannot be started on this machine at all.
    hopeless: OnceLock<String>,
    /// Woken when a session has ended, and with it perhaps a lesson.
    lesson_over: Notify,
}

/// Plays every part; outcomes come back in the order of the parts.
pub(super) async fn play_all(stage: &Arc<Stage>, parts: &[Part], tell: &Tell) -> Vec<Outcome> {
    let shared = Arc::new(Shared {
        stage: Arc::clone(stage),
        parts: parts.to_vec(),
        tell: Arc::clone(tell),
        queue: Mutex::new((0..parts.len()).collect()),
        outcomes: Mutex::new(vec![None; parts.len()]),
        halted: AtomicBool::new(false),
        started: AtomicBool::new(false),
        hopeless: OnceLock::new(),
        lesson_over: Notify::new(),
    });
    let mut workers = JoinSet::new();
    for _ in 0..stage.jobs.clamp(1, parts.len().max(1)) {
        workers.spawn(work(Arc::clone(&shared)));
    }
    let mut crash = None;
    while let Some(ended) = workers.join_next().await {
        if let Err(cause) = ended {
            crash = Some(format!("a worker failed: {cause}; please report this"));
        }
    }
    let mut outcomes = shared.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
    let each = parts.iter().zip(outcomes.drain(..));
    each.map(|(part, outcome)| outcome.unwrap_or_else(|| never_begun(part, crash.clone())))
        .collect()
}

fn never_begun(part: &Part, error: Option<String>) -> Outcome {
    Outcome {
        scenario: Arc::clone(&part.scenario),
        profile: part.profile.clone(),
        variant: part.variant_name().to_owned(),
        session: None,
        played: part.before,
        status: error.as_ref().map(|_| SessionStatus::Broken),
        error,
        screenshot: None,
        times: Times::default(),
    }
}

impl Shared {
    /// The next part that can be played: one whose flow has been seen as written, where it
    /// is derived from that.
    async fn next(&self) -> Option<usize> {
        loop {
            let over = self.lesson_over.notified();
            if self.halted.load(Ordering::Relaxed) || self.stage.is_stopped() {
                return None;
            }
            {
                let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                let ready = |index: &usize| {
                    let part = &self.parts[*index];
                    part.variant.is_none() || part.lesson.is_over()
                };
                if let Some(at) = queue.iter().position(ready) {
                    return queue.remove(at);
                }
                if queue.is_empty() {
                    return None;
                }
            }
            // A lesson that ended a moment ago is noticed with the tick.
            let _ = tokio::time::timeout(LESSON_TICK, over).await;
        }
    }

    fn ended(&self, index: usize, played: Before, again: bool, ended: Ended) {
        (self.tell)(Progress::Ended {
            session: ended.session,
            status: ended.status,
            error: ended.error.clone(),
            again,
            took: ended.times.whole,
        });
        if again {
            return;
        }
        if self.parts[index].teaches {
            // Whoever waits for a lesson that was not learnt has waited long enough.
            self.parts[index].lesson.miss("the flow as written was not played to the end");
            self.lesson_over.notify_waiters();
        }
        if ended.status == SessionStatus::Broken && self.stage.fail_fast {
            self.halted.store(true, Ordering::Relaxed);
        }
        let part = &self.parts[index];
        let outcome = Outcome {
            scenario: Arc::clone(&part.scenario),
            profile: part.profile.clone(),
            variant: part.variant_name().to_owned(),
            session: Some(ended.session),
            played,
            status: Some(ended.status),
            error: ended.error,
            screenshot: ended.screenshot,
            times: ended.times,
        };
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes[index] = Some(outcome);
    }

    /// Starts a browser, unless it is known that none starts here.
    async fn browser(&self) -> Result<Browser, String> {
        if let Some(why) = self.hopeless.get() {
            return Err(why.clone());
        }
        match Browser::start(Arc::clone(&self.stage.browser)).await {
            Ok(browser) => {
                self.started.store(true, Ordering::Relaxed);
                Ok(browser)
            }
            Err(cause) => {
                let why = cause.to_string();
                if !self.started.load(Ordering::Relaxed) {
                    // Another worker may have been first with the same words.
                    let _ = self.hopeless.set(why.clone());
                }
                Err(why)
            }
        }
    }
}

async fn work(shared: Arc<Shared>) {
    let mut browser = None;
    let mut ending = JoinSet::new();
    let room = Arc::new(Semaphore::new(ENDING));
    while let Some(index) = shared.next().await {
        let mut before = shared.parts[index].before;
        let mut last_only = false;
        loop {
            let overlaps = shared.stage.jobs > 1;
            let permit = Arc::clone(&room).acquire_owned().await;
            before.attempts += 1;
            let attempt = before.attempts;
            let played = play_one(&shared, index, attempt, last_only, &mut browser).await;
            let broken = played.status() == SessionStatus::Broken;
            let may_go_on = !shared.stage.is_stopped() && shared.hopeless.get().is_none();
            // A twist in the middle may break what follows; on the last page it cannot.
            let narrower = played.status() == SessionStatus::NotApplicable
                && !last_only
                && played.open.is_some()
                && shared.parts[index].twists_pages()
                && can_be_narrower(&shared, &shared.parts[index]);
            last_only |= narrower;
            let again = may_go_on && (narrower || broken && before.retries < shared.stage.retries);
            let reusable = browser.as_ref().is_some_and(Browser::is_shared);
            if played.browser_gone || again || !overlaps || !reusable {
                let gone = played.browser_gone;
                let ended = played.finish(&shared.tell).await;
                shared.ended(index, before, again, ended);
                if gone {
                    // Sessions that are ending lose it, too, and have to be done with it first.
                    while ending.join_next().await.is_some() {}
                    browser = None;
                }
            } else {
                let shared = Arc::clone(&shared);
                ending.spawn(async move {
                    let ended = played.finish(&shared.tell).await;
                    shared.ended(index, before, false, ended);
                    drop(permit);
                });
            }
            if !again {
                break;
            }
            before.retries += u32::from(broken);
        }
    }
    while ending.join_next().await.is_some() {}
    if let Some(browser) = browser {
        browser.close().await;
    }
}

async fn play_one(
    shared: &Arc<Shared>,
    index: usize,
    attempt: u32,
    last_only: bool,
    browser: &mut Option<Browser>,
) -> Played {
    let stage = &shared.stage;
    let part = &shared.parts[index];
    let number = stage.number();
    let bound = (part.bind)(number);
    (shared.tell)(Progress::Begun {
        session: number,
        scenario: part.scenario.name.clone(),
        profile: part.profile.clone(),
        variant: part.variant_name().to_owned(),
        attempt,
    });
    let plan = plan(stage, part, &bound, last_only);
    let recorded = record_start(stage, part, &bound, plan.as_ref().ok(), number, attempt);
    if browser.as_mut().is_some_and(Browser::has_crashed) {
        *browser = None;
    }
    let ready = match (recorded, browser.as_mut()) {
        (Err(cause), _) => Err(cause.to_string()),
        (Ok(()), Some(running)) => Ok(running),
        (Ok(()), None) => match shared.browser().await {
            Ok(started) => Ok(browser.insert(started)),
            Err(why) => Err(why),
        },
    };
    let plan = plan.as_ref().map_err(Clone::clone);
    play_steps(stage, part, &bound, plan, number, ready, &shared.tell).await
}

/// True where the flow bears a twist on its last page, which leaves the others alone.
fn can_be_narrower(shared: &Shared, part: &Part) -> bool {
    // What is planned does not depend on the test person.
    plan(&shared.stage, part, &(part.bind)(0), true).is_ok()
}

/// What the session is to play, or why it cannot.
fn plan(stage: &Stage, part: &Part, bound: &Bound, last_only: bool) -> Result<Plan, String> {
    let learnt = match part.variant {
        Some(_) => part.lesson.learnt()?,
        None => Learnt::default(),
    };
    let ground = Ground {
        scenario: &part.scenario,
        steps: &bound.steps,
        circumstances: &part.circumstances,
        variant: part.variant,
        learnt: &learnt,
        is_view: &*stage.is_view,
        last_only,
    };
    ground.plan()
}
