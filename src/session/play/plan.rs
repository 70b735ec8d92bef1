//! The plan of a session: the scenario's steps, and what the profile and the variant add
//! to them, change in them or put in their place.
//!
//! Pure: it is derived from the steps and from what the flow as written has shown. What
//! cannot be derived is said, and is never a pass.
//! Never a browser, never the clock.

mod expectations;
mod profile;

use std::collections::BTreeSet;
use std::time::Duration;

use url::Url;

use super::lesson::Learnt;
use crate::capture::TwistMark;
use crate::event::{Expectation, Place};
use crate::scenario::{Scenario, Step};
use crate::session::tap::without_click_ids;
use crate::step::{Action, Condition};
use crate::visitor::{Aim, Circumstances, Twist, Variant};

/// How long the visitor of a variant stays away.
const NEXT_DAY_HOURS: u32 = 24;

/// One thing that the visitor does.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Beat {
    /// The step; for what a profile or variant adds, its place is that of the step before.
    pub(super) step: Step,
    /// Position among the scenario's own steps.
    pub(super) origin: Option<usize>,
    /// How it is done.
    pub(super) manner: Manner,
    /// What it means for the verdict.
    pub(super) mark: Option<TwistMark>,
}

/// How a beat is done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Manner {
    /// As the step says.
    Plain,
    /// The click of the step twice in quick succession.
    DoubleClick,
    /// As the step says, and the tab is closed once the site has been asked.
    ThenCloseTab,
    /// The page is loaded again.
    Reload,
    /// One step back, and one forward.
    BackAndForward,
    /// The page in a second tab, which is closed again.
    SecondTab,
    /// Hours pass while the browser is closed.
    Later {
        /// How many.
        hours: u32,
    },
    /// An address is opened.
    Open(String),
    /// The page that this visitor was on before the absence is opened.
    OpenLast,
    /// Cookies are set before the first page.
    Cookies(Vec<(String, String)>),
}

/// What a session plays and what is to come of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) beats: Vec<Beat>,
    pub(super) expect: Vec<Expectation>,
    pub(super) untold: Vec<Expectation>,
    pub(super) never: Vec<String>,
    /// How long each of the scenario's own steps takes in the flow as written, as far as
    /// that is known.
    pub(super) usual: Vec<Duration>,
}

/// What a plan is made from.
pub(super) struct Ground<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) steps: &'a [Step],
    pub(super) circumstances: &'a Circumstances,
    pub(super) variant: Option<&'static Variant>,
    /// What the flow as written has shown; nothing is needed of it without a variant.
    pub(super) learnt: &'a Learnt,
    /// Says whether an event is a mere view.
    pub(super) is_view: &'a dyn Fn(&str) -> bool,
    /// Twists only the last page on which a conversion is told.
    pub(super) last_only: bool,
}

