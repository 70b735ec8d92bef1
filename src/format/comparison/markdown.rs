//! A comparison for pull requests: what got worse first, the figures folded.

use super::ComparisonFormat;
use crate::format::markdown::{code, fold, prose, table};
use crate::format::{Look, spots};
use crate::gate::{Comparison, Trend};
use crate::report::ReportedFinding;

pub(super) const FORMAT: ComparisonFormat =
    ComparisonFormat { name: "markdown", file: "comparison.md", render };

/// Rows of a list that are shown.
const MOST: usize = 60;

fn render(comparison: &Comparison, _look: &Look) -> String {
    let sign = match comparison.exit_code() {
        0 => "✅",
        1 => "❌",
        _ => "⚠️",
    };
    let mut parts = vec![format!("## {sign} countonce: {}", prose(&comparison.headline()))];
    let runs: Vec<Vec<String>> = [("old", &comparison.old), ("new", &comparison.new)]
        .into_iter()
        .map(|(title, run)| {
            vec![
                title.to_owned(),
                code(&run.name),
                prose(&run.started.replace('T', " ").replace('Z', " UTC")),
                prose(&run.headline),
            ]
        })
        .collect();
    parts.push(table(&["", "Run", "Begun", "Verdict"], &runs));
    let worse: Vec<String> =
        comparison.worse.iter().take(MOST).map(|what| format!("- {}", prose(what))).collect();
    if !worse.is_empty() {
        parts.push(format!("### Worse\n\n{}", worse.join("\n")));
    }
    parts.push(events(comparison));
    parts.push(fold("Figures that changed", &figures(comparison)));
    for (title, list) in
        [("New findings", &comparison.fresh), ("Mended findings", &comparison.mended)]
    {
        parts.push(fold(&format!("{title} ({})", list.len()), &findings(list)));
    }
    let limits: Vec<String> =
        comparison.limits.iter().map(|limit| format!("- {}", prose(limit))).collect();
    parts.push(fold("What this comparison cannot prove", &limits.join("\n")));
    parts.retain(|part| !part.is_empty());
    let mut text = parts.join("\n\n");
    text.push('\n');
    text
}

/// The main figures of every event type, old → new.
fn events(comparison: &Comparison) -> String {
    const SHOWN: [&str; 6] =
        ["counted", "browser", "server", "paired", "dedup_rate", "match_quality"];
    let rows: Vec<Vec<String>> = comparison
        .events
        .iter()
        .take(MOST)
        .map(|event| {
            let mut cells = vec![code(&event.event)];
            cells.extend(SHOWN.iter().map(|name| {
                let figure = event.figures.iter().find(|figure| figure.name == *name);
                figure.map_or("·".to_owned(), |figure| {
                    let show = |value: Option<f64>| {
                        value.map_or("·".to_owned(), |value| figure.unit.show(value))
                    };
                    let both = if figure.old == figure.new {
                        show(figure.new)
                    } else {
                        format!("{} → {}", show(figure.old), show(figure.new))
                    };
                    if figure.trend == Trend::Worse { format!("**{both}** ❌") } else { both }
                })
            }));
            cells
        })
        .collect();
    let heading = [
        "Event",
        "Counted",
        "Browser",
        "Server",
        "Paired",
        "Dedup rate",
        "Match quality (estimate)",
    ];
    table(&heading, &rows)
}

fn figures(comparison: &Comparison) -> String {
    let rows: Vec<Vec<String>> = comparison
        .events
        .iter()
        .flat_map(|event| event.changed().map(move |figure| (event, figure)))
        .take(MOST)
        .map(|(event, figure)| {
            let show =
                |value: Option<f64>| value.map_or("·".to_owned(), |value| figure.unit.show(value));
            vec![
                code(&event.event),
                code(&figure.name),
                show(figure.old),
                show(figure.new),
                figure.trend.name().to_owned(),
            ]
        })
        .collect();
    table(&["Event", "Figure", "Old", "New", "Trend"], &rows)
}

fn findings(list: &[ReportedFinding]) -> String {
    let lines: Vec<String> = list
        .iter()
        .take(MOST)
        .map(|found| {
            format!(
                "- {} {} {}: {}",
                found.finding.severity,
                code(&found.finding.rule),
                prose(&spots::subject(found)),
                prose(&found.finding.message)
            )
        })
        .collect();
    lines.join("\n")
}
