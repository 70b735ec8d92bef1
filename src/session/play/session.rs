//! One session: a scenario's steps, one after the other, in a fresh profile behind its own tap.
//!
//! What comes after the last step is another file's.
//! Never judges what came.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use super::learning::Learning;
use super::mishap::{self, Mishap};
use super::notebook::Notebook;
use super::pictures::Pictures;
use super::plan::{Beat, Manner, Plan};
use super::tally::{Goal, Stillness, Tally, listed};
use super::twist;
use super::{Bound, Part, Progress, Stage, Tell};
use crate::capture::{
    CookieRecord, Line, SessionStart, SessionStatus, StepRecord, TapeError, TwistMark,
};
use crate::event::{Channel, Expectation, FaultAnswer, ServerFault, mask_url};
use crate::scenario::Step;
use crate::session::browser::{
    ActError, Browser, Patience, Tab, Wanted, double_click, may_leave, perform,
};
use crate::session::tap::{BrowserTap, BrowserTapConfig, Forwarding, LensConfig, Mapping};
use crate::step::{Action, Condition};
use crate::visitor::Twist;

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

enum OpenError {
    Tap(String),
    Browser(String),
}

async fn open(
    stage: &Stage,
    part: &Part,
    bound: &Bound,
    number: u32,
    browser: &mut Browser,
) -> Result<Open, OpenError> {
    let mut config = BrowserTapConfig::new(
        number,
        Arc::clone(&stage.authority),
        Arc::clone(&stage.claims),
        Arc::clone(&stage.responder),
        Arc::clone(&stage.tape),
    );
    config.bind = (stage.listen, 0).into();
    config.network = stage.network.clone();
    config.forwarding = Forwarding { visitor: bound.visitor, ..stage.forwarding.clone() };
    config.mappings = mappings(bound);
    let twist = part.variant.map(|variant| variant.twist);
    config.lens = LensConfig {
        circumstances: part.circumstances.clone(),
        filters: stage.filters.clone(),
        agent: bound.device.as_ref().map(|device| device.agent(&stage.browser)),
        hosts: Arc::clone(&stage.hosts),
        hold_for: stage.server.clone().filter(|_| twist == Some(Twist::ServerFirst)),
    };
    let tap = BrowserTap::open(config).await.map_err(|cause| OpenError::Tap(cause.to_string()))?;
    let proxy = match &stage.proxy_host {
        Some(host) => format!("{host}:{}", tap.address().port()),
        None => tap.address().to_string(),
    };
    let claims = Arc::clone(&stage.claims);
    let notebook = Arc::new(Notebook::new(number, claims, Arc::clone(&stage.tape)));
    let notes = Arc::clone(&notebook);
    let wanted = Wanted {
        device: bound.device.as_ref(),
        ear: Arc::new(move |told| notes.take(told)),
        scripts: &stage.watch.scripts,
    };
    let tab = browser
        .open(&proxy, wanted)
        .await
        .map_err(|cause| OpenError::Browser(cause.to_string()))?;
    let tally = Tally::new(tap.witness(), stage.server.clone(), &bound.marks);
    let mut faults = part.scenario.server_faults.clone();
    if twist == Some(Twist::ServerFails) {
        faults.extend(part.scenario.expect.iter().map(fails_once));
    }
    stage.faults.open(number, &bound.marks, tap.witness(), &faults);
    Ok(Open { tab, tap, tally, notebook })
}

/// The platform's API fails at the first call that carries the expected event.
fn fails_once(expected: &Expectation) -> ServerFault {
    ServerFault {
        answer: FaultAnswer::Failing,
        event: Some(expected.event.clone()),
        first: 1,
        last: 1,
        delay: None,
        place: expected.place,
    }
}