impl Ground<'_> {
    /// The plan, or why there can be none.
    pub(super) fn plan(&self) -> Result<Plan, String> {
        let mut beats = self.answered(plain(self.steps));
        if self.circumstances.returns_after_hours > 0 {
            beats = self.returning(beats);
        }
        if let Some(variant) = self.variant {
            beats = self.twisted(beats, variant.twist)?;
        }
        let (expect, untold, never) = self.expectations();
        let usual = self.learnt.took.clone();
        Ok(Plan { beats, expect, untold, never, usual })
    }

    fn twisted(&self, mut beats: Vec<Beat>, twist: Twist) -> Result<Vec<Beat>, String> {
        match twist.aim() {
            Aim::Session => Ok(beats),
            Aim::Instead => self.crawl(),
            Aim::Step => {
                let mut doubled = 0;
                for beat in &mut beats {
                    if self.triggers(beat) && matches!(beat.step.actions[..], [Action::Click(_)]) {
                        beat.manner = Manner::DoubleClick;
                        beat.mark = Some(TwistMark::Twist);
                        doubled += 1;
                    }
                }
                match doubled {
                    0 => Err(self.nothing_told("no click sets a conversion off")),
                    _ => Ok(beats),
                }
            }
            Aim::LastStep => {
                let Some(last) = beats.iter().rposition(|beat| self.triggers(beat)) else {
                    return Err(self.nothing_told("no step sets a conversion off"));
                };
                beats.truncate(last + 1);
                beats[last].manner = Manner::ThenCloseTab;
                beats[last].mark = Some(TwistMark::Twist);
                Ok(beats)
            }
            Aim::PageAfter => {
                let manner = match twist {
                    Twist::BackAndForward => Manner::BackAndForward,
                    Twist::SecondTab => Manner::SecondTab,
                    _ => Manner::Reload,
                };
                self.after_pages(beats, &manner)
            }
            Aim::LastPage => {
                let page = self.learnt.pages.iter().rev().find(|page| !page.is_empty());
                if page.is_none() {
                    return Err(self.nothing_told("the last page of the flow is not known"));
                }
                let place = place_before(&beats, beats.len());
                beats.push(later(NEXT_DAY_HOURS, place));
                let text = "the visitor opens the last page again";
                beats.push(added(text, place, Manner::OpenLast, TwistMark::Twist));
                Ok(beats)
            }
        }
    }

    /// True for a step of the scenario that sets a conversion off.
    fn triggers(&self, beat: &Beat) -> bool {
        let events = beat.origin.and_then(|origin| self.learnt.events.get(origin));
        events.is_some_and(|events| events.iter().any(|event| self.is_conversion(event)))
    }

    fn is_conversion(&self, event: &str) -> bool {
        !(self.is_view)(event)
            && self.scenario.expect.iter().any(|expected| expected.event == event)
    }

    fn nothing_told(&self, what: &str) -> String {
        let conversions: Vec<&str> = self
            .scenario
            .expect
            .iter()
            .map(|expected| expected.event.as_str())
            .filter(|event| !(self.is_view)(event))
            .collect();
        match conversions.len() {
            0 => format!("{what}: the scenario expects views only"),
            _ => format!("{what}: none of {} was seen to follow a step", conversions.join(", ")),
        }
    }

    /// A twist on the page after each conversion, but where it would empty a form.
    fn after_pages(&self, beats: Vec<Beat>, manner: &Manner) -> Result<Vec<Beat>, String> {
        let mut points: BTreeSet<usize> = BTreeSet::new();
        for (at, beat) in beats.iter().enumerate() {
            if !self.triggers(beat) {
                continue;
            }
            let waits = |beat: &&Beat| beat.step.actions.iter().all(is_wait);
            let after = at + 1 + beats[at + 1..].iter().take_while(waits).count();
            if after == beats.len() || !self.has_typed(&beats[..after]) {
                points.insert(after);
            }
        }
        if self.last_only {
            // Waits aside, nothing of the flow comes after it.
            let last = |at: &usize| {
                beats[*at..].iter().all(|beat| beat.step.actions.iter().all(is_harmless))
            };
            points.retain(last);
        }
        if points.is_empty() {
            return Err(self.nothing_told("no page on which a conversion is told can be twisted"));
        }
        let text = match manner {
            Manner::BackAndForward => "the visitor goes back and forward",
            Manner::SecondTab => "the visitor opens the page in a second tab",
            _ => "the visitor loads the page again",
        };
        let mut twisted = Vec::new();
        for (at, beat) in beats.iter().enumerate() {
            if points.contains(&at) {
                let place = place_before(&beats, at);
                twisted.push(added(text, place, manner.clone(), TwistMark::Twist));
            }
            twisted.push(beat.clone());
        }
        if points.contains(&beats.len()) {
            let place = place_before(&beats, beats.len());
            twisted.push(added(text, place, manner.clone(), TwistMark::Twist));
        }
        Ok(twisted)
    }

    /// True when something was typed on the page that these beats end on.
    fn has_typed(&self, beats: &[Beat]) -> bool {
        let page = |origin: Option<usize>| {
            origin.and_then(|at| self.learnt.pages.get(at)).map(String::as_str).unwrap_or_default()
        };
        let Some(last) = beats.iter().rev().find(|beat| beat.origin.is_some()) else {
            return false;
        };
        let here = page(last.origin);
        beats
            .iter()
            .rev()
            .take_while(|beat| beat.origin.is_none() || page(beat.origin) == here)
            // The step that led here was done on the page before.
            .filter(|beat| page(before(beat.origin)) == here)
            .any(|beat| beat.step.actions.iter().any(types))
    }

    /// The addresses of the flow, opened one after the other.
    fn crawl(&self) -> Result<Vec<Beat>, String> {
        let mut seen = BTreeSet::new();
        let mut beats = Vec::new();
        for (at, page) in self.learnt.pages.iter().enumerate() {
            let Some(page) = web_address(page) else { continue };
            // A crawler finds pages by links, and those are no one's click.
            let page = without_click_ids(&page).unwrap_or(page);
            if !seen.insert(page.clone()) {
                continue;
            }
            let place = self.steps.get(at).map(|step| step.place).unwrap_or_default();
            beats.push(added(
                "the crawler opens a page",
                place,
                Manner::Open(page),
                TwistMark::Twist,
            ));
        }
        if beats.is_empty() {
            return Err("no page of the flow is known".to_owned());
        }
        Ok(beats)
    }
}

