//! The event types: what each side sent, what pairs up, and what would be counted against
//! what really happened, with a picture per row; match quality.
//!
//! Widths only; every figure is the report's own.

use serde::Serialize;

use super::text::{counted, percent};
use crate::report::{EventRow, MatchQuality, Report};

/// Width of the picture, in its own units.
const WIDE: f64 = 300.0;
/// Where the truth stands in it: there is room for twice as many.
const TRUTH: f64 = 145.0;

/// One event type.
#[derive(Serialize)]
pub(super) struct Row {
    event: String,
    browser: u64,
    server: u64,
    paired: u64,
    browser_only: u64,
    server_only: u64,
    explained: u64,
    browser_duplicates: u64,
    server_duplicates: u64,
    refused: u64,
    dedup: String,
    truth: Option<u64>,
    counted: u64,
    /// `good`, `bad`, or `open` where the truth is not known.
    state: &'static str,
    verdict: String,
    /// What the error does to the figure that budgets are steered by.
    distortion: String,
    picture: Picture,
}

/// A bar of what is counted, and the mark of what happened.
#[derive(Serialize)]
struct Picture {
    parts: Vec<Part>,
    mark: Option<f64>,
    /// True where the bar is longer than there is room for.
    cut: bool,
    label: String,
}

#[derive(Serialize)]
struct Part {
    kind: &'static str,
    x: f64,
    width: f64,
}

/// Every event type, in the order of the report.
pub(super) fn rows(report: &Report) -> Vec<Row> {
    report.events.iter().map(row).collect()
}

fn row(row: &EventRow) -> Row {
    let (state, verdict) = match row.conversions {
        None => ("open", "not known how many happened".to_owned()),
        Some(truth) if truth == row.counted => ("good", "each counted once".to_owned()),
        Some(truth) if row.counted > truth => ("bad", format!("{} too many", row.counted - truth)),
        Some(truth) => ("bad", format!("{} too few", truth - row.counted)),
    };
    let distortion = row
        .conversions
        .filter(|truth| *truth > 0 && row.counted > 0 && *truth != row.counted)
        .map(|truth| percent(truth as f64 / row.counted as f64))
        .map(|share| format!("cost per conversion would look {share} of the real one"));
    Row {
        event: row.event.clone(),
        browser: row.browser,
        server: row.server,
        paired: row.paired,
        browser_only: row.browser_only,
        server_only: row.server_only,
        explained: row.explained,
        browser_duplicates: row.duplicates.browser,
        server_duplicates: row.duplicates.server,
        refused: row.refused,
        dedup: row.dedup_rate().ratio().map(percent).unwrap_or_default(),
        truth: row.conversions,
        counted: row.counted,
        state,
        verdict,
        distortion: distortion.unwrap_or_default(),
        picture: picture(row),
    }
}

fn picture(row: &EventRow) -> Picture {
    let whole = match row.conversions {
        Some(0) | None => row.counted.max(1),
        Some(truth) => truth,
    };
    let scale = TRUTH / whole as f64;
    let expected = row.conversions != Some(0);
    let told = [("paired", row.paired), ("browser", row.browser_only), ("server", row.server_only)];
    let mut left = row.counted;
    let mut parts = Vec::new();
    let mut x = 0.0;
    let mut put = |kind: &'static str, count: u64| {
        let width = (count as f64 * scale).min(WIDE - x);
        if width > 0.0 {
            parts.push(Part { kind, x: tenth(x), width: tenth(width) });
            x += width;
        }
    };
    for (kind, count) in told {
        let part = count.min(left);
        left -= part;
        put(if expected { kind } else { "again" }, part);
    }
    put("again", left);
    let mut label = format!(
        "{}: {}, {} from the browser only, {} from the server only",
        counted(row.counted, "conversion counted", "conversions counted"),
        counted(row.paired, "pair", "pairs"),
        row.browser_only,
        row.server_only
    );
    if let Some(truth) = row.conversions {
        label.push_str(&format!("; {truth} really happened"));
    }
    Picture {
        parts,
        mark: row.conversions.map(|truth| if truth == 0 { 0.0 } else { TRUTH }),
        cut: row.counted as f64 * scale > WIDE,
        label,
    }
}

fn tenth(figure: f64) -> f64 {
    (figure * 10.0).round() / 10.0
}

/// Match quality of one event type.
#[derive(Serialize)]
pub(super) struct Quality {
    event: String,
    estimate: String,
    low: String,
    high: String,
    /// What would raise it most.
    next: String,
    /// True where real scores of the platform set the model right.
    calibrated: bool,
    /// The band and the estimate in the picture, 0 to 300.
    from: f64,
    width: f64,
    at: f64,
}

/// Match quality of the event types that have one.
pub(super) fn quality(report: &Report) -> Vec<Quality> {
    report
        .events
        .iter()
        .filter_map(|row| row.match_quality.as_ref().map(|quality| (row, quality)))
        .map(|(row, quality)| of(row, quality))
        .collect()
}

fn of(row: &EventRow, quality: &MatchQuality) -> Quality {
    let at = |score: f64| tenth(score.clamp(0.0, 10.0) * WIDE / 10.0);
    Quality {
        event: row.event.clone(),
        estimate: format!("{:.1}", quality.estimate),
        low: format!("{:.1}", quality.low),
        high: format!("{:.1}", quality.high),
        next: match quality.improvements.first() {
            Some(best) => {
                let names: Vec<&str> = best.keys.iter().map(|key| key.name()).collect();
                format!("add {}: about +{:.1}", names.join(" and "), best.gain)
            }
            None => String::new(),
        },
        calibrated: quality.calibrated,
        from: at(quality.low),
        width: tenth(at(quality.high) - at(quality.low)),
        at: at(quality.estimate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(row: &EventRow) -> (Vec<(&'static str, f64)>, Option<f64>, bool) {
        let picture = picture(row);
        let parts = picture.parts.iter().map(|part| (part.kind, part.width)).collect();
        (parts, picture.mark, picture.cut)
    }

    #[test]
    fn the_bar_ends_at_the_mark_exactly_when_each_conversion_is_counted_once() {
        let mut row = EventRow {
            conversions: Some(4),
            paired: 3,
            browser_only: 1,
            counted: 4,
            ..EventRow::new("Purchase")
        };
        assert_eq!(bar(&row), (vec![("paired", 108.8), ("browser", 36.3)], Some(145.0), false));
        row.counted = 6;
        let (parts, _, cut) = bar(&row);
        assert_eq!(parts.last(), Some(&("again", 72.5)));
        assert!(!cut);
        row.counted = 40;
        assert!(bar(&row).2, "a bar beyond the picture says so");
        row.counted = 2;
        assert_eq!(bar(&row).0, [("paired", 72.5)]);
    }

    #[test]
    fn what_should_not_have_come_is_never_shown_as_a_pair() {
        let row = EventRow { conversions: Some(0), paired: 2, counted: 2, ..EventRow::new("Lead") };
        assert_eq!(bar(&row), (vec![("again", 145.0)], Some(0.0), false));
        let unknown = EventRow { paired: 2, counted: 2, ..EventRow::new("PageView") };
        assert_eq!(bar(&unknown), (vec![("paired", 145.0)], None, false));
    }
}
