//! Runs every rule and turns offending rows into findings.
//!
//! Equal offences of one session are one finding with a count. The order of findings
//! is fixed before anything else sees them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Check, Offence, Row, Rule, rules};
use crate::event::{Channel, Event, mask_personal};
use crate::finding::Finding;
use crate::join::{Tables, pool};

/// Evidence named per finding; the count goes on beyond it.
const MOST_EVIDENCE: usize = 20;
/// More threads than that wait for the slowest rule anyway.
const MOST_THREADS: usize = 4;

/// A rule's query failed: a bug of ours, never the site's fault.
#[derive(Debug, thiserror::Error)]
#[error("rule {rule}: {source}")]
pub struct JudgeError {
    /// The rule.
    pub rule: &'static str,
    /// What the engine said.
    #[source]
    pub source: polars::error::PolarsError,
}

/// Where an offence was seen.
struct Spot {
    event: Option<String>,
    channel: Option<Channel>,
    session: Option<u32>,
    evidence: Vec<u64>,
}

/// Asks every rule. Findings carry default severities; the policy comes later.
pub fn judge(tables: &Tables) -> Result<Vec<Finding>, JudgeError> {
    judge_by(tables, &|_| true)
}

/// Asks the rules that are wanted, in several threads.
pub fn judge_by(
    tables: &Tables,
    wanted: &(dyn Fn(&Rule) -> bool + Sync),
) -> Result<Vec<Finding>, JudgeError> {
    let rules: Vec<&'static Rule> = rules().filter(|rule| wanted(rule)).collect();
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<Finding>, JudgeError> {
        let mut findings = Findings { tables, list: BTreeMap::new() };
        while let Some(rule) = rules.get(next.fetch_add(1, Ordering::Relaxed)) {
            ask(rule, tables, &mut findings)?;
        }
        Ok(findings.list.into_values().collect())
    };
    let found = pool::crew(MOST_THREADS, work).into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut list = found.concat();
    list.sort_by(Finding::order);
    Ok(list)
}

/// Asks one rule; no two rules share a finding.
fn ask(
    rule: &'static Rule,
    tables: &Tables,
    findings: &mut Findings<'_>,
) -> Result<(), JudgeError> {
    match rule.check {
        Check::Event(ask) => {
            for event in &tables.events {
                for offence in ask(event) {
                    let spot = Spot {
                        event: event.name.clone(),
                        channel: Some(event.channel),
                        session: event.session,
                        evidence: vec![event.exchange],
                    };
                    findings.add(rule, spot, offence);
                }
            }
        }
        Check::Table { query, tell } => {
            let failed = |source| JudgeError { rule: rule.id, source };
            let frame =
                query(tables).and_then(polars::prelude::LazyFrame::collect).map_err(failed)?;
            for index in 0..frame.height() {
                let row = Row { frame: &frame, index };
                let Some(offence) = tell(&row, tables) else { continue };
                let spot = Spot {
                    event: row.text("event"),
                    channel: row.channel(),
                    session: row.count("session"),
                    evidence: row.list("evidence"),
                };
                findings.add(rule, spot, offence);
            }
        }
    }
    Ok(())
}

/// Asks the rules on single events. Each finding has a count of one and no evidence.
pub fn judge_event(event: &Event) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in rules() {
        let Check::Event(ask) = rule.check else { continue };
        found.extend(ask(event).into_iter().map(Offence::masked).map(|offence| Finding {
            rule: rule.id.to_owned(),
            severity: offence.severity.unwrap_or(rule.severity),
            event: event.name.as_deref().map(mask_personal),
            channel: offence.channel.or(Some(event.channel)),
            session: event.session,
            scenario: None,
            cause: offence.cause,
            message: offence.message,
            fix: offence.fix,
            count: 1,
            evidence: Vec::new(),
        }));
    }
    found
}

/// What makes two offences of a session one finding.
type Key = (&'static str, Option<u32>, Option<String>, Option<Channel>, Option<String>, String);

struct Findings<'a> {
    tables: &'a Tables,
    list: BTreeMap<Key, Finding>,
}

impl Findings<'_> {
    fn add(&mut self, rule: &Rule, spot: Spot, offence: Offence) {
        let offence = offence.masked();
        let channel = offence.channel.or(spot.channel);
        let key = (
            rule.id,
            spot.session,
            spot.event.clone(),
            channel,
            offence.cause.clone(),
            offence.message.clone(),
        );
        let tables = self.tables;
        let finding = self.list.entry(key).or_insert_with(|| Finding {
            rule: rule.id.to_owned(),
            severity: offence.severity.unwrap_or(rule.severity),
            event: spot.event,
            channel,
            session: spot.session,
            scenario: tables.session(spot.session).map(|facts| facts.scenario.clone()),
            cause: offence.cause,
            message: offence.message,
            fix: offence.fix,
            count: 0,
            evidence: Vec::new(),
        });
        finding.count += offence.times.unwrap_or(1);
        for number in spot.evidence {
            if finding.evidence.len() < MOST_EVIDENCE && !finding.evidence.contains(&number) {
                finding.evidence.push(number);
            }
        }
    }
}
