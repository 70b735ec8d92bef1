//! Steps: the words a scenario is written in, each translated into a few browser
//! actions out of a closed set.
//!
//! A step is a pure function from its argument to actions, so the vocabulary can
//! grow without the browser code. To add one: one file here, one line in [`STEPS`].
//! Never a browser, never time.

mod address;
mod back;
mod check;
mod click;
mod css;
mod duration;
mod evaluate;
mod fill;
mod keys;
mod nearest;
mod press;
mod read;
mod reload;
mod scroll;
mod select;
mod target;
mod texts;
mod uncheck;
mod visit;
mod wait;

use crate::event::Place;

pub use duration::{duration, duration_schema};
pub use nearest::nearest;
pub use target::{Flaw, target_schema};
pub use texts::TextUse;

/// Every word of the language, in the order of the documentation.
pub const STEPS: &[&StepKind] = &[
    &visit::STEP,
    &click::STEP,
    &fill::STEP,
    &select::STEP,
    &press::STEP,
    &check::STEP,
    &uncheck::STEP,
    &wait::STEP,
    &scroll::STEP,
    &reload::STEP,
    &back::STEP,
    &evaluate::STEP,
];

impl StepKind {
    /// The step of that keyword.
    pub fn of(keyword: &str) -> Option<&'static StepKind> {
        STEPS.iter().copied().find(|step| step.keyword == keyword)
    }
}

/// The argument of a step as the scenario gives it, every part with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// Where it stands in the file.
    pub place: Place,
    /// What it is.
    pub value: ArgValue,
}

/// The shapes an argument can have. Numbers and booleans keep their text.
#[derive(Debug, Clone, PartialEq)]
pub enum ArgValue {
    /// Nothing (`- reload:` or `- reload`).
    Null,
    /// A scalar, as written.
    Text(String),
    /// A list.
    List(Vec<Arg>),
    /// A mapping, in the order of the file.
    Map(Vec<(Arg, Arg)>),
}

/// Something wrong with a step's argument, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepError {
    /// Where.
    pub place: Place,
    /// Character of the argument's text at which it goes wrong, from 0, where known.
    pub at: Option<u32>,
    /// What is wrong: lowercase fragment, no full stop.
    pub what: String,
    /// How to mend it.
    pub hint: Option<String>,
}

/// One word of the scenario language.
pub struct StepKind {
    /// The keyword.
    pub keyword: &'static str,
    /// One line for documentation and error messages: what it does.
    pub summary: &'static str,
    /// An example line, valid YAML.
    pub example: &'static str,
    /// Translates the argument.
    pub parse: fn(&Arg) -> Result<Vec<Action>, StepError>,
    /// JSON Schema of the argument.
    pub schema: fn() -> serde_json::Value,
}

/// How to find an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// CSS selector.
    Css(String),
    /// Visible text of the element, white space folded.
    Text(String),
    /// ARIA role with optional accessible name.
    Role {
        /// The role.
        role: String,
        /// The accessible name.
        name: Option<String>,
    },
    /// `XPath` expression.
    XPath(String),
    /// Form control by the text of its label.
    Label(String),
    /// `data-testid` attribute.
    TestId(String),
}

/// What a wait waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The address of the page contains this text.
    Url(String),
    /// The element is visible.
    Visible(Target),
    /// The element is absent or invisible.
    Hidden(Target),
    /// This text is somewhere on the page.
    Text(String),
    /// An event of that name was caught in this session on the channel (`browser` or `server`).
    Event {
        /// Event name.
        event: String,
        /// Channel name.
        channel: crate::event::Channel,
    },
    /// A script expression is truthy.
    Script(String),
}

/// The closed set of things a browser is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Opens an address; a path is resolved against the site.
    Visit(String),
    /// Clicks the element once it is visible and enabled.
    Click(Target),
    /// Replaces the content of a field.
    Fill {
        /// The field.
        target: Target,
        /// The text.
        text: String,
    },
    /// Chooses an option by its label or value.
    Select {
        /// The select element.
        target: Target,
        /// Label or value.
        option: String,
    },
    /// Sends keys to an element, or to whatever has the focus.
    Press {
        /// The element.
        target: Option<Target>,
        /// Key names joined by `+` (`Enter`, `Control+a`).
        keys: String,
    },
    /// Sets a checkbox or radio button.
    Check {
        /// The control.
        target: Target,
        /// Wanted state.
        on: bool,
    },
    /// Waits for a condition.
    Wait {
        /// The condition.
        condition: Condition,
        /// Own deadline in milliseconds.
        within: Option<u64>,
    },
    /// Scrolls an element into view, or to `top` / `bottom` of the page.
    Scroll(ScrollTo),
    /// Loads the page again.
    Reload,
    /// One step back in the history.
    Back,
    /// Runs a script in the page; a thrown error fails the step.
    Evaluate(String),
}

/// Where to scroll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScrollTo {
    /// Top of the page.
    Top,
    /// Bottom of the page.
    Bottom,
    /// An element.
    Element(Target),
}
