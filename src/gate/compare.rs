//! Two runs side by side: what changed per event type, which findings are new and which
//! were mended, and whether that is worse than the policy allows.
//!
//! Plain structs, so that every format can show them. Never how they are shown.

mod worse;

use std::collections::BTreeMap;

use super::policy::{Policy, Tolerance};
use crate::event::Channel;
use crate::report::{EventRow, Outcome, Report, ReportedFinding, Unit};

/// What a reader has to know of each run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunFacts {
    /// Short name of the run.
    pub name: String,
    /// Program and version that judged it.
    pub tool: String,
    /// When it began, RFC 3339; empty where unknown.
    pub started: String,
    /// Address of the site.
    pub site: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Its verdict in one sentence.
    pub headline: String,
    /// Events caught on both channels.
    pub events: u64,
    /// Scenarios that were judged.
    pub scenarios: usize,
}

/// Whether a change is for the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trend {
    /// No change, or none that means anything by itself.
    #[default]
    Same,
    /// For the better.
    Better,
    /// For the worse, by more than the policy bears.
    Worse,
    /// For the worse, but within what the policy bears.
    Borne,
}

impl Trend {
    /// The word users see.
    pub fn name(self) -> &'static str {
        match self {
            Trend::Same => "same",
            Trend::Better => "better",
            Trend::Worse => "worse",
            Trend::Borne => "borne",
        }
    }
}

/// One figure of both runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FigureChange {
    /// Its name, as a policy writes it after the event.
    pub name: String,
    /// What kind of number it is.
    pub unit: Unit,
    /// In the old run; `None` where it cannot be computed.
    pub old: Option<f64>,
    /// In the new run.
    pub new: Option<f64>,
    /// Which way it went.
    pub trend: Trend,
}

/// One event type in both runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventChange {
    /// Event name.
    pub event: String,
    /// Its row in the old run; `None` where it was not there.
    pub old: Option<EventRow>,
    /// Its row in the new run.
    pub new: Option<EventRow>,
    /// Every figure that can be computed for one of them.
    pub figures: Vec<FigureChange>,
}

impl EventChange {
    /// Figures that differ.
    pub fn changed(&self) -> impl Iterator<Item = &FigureChange> {
        self.figures.iter().filter(|figure| match (figure.old, figure.new) {
            (Some(old), Some(new)) => (old - new).abs() > hair(figure.unit),
            (old, new) => old.is_some() || new.is_some(),
        })
    }
}

/// Two runs side by side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// The run before.
    pub old: RunFacts,
    /// The run after.
    pub new: RunFacts,
    /// Every event type of either, in the order of the new run.
    pub events: Vec<EventChange>,
    /// Findings of the new run alone.
    pub fresh: Vec<ReportedFinding>,
    /// Findings of the old run alone.
    pub mended: Vec<ReportedFinding>,
    /// How many findings both have.
    pub kept: usize,
    /// Why the new run is worse, a sentence each; empty where it is not.
    pub worse: Vec<String>,
    /// What the comparison cannot prove.
    pub limits: Vec<String>,
}

impl Comparison {
    /// True when nothing got worse by the policy.
    pub fn passed(&self) -> bool {
        self.worse.is_empty()
    }

    /// The exit code: 0 not worse, 1 worse, 3 where one of the runs proves nothing.
    pub fn exit_code(&self) -> u8 {
        let nothing = |run: &RunFacts| matches!(run.outcome, Outcome::Empty);
        match () {
            () if nothing(&self.old) || nothing(&self.new) => 3,
            () if self.passed() => 0,
            () => 1,
        }
    }

