//! What rules say about an event, asked once of events that are alike to all of them.
//!
//! The rules come in as one function over the full event. Never a rule.

use std::collections::HashMap;

use crate::event::{Channel, Event, Refusal};
use crate::finding::{Finding, Severity};

use super::Spot;

/// Asks every rule on single events.
pub type Judge<'a> = &'a (dyn Fn(&Event) -> Vec<Finding> + Sync);

/// What is to be said about an event.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Why the platform refuses it.
    pub refused: Option<Refusal>,
    /// Findings, each with a count of one and no evidence.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// Ids of the rules, with commas between.
    pub fn rules(&self) -> String {
        let mut ids: Vec<&str> =
            self.findings.iter().map(|finding| finding.rule.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.join(",")
    }
}

/// Findings on an event as facts hold them, in the column `offences`.
pub(super) fn told_before(offences: &str, event: Option<&str>) -> Vec<Finding> {
    let list: Vec<serde_json::Value> = serde_json::from_str(offences).unwrap_or_default();
    list.iter()
        .map(|offence| {
            let text = |name: &str| offence[name].as_str().map(str::to_owned);
            Finding {
                rule: text("rule").unwrap_or_default(),
                severity: [Severity::Info, Severity::Warn, Severity::Error]
                    .into_iter()
                    .find(|severity| offence["severity"] == severity.name())
                    .unwrap_or(Severity::Warn),
                event: event.map(str::to_owned),
                channel: text("channel").and_then(|name| Channel::from_name(&name)),
                session: None,
                scenario: None,
                cause: text("cause"),
                message: text("message").unwrap_or_default(),
                fix: text("fix").unwrap_or_default(),
                count: 1,
                evidence: Vec::new(),
            }
        })
        .collect()
}

/// Verdicts kept for their signatures. Beyond it the rules are asked again each time: slower,
/// never wrong.
const MOST_KEPT: usize = 100_000;
/// Places named per finding.
const MOST_EXAMPLES: usize = 20;

/// A finding over many events.
#[derive(Debug, Clone)]
pub struct Told {
    /// The finding of the first event that shows it.
    pub finding: Finding,
    /// How many events show it.
    pub count: u64,
    /// The first places.
    pub spots: Vec<Spot>,
}

/// What makes findings of many events one.
type Key = (String, Option<String>, Option<crate::event::Channel>, Option<String>);

/// Findings over many events, by what is wrong where.
#[derive(Debug, Default)]
pub(super) struct Tally {
    told: HashMap<Key, Told, foldhash::fast::RandomState>,
}

impl Tally {
    pub(super) fn add(&mut self, finding: &Finding, count: u64, spots: &[Spot]) {
        let key =
            (finding.rule.clone(), finding.event.clone(), finding.channel, finding.cause.clone());
        let told = self.told.entry(key).or_insert_with(|| Told {
            finding: finding.clone(),
            count: 0,
            spots: Vec::new(),
        });
        told.count += count;
        let first = told.spots.first().copied();
        if spots.first().is_some_and(|spot| first.is_none_or(|first| *spot < first)) {
            told.finding = finding.clone();
        }
        told.spots.extend_from_slice(spots);
        told.spots.sort_unstable();
        told.spots.dedup();
        told.spots.truncate(MOST_EXAMPLES);
    }

    /// Takes over what another one counted.
    pub(super) fn merge(&mut self, other: Tally) {
        let mut all: Vec<Told> = other.told.into_values().collect();
        all.sort_by(|a, b| a.spots.cmp(&b.spots));
        for told in all {
            self.add(&told.finding, told.count, &told.spots);
        }
    }

    /// Everything counted, in the order of findings.
    pub(super) fn finish(self) -> Vec<Told> {
        let mut all: Vec<Told> = self.told.into_values().collect();
        all.sort_by(|a, b| a.finding.order(&b.finding));
        all
    }
}

struct Kept {
    verdict: Verdict,
    count: u64,
    spots: Vec<Spot>,
}

/// The verdicts of one thread.
#[derive(Default)]
pub(super) struct Verdicts {
    by_signature: HashMap<u64, u32, foldhash::fast::RandomState>,
    kept: Vec<Kept>,
    tally: Tally,
}

impl Verdicts {
    /// The verdict of a signature, where it is known.
    #[inline]
    pub(super) fn known(&self, signature: u64) -> Option<u32> {
        self.by_signature.get(&signature).copied()
    }

    /// A verdict by its number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> &Verdict {
        &self.kept[number as usize].verdict
    }

    /// Keeps a verdict under its signature; `None` where there is no room.
    pub(super) fn keep(&mut self, signature: u64, verdict: &Verdict) -> Option<u32> {
        if self.kept.len() >= MOST_KEPT {
            return None;
        }
        let number = self.kept.len() as u32;
        self.kept.push(Kept { verdict: verdict.clone(), count: 0, spots: Vec::new() });
        self.by_signature.insert(signature, number);
        Some(number)
    }

    /// One more event of a kept verdict.
    #[inline]
    pub(super) fn count(&mut self, number: u32, spot: Spot) {
        let kept = &mut self.kept[number as usize];
        kept.count += 1;
        if kept.spots.len() < MOST_EXAMPLES && !kept.verdict.findings.is_empty() {
            kept.spots.push(spot);
        }
    }

    /// One event of a verdict that is not kept.
    pub(super) fn count_once(&mut self, verdict: &Verdict, spot: Spot) {
        for finding in &verdict.findings {
            self.tally.add(finding, 1, &[spot]);
        }
    }

    /// How many verdicts were asked for and kept.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Everything as findings with counts.
    pub(super) fn finish(self) -> Tally {
        let mut tally = self.tally;
        for kept in self.kept {
            for finding in &kept.verdict.findings {
                tally.add(finding, kept.count, &kept.spots);
            }
        }
        tally
    }
}
