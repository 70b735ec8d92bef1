//! What stands on the lines of a tape: the first one, and those of each kind.
//!
//! Exchanges, attempts and commands are records of their own files.
//! Never how lines are written or read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attempt::{Attempt, Command, CookieRecord, Recording};
use super::exchange::Exchange;
use crate::event::{Channel, Expectation, Order, ServerFault};
use crate::visitor::Circumstances;

/// First line of a tape.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Opening {
    /// Format number.
    pub countonce_tape: u32,
    /// Program and version that recorded it.
    pub tool: String,
    /// Start, Unix milliseconds.
    pub started: i64,
    /// Which pixel script ran: `stand-in`, or `real` with its version.
    pub pixel_script: String,
    /// Browser and version, empty where there was none.
    #[serde(default)]
    pub browser: String,
    /// Address of the site.
    #[serde(default)]
    pub site: String,
    /// Filter lists that blocking visitors had; empty where none was needed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub filter_lists: String,
}

/// A session begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SessionStart {
    /// Session number, from 1.
    pub session: u32,
    /// Unix milliseconds.
    pub at: i64,
    /// Scenario name.
    pub scenario: String,
    /// Scenario file as given.
    pub file: String,
    /// Profile name.
    pub profile: String,
    /// Variant name; empty for the flow as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// Circumstances of the visitor; absent on tapes that only name the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circumstances: Option<Circumstances>,
    /// Which repetition, from 1; 0 where nothing is repeated.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub repeat: u32,
    /// Attempt, from 1; only the last attempt of a scenario in a profile and variant is judged.
    pub attempt: u32,
    /// What really happens by it.
    pub expect: Vec<Expectation>,
    /// What really happens and nothing may tell of, since the visitor does not allow it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<Expectation>,
    /// Event names that must not be caught.
    pub never: Vec<String>,
    /// What the server tap was to do to its calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_faults: Vec<ServerFault>,
    /// The test person's plain data by field name; fictional.
    pub persona: BTreeMap<String, String>,
    /// Opaque texts that tie server calls to this visitor.
    pub marks: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_nought(number: &u32) -> bool {
    *number == 0
}

/// One step was carried out, or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepRecord {
    /// Session number.
    pub session: u32,
    /// When it began, Unix milliseconds.
    pub at: i64,
    /// Line in the scenario file.
    pub line: u32,
    /// The line as written.
    pub text: String,
    /// How long it took.
    pub millis: u64,
    /// Address of the page afterwards, without query values.
    #[serde(default)]
    pub page: String,
    /// What went wrong, where something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Cookies of the platforms after it, and which memories of consent there are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cookies: Vec<CookieRecord>,
    /// What the profile or variant had the visitor do here; the step is not the scenario's then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twist: Option<TwistMark>,
}

/// What a profile or variant had the visitor do, as far as it matters for the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TwistMark {
    /// The banner was refused.
    Refuses,
    /// The banner was agreed to.
    Agrees,
    /// The clock of pages runs ahead from here on, by milliseconds.
    Clock(i64),
    /// The flow was twisted here.
    Twist,
}

/// A request that never left the browser: what was tried, and what kept it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blocked {
    /// Session number.
    pub session: u32,
    /// Unix milliseconds.
    pub at: i64,
    /// Method.
    pub method: String,
    /// Address, without the values of its query.
    pub url: String,
    /// Name of the event that it would have told, where it can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The rule that blocked it, as it stands in its list; or what kept it back.
    pub rule: String,
}

/// A picture of a page that a visitor came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PictureRecord {
    /// Session number.
    pub session: u32,
    /// When it was taken, Unix milliseconds.
    pub at: i64,
    /// Address of the page, without query values.
    pub page: String,
    /// The picture's file, path relative to the tape.
    pub file: String,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionStatus {
    /// Every step was carried out.
    Played,
    /// A step failed, or the site or the browser did: the rest was not played.
    Broken,
    /// The user stopped the run.
    Stopped,
    /// The profile or variant cannot be played with this flow: nothing is proven by it.
    #[serde(rename = "not-applicable")]
    NotApplicable,
}

/// A session ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionEnd {
    /// Session number.
    pub session: u32,
    /// Unix milliseconds.
    pub at: i64,
    /// How it ended.
    pub status: SessionStatus,
    /// What broke it, with file:line:column, address and screenshot where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Screenshot of a broken step, path relative to the tape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshot: Option<String>,
    /// How many requests the site itself answered.
    pub site_answers: u64,
    /// Wall time from first step to end, milliseconds.
    pub millis: u64,
    /// Part of it spent in commands to the browser, milliseconds.
    #[serde(default)]
    pub browser_millis: u64,
}

/// Something that a tap could not do, such as speak to a client that does not trust it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trouble {
    /// Side of the tap.
    pub channel: Channel,
    /// What it was, and how to mend it; masked.
    pub what: String,
    /// True where a client did not trust the tap's certificate.
    #[serde(default)]
    pub distrust: bool,
}

/// Which part of a suite a run plays, where the suite is split over several machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShardRecord {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
    /// How many units the whole suite is split into.
    pub units: u64,
    /// Digest of the names of all units: SHA-256, 64 hexadecimal digits. Shards of one suite
    /// have the same.
    pub suite: String,
}

/// Last line of a tape that was closed in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// Unix milliseconds.
    pub at: i64,
    /// True when the user stopped the run.
    #[serde(default)]
    pub stopped: bool,
}

/// One line after the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Line {
    /// A session begins.
    Session(SessionStart),
    /// A hit or a call.
    Exchange(Exchange),
    /// A step.
    Step(StepRecord),
    /// A request as the browser tells of it.
    Attempt(Attempt),
    /// What a page told a platform's script.
    Command(Command),
    /// What follows is of one of several runs.
    Recording(Recording),
    /// Which part of a suite is played.
    Shard(ShardRecord),
    /// A request that was kept back.
    Blocked(Blocked),
    /// A picture of a page.
    Picture(PictureRecord),
    /// A session ends.
    SessionEnd(SessionEnd),
    /// Something that a tap could not do.
    Trouble(Trouble),
    /// An order of the shop.
    Order(Order),
    /// The run ends.
    End(End),
}
