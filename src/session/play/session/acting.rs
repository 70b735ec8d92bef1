//! One action of a step: waiting before it, carrying it out, and what its failure means.
//!
//! Never which action comes next.

use std::time::Duration;

use tokio::time::Instant;

use super::{Halt, LONGEST_CALM, Played, Playing, STILL, STILL_WITHOUT_SCRIPTS};
use crate::event::Channel;
use crate::session::browser::{Patience, double_click, may_leave, perform};
use crate::session::play::Progress;
use crate::session::play::mishap;
use crate::session::play::plan::{Beat, Manner};
use crate::session::play::tally::{Goal, Stillness, listed};
use crate::step::{Action, Condition};

impl Playing<'_> {
    pub(super) async fn action(
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
}
