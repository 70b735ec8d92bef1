//! The matrix: scenario by profile by variant, a verdict in each cell.
//!
//! It is computed from the scenarios of a report, so that it cannot contradict them.
//! Never a verdict of its own beyond what repetitions of one combination show together.

use std::collections::HashMap;

use super::{Report, ReportedFinding, ScenarioRun, Status};
use crate::finding::Severity;

/// How a combination went, over all of its repetitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CellOutcome {
    /// Each time as it should.
    Passed,
    /// At times as it should: not at the first attempt, or not in each repetition.
    Flaky,
    /// With an error.
    Failed,
    /// Not played to the end.
    Broken,
    /// Stopped by the user.
    Stopped,
    /// It cannot be played with this flow.
    NotApplicable,
}

impl CellOutcome {
    /// The word users see.
    pub fn name(self) -> &'static str {
        match self {
            CellOutcome::Passed => "passed",
            CellOutcome::Flaky => "flaky",
            CellOutcome::Failed => "failed",
            CellOutcome::Broken => "broken",
            CellOutcome::Stopped => "stopped",
            CellOutcome::NotApplicable => "not applicable",
        }
    }
}

/// One scenario in one profile.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixRow {
    /// Scenario name.
    pub scenario: String,
    /// Scenario file.
    pub file: String,
    /// Profile name.
    pub profile: String,
    /// Its variants, the flow as written first.
    pub cells: Vec<MatrixCell>,
}

/// One combination.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixCell {
    /// Variant name; empty for the flow as written.
    pub variant: String,
    /// How it went.
    pub outcome: CellOutcome,
    /// Sessions judged, a repetition each.
    pub sessions: Vec<u32>,
    /// New errors that concern it.
    pub errors: usize,
    /// New warnings that concern it.
    pub warnings: usize,
    /// Rules that those findings are of, gravest first.
    pub rules: Vec<String>,
    /// Exchanges on the tape that show them.
    pub evidence: Vec<u64>,
    /// What broke it or why it is not applicable.
    pub why: Option<String>,
}

impl Report {
    /// Scenario by profile, and in each row the variants that were played.
    pub fn matrix(&self) -> Vec<MatrixRow> {
        let mut of_session: OfSession<'_> = HashMap::new();
        for found in self.findings.iter().filter(|found| found.is_new()) {
            if let Some(session) = found.finding.session {
                of_session.entry(session).or_default().push(found);
            }
        }
        self.rows(&of_session)
    }

    fn rows(&self, of_session: &OfSession<'_>) -> Vec<MatrixRow> {
        let mut rows: Vec<MatrixRow> = Vec::new();
        let mut places: HashMap<(&str, &str, &str), usize> = HashMap::new();
        for run in &self.scenarios {
            let place = *places.entry((&run.name, &run.file, &run.profile)).or_insert_with(|| {
                rows.push(MatrixRow {
                    scenario: run.name.clone(),
                    file: run.file.clone(),
                    profile: run.profile.clone(),
                    cells: Vec::new(),
                });
                rows.len() - 1
            });
            let own = of_session.get(&run.session).map_or(&[][..], Vec::as_slice);
            let fresh = cell(run, own);
            let row = &mut rows[place];
            match row.cells.iter_mut().find(|cell| cell.variant == run.variant) {
                Some(cell) => cell.add(fresh),
                None => row.cells.push(fresh),
            }
        }
        rows
    }

    /// Variants that were played, the flow as written (an empty name) first.
    pub fn variants(&self) -> Vec<String> {
        let mut variants: Vec<String> = Vec::new();
        for run in &self.scenarios {
            if !variants.contains(&run.variant) {
                variants.push(run.variant.clone());
            }
        }
        variants.sort_by_key(|variant| !variant.is_empty());
        variants
    }

    /// How many combinations went that way; their findings do not matter for it.
    pub(super) fn cells(&self, outcome: CellOutcome) -> usize {
        let matrix = self.rows(&HashMap::new());
        matrix.iter().flat_map(|row| &row.cells).filter(|cell| cell.outcome == outcome).count()
    }
}

/// New findings by session: a run can have thousands of both.
type OfSession<'a> = HashMap<u32, Vec<&'a ReportedFinding>>;

/// One run with its findings, gravest first.
fn cell(run: &ScenarioRun, own: &[&ReportedFinding]) -> MatrixCell {
    let of = |severity: Severity| own.iter().filter(|it| it.finding.severity == severity).count();
    let mut rules: Vec<String> = own.iter().map(|found| found.finding.rule.clone()).collect();
    rules.dedup();
    let mut evidence: Vec<u64> =
        own.iter().flat_map(|found| found.finding.evidence.iter().copied()).collect();
    evidence.sort_unstable();
    evidence.dedup();
    MatrixCell {
        variant: run.variant.clone(),
        outcome: match run.status {
            Status::Passed if run.flaky() => CellOutcome::Flaky,
            Status::Passed => CellOutcome::Passed,
            Status::Failed => CellOutcome::Failed,
            Status::Broken => CellOutcome::Broken,
            Status::Stopped => CellOutcome::Stopped,
            Status::NotApplicable => CellOutcome::NotApplicable,
        },
        sessions: vec![run.session],
        errors: of(Severity::Error),
        warnings: of(Severity::Warn),
        rules,
        evidence,
        why: run.error.clone(),
    }
}

impl MatrixCell {
    /// Adds a repetition: where two disagree, the combination is flaky.
    fn add(&mut self, other: MatrixCell) {
        let passed = |outcome| outcome == CellOutcome::Passed;
        self.outcome = if self.outcome == other.outcome {
            self.outcome
        } else if passed(self.outcome)
            || passed(other.outcome)
            || [self.outcome, other.outcome].contains(&CellOutcome::Flaky)
        {
            CellOutcome::Flaky
        } else {
            self.outcome.max(other.outcome)
        };
        self.sessions.extend(other.sessions);
        self.errors += other.errors;
        self.warnings += other.warnings;
        for rule in other.rules {
            if !self.rules.contains(&rule) {
                self.rules.push(rule);
            }
        }
        self.evidence.extend(other.evidence);
        self.why = self.why.take().or(other.why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(profile: &str, variant: &str, repeat: u32, status: Status) -> ScenarioRun {
        ScenarioRun {
            name: "Checkout".into(),
            profile: profile.into(),
            variant: variant.into(),
            repeat,
            status,
            ..ScenarioRun::default()
        }
    }

    #[test]
    fn repetitions_that_disagree_are_flaky_and_those_that_agree_are_what_they_are() {
        let report = Report {
            scenarios: vec![
                run("clean", "", 1, Status::Passed),
                run("clean", "", 2, Status::Failed),
                run("clean", "reload", 1, Status::Failed),
                run("clean", "reload", 2, Status::Failed),
                run("adblock", "", 1, Status::NotApplicable),
            ],
            ..Report::default()
        };
        let matrix = report.matrix();
        let outcomes: Vec<Vec<CellOutcome>> =
            matrix.iter().map(|row| row.cells.iter().map(|cell| cell.outcome).collect()).collect();
        assert_eq!(
            outcomes,
            [vec![CellOutcome::Flaky, CellOutcome::Failed], vec![CellOutcome::NotApplicable]]
        );
        assert_eq!(report.totals().flaky, 1);
        assert_eq!(report.variants(), ["", "reload"]);
    }
}
