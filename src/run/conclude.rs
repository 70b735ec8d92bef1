//! From a tape to a report with its verdict: judge, weigh, draw up, decide.

use std::collections::BTreeSet;
use std::path::Path;

use crate::capture::{Capture, TapeError, read};
use crate::gate::{Baseline, KnownRule, Policy, board, decide, strange_events};
use crate::platform::meta::vocabulary::STANDARD_EVENTS;
use crate::report::{Material, Report, RulePage, Status, build};
use crate::rule;

use super::{Error, artefacts, judgement_by};

/// Name and version, as reports and tapes give them.
pub const TOOL: &str = concat!("countonce ", env!("CARGO_PKG_VERSION"));

/// The catalogue, as far as a policy needs to know it.
pub fn known_rules() -> Vec<KnownRule<'static>> {
    rule::rules()
        .map(|rule| KnownRule { id: rule.id, blocks_cutover: rule::blocks_cutover(rule.id) })
        .collect()
}

/// A rule in the words of a report.
pub(super) fn rule_page(id: &str) -> Option<RulePage> {
    rule::find(id).map(|rule| RulePage {
        id: rule.id.to_owned(),
        title: rule.title.to_owned(),
        severity: rule.severity,
        manual: rule.manual(),
    })
}

/// Judges a capture and decides.
pub fn conclude(
    capture: &Capture,
    name: &str,
    tape: Option<String>,
    policy: &Policy,
) -> Result<Report, Error> {
    let judged = judgement_by(&policy.settings, capture)?;
    let findings = policy.weigh(judged.findings);
    let earlier = judged.earlier.into_iter();
    let earlier = earlier.map(|(session, found)| (session, policy.weigh(found))).collect();
    let mut report = build(Material {
        tool: TOOL,
        name,
        tape,
        capture,
        tables: &judged.tables,
        findings,
        earlier,
        rule: &rule_page,
        traffic: &policy.traffic,
    });
    settle(&mut report, policy, None);
    Ok(report)
}

/// Holds a report against its baseline, where there is one (with the name of its file),
/// draws up the cutover board and decides.
pub fn settle(report: &mut Report, policy: &Policy, baseline: Option<(&Baseline, &str)>) {
    if let Some((baseline, file)) = baseline {
        baseline.apply(report, file);
    }
    report.board = (!report.events.is_empty() || !policy.cutover.events.is_empty())
        .then(|| board(report, policy));
    report.verdict = decide(report, policy);
    let known: Vec<&str> = STANDARD_EVENTS.iter().map(|event| event.name).collect();
    for note in strange_events(policy, report, &known) {
        // A report may be settled more than once.
        if !report.limits.contains(&note) {
            report.limits.push(note);
        }
    }
}

/// Sessions that were played to the end and in which errors were found that are not
/// accepted, by a tape to which more may come.
pub fn failed_sessions(
    path: &Path,
    policy: &Policy,
    baseline: Option<&Baseline>,
) -> Result<BTreeSet<u32>, Error> {
    let (capture, _open) = read(path)?;
    let mut report = conclude(&capture, "", None, policy)?;
    settle(&mut report, policy, baseline.map(|baseline| (baseline, "")));
    let failed = report.scenarios.iter().filter(|run| run.status == Status::Failed);
    Ok(failed.map(|run| run.session).collect())
}

/// Reads a tape and concludes from it.
///
/// A damaged tape is an error unless `partial`; then what precedes the damage is judged,
/// and the report says so.
pub fn conclude_tape(path: &Path, partial: bool, policy: &Policy) -> Result<Report, Error> {
    let (capture, damage) = read(path)?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let shown = path.display().to_string();
    match damage {
        Some(damage) if !partial => Err(Error::Damage(damage)),
        damage => {
            let mut report = conclude(&capture, &name, Some(shown), policy)?;
            let unreadable = |source| TapeError::Io { path: path.to_owned(), source };
            report.tape_hash = Some(artefacts::hash(path).map_err(unreadable)?);
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            report.pictures = artefacts::pictures(&report, folder.unwrap_or(Path::new(".")));
            if let Some(damage) = damage {
                report.limits.insert(
                    0,
                    format!("Only what precedes the damage of the tape was judged ({damage})."),
                );
            }
            Ok(report)
        }
    }
}

impl From<TapeError> for Error {
    fn from(error: TapeError) -> Error {
        Error::Tape(error)
    }
}
