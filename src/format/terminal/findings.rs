//! Findings by rule, with cause, fix and evidence, and the other lists of what is amiss.
//!
//! Lists are cut where nobody would read on; the JSON report holds them whole.
//! Never which rules exist.

use super::Page;
use super::paint::Tone;
use super::text;
use crate::finding::Severity;
use crate::report::{ReportedFinding, Standing};

/// Entries of a list, and findings of a rule, that are shown.
const MOST: usize = 12;
/// Numbers of exchanges that are shown.
const MOST_EVIDENCE: usize = 8;
/// Columns of a name in running text.
const LONGEST_NAME: usize = 80;
/// Where the texts of a finding stand.
const BODY: usize = 4;
/// Where they stand behind their labels.
const BEHIND_LABEL: usize = BODY + 10;

/// What is wrong, grouped by rule.
pub(super) fn fresh(page: &mut Page<'_>) {
    let report = page.report;
    let mut found: Vec<&ReportedFinding> =
        report.findings.iter().filter(|found| found.is_new()).collect();
    if found.is_empty() {
        return;
    }
    found.sort_by(|one, other| one.finding.order(&other.finding));
    let groups: Vec<&[&ReportedFinding]> = found
        .chunk_by(|one, other| {
            (one.finding.severity, &one.finding.rule)
                == (other.finding.severity, &other.finding.rule)
        })
        .collect();
    page.section("Findings", "");
    for (index, group) in groups.iter().enumerate() {
        if index > 0 {
            page.line("");
        }
        rule(page, group);
    }
    page.line("");
    let example = &groups[0][0].finding.rule;
    let note = format!("More about a rule: countonce explain {}", text::plain(example));
    page.prose(&note, 2, 4, Tone::Quiet);
}

fn rule(page: &mut Page<'_>, group: &[&ReportedFinding]) {
    let first = group[0];
    let (sign, word, tone) = match first.finding.severity {
        Severity::Error => ("✗", "error", Tone::Bad),
        Severity::Warn => ("!", "warning", Tone::Doubtful),
        Severity::Info | Severity::Off => ("i", "info", Tone::Plain),
    };
    let times: u64 = group.iter().map(|found| u64::from(found.finding.count)).sum();
    let title = match first.title.as_str() {
        "" => String::new(),
        title => format!(": {}", name(title)),
    };
    let repeated = if times > 1 { format!(" (×{times})") } else { String::new() };
    let heading = format!("{sign} {word} {}{title}{repeated}", name(&first.finding.rule));
    for line in text::wrap(&heading, page.width, 2, BODY) {
        let indent = line.len() - line.trim_start().len();
        let painted = page.paint.strong(line.trim_start(), tone);
        page.line(format!("{}{painted}", " ".repeat(indent)));
    }
    // A fix that all of them share is told once, after the last.
    let shared =
        group.len() > 1 && group.iter().all(|found| found.finding.fix == first.finding.fix);
    for found in group.iter().take(MOST) {
        finding(page, found, !shared);
    }
    page.left_out(group.len(), MOST);
    if shared {
        labelled(page, "fix", &first.finding.fix);
    }
}

fn finding(page: &mut Page<'_>, found: &ReportedFinding, with_fix: bool) {
    let finding = &found.finding;
    let subject = subject(found);
    if !subject.is_empty() {
        page.prose(&subject, BODY, BODY, Tone::Quiet);
    }
    labelled(page, "what", &finding.message);
    labelled(page, "cause", finding.cause.as_deref().unwrap_or_default());
    if with_fix {
        labelled(page, "fix", &finding.fix);
    }
    let proof = match (evidence(&finding.evidence), finding.count) {
        (numbers, 0 | 1) => numbers,
        (numbers, times) if numbers.is_empty() => format!("{times} times"),
        (numbers, times) => format!("{numbers}, {times} times in all"),
    };
    labelled(page, "evidence", &proof);
}

/// A name, unless someone hides a novel in it.
fn name(content: &str) -> String {
    text::fit(content, LONGEST_NAME)
}

