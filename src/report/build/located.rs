//! Findings with what a reader wants beside them: the rule's title, the circumstances of the
//! session, and the line of the scenario that speaks of the event or was played meanwhile.

use std::collections::HashMap;

use crate::capture::{Capture, StepRecord};
use crate::event::Place;
use crate::finding::{Finding, Severity};
use crate::join::Tables;
use crate::report::{Location, ReportedFinding, RulePage, Standing};

/// When exchanges were caught and which steps a session took: a run has thousands of both,
/// and a faulty one as many findings.
pub(super) struct Places<'a> {
    caught_at: HashMap<u64, i64>,
    steps: HashMap<u32, Vec<&'a StepRecord>>,
}

impl<'a> Places<'a> {
    pub(super) fn of(capture: &'a Capture) -> Places<'a> {
        let mut steps: HashMap<u32, Vec<&StepRecord>> = HashMap::new();
        for step in &capture.steps {
            steps.entry(step.session).or_default().push(step);
        }
        let caught_at =
            capture.exchanges.iter().map(|exchange| (exchange.number, exchange.at)).collect();
        Places { caught_at, steps }
    }

    /// The line of the step during which the first evidence was caught.
    fn step_of(&self, finding: &Finding) -> Option<Place> {
        let at = self.caught_at.get(finding.evidence.first()?)?;
        let steps = self.steps.get(&finding.session?)?;
        steps
            .iter()
            .filter(|step| step.at <= *at)
            .max_by_key(|step| step.at)
            .map(|step| Place { line: step.line, column: 1 })
    }
}

/// A finding, with its weight without the policy, as a reader meets it.
pub(super) fn reported(
    (finding, own): (Finding, Severity),
    places: &Places<'_>,
    tables: &Tables,
    rules: &[RulePage],
) -> ReportedFinding {
    let facts = tables.session(finding.session);
    let location = facts.map(|facts| Location {
        file: facts.file.clone(),
        place: finding
            .event
            .as_deref()
            .and_then(|event| facts.expectation(event))
            .map(|expectation| expectation.place)
            .filter(|place| place.line > 0)
            .or_else(|| places.step_of(&finding))
            .unwrap_or_default(),
    });
    let page = rules.iter().find(|page| page.id == finding.rule);
    ReportedFinding {
        title: page.map(|page| page.title.clone()).unwrap_or_default(),
        location,
        profile: facts.map(|facts| facts.profile.clone()),
        variant: facts.map(|facts| facts.visit.variant.clone()),
        own: Some(own),
        standing: Standing::New,
        finding,
    }
}
