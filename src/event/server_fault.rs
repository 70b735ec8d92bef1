//! What a scenario has the server tap do to a call instead of answering it well.
//!
//! Plain data: scenarios say it, taps do it, tapes keep it, platforms word the answer.
//! Never when a call is met; that is the session's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Place;

/// The way in which a call goes wrong.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum FaultAnswer {
    /// The whole call is refused for a parameter.
    #[serde(rename = "400")]
    BadRequest,
    /// The token is not taken.
    #[serde(rename = "401")]
    Unauthorized,
    /// Too many calls.
    #[serde(rename = "429")]
    TooMany,
    /// The platform fails.
    #[serde(rename = "500")]
    Failing,
    /// No answer ever comes.
    Timeout,
    /// A good answer comes late.
    Slow,
    /// The connection breaks before an answer.
    Reset,
    /// One event of the call is called bad, and the whole call is refused for it.
    BadEvent,
}

impl FaultAnswer {
    /// Every answer with its word and what it means.
    pub const ALL: &'static [(FaultAnswer, &'static str, &'static str)] = &[
        (FaultAnswer::BadRequest, "400", "refused for good: a parameter is invalid"),
        (FaultAnswer::Unauthorized, "401", "refused for good: the token is not taken"),
        (FaultAnswer::TooMany, "429", "refused for now: too many calls"),
        (FaultAnswer::Failing, "500", "the platform fails for a moment"),
        (FaultAnswer::Timeout, "timeout", "taken in and never answered; nothing is counted"),
        (FaultAnswer::Slow, "slow", "counted, and answered late (`delay`)"),
        (FaultAnswer::Reset, "reset", "the connection breaks before an answer; nothing is counted"),
        (FaultAnswer::BadEvent, "bad-event", "refused for good because of one event of the batch"),
    ];

    /// Its word in scenarios, tapes and reports.
    pub fn name(self) -> &'static str {
        FaultAnswer::ALL.iter().find(|(one, ..)| *one == self).map_or("", |(_, word, _)| word)
    }

    /// The answer of a word.
    pub fn from_name(name: &str) -> Option<FaultAnswer> {
        FaultAnswer::ALL.iter().find(|(_, word, _)| *word == name).map(|(one, ..)| *one)
    }

    /// True where the platform counts the call all the same.
    pub fn is_counted(self) -> bool {
        self == FaultAnswer::Slow
    }

    /// True where a later try of the same call may be taken.
    pub fn is_passing(self) -> bool {
        matches!(
            self,
            FaultAnswer::TooMany | FaultAnswer::Failing | FaultAnswer::Timeout | FaultAnswer::Reset
        )
    }
}

/// One fault of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerFault {
    /// What happens.
    pub answer: FaultAnswer,
    /// Name of an event that the call has to carry; any call where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The first of the session's matching calls that is met, from 1.
    pub first: u32,
    /// The last one.
    pub last: u32,
    /// How long an answer takes, or is waited for, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<u64>,
    /// Where the scenario says so.
    #[serde(default)]
    pub place: Place,
}

/// A fault that was done to a call, as the tape keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Injected {
    /// What happened.
    pub answer: FaultAnswer,
    /// Position of the event that was called bad, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u32>,
    /// Session whose scenario asked for it.
    pub session: u32,
    /// Line of that scenario.
    pub line: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_on_tapes_and_in_scenarios() {
        for (answer, word, what) in FaultAnswer::ALL {
            assert_eq!(FaultAnswer::from_name(word), Some(*answer));
            assert_eq!(answer.name(), *word);
            let written = serde_json::to_value(answer).expect("serialises");
            assert_eq!(written, serde_json::json!(word), "{what}");
        }
        assert_eq!(FaultAnswer::from_name("404"), None);
    }
}