/// The mappings of a part, and the site itself where none of them leads to it, so that
/// the tap knows which answers are the site's.
fn mappings(bound: &Bound) -> Vec<Mapping> {
    let mut mappings = bound.mappings.clone();
    if let Ok(site) = Url::parse(&bound.site)
        && let Some(host) = site.host_str()
        && !mappings.iter().any(|one| one.name == host || one.name.starts_with(&format!("{host}:")))
    {
        mappings.push(Mapping::new(host, site.origin().ascii_serialization()));
    }
    mappings
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

    /// What a profile or a variant has the visitor do.
    async fn twist(
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

    async fn action(
        &mut self,
        played: &mut Played,
        beat: &Beat,
        action: &Action,
    ) -> Result<(), Halt> {
        let step = &beat.step;
        let site = self.site()?;
        let strained = self.is_strained(played);
        let Some(open) = &mut played.open else { return Ok(()) };
        let deadlines = &played.stage.deadlines;
        // A click that submits a form comes back before the browser has asked for the next
        // page; whatever is done to the old page meanwhile would be lost with it.
        let acted = self.acted.take().filter(|_| !matches!(action, Action::Wait { .. }));
        if (may_leave(action) || acted.is_some()) && !self.first_visit {
            let begun = Instant::now();
            let since = acted.unwrap_or(begun - deadlines.calm);
            let still = Stillness { quiet: deadlines.calm, since };
            open.tally.wait(&Goal::Quiet, Some(still), begun + LONGEST_CALM).await;
            played.waiting += begun.elapsed();
        }
        let acts = !matches!(action, Action::Wait { .. } | Action::Scroll(_));
        if let (Some(learning), Some(origin), true) = (&mut played.learning, beat.origin, acts) {
            learning.absorb(&mut open.tally);
            learning.acts(origin);
        }
        if let Action::Wait { condition: Condition::Event { event, channel }, within } = action {
            let circumstances = &played.part.circumstances;
            if circumstances.refuses() || circumstances.signals_privacy {
                // Nothing may come; the silence is looked at when the session ends.
                return Ok(());
            }
            let kept_out = circumstances.keeps_the_pixel_out();
            let channel = if kept_out { &Channel::Server } else { channel };
            let begun = Instant::now();
            let within = within.map_or(deadlines.element, Duration::from_millis);
            let goal = Goal::Event(event, *channel);
            let came = open.tally.wait(&goal, None, begun + within).await;
            played.waiting += begun.elapsed();
            if came {
                return Ok(());
            }
            if kept_out {
                // What a blocked pixel costs is a result, and the flow goes on without it.
                (self.tell)(Progress::Note {
                    session: played.number,
                    line: beat.step.place.line,
                    text: format!("no {event} came from the {channel}"),
                });
                return Ok(());
            }
            let instead = listed(open.tally.counts(*channel));
            let seconds = begun.elapsed().as_secs_f64();
            let what = mishap::no_event(event, channel.name(), seconds, &instead);
            return Err(Halt::Failed { what, gone: false, step: true });
        }
        let own = match action {
            Action::Wait { within: Some(own), .. } => Some(Duration::from_millis(*own)),
            _ => None,
        };
        let (usual, begun) = (self.usual(beat), Instant::now());
        let still = if open.tab.page.inert() { STILL_WITHOUT_SCRIPTS } else { STILL };
        let taps = open.tally.own();
        let hopeless =
            || begun.elapsed() > usual * 2 + still && taps.look(|seen| seen.is_quiet_for(still));
        let patience = Patience {
            within: own.unwrap_or(deadlines.element),
            // Whoever gives a step a time of its own knows better.
            hopeless: (strained && own.is_none()).then_some(&hopeless),
        };
        let result = match (&beat.manner, action) {
            (Manner::DoubleClick, Action::Click(target)) => {
                double_click(&open.tab.page, target, patience).await
            }
            _ => perform(&open.tab.page, action, &site, patience).await,
        };
        let is_visit = matches!(action, Action::Visit(_));
        if is_visit && self.first_visit {
            self.first_visit = false;
            if let Some(trouble) = open
                .tally
                .own()
                .look(|seen| seen.troubles.first().filter(|_| seen.site_answers == 0).cloned())
            {
                let what = mishap::site_down(&self.bound.site, &trouble);
                return Err(Halt::Failed { what, gone: false, step: false });
            }
        }
        match result {
            Ok(effect) => {
                let loads_by_itself =
                    matches!(action, Action::Visit(_) | Action::Reload | Action::Back);
                if may_leave(action) && !loads_by_itself {
                    self.acted = Some(Instant::now());
                }
                if let Some(text) = effect.note {
                    let (session, line) = (played.number, step.place.line);
                    (self.tell)(Progress::Note { session, line, text });
                }
                Ok(())
            }
            Err(error) => Err(self.halt(error)),
        }
    }

    /// Keeps the page's address for the record; a page that is gone has none.
    async fn look_at_address(&mut self, played: &Played) {
        if let Some(open) = &played.open
            && let Ok(address) = open.tab.page.address().await
        {
            self.page = mask_url(&address);
            self.address = address;
        }
    }

    /// Keeps what the caller wants to know of the cookies; nothing else of them.
    async fn look_at_cookies(&mut self, played: &mut Played) {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn bound(site: &str, mappings: Vec<Mapping>) -> Bound {
        Bound {
            steps: Vec::new(),
            site: site.to_owned(),
            mappings,
            visitor: None,
            device: None,
            persona: BTreeMap::new(),
            marks: Vec::new(),
        }
    }

    #[test]
    fn a_site_without_a_mapping_is_mapped_to_itself() {
        let own = mappings(&bound("https://staging.example.com/shop", Vec::new()));
        assert_eq!(own, [Mapping::new("staging.example.com", "https://staging.example.com")]);
        let given = vec![Mapping::new("shop.test", "http://127.0.0.1:3000")];
        assert_eq!(mappings(&bound("https://shop.test", given.clone())), given);
    }
}