fn plain(steps: &[Step]) -> Vec<Beat> {
    let beat = |(at, step): (usize, &Step)| Beat {
        step: step.clone(),
        origin: Some(at),
        manner: Manner::Plain,
        mark: None,
    };
    steps.iter().enumerate().map(beat).collect()
}

fn added(text: &str, place: Place, manner: Manner, mark: TwistMark) -> Beat {
    let step = Step { keyword: "visit", place, text: text.to_owned(), actions: Vec::new() };
    Beat { step, origin: None, manner, mark: Some(mark) }
}

fn later(hours: u32, place: Place) -> Beat {
    let ahead = i64::from(hours) * 3_600_000;
    let text = match hours {
        24 => "a day passes".to_owned(),
        hours if hours.is_multiple_of(24) => format!("{} days pass", hours / 24),
        hours => format!("{hours} hours pass"),
    };
    added(&text, place, Manner::Later { hours }, TwistMark::Clock(ahead))
}

/// The place of the step before a position.
fn place_before(beats: &[Beat], at: usize) -> Place {
    beats[..at].last().or(beats.first()).map(|beat| beat.step.place).unwrap_or_default()
}

/// The position after the steps that open the first, the second … page, waits included.
fn after_page(beats: &[Beat], pages: usize) -> usize {
    let mut seen = 0;
    for (at, beat) in beats.iter().enumerate() {
        if leads_on(beat) {
            seen += 1;
        }
        let next_waits =
            beats.get(at + 1).is_some_and(|next| next.step.actions.iter().all(is_wait));
        if seen >= pages && !next_waits {
            return at + 1;
        }
    }
    beats.len()
}

/// The position, unless nothing leads on after it: then the one before the last step that
/// does, and before what is typed for it, since an answer may load the page again.
fn before_the_end(beats: &[Beat], at: usize) -> usize {
    if beats[at..].iter().any(leads_on) {
        return at;
    }
    let last = beats.iter().rposition(leads_on).unwrap_or(at);
    let typed = beats[..last].iter().rev().take_while(|beat| !leads_on(beat)).count();
    (last - typed).max(after_page(beats, 1).min(at))
}

fn leads_on(beat: &Beat) -> bool {
    beat.step
        .actions
        .iter()
        .any(|action| matches!(action, Action::Visit(_) | Action::Click(_) | Action::Press { .. }))
}

fn before(origin: Option<usize>) -> Option<usize> {
    origin.and_then(|at| at.checked_sub(1))
}

fn is_wait(action: &Action) -> bool {
    matches!(action, Action::Wait { .. })
}

/// True for what needs nothing of a page's state.
fn is_harmless(action: &Action) -> bool {
    matches!(action, Action::Reload | Action::Back | Action::Scroll(_) | Action::Visit(_))
        || matches!(action, Action::Wait { condition, .. } if !matches!(condition, Condition::Script(_)))
}

fn types(action: &Action) -> bool {
    matches!(action, Action::Fill { .. } | Action::Select { .. } | Action::Check { .. })
}

/// An address of the web without its fragment.
fn web_address(page: &str) -> Option<String> {
    let mut url = Url::parse(page).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.set_fragment(None);
    Some(url.to_string())
}

#[cfg(test)]
mod tests;