/// `Purchase on server · Guest checkout (adblock) · scenarios/guest.yml:14:5`.
fn subject(found: &ReportedFinding) -> String {
    let finding = &found.finding;
    let mut parts = Vec::new();
    match (&finding.event, finding.channel) {
        (Some(event), Some(channel)) => parts.push(format!("{} on {channel}", name(event))),
        (Some(event), None) => parts.push(name(event)),
        (None, Some(channel)) => parts.push(channel.to_string()),
        (None, None) => {}
    }
    if let Some(scenario) = &finding.scenario {
        let told = [&found.profile, &found.variant];
        let told: Vec<String> = told
            .into_iter()
            .flatten()
            .filter(|word| !word.is_empty())
            .map(|word| name(word))
            .collect();
        parts.push(match told.len() {
            0 => name(scenario),
            _ => format!("{} ({})", name(scenario), told.join(", ")),
        });
    }
    if let Some(location) = &found.location {
        parts.push(location.to_string());
    }
    parts.join(" · ")
}

fn labelled(page: &mut Page<'_>, label: &str, content: &str) {
    let width = page.width.min(BEHIND_LABEL + text::READABLE);
    let mut lines = text::wrap(content, width, BEHIND_LABEL, BEHIND_LABEL).into_iter();
    let Some(first) = lines.next() else { return };
    let padded = format!("{label:<width$}", width = BEHIND_LABEL - BODY);
    let label = page.paint.tone(&padded, Tone::Quiet);
    page.line(format!("{}{label}{}", " ".repeat(BODY), first.trim_start()));
    page.lines.extend(lines);
}

fn evidence(numbers: &[u64]) -> String {
    let shown: Vec<String> =
        numbers.iter().take(MOST_EVIDENCE).map(|number| format!("#{number}")).collect();
    match numbers.len().saturating_sub(MOST_EVIDENCE) {
        0 => shown.join(" "),
        more => format!("{} and {more} more", shown.join(" ")),
    }
}

/// Conversions that would not be counted once each.
pub(super) fn ledger(page: &mut Page<'_>) {
    let report = page.report;
    let wrong: Vec<_> =
        report.conversions.iter().filter(|entry| entry.expected != entry.counted).collect();
    if wrong.is_empty() {
        return;
    }
    page.section("Conversions that would not be counted as they happened", "");
    for entry in wrong.iter().take(MOST) {
        let happened = match entry.expected {
            0 => "did not happen".to_owned(),
            1 => "happened once".to_owned(),
            times => format!("happened {times} times"),
        };
        let line =
            format!("✗ {}, {}: {happened}, counted {}", entry.event, entry.scenario, entry.counted);
        page.prose(&line, 2, BODY, Tone::Bad);
        labelled(page, "why", &entry.why);
        labelled(page, "kept", &entry.kept_text());
        labelled(page, "evidence", &evidence(&entry.evidence));
    }
    page.left_out(wrong.len(), MOST);
}

/// Server calls that belong to no session.
pub(super) fn unattributed(page: &mut Page<'_>) {
    let report = page.report;
    if report.unattributed.is_empty() {
        return;
    }
    page.section("Server calls of no session", "nothing in them says which visitor caused them");
    for call in report.unattributed.iter().take(MOST) {
        let names: Vec<String> = call.events.iter().take(MOST).map(|event| name(event)).collect();
        let events = if names.is_empty() { "no event".to_owned() } else { names.join(", ") };
        page.prose(&format!("#{} {events}: {}", call.exchange, call.why), 2, BODY, Tone::Plain);
    }
    page.left_out(report.unattributed.len(), MOST);
}

/// Payloads that could not be read.
pub(super) fn defects(page: &mut Page<'_>) {
    let report = page.report;
    if report.defects.is_empty() {
        return;
    }
    page.section("Unreadable payloads", "");
    for defect in report.defects.iter().take(MOST) {
        let line = format!("#{} {}: {}", defect.exchange, defect.channel, defect.what);
        page.prose(&line, 2, BODY, Tone::Plain);
    }
    page.left_out(report.defects.len(), MOST);
}

/// What the baseline accepts.
pub(super) fn known(page: &mut Page<'_>) {
    let report = page.report;
    let known: Vec<_> = report.findings.iter().filter(|found| !found.is_new()).collect();
    if known.is_empty() {
        return;
    }
    page.section("Known findings", "accepted in the baseline, they do not count");
    for found in known.iter().take(MOST) {
        let reason = match &found.standing {
            Standing::Known { reason } if !reason.is_empty() => format!(" ({reason})"),
            _ => String::new(),
        };
        let subject = match subject(found) {
            subject if subject.is_empty() => String::new(),
            subject => format!(": {subject}"),
        };
        page.prose(&format!("- {}{subject}{reason}", found.finding.rule), 2, BODY, Tone::Plain);
    }
    page.left_out(known.len(), MOST);
}
