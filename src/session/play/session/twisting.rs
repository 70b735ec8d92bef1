//! Steps that a profile or a variant has the visitor do otherwise, or besides.
//!
//! How each is carried out on the tab is another file's. Never where in the flow it goes.

use tokio::time::Instant;

use super::{Halt, Played, Playing};
use crate::capture::TwistMark;
use crate::session::browser::{ActError, perform};
use crate::session::play::plan::{Beat, Manner};
use crate::step::Action;

impl Playing<'_> {
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
                Manner::Cookies(cookies) => open.set_cookies(&site, cookies, first).await?,
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
}
