//! SARIF 2.1.0 (OASIS): the findings as results that point into the scenario files, with
//! each rule's manual page as its help.
//!
//! Known findings are suppressed with their reason, scenarios that broke are notifications.
//! Never a value of a personal kind: fingerprints are built of names alone.

use serde_json::{Value, json};

use super::spots::{Spot, address, spots};
use super::{Format, Look, foreign};
use crate::finding::Severity;
use crate::gate::exit_code;
use crate::report::{Location, Report, RulePage};

pub(super) const FORMAT: Format = Format {
    name: "sarif",
    file: Some("report.sarif"),
    summary: "SARIF 2.1.0 with places in the scenario files, for code scanning",
    also: &[],
    render,
};

/// Address of the schema, by which readers know the format (SARIF 2.1.0, appendix).
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Name of our fingerprint and the version of its making.
const FINGERPRINT: &str = "countonceFinding/v1";
/// Numbers of exchanges that are shown; the JSON report holds them all.
const MOST_EVIDENCE: usize = 20;

fn render(report: &Report, _look: &Look) -> String {
    let spots = spots(report);
    let mut rules: Vec<&str> = spots.iter().map(|spot| spot.found.finding.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    let position = |id: &str| rules.binary_search(&id).unwrap_or_default();
    let results: Vec<Value> =
        spots.iter().map(|spot| result(report, spot, position(&spot.found.finding.rule))).collect();
    let (name, version) = report.tool.split_once(' ').unwrap_or((report.tool.as_str(), ""));
    let mut driver = json!({
        "name": if name.is_empty() { "countonce".to_owned() } else { plain(name) },
        "rules": rules.iter().map(|id| descriptor(id, report.rule(id))).collect::<Vec<_>>(),
    });
    if !version.is_empty() {
        driver["version"] = json!(plain(version));
    }
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "automationDetails": { "id": format!("countonce/{}/", address(&plain(&report.name))) },
            "invocations": [invocation(report)],
            "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "the folder in which countonce was started" } } },
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&document).expect("plain values are JSON");
    text.push('\n');
    foreign::quiet_json(&text)
}

fn invocation(report: &Report) -> Value {
    let mut invocation = json!({
        // A gate that failed is a result, not a fault of the tool.
        "executionSuccessful": !report.scenarios.iter().any(|run| run.status.cut_short()),
        "exitCode": exit_code(&report.verdict),
        "exitCodeDescription": message(&report.headline()),
    });
    if !report.started_text().is_empty() {
        invocation["startTimeUtc"] = json!(report.started_text());
    }
    let broken: Vec<Value> = report
        .scenarios
        .iter()
        .filter(|run| run.status.cut_short())
        .map(|run| {
            let what = run.error.as_deref().unwrap_or("not played to the end");
            let text = format!("{} {}: {what}", run.title(), run.status.name());
            let mut notification =
                json!({ "level": "error", "message": { "text": message(&text) } });
            if !run.file.is_empty() {
                let at = Location { file: run.file.clone(), ..Location::default() };
                notification["locations"] = json!([location(&at)]);
            }
            notification
        })
        .collect();
    if !broken.is_empty() {
        invocation["toolExecutionNotifications"] = json!(broken);
    }
    invocation
}

fn descriptor(id: &str, page: Option<&RulePage>) -> Value {
    let mut rule = json!({ "id": plain(id) });
    if let Some(page) = page {
        let summary = page.summary();
        rule["shortDescription"] = json!({ "text": sentence(&page.title) });
        rule["fullDescription"] =
            json!({ "text": if summary.is_empty() { sentence(&page.title) } else { summary } });
        rule["help"] = json!({ "text": page.manual, "markdown": page.manual });
        rule["defaultConfiguration"] = json!({ "level": level(page.severity) });
        rule["properties"] = json!({ "tags": ["tracking", "meta"] });
    }
    rule
}

fn result(report: &Report, spot: &Spot<'_>, rule: usize) -> Value {
    let finding = &spot.found.finding;
    let subject = match spot.subject() {
        subject if subject.is_empty() => String::new(),
        subject => format!("{subject}: "),
    };
    let text = format!("{subject}{}\nFix: {}", finding.message, finding.fix);
    let mut result = json!({
        "ruleId": plain(&finding.rule),
        "ruleIndex": rule,
        "kind": "fail",
        "level": level(finding.severity),
        "message": { "text": message(&text) },
        "occurrenceCount": spot.times,
        "partialFingerprints": { FINGERPRINT: plain(&spot.fingerprint) },
        "properties": {
            "event": finding.event.as_deref().map(plain),
            "channel": finding.channel.map(super::super::event::Channel::name),
            "scenario": finding.scenario.as_deref().map(plain),
            "profile": spot.found.profile.as_deref().map(plain),
            "cause": finding.cause.as_deref().map(plain),
            "evidence": finding.evidence.iter().take(MOST_EVIDENCE).collect::<Vec<_>>(),
        },
    });
    if let Some(at) = &spot.location {
        result["locations"] = json!([location(at)]);
    }
    if report.baseline.is_some() {
        result["baselineState"] = json!(if spot.is_known() { "unchanged" } else { "new" });
    }
    result["suppressions"] = if spot.is_known() {
        json!([{ "kind": "external", "status": "accepted", "justification": message(spot.reason()) }])
    } else {
        json!([])
    };
    result
}

fn location(at: &Location) -> Value {
    let mut physical = json!({
        "artifactLocation": { "uri": address(&plain(&at.file)), "uriBaseId": "%SRCROOT%" },
    });
    let mut region = json!({ "startLine": at.place.line.max(1) });
    if at.place.line > 0 && at.place.column > 0 {
        region["startColumn"] = json!(at.place.column);
    }
    physical["region"] = region;
    json!({ "physicalLocation": physical })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Info => "note",
        Severity::Off => "none",
    }
}

/// A message: braces are placeholders and brackets can be links, so both are escaped
/// (SARIF 2.1.0, sections 3.11.5 and 3.11.6).
fn message(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in foreign::lines(text).chars() {
        match c {
            '{' | '}' => escaped.extend([c, c]),
            '[' | ']' | '\\' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

fn plain(text: &str) -> String {
    const LONGEST: usize = 600;
    foreign::plain(text, LONGEST)
}

/// The title with a full stop, as the format asks of descriptions.
fn sentence(title: &str) -> String {
    let plain = plain(title);
    if plain.ends_with('.') { plain } else { format!("{plain}.") }
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn messages_hold_neither_links_nor_placeholders() {
        assert_eq!(message("[a](http://b) {0}"), "\\[a\\](http://b) {{0}}");
    }
}
