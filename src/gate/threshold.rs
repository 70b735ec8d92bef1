//! Limits to figures, and a report held against them.
//!
//! A figure of a named event that the run cannot compute misses its limit: absence is
//! never green.
//! Never what a figure means.

use super::metric::{Metric, Misread};
use crate::report::{Criterion, EventRow, Report, Unit};

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    MoreThan,
    /// `<`
    LessThan,
    /// `==`
    Exactly,
}

impl Comparison {
    /// Longest first, so that `>=` is not read as `>`.
    const ALL: [(&'static str, Comparison); 6] = [
        (">=", Comparison::AtLeast),
        ("<=", Comparison::AtMost),
        ("==", Comparison::Exactly),
        (">", Comparison::MoreThan),
        ("<", Comparison::LessThan),
        ("=", Comparison::Exactly),
    ];

    fn holds(self, figure: f64, limit: f64) -> bool {
        // Shares are quotients; a limit written in decimals may lie a hair beside one.
        const HAIR: f64 = 1e-9;
        match self {
            Comparison::AtLeast => figure >= limit - HAIR,
            Comparison::AtMost => figure <= limit + HAIR,
            Comparison::MoreThan => figure > limit + HAIR,
            Comparison::LessThan => figure < limit - HAIR,
            Comparison::Exactly => (figure - limit).abs() <= HAIR,
        }
    }
}

/// A limit to a figure.
#[derive(Debug, Clone)]
pub struct Threshold {
    metric: Metric,
    comparison: Comparison,
    limit: f64,
    written: String,
}

impl Threshold {
    /// Reads a figure's name and its limit (`>= 0.99`, `>= 99 %`).
    pub(super) fn parse(name: &str, limit: &str) -> Result<Threshold, Misread> {
        let metric = Metric::parse(name)?;
        let (comparison, number) = read_limit(limit)?;
        if metric.unit() == Unit::Rate && number >= 2.0 {
            return Err(Misread::plain(format!(
                "`{name}` is a share from 0 to 1: write 0.99 or 99 %, not {}",
                limit.trim()
            )));
        }
        Ok(Threshold { metric, comparison, limit: number, written: limit.trim().to_owned() })
    }

    /// What the limit is set to.
    pub(super) fn metric(&self) -> &Metric {
        &self.metric
    }

    /// The figure of one event's row held against the limit, whatever event it was written for.
    pub(super) fn of_row(&self, report: &Report, row: &EventRow, name: String) -> Criterion {
        let value = match &self.metric {
            Metric::Run(figure) => Some((figure.read)(report)),
            Metric::Event { profile: None, figure, .. } => figure.read(report, row, None),
            Metric::Event { profile: Some(profile), figure, .. } => {
                let part = rows(report, Some(profile)).iter().find(|of| of.event == row.event);
                part.and_then(|part| figure.read(report, part, Some(profile)))
            }
        };
        self.criterion(name, value)
    }

    fn criterion(&self, name: String, figure: Option<f64>) -> Criterion {
        Criterion {
            name,
            figure,
            unit: self.metric.unit(),
            limit: self.written.clone(),
            passed: figure.is_some_and(|figure| self.comparison.holds(figure, self.limit)),
        }
    }
}

/// The rows that a figure is read of: the whole run's, or a profile's.
fn rows<'a>(report: &'a Report, profile: Option<&str>) -> &'a [EventRow] {
    match profile {
        None => &report.events,
        Some(name) => report
            .profiles
            .iter()
            .find(|row| row.profile == name)
            .map_or(&[], |row| row.events.as_slice()),
    }
}

/// Holds a report against all limits. A limit to `*` stands for every event name that
/// has the figure and no limit of its own to it.
pub(super) fn judge(thresholds: &[Threshold], report: &Report) -> Vec<Criterion> {
    let own: Vec<(&str, Option<&str>, String)> = thresholds
        .iter()
        .filter_map(|threshold| match &threshold.metric {
            Metric::Event { event: Some(event), profile, figure } => {
                Some((event.as_str(), profile.as_deref(), figure.name()))
            }
            _ => None,
        })
        .collect();
    let mut criteria = Vec::new();
    for threshold in thresholds {
        match &threshold.metric {
            Metric::Run(figure) => {
                let value = (figure.read)(report);
                criteria.push(threshold.criterion(figure.name.to_owned(), Some(value)));
            }
            Metric::Event { event: Some(event), profile, figure } => {
                let profile = profile.as_deref();
                let row = rows(report, profile).iter().find(|row| row.event == *event);
                let value = row.and_then(|row| figure.read(report, row, profile));
                criteria.push(threshold.criterion(named(event, profile, &figure.name()), value));
            }
            Metric::Event { event: None, profile, figure } => {
                let (profile, name) = (profile.as_deref(), figure.name());
                let found: Vec<Criterion> = rows(report, profile)
                    .iter()
                    .filter(|row| !own.contains(&(row.event.as_str(), profile, name.clone())))
                    .filter_map(|row| {
                        let value = figure.read(report, row, profile)?;
                        let name = named(&row.event, profile, &name);
                        Some(threshold.criterion(name, Some(value)))
                    })
                    .collect();
                let elsewhere = own.iter().any(|(_, of, figure)| *of == profile && *figure == name);
                if found.is_empty() && !elsewhere {
                    criteria.push(threshold.criterion(named("*", profile, &name), None));
                }
                criteria.extend(found);
            }
        }
    }
    criteria
}

