//! Actions carried out on a page, each waiting until what it needs is there and usable.
//!
//! Waiting for events is not done here: a page knows nothing of taps.
//! Never which step comes next.

mod script;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use super::page::{Hopeless, Page, PageError, Sought, Unmet};
use super::wish::{self, Act, written};
use super::{keys, miss};
use crate::step::{Action, Condition, ScrollTo, Target};

/// Pause before a script condition is tried again after the page changed under it.
const AGAIN: Duration = Duration::from_millis(20);

/// How long a click on a control may take to change it.
const CONFIRM: Duration = Duration::from_secs(2);

/// Why an action failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ActError {
    /// What it needs is not there or not usable: the site, or the scenario, is wrong.
    Miss(String),
    /// The address could not be opened.
    Unreachable {
        /// The address.
        address: String,
        /// What the browser said.
        what: String,
    },
    /// Browser or driver are gone.
    Gone(String),
}

/// What is worth knowing about an action that succeeded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Effect {
    /// A remark for the user.
    pub(crate) note: Option<String>,
}

/// How long an action may wait for what it needs.
#[derive(Clone, Copy)]
pub(crate) struct Patience<'a> {
    /// At most.
    pub(crate) within: Duration,
    /// Says that it will not come any more.
    pub(crate) hopeless: Hopeless<'a>,
}

impl From<Duration> for Patience<'_> {
    fn from(within: Duration) -> Self {
        Patience { within, hopeless: None }
    }
}

/// Carries out one action. A wait for an event is not one of a page and is refused.
pub(crate) async fn perform(
    page: &Page,
    action: &Action,
    site: &Url,
    patience: Patience<'_>,
) -> Result<Effect, ActError> {
    let doing = Doing::begin(page, patience);
    match action {
        Action::Visit(address) => doing.visit(site, address).await,
        Action::Click(target) => doing.click(target, 1).await,
        Action::Fill { target, text } => doing.fill(target, text).await,
        Action::Select { target, option } => doing.seek(target, &Act::Select(option)).await,
        Action::Press { target, keys } => doing.press(target.as_ref(), keys).await,
        Action::Check { target, on } => doing.check(target, *on).await,
        Action::Wait { condition, .. } => doing.wait(condition).await,
        Action::Scroll(ScrollTo::Element(target)) => doing.seek(target, &Act::Scroll).await,
        Action::Scroll(to) => doing
            .meet(&wish::edge(*to == ScrollTo::Top), "the page")
            .await
            .map(|_| Effect::default()),
        Action::Reload => doing.loaded(page.reload().await),
        Action::Back => doing.loaded(page.back().await),
        Action::Evaluate(script) => doing.evaluate(script).await,
    }
}

/// Two clicks in quick succession.
pub(crate) async fn double_click(
    page: &Page,
    target: &Target,
    patience: Patience<'_>,
) -> Result<Effect, ActError> {
    let doing = Doing::begin(page, patience);
    doing.click(target, 2).await
}

/// True when the page may go away by the action, and with it what it was still loading.
pub(crate) fn may_leave(action: &Action) -> bool {
    matches!(
        action,
        Action::Visit(_)
            | Action::Click(_)
            | Action::Press { .. }
            | Action::Check { .. }
            | Action::Select { .. }
            | Action::Reload
            | Action::Back
            | Action::Evaluate(_)
    )
}

struct Doing<'a> {
    page: &'a Page,
    begun: Instant,
    deadline: Instant,
    hopeless: Hopeless<'a>,
}

