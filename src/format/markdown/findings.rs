//! Findings of the Markdown report: a table of rules, the details folded.

use super::{code, fold, prose, table};
use crate::finding::Severity;
use crate::report::{Report, ReportedFinding, Standing};

/// Rules that are shown, and findings of a rule.
const MOST: usize = 12;
/// Numbers of exchanges that are shown.
const MOST_EVIDENCE: usize = 8;

/// What is wrong, by rule.
pub(super) fn findings(report: &Report) -> Vec<String> {
    let mut fresh: Vec<&ReportedFinding> =
        report.findings.iter().filter(|found| found.is_new()).collect();
    fresh.sort_by(|one, other| one.finding.order(&other.finding));
    let groups: Vec<&[&ReportedFinding]> = fresh
        .chunk_by(|one, other| {
            (one.finding.severity, &one.finding.rule)
                == (other.finding.severity, &other.finding.rule)
        })
        .collect();
    if groups.is_empty() {
        return Vec::new();
    }
    let mut parts = vec!["### Findings".to_owned()];
    parts.extend(groups.iter().take(MOST).map(|group| rule(group)));
    if groups.len() > MOST {
        let rest: Vec<String> =
            groups[MOST..].iter().map(|group| code(&group[0].finding.rule)).collect();
        parts.push(format!("… and {} more rules: {}", rest.len(), rest.join(", ")));
    }
    parts
}

fn rule(group: &[&ReportedFinding]) -> String {
    let first = group[0];
    let sign = match first.finding.severity {
        Severity::Error => "❌",
        Severity::Warn => "⚠️",
        Severity::Info | Severity::Off => "ℹ️",
    };
    let times: u64 = group.iter().map(|found| u64::from(found.finding.count.max(1))).sum();
    let title = match first.title.as_str() {
        "" => String::new(),
        title => format!(": {}", prose(title)),
    };
    let summary = format!("{sign} {}{title} (×{times})", code(&first.finding.rule));
    let mut lines: Vec<String> = group.iter().take(MOST).map(|found| finding(found)).collect();
    if group.len() > MOST {
        lines.push(format!("- … and {} more in the full report", group.len() - MOST));
    }
    fold(&summary, &lines.join("\n"))
}

fn finding(found: &ReportedFinding) -> String {
    let finding = &found.finding;
    let subject = crate::format::spots::subject(found);
    let mut lines = Vec::new();
    let place = found.location.as_ref().map(|at| code(&at.to_string())).unwrap_or_default();
    let heading: Vec<String> =
        [prose(&subject), place].into_iter().filter(|part| !part.is_empty()).collect();
    lines.push(if heading.is_empty() {
        format!("- {}", prose(&finding.message))
    } else {
        format!("- **{}**: {}", heading.join(" "), prose(&finding.message))
    });
    if let Some(cause) = finding.cause.as_deref().filter(|cause| !cause.is_empty()) {
        lines.push(format!("  - cause: {}", prose(cause)));
    }
    if !finding.fix.is_empty() {
        lines.push(format!("  - fix: {}", prose(&finding.fix)));
    }
    if !finding.evidence.is_empty() {
        lines.push(format!("  - evidence: {}", evidence(&finding.evidence)));
    }
    lines.join("\n")
}

/// Numbers as code, since `#12` would be taken for an issue.
fn evidence(numbers: &[u64]) -> String {
    let shown: Vec<String> =
        numbers.iter().take(MOST_EVIDENCE).map(|number| format!("`{number}`")).collect();
    match numbers.len().saturating_sub(MOST_EVIDENCE) {
        0 => shown.join(" "),
        more => format!("{} and {more} more", shown.join(" ")),
    }
}

/// Conversions that would not be counted once each.
pub(super) fn ledger(report: &Report) -> String {
    let wrong: Vec<_> =
        report.conversions.iter().filter(|entry| entry.expected != entry.counted).collect();
    let rows: Vec<Vec<String>> = wrong
        .iter()
        .take(MOST)
        .map(|entry| {
            vec![
                code(&entry.event),
                prose(&entry.scenario),
                entry.expected.to_string(),
                entry.counted.to_string(),
                prose(&entry.kept_text()),
                prose(&entry.why),
            ]
        })
        .collect();
    let table = table(&["Event", "Scenario", "Happened", "Counted", "Kept", "Why"], &rows);
    let noun = if wrong.len() == 1 { "conversion" } else { "conversions" };
    fold(&format!("{} {noun} would not be counted as they happened", wrong.len()), &table)
}

/// What the baseline accepts.
pub(super) fn known(report: &Report) -> String {
    let known: Vec<&ReportedFinding> =
        report.findings.iter().filter(|found| !found.is_new()).collect();
    let lines: Vec<String> = known
        .iter()
        .take(MOST)
        .map(|found| {
            let reason = match &found.standing {
                Standing::Known { reason } if !reason.is_empty() => format!(" ({})", prose(reason)),
                _ => String::new(),
            };
            let subject = crate::format::spots::subject(found);
            format!("- {} {}{reason}", code(&found.finding.rule), prose(&subject))
        })
        .collect();
    let noun = if known.len() == 1 { "known finding" } else { "known findings" };
    fold(&format!("{} {noun}", known.len()), &lines.join("\n"))
}

/// What the run cannot prove.
pub(super) fn limits(report: &Report) -> String {
    let lines: Vec<String> =
        report.limits.iter().take(MOST).map(|limit| format!("- {}", prose(limit))).collect();
    fold("What this run cannot prove", &lines.join("\n"))
}