/// The name as the policy writes it.
fn named(event: &str, profile: Option<&str>, figure: &str) -> String {
    match profile {
        Some(profile) => format!("{event}@{profile}.{figure}"),
        None => format!("{event}.{figure}"),
    }
}

fn read_limit(text: &str) -> Result<(Comparison, f64), Misread> {
    let text = text.trim();
    let wrong = || {
        Misread::plain(format!(
            "`{text}` is no limit: write a comparison and a number, as in \">= 0.99\", \">= 99 %\" or \"== 0\""
        ))
    };
    let (sign, comparison) =
        Comparison::ALL.into_iter().find(|(sign, _)| text.starts_with(sign)).ok_or_else(wrong)?;
    let number = text[sign.len()..].trim();
    let (number, scale) = match number.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100.0),
        None => (number, 1.0),
    };
    let value: f64 = number.parse().map_err(|_| wrong())?;
    if value.is_finite() { Ok((comparison, value / scale)) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::MatchKey;
    use crate::report::{Duplicates, ProfileRow, Share};

    fn report() -> Report {
        let mut purchase = EventRow {
            browser: 4,
            server: 3,
            paired: 3,
            browser_only: 1,
            duplicates: Duplicates { browser: 0, server: 2 },
            ..EventRow::new("Purchase")
        };
        purchase.coverage.server.insert(MatchKey::Phone, Share::new(2, 3));
        let page = EventRow { browser: 9, browser_only: 9, ..EventRow::new("Page.View") };
        let blocked = EventRow { server: 1, counted: 1, ..EventRow::new("Purchase") };
        let profiles = vec![ProfileRow { profile: "adblock".to_owned(), events: vec![blocked] }];
        Report { events: vec![purchase, page], profiles, ..Report::default() }
    }

    #[track_caller]
    fn check(name: &str, limit: &str, expected: &[(&str, Option<f64>, bool)]) {
        let threshold = Threshold::parse(name, limit).expect("a threshold");
        let criteria = judge(&[threshold], &report());
        let found: Vec<(&str, Option<f64>, bool)> =
            criteria.iter().map(|c| (c.name.as_str(), c.figure, c.passed)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn figures_are_found_by_the_names_users_write() {
        check("Purchase.dedup_rate", ">= 75 %", &[("Purchase.dedup_rate", Some(0.75), true)]);
        check("Purchase.dedup_rate", "> 0.75", &[("Purchase.dedup_rate", Some(0.75), false)]);
        check("Page.View.browser", "= 9", &[("Page.View.browser", Some(9.0), true)]);
        check("Purchase.duplicates", "<= 1", &[("Purchase.duplicates", Some(2.0), false)]);
        check(
            "Purchase.browser.duplicates",
            "== 0",
            &[("Purchase.browser.duplicates", Some(0.0), true)],
        );
        check("flaky", "< 1", &[("flaky", Some(0.0), true)]);
    }

    #[test]
    fn a_figure_may_be_that_of_one_profile() {
        check("Purchase@adblock.counted", "== 1", &[("Purchase@adblock.counted", Some(1.0), true)]);
        check("*@adblock.browser", "== 0", &[("Purchase@adblock.browser", Some(0.0), true)]);
        check("Purchase.errors", "== 0", &[("Purchase.errors", Some(0.0), true)]);
        check("Purchase@itp.counted", "== 1", &[("Purchase@itp.counted", None, false)]);
    }

    #[test]
    fn a_key_that_no_event_carries_has_a_share_of_nought() {
        check(
            "Purchase.server.coverage.em",
            ">= 0.5",
            &[("Purchase.server.coverage.em", Some(0.0), false)],
        );
        check(
            "Purchase.server.coverage.ph",
            ">= 0.6",
            &[("Purchase.server.coverage.ph", Some(2.0 / 3.0), true)],
        );
    }

    #[test]
    fn a_figure_that_cannot_be_computed_misses_its_limit() {
        check("Lead.dedup_rate", ">= 0.5", &[("Lead.dedup_rate", None, false)]);
        check("*.match_quality", ">= 6", &[("*.match_quality", None, false)]);
    }

    #[test]
    fn a_star_stands_for_every_event_without_a_limit_of_its_own() {
        let thresholds = [
            Threshold::parse("*.dedup_rate", ">= 0.9").expect("a threshold"),
            Threshold::parse("Page.View.dedup_rate", ">= 0").expect("a threshold"),
        ];
        let names: Vec<(String, bool)> = judge(&thresholds, &report())
            .into_iter()
            .map(|criterion| (criterion.name, criterion.passed))
            .collect();
        assert_eq!(
            names,
            [("Purchase.dedup_rate".to_owned(), false), ("Page.View.dedup_rate".to_owned(), true)]
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for (name, limit) in [
            ("Purchase.dedup_rat", ">= 1"),
            ("Purchase.server.coverage.email", ">= 1"),
            ("Purchase.dedup_rate", ">= 99"),
            ("Purchase.dedup_rate", "0.99"),
            ("Purchase.dedup_rate", ">= NaN"),
            (".dedup_rate", ">= 1"),
            ("dedup_rate", ">= 1"),
        ] {
            assert!(Threshold::parse(name, limit).is_err(), "{name} {limit}");
        }
    }
}
