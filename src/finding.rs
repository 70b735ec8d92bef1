//! A finding: the site is wrong, in this way, and here is the evidence.
//!
//! Plain data between the rules that find and everything that judges or shows.
//! Never which rules exist, never how a finding is shown.

mod settings;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::event::Channel;

pub use settings::{EVERY_EVENT, Figures, Settings, WantedCoverage};

/// How much a finding weighs, lightest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Switched off by the policy: not shown.
    Off,
    /// Worth knowing; never fails a gate.
    Info,
    /// Should be mended; fails a gate only by its count.
    Warn,
    /// Conversions or money go wrong: fails the gate.
    Error,
}

impl Severity {
    /// The word users see and write.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Off => "off",
            Severity::Info => "info",
            Severity::Warn => "warn",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One way in which the site is wrong. Equal offences of one session are one finding with a count.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Rule id.
    pub rule: String,
    /// Weight after the policy; the rule's default before it.
    pub severity: Severity,
    /// Event type concerned.
    pub event: Option<String>,
    /// Side to mend, where one side is at fault.
    pub channel: Option<Channel>,
    /// Session concerned.
    pub session: Option<u32>,
    /// Scenario played in that session.
    pub scenario: Option<String>,
    /// The named cause, in a few stable words (`case`, `white space`, `hashed twice` …).
    pub cause: Option<String>,
    /// What is wrong, in one or two sentences; personal data masked.
    pub message: String,
    /// What to change.
    pub fix: String,
    /// How many times.
    pub count: u32,
    /// Numbers of the exchanges that show it.
    pub evidence: Vec<u64>,
}

impl Finding {
    /// The identity of the finding across runs: what is wrong where, without values, numbers or times.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint_in(self.scenario.as_deref())
    }

    /// The same with the scenario by another name, such as one with its profile.
    pub fn fingerprint_in(&self, scenario: Option<&str>) -> Fingerprint {
        let part = |text: Option<&str>| text.unwrap_or("-").replace('|', "/");
        Fingerprint(format!(
            "{}|{}|{}|{}|{}",
            self.rule,
            part(self.event.as_deref()),
            part(self.channel.map(Channel::name)),
            part(scenario),
            part(self.cause.as_deref()),
        ))
    }

    /// The order in which findings are shown: gravest first, then by rule, scenario and subject.
    pub fn order(&self, other: &Finding) -> std::cmp::Ordering {
        other
            .severity
            .cmp(&self.severity)
            .then_with(|| self.rule.cmp(&other.rule))
            .then_with(|| self.scenario.cmp(&other.scenario))
            .then_with(|| self.event.cmp(&other.event))
            .then_with(|| self.channel.cmp(&other.channel))
            .then_with(|| self.message.cmp(&other.message))
            .then_with(|| self.evidence.cmp(&other.evidence))
    }
}

/// What makes two findings of different runs the same finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// Its name in an address, the same in every report: `finding-` and hexadecimal digits.
    pub fn anchor(&self) -> String {
        // FNV-1a, 64 bits: short, and enough to tell the findings of a report apart.
        let hash = self.0.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("finding-{hash:016x}")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
