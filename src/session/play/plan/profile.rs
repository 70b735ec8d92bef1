//! What a profile adds to the steps: the answer to a banner, an earlier visit.
//!
//! Never a variant's twist.

use super::{Beat, Ground, Manner, added, after_page, before_the_end, later, place_before};
use crate::capture::TwistMark;
use crate::scenario::{Answer, Consent, Step};
use crate::session::tap::without_click_ids;
use crate::step::Action;
use crate::visitor::Decision;

impl Ground<'_> {
    /// The beats with the answer to the banner that the profile gives.
    pub(super) fn answered(&self, mut beats: Vec<Beat>) -> Vec<Beat> {
        let Consent { accept, refuse, .. } = &self.scenario.consent;
        let (answer, mark) = match self.circumstances.consent {
            Decision::AsWritten => return beats,
            Decision::Refuses => (refuse, TwistMark::Refuses),
            Decision::AgreesLate => (accept, TwistMark::Agrees),
        };
        let says = |beat: &Beat, answer: &Option<Answer>| match answer {
            Some(Answer::Click(target)) => beat.step.actions == [Action::Click(target.clone())],
            _ => false,
        };
        let Some(answer) = answer else { return beats };
        if mark == TwistMark::Refuses
            && let Some(own) = beats.iter_mut().find(|beat| says(beat, refuse))
        {
            // The scenario refuses by itself.
            own.mark = Some(mark);
            return beats;
        }
        beats.retain(|beat| !says(beat, accept));
        let at = match (answer, mark) {
            (Answer::Cookies(_), TwistMark::Refuses) => 0,
            (_, TwistMark::Refuses) => after_page(&beats, 1),
            _ => before_the_end(&beats, after_page(&beats, 2)),
        };
        let place = place_before(&beats, at);
        let text = match mark {
            TwistMark::Refuses => "the visitor refuses",
            _ => "the visitor agrees",
        };
        let manner = match answer {
            Answer::Click(_) => Manner::Plain,
            Answer::Cookies(cookies) => Manner::Cookies(cookies.clone()),
        };
        let actions = match answer {
            Answer::Click(target) => vec![Action::Click(target.clone())],
            Answer::Cookies(_) => Vec::new(),
        };
        let step = Step { keyword: "click", place, text: text.to_owned(), actions };
        beats.insert(at, Beat { step, origin: None, manner, mark: Some(mark) });
        beats
    }

    /// The beats after an earlier visit and an absence.
    pub(super) fn returning(&self, beats: Vec<Beat>) -> Vec<Beat> {
        let hours = self.circumstances.returns_after_hours;
        let landing = beats.iter().find_map(|beat| match beat.step.actions.first() {
            Some(Action::Visit(address)) => Some((address.clone(), beat.step.place)),
            _ => None,
        });
        let Some((address, place)) = landing else { return beats };
        let address = without_click_ids(&address).unwrap_or(address);
        let text = "the visitor's earlier visit";
        let mut earlier = added(text, place, Manner::Open(address), TwistMark::Twist);
        // The flow itself goes as it is written.
        earlier.mark = None;
        let mut all = vec![earlier, later(hours, place)];
        all.extend(beats);
        all
    }
}