impl<'a> Doing<'a> {
    fn begin(page: &'a Page, patience: Patience<'a>) -> Doing<'a> {
        let begun = Instant::now();
        Doing { page, begun, deadline: begun + patience.within, hopeless: patience.hopeless }
    }

    async fn visit(&self, site: &Url, address: &str) -> Result<Effect, ActError> {
        let address = site
            .join(address)
            .map_err(|cause| ActError::Miss(format!("`{address}` is not an address: {cause}")))?;
        match self.page.goto(address.as_str()).await {
            // A download, or an answer without content: a visitor stays on the page as well.
            Err(PageError::Network(what)) if what == "net::ERR_ABORTED" => Ok(Effect::default()),
            Err(PageError::Network(what)) => {
                Err(ActError::Unreachable { address: address.to_string(), what })
            }
            other => self.loaded(other),
        }
    }

    fn loaded(&self, result: Result<(), PageError>) -> Result<Effect, ActError> {
        match result {
            // A redirect by script replaces the page while the driver waits for it.
            Ok(()) | Err(PageError::Changed(_)) => Ok(Effect::default()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, error: PageError) -> ActError {
        match error {
            PageError::Gone(what) => ActError::Gone(what),
            PageError::Slow => ActError::Miss(format!(
                "the page did not finish loading within {} s",
                self.page.load().as_secs()
            )),
            other => ActError::Miss(other.to_string()),
        }
    }

    /// Waits for a wish; the error is the sentence for the user.
    async fn meet(&self, wish: &Value, wanted: &str) -> Result<Sought, ActError> {
        self.meet_by(wish, wanted, self.deadline).await
    }

    async fn meet_by(
        &self,
        wish: &Value,
        wanted: &str,
        deadline: Instant,
    ) -> Result<Sought, ActError> {
        self.page.seek(wish, deadline, self.hopeless).await.map_err(|unmet| match unmet {
            Unmet::Missing(answer) => {
                let seconds = self.begun.elapsed().as_secs_f64();
                ActError::Miss(miss::sentence(&answer, wanted, seconds))
            }
            Unmet::Failed(error) => self.failed(error),
        })
    }

    async fn find(&self, target: &Target, act: &Act<'_>) -> Result<Sought, ActError> {
        let wish = wish::element(target, act).map_err(ActError::Miss)?;
        self.meet(&wish, &written(target)).await
    }

    /// For acts that the script itself completes.
    async fn seek(&self, target: &Target, act: &Act<'_>) -> Result<Effect, ActError> {
        let sought = self.find(target, act).await?;
        self.back_to_page(&sought).await?;
        Ok(Effect { note: miss::note(&sought.answer, &written(target)) })
    }

    async fn back_to_page(&self, sought: &Sought) -> Result<(), ActError> {
        if sought.depth == 0 {
            return Ok(());
        }
        match self.page.leave_frames().await {
            Ok(()) | Err(PageError::Changed(_)) => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// True when the action has to be tried again, since the element went before it was reached.
    async fn again(
        &self,
        sought: &Sought,
        result: Result<(), PageError>,
    ) -> Result<bool, ActError> {
        match result {
            Ok(()) => {
                self.back_to_page(sought).await?;
                Ok(false)
            }
            Err(PageError::Changed(what)) => {
                self.back_to_page(sought).await?;
                if Instant::now() >= self.deadline {
                    return Err(self.failed(PageError::Changed(what)));
                }
                // Only these are said before the mouse or the keys have done anything;
                // after that the page may well change, for that is what clicks are for.
                let before =
                    ["stale", "no such element", "out of bounds", "not interactable", "is gone"];
                Ok(before.iter().any(|word| what.contains(word)))
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn click(&self, target: &Target, times: usize) -> Result<Effect, ActError> {
        loop {
            let sought = self.find(target, &Act::Click).await?;
            if !self.again(&sought, self.page.clicks(&sought, times).await).await? {
                return Ok(Effect { note: miss::note(&sought.answer, &written(target)) });
            }
        }
    }

    async fn fill(&self, target: &Target, text: &str) -> Result<Effect, ActError> {
        loop {
            let sought = self.find(target, &Act::Fill(text)).await?;
            let note = miss::note(&sought.answer, &written(target));
            let is = |name: &str| sought.answer.get(name) == Some(&json!(true));
            let typed = match text {
                "" if is("empty") => "",
                "" => keys::DELETE,
                text => text,
            };
            let Some(element) = &sought.element else {
                return Err(ActError::Miss("the script found no element".to_owned()));
            };
            if is("set") || typed.is_empty() {
                self.back_to_page(&sought).await?;
                return Ok(Effect { note });
            }
            if !self.again(&sought, self.enter(element, typed, sought.depth).await).await? {
                return Ok(Effect { note });
            }
        }
    }

    /// Enters a text into the element that has the focus.
    ///
    /// All but the last character go in as one insertion, since every key stroke costs
    /// browser and page some milliseconds; the last one is a real stroke, so that a page
    /// that listens to keys hears of it. In frames the keys are typed one by one: an
    /// insertion goes to the page.
    async fn enter(&self, element: &str, text: &str, depth: u32) -> Result<(), PageError> {
        let last = text
            .char_indices()
            .next_back()
            .filter(|(at, last)| depth == 0 && *at > 0 && last.is_ascii_graphic());
        match last {
            Some((at, last)) if self.page.insert(&text[..at]).await? => {
                self.page.actions(keys::chord(&[last])).await
            }
            _ => self.page.keys(element, text).await,
        }
    }

    async fn press(&self, target: Option<&Target>, names: &str) -> Result<Effect, ActError> {
        let chord = keys::chord(&keys::parse(names).map_err(ActError::Miss)?);
        let Some(target) = target else {
            return self.loaded(self.page.actions(chord).await);
        };
        loop {
            let sought = self.find(target, &Act::Press).await?;
            if !self.again(&sought, self.page.actions(chord.clone()).await).await? {
                return Ok(Effect { note: miss::note(&sought.answer, &written(target)) });
            }
        }
    }

    async fn check(&self, target: &Target, on: bool) -> Result<Effect, ActError> {
        loop {
            let sought = self.find(target, &Act::Check { on, confirm: false }).await?;
            let note = miss::note(&sought.answer, &written(target));
            if sought.answer.get("already") == Some(&json!(true)) {
                self.back_to_page(&sought).await?;
                return Ok(Effect { note });
            }
            if !self.again(&sought, self.page.click(&sought).await).await? {
                let wish = wish::element(target, &Act::Check { on, confirm: true })
                    .map_err(ActError::Miss)?;
                let deadline = self.deadline.min(Instant::now() + CONFIRM);
                let sought = self.meet_by(&wish, &written(target), deadline).await?;
                self.back_to_page(&sought).await?;
                return Ok(Effect { note });
            }
        }
    }

    async fn wait(&self, condition: &Condition) -> Result<Effect, ActError> {
        match condition {
            Condition::Url(text) => {
                self.meet(&wish::url(text), text).await.map(|_| Effect::default())
            }
            Condition::Text(text) => {
                self.meet(&wish::text(text), text).await.map(|_| Effect::default())
            }
            Condition::Visible(target) => self.seek(target, &Act::Visible).await,
            Condition::Hidden(target) => self.seek(target, &Act::Hidden).await,
            Condition::Script(script) => self.until(script).await,
            Condition::Event { event, channel } => Err(ActError::Miss(format!(
                "a page cannot tell whether {event} was caught on the {channel}"
            ))),
        }
    }
}
