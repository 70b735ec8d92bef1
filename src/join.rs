//! The join: events of both channels become one narrow facts table, pairs, near
//! misses and a ledger of conversions.
//!
//! The facts table (one row per event) is the waist of the program: whatever made
//! the events, everything after it is the same code.
//! Never good or bad: that is for rules to say.

mod attribution;
mod basket;
mod browser_id;
pub mod bulk;
mod coverage;
mod facts;
mod gateway;
mod id_health;
mod id_relation;
mod ledger;
mod mirror;
mod near_miss;
mod orders;
mod pairs;
pub mod pool;
mod proofs;
mod quality;
mod standing;
mod tables;

use std::collections::BTreeMap;

use crate::event::{Channel, Expectation};
use crate::visitor::{Circumstances, Twist, Variant};

pub use attribution::{Attribution, attribute};
pub use basket::{Basket, basket};
pub use browser_id::{Clicked, IdReading, bare_id, read_id};
pub use coverage::{Coverage, CoverageRow};
pub use gateway::is_gateway_copy;
pub use id_health::{IdHealth, IdScheme, looks_generated};
pub use id_relation::{IdRelation, Step, fold_and_scheme, fold_id, is_invisible, relate};
pub use ledger::{Conversion, Ledger};
pub use near_miss::{NearMiss, NearMissKind};
pub use orders::{
    Case, Cases, LONGEST_INSIDE, OrderBook, OrderMatch, SHORTEST_INSIDE, Telling, amount_words,
};
pub use proofs::Proofs;
pub use quality::EventQuality;
pub use standing::Standing;
pub use tables::{EventCounts, Tables, tables, tables_by};

/// What the join knows of a session besides its events.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionFacts {
    /// Number of the merged run that it belongs to; 0 where there is only one.
    pub recording: u32,
    /// Session number.
    pub session: u32,
    /// Scenario name.
    pub scenario: String,
    /// Scenario file, as given.
    pub file: String,
    /// Profile name.
    pub profile: String,
    /// Begin, Unix milliseconds.
    pub opened: i64,
    /// End, Unix milliseconds; `None` when the recording was cut off.
    pub closed: Option<i64>,
    /// Opaque texts by which its visitor's server events are known.
    pub marks: Vec<String>,
    /// The test person's plain data by field name; empty where there is none.
    pub persona: BTreeMap<String, String>,
    /// What really happened.
    pub expect: Vec<Expectation>,
    /// Event names that must not be caught.
    pub never: Vec<String>,
    /// True when every step was carried out; only then does absence mean anything.
    pub played: bool,
    /// Requests the site itself answered.
    pub site_answers: u64,
    /// What the profile and the variant make of it.
    pub visit: Visit,
}

/// What a profile and a variant make of a session.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Visit {
    /// Variant name; empty for the flow as written.
    pub variant: String,
    /// Circumstances, where the tape has them; the profile's own otherwise.
    pub circumstances: Option<Circumstances>,
    /// What really happened and nothing may tell of.
    pub untold: Vec<Expectation>,
    /// When the visitor agreed in the banner, as a profile had it, Unix milliseconds.
    pub agreed_at: Option<i64>,
    /// When the visitor refused in the banner, as a profile had it, Unix milliseconds.
    pub refused_at: Option<i64>,
    /// When the flow was first twisted, Unix milliseconds.
    pub twisted_at: Option<i64>,
}

impl SessionFacts {
    /// The visitor's circumstances.
    pub fn circumstances(&self) -> Circumstances {
        let own = self.visit.circumstances.clone();
        own.unwrap_or_else(|| Circumstances::of_profile(&self.profile))
    }

    /// The twist of the flow, where it has one.
    pub fn twist(&self) -> Option<Twist> {
        Variant::of(&self.visit.variant).map(|variant| variant.twist)
    }

    /// The expectation for an event name.
    pub fn expectation(&self, event: &str) -> Option<&Expectation> {
        self.expect.iter().find(|expectation| expectation.event == event)
    }

    /// The public addresses under which the test person visits.
    pub fn addresses(&self) -> Vec<&str> {
        ["ip", "ipv6"]
            .into_iter()
            .filter_map(|field| self.persona.get(field))
            .map(String::as_str)
            .filter(|address| !address.is_empty())
            .collect()
    }

    /// True when the scenario says that silence is the right result.
    pub fn expects_silence(&self) -> bool {
        let circumstances = self.circumstances();
        let kept_silent = circumstances.refuses() || circumstances.signals_privacy;
        let nothing_sure = self.expect.iter().all(|expected| expected.open && expected.count == 0);
        self.expect.is_empty() && !self.never.is_empty() || kept_silent && nothing_sure
    }

    /// True when the scenario wants the event on that channel; unnamed events are wanted on both.
    pub fn wants(&self, event: &str, channel: Channel) -> bool {
        self.expectation(event).is_none_or(|expectation| expectation.wants(channel))
    }
}
