//! What is to come of a session, given who visits and what is done to the flow.
//!
//! Never a step.

use super::Ground;
use crate::event::{Channel, Expectation, MatchKey};
use crate::visitor::{Decision, Twist};

impl Ground<'_> {
    /// What is expected, what happens untold, and what must not come.
    pub(super) fn expectations(&self) -> (Vec<Expectation>, Vec<Expectation>, Vec<String>) {
        let mut never: Vec<String> =
            self.scenario.never.iter().map(|never| never.event.clone()).collect();
        let twist = self.variant.map(|variant| variant.twist);
        if twist == Some(Twist::Crawl) {
            return (Vec::new(), Vec::new(), Vec::new());
        }
        let circumstances = self.circumstances;
        if circumstances.refuses() {
            // Before the answer views may be told where the site may do so.
            let (views, conversions): (Vec<_>, Vec<_>) =
                self.scenario.expect.iter().cloned().partition(|one| {
                    circumstances.allowed_before_answer && (self.is_view)(&one.event)
                });
            never.extend(conversions.iter().map(|one| one.event.clone()));
            never.dedup();
            let views = views.into_iter().map(|one| Expectation { count: 0, open: true, ..one });
            return (views.collect(), conversions, never);
        }
        let views_change = twist.is_some_and(Twist::changes_views)
            || circumstances.returns_after_hours > 0
            || circumstances.consent == Decision::AgreesLate;
        let cut = twist.is_some_and(Twist::cuts_pages_short);
        let expect = self
            .scenario
            .expect
            .iter()
            .cloned()
            .map(|mut one| {
                let view = (self.is_view)(&one.event);
                if view && views_change {
                    one.open = true;
                    one.count = 0;
                }
                if circumstances.signals_privacy {
                    // Silence is right, and so is what carries the platform's mark for it.
                    one.open = true;
                    one.count = 0;
                }
                if circumstances.strips_click_ids {
                    // The landing loses its click ID on the way, so there is no fbc to carry.
                    for keys in one.keys.values_mut() {
                        keys.retain(|key| key != MatchKey::ClickId.name());
                    }
                }
                let browser_is_free = circumstances.keeps_the_pixel_out()
                    || (twist == Some(Twist::CloseTab))
                    || (cut && view);
                if browser_is_free {
                    one.channels.retain(|channel| *channel != Channel::Browser);
                    one.keys.remove(&Channel::Browser);
                    if one.channels.is_empty() {
                        one.open = true;
                        one.count = 0;
                    }
                }
                one
            })
            .collect();
        (expect, Vec::new(), never)
    }
}