    /// The result in one sentence.
    pub fn headline(&self) -> String {
        let better = self
            .events
            .iter()
            .flat_map(|event| &event.figures)
            .filter(|figure| figure.trend == Trend::Better)
            .count();
        let mut parts = Vec::new();
        let mut add = |count: usize, one: &str, many: &str| {
            if count > 0 {
                parts.push(format!("{count} {}", if count == 1 { one } else { many }));
            }
        };
        add(self.worse.len(), "thing got worse", "things got worse");
        add(self.fresh.len(), "new finding", "new findings");
        add(self.mended.len(), "finding mended", "findings mended");
        add(better, "figure better", "figures better");
        if parts.is_empty() {
            parts.push("nothing changed".to_owned());
        }
        let word = match self.exit_code() {
            0 => "not worse",
            1 => "worse",
            _ => "nothing to compare",
        };
        format!("{word}: {}", parts.join(", "))
    }
}

/// Which way a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// The more, the better.
    Up,
    /// The less, the better.
    Down,
    /// The nearer to one, the better.
    One,
    /// It depends on the site's traffic.
    None,
}

/// A figure that is compared: name, unit, which way is better, and how it is read.
type Compared = (&'static str, Unit, Wish, fn(&EventRow) -> Option<f64>);

const COMPARED: &[Compared] = &[
    ("conversions", Unit::Count, Wish::None, |row| row.conversions.map(|truth| truth as f64)),
    ("counted", Unit::Count, Wish::None, |row| Some(row.counted as f64)),
    ("counted_per_conversion", Unit::Rate, Wish::One, |row| {
        let truth = row.conversions.filter(|truth| *truth > 0)?;
        Some(row.counted as f64 / truth as f64)
    }),
    ("browser", Unit::Count, Wish::None, |row| Some(row.browser as f64)),
    ("server", Unit::Count, Wish::None, |row| Some(row.server as f64)),
    ("paired", Unit::Count, Wish::None, |row| Some(row.paired as f64)),
    ("browser_only", Unit::Count, Wish::None, |row| Some(row.browser_only as f64)),
    ("server_only", Unit::Count, Wish::None, |row| Some(row.server_only as f64)),
    ("duplicates", Unit::Count, Wish::Down, |row| {
        Some((row.duplicates.browser + row.duplicates.server) as f64)
    }),
    ("refused", Unit::Count, Wish::Down, |row| Some(row.refused as f64)),
    ("dedup_rate", Unit::Rate, Wish::Up, |row| row.dedup_rate().ratio()),
    ("server_coverage", Unit::Rate, Wish::Up, |row| row.server_coverage().ratio()),
    ("match_quality", Unit::Score, Wish::Up, |row| {
        row.match_quality.as_ref().map(|quality| quality.estimate)
    }),
];

/// Holds two judged runs against each other.
pub fn compare(old: &Report, new: &Report, policy: &Policy) -> Comparison {
    let mut names: Vec<&str> = new.events.iter().map(|row| row.event.as_str()).collect();
    let gone = old.events.iter().map(|row| row.event.as_str());
    names.extend(gone.filter(|name| new.events.iter().all(|row| row.event != *name)));
    let row =
        |report: &Report, name: &str| report.events.iter().find(|row| row.event == name).cloned();
    let events: Vec<EventChange> = names
        .into_iter()
        .map(|name| event(name, row(old, name), row(new, name), &policy.tolerance))
        .collect();
    let prints = |report: &Report| -> BTreeMap<String, usize> {
        let mut prints = BTreeMap::new();
        for found in &report.findings {
            *prints.entry(found.fingerprint().to_string()).or_insert(0) += 1;
        }
        prints
    };
    let (before, after) = (prints(old), prints(new));
    let only = |report: &Report, others: &BTreeMap<String, usize>| -> Vec<ReportedFinding> {
        let mut shown = std::collections::BTreeSet::new();
        let alone = |found: &&ReportedFinding| {
            let print = found.fingerprint().to_string();
            !others.contains_key(&print) && shown.insert(print)
        };
        report.findings.iter().filter(alone).cloned().collect()
    };
    let mut comparison = Comparison {
        old: facts(old),
        new: facts(new),
        fresh: only(new, &before),
        mended: only(old, &after),
        kept: after.keys().filter(|print| before.contains_key(*print)).count(),
        limits: worse::limits(old, new),
        events,
        worse: Vec::new(),
    };
    comparison.worse = worse::worse(&comparison, old, new);
    comparison
}

fn facts(report: &Report) -> RunFacts {
    RunFacts {
        name: report.name.clone(),
        tool: report.tool.clone(),
        started: report.started_text(),
        site: report.site.clone(),
        outcome: report.verdict.outcome,
        headline: report.headline(),
        events: report.totals().events,
        scenarios: report.scenarios.len(),
    }
}

fn event(
    name: &str,
    old: Option<EventRow>,
    new: Option<EventRow>,
    tolerance: &Tolerance,
) -> EventChange {
    let mut figures: Vec<FigureChange> = COMPARED
        .iter()
        .map(|(figure, unit, wish, read)| {
            let value = |row: &Option<EventRow>| row.as_ref().and_then(read);
            change((*figure).to_owned(), *unit, *wish, (value(&old), value(&new)), tolerance)
        })
        .collect();
    for channel in Channel::ALL {
        figures.extend(shares(channel, old.as_ref(), new.as_ref(), tolerance));
    }
    figures.retain(|figure| figure.old.is_some() || figure.new.is_some());
    EventChange { event: name.to_owned(), old, new, figures }
}

/// Coverage of match keys and parameters on a channel.
fn shares(
    channel: Channel,
    old: Option<&EventRow>,
    new: Option<&EventRow>,
    tolerance: &Tolerance,
) -> Vec<FigureChange> {
    let mut found: BTreeMap<String, (Option<f64>, Option<f64>)> = BTreeMap::new();
    for (row, is_new) in [(old, false), (new, true)] {
        let Some(row) = row else { continue };
        let keys = row
            .coverage
            .of(channel)
            .iter()
            .map(|(key, share)| (format!("{channel}.coverage.{key}"), share.ratio()));
        let parameters = row
            .parameters
            .of(channel)
            .iter()
            .map(|(name, share)| (format!("{channel}.parameter.{name}"), share.ratio()));
        for (name, ratio) in keys.chain(parameters) {
            let both = found.entry(name).or_default();
            *(if is_new { &mut both.1 } else { &mut both.0 }) = ratio;
        }
    }
    // A key that a side with events does not name is carried by none of them.
    let fill = |value: Option<f64>, row: Option<&EventRow>| {
        value.or_else(|| row.filter(|row| row.on(channel) > 0).map(|_| 0.0))
    };
    found
        .into_iter()
        .map(|(name, (before, after))| {
            let values = (fill(before, old), fill(after, new));
            change(name, Unit::Rate, Wish::Up, values, tolerance)
        })
        .collect()
}

fn change(
    name: String,
    unit: Unit,
    wish: Wish,
    (old, new): (Option<f64>, Option<f64>),
    tolerance: &Tolerance,
) -> FigureChange {
    let hair = hair(unit);
    let trend = match (old, new) {
        (Some(before), Some(after)) => {
            let gain = match wish {
                Wish::Up => after - before,
                Wish::Down => before - after,
                Wish::One => (before - 1.0).abs() - (after - 1.0).abs(),
                Wish::None => 0.0,
            };
            let borne = match unit {
                Unit::Count => 0.0,
                Unit::Rate => tolerance.rate,
                Unit::Score => tolerance.score,
            };
            if gain > hair {
                Trend::Better
            } else if gain < -borne - hair {
                Trend::Worse
            } else if gain < -hair {
                Trend::Borne
            } else {
                Trend::Same
            }
        }
        _ => Trend::Same,
    };
    FigureChange { name, unit, old, new, trend }
}

/// How far apart two figures may lie that are the same.
fn hair(unit: Unit) -> f64 {
    match unit {
        // Made of counts, which every stored form has whole; quotients may lie a hair apart.
        Unit::Count | Unit::Rate => 1e-9,
        // Stored to four decimals.
        Unit::Score => 1e-4,
    }
}
