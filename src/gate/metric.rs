//! Figures that a policy may set a limit to, by the names users write:
//! `Purchase.dedup_rate`, `Lead.server.coverage.ph`, `Purchase@adblock.counted`,
//! `*.duplicates`, `flaky`.
//!
//! Never a limit, never where the names come from.

use crate::event::{Channel, MatchKey};
use crate::finding::Severity;
use crate::report::{EventRow, Report, ReportedFinding, Unit};

/// A figure of one event name.
#[derive(Debug)]
pub(crate) struct EventFigure {
    name: &'static str,
    unit: Unit,
    /// What it is, for the documentation.
    what: &'static str,
    read: fn(&EventRow) -> Option<f64>,
}

/// A figure of the whole run.
#[derive(Debug)]
pub(crate) struct RunFigure {
    pub(super) name: &'static str,
    /// What it is, for the documentation.
    what: &'static str,
    pub(super) read: fn(&Report) -> f64,
}

const EVENT_FIGURES: &[EventFigure] = &[
    EventFigure {
        name: "dedup_rate",
        unit: Unit::Rate,
        what: "Pairs, of the browser's events that have or need a partner.",
        read: |row| row.dedup_rate().ratio(),
    },
    EventFigure {
        name: "server_coverage",
        unit: Unit::Rate,
        what: "Server events for each browser event, at most one.",
        read: |row| row.server_coverage().ratio(),
    },
    EventFigure {
        name: "counted_per_conversion",
        unit: Unit::Rate,
        what: "What Meta would count, for each conversion that the scenarios bring about.",
        read: |row| {
            let truth = row.conversions.filter(|truth| *truth > 0)?;
            Some(row.counted as f64 / truth as f64)
        },
    },
    EventFigure {
        name: "match_quality",
        unit: Unit::Score,
        what: "Our estimate of match quality (docs/match-quality.md), never Meta's score.",
        read: |row| row.match_quality.as_ref().map(|quality| quality.estimate),
    },
    EventFigure {
        name: "conversions",
        unit: Unit::Count,
        what: "Conversions that the scenarios bring about.",
        read: |row| row.conversions.map(|truth| truth as f64),
    },
    EventFigure {
        name: "counted",
        unit: Unit::Count,
        what: "What Meta would count.",
        read: |row| Some(row.counted as f64),
    },
    EventFigure {
        name: "browser",
        unit: Unit::Count,
        what: "Events of the browser.",
        read: |row| Some(row.browser as f64),
    },
    EventFigure {
        name: "server",
        unit: Unit::Count,
        what: "Events of the server.",
        read: |row| Some(row.server as f64),
    },
    EventFigure {
        name: "paired",
        unit: Unit::Count,
        what: "Pairs that Meta would merge.",
        read: |row| Some(row.paired as f64),
    },
    EventFigure {
        name: "browser_only",
        unit: Unit::Count,
        what: "Browser events without a partner.",
        read: |row| Some(row.browser_only as f64),
    },
    EventFigure {
        name: "server_only",
        unit: Unit::Count,
        what: "Server events without a partner.",
        read: |row| Some(row.server_only as f64),
    },
    EventFigure {
        name: "duplicates",
        unit: Unit::Count,
        what: "Events that tell the same conversion again on the same side.",
        read: |row| Some((row.duplicates.browser + row.duplicates.server) as f64),
    },
    EventFigure {
        name: "browser.duplicates",
        unit: Unit::Count,
        what: "The same, of the browser.",
        read: |row| Some(row.duplicates.browser as f64),
    },
    EventFigure {
        name: "server.duplicates",
        unit: Unit::Count,
        what: "The same, of the server.",
        read: |row| Some(row.duplicates.server as f64),
    },
    EventFigure {
        name: "server_per_conversion",
        unit: Unit::Rate,
        what: "Server events that Meta takes, repeats left out, for each conversion.",
        read: |row| {
            let truth = row.conversions.filter(|truth| *truth > 0)?;
            let told = row.server.saturating_sub(row.duplicates.server + row.refused);
            Some(told as f64 / truth as f64)
        },
    },
    EventFigure {
        name: "refused",
        unit: Unit::Count,
        what: "Server events that Meta would refuse.",
        read: |row| Some(row.refused as f64),
    },
];

const RUN_FIGURES: &[RunFigure] = &[
    RunFigure {
        name: "defects",
        what: "Payloads that could not be read.",
        read: |report| report.defects.len() as f64,
    },
    RunFigure {
        name: "unattributed",
        what: "Server events that belong to no visit of the run.",
        read: |report| report.unattributed.len() as f64,
    },
    RunFigure {
        name: "known_findings",
        what: "Findings that the baseline accepts.",
        read: |report| report.totals().known as f64,
    },
    RunFigure {
        name: "flaky",
        what: "Combinations that passed only at a later attempt.",
        read: |report| report.totals().flaky as f64,
    },
];

/// What a limit is set to.
#[derive(Debug, Clone)]
pub(crate) enum Metric {
    /// A figure of the whole run.
    Run(&'static RunFigure),
    /// A figure of an event name, or of every one.
    Event {
        /// The event name; `None` for `*`.
        event: Option<String>,
        /// Only what visitors of this profile did.
        profile: Option<String>,
        /// The figure.
        figure: Figure,
    },
}

/// A figure of an event, with what it is about.
#[derive(Debug, Clone)]
pub(crate) enum Figure {
    /// One of the named figures.
    Plain(&'static EventFigure),
    /// Share of a channel's events that carry a match key.
    Coverage(Channel, MatchKey),
    /// Share of a channel's events that carry a parameter.
    Parameter(Channel, String),
    /// Errors about the event that no baseline accepts.
    Errors,
    /// Findings of a rule about the event that no baseline accepts.
    Findings(String),
    /// Share of the conversions that are counted where the pixel told none of them.
    KeptWithoutPixel,
}

/// Name of the figure [`Figure::Errors`].
const ERRORS: &str = "errors";
/// What stands before the rule in the name of [`Figure::Findings`].
const FINDINGS: &str = "findings.";
/// Name of the figure [`Figure::KeptWithoutPixel`].
const KEPT: &str = "kept_without_pixel";

/// The list of figures as Markdown: `docs/figures.md`.
pub fn figures_page() -> String {
    let unit = |unit: Unit| match unit {
        Unit::Count => "number",
        Unit::Rate => "share, 0 to 1",
        Unit::Score => "score, 0 to 10",
    };
    let mut text = String::from(
        "# Figures for thresholds\n\nCollected from the source. Each stands under `[policy.thresholds]` with a comparison \
         (`>=`, `<=`, `>`, `<`, `==`) and a number; shares also as `99 %`. A figure that a run cannot compute misses its limit.\n\n\
         EVENT is an event name, standard or your own; `*` stands for every one that has no limit of its own. \
         `Purchase@adblock.counted` is the figure of one profile.\n\n\
         ## Of an event\n\n| Figure | Kind | What it is |\n|---|---|---|\n",
    );
    let mut row = |name: &str, kind: &str, what: &str| {
        text.push_str(&format!("| `{name}` | {kind} | {what} |\n"));
    };
    for figure in EVENT_FIGURES {
        row(&format!("EVENT.{}", figure.name), unit(figure.unit), figure.what);
    }
    let (share, number) = (unit(Unit::Rate), unit(Unit::Count));
    for channel in Channel::ALL {
        row(
            &format!("EVENT.{channel}.coverage.KEY"),
            share,
            &format!("Events of the {channel} that carry the match key."),
        );
        row(
            &format!("EVENT.{channel}.parameter.NAME"),
            share,
            &format!("Events of the {channel} that carry the parameter."),
        );
    }
    row(&format!("EVENT.{ERRORS}"), number, "Errors about the event that no baseline accepts.");
    row(
        &format!("EVENT.{FINDINGS}RULE"),
        number,
        "Findings of one rule about the event that no baseline accepts.",
    );
    row(
        &format!("EVENT.{KEPT}"),
        share,
        "Conversions that are counted, of those that the pixel told nothing of.",
    );
    let keys: Vec<String> = MatchKey::ALL.iter().map(|key| format!("`{key}`")).collect();
    text.push_str(&format!("\nKEY is one of {}.\n", keys.join(", ")));
    text.push_str("\n## Of the run\n\n| Figure | Kind | What it is |\n|---|---|---|\n");
    for figure in RUN_FIGURES {
        text.push_str(&format!("| `{}` | {number} | {} |\n", figure.name, figure.what));
    }
    text
}

impl Metric {
    pub(super) fn parse(name: &str) -> Result<Metric, Misread> {
        if let Some(figure) = RUN_FIGURES.iter().find(|figure| figure.name == name) {
            return Ok(Metric::Run(figure));
        }
        for channel in Channel::ALL {
            for (word, is_key) in [("coverage", true), ("parameter", false)] {
                let infix = format!(".{channel}.{word}.");
                let Some(at) = name.find(&infix).filter(|at| *at > 0) else { continue };
                let (event, tail) = (&name[..at], &name[at + infix.len()..]);
                let figure = if is_key {
                    Figure::Coverage(channel, read_key(tail)?)
                } else {
                    Figure::Parameter(channel, tail.to_owned())
                };
                return Ok(Metric::event(event, figure));
            }
        }
        for (tail, figure) in [(ERRORS, Figure::Errors), (KEPT, Figure::KeptWithoutPixel)] {
            let event = name.strip_suffix(tail).and_then(|head| head.strip_suffix('.'));
            if let Some(event) = event.filter(|event| !event.is_empty()) {
                return Ok(Metric::event(event, figure));
            }
        }
        if let Some((event, rule)) = name.split_once(&format!(".{FINDINGS}"))
            && !event.is_empty()
            && !rule.is_empty()
        {
            return Ok(Metric::event(event, Figure::Findings(rule.to_owned())));
        }
        let by_tail = EVENT_FIGURES
            .iter()
            .filter_map(|figure| {
                let event = name.strip_suffix(figure.name)?.strip_suffix('.')?;
                (!event.is_empty()).then_some((event, figure))
            })
            .max_by_key(|(_, figure)| figure.name.len());
        match by_tail {
            Some((event, figure)) => Ok(Metric::event(event, Figure::Plain(figure))),
            None => Err(unknown(name)),
        }
    }

    /// `Purchase`, `*`, `Purchase@adblock` or `*@adblock`.
    fn event(event: &str, figure: Figure) -> Metric {
        let (event, profile) = match event.rsplit_once('@') {
            Some((event, profile)) if !profile.is_empty() => (event, Some(profile.to_owned())),
            _ => (event, None),
        };
        Metric::Event { event: (event != "*").then(|| event.to_owned()), profile, figure }
    }

    pub(super) fn unit(&self) -> Unit {
        match self {
            Metric::Run(_) => Unit::Count,
            Metric::Event { figure, .. } => figure.unit(),
        }
    }
}

impl Figure {
    fn unit(&self) -> Unit {
        match self {
            Figure::Plain(figure) => figure.unit,
            Figure::Coverage(..) | Figure::Parameter(..) | Figure::KeptWithoutPixel => Unit::Rate,
            Figure::Errors | Figure::Findings(_) => Unit::Count,
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Figure::Plain(figure) => figure.name.to_owned(),
            Figure::Coverage(channel, key) => format!("{channel}.coverage.{key}"),
            Figure::Parameter(channel, name) => format!("{channel}.parameter.{name}"),
            Figure::Errors => ERRORS.to_owned(),
            Figure::Findings(rule) => format!("{FINDINGS}{rule}"),
            Figure::KeptWithoutPixel => KEPT.to_owned(),
        }
    }

    /// The figure of an event's row, within a profile where one is named.
    pub(super) fn read(
        &self,
        report: &Report,
        row: &EventRow,
        profile: Option<&str>,
    ) -> Option<f64> {
        let about = |found: &&ReportedFinding| {
            found.is_new()
                && found.finding.event.as_deref() == Some(row.event.as_str())
                && profile.is_none_or(|profile| found.profile.as_deref() == Some(profile))
        };
        let share = match self {
            Figure::Plain(figure) => return (figure.read)(row),
            Figure::Errors => {
                let errors = report.findings.iter().filter(about);
                let errors = errors.filter(|found| found.finding.severity == Severity::Error);
                return Some(errors.count() as f64);
            }
            Figure::Findings(rule) => {
                let found = report.findings.iter().filter(about);
                return Some(found.filter(|found| found.finding.rule == *rule).count() as f64);
            }
            Figure::KeptWithoutPixel => return kept_without_pixel(report, row, profile),
            Figure::Coverage(channel, key) => row.coverage.of(*channel).get(key).copied(),
            Figure::Parameter(channel, name) => row.parameters.of(*channel).get(name).copied(),
        };
        match share {
            Some(share) => share.ratio(),
            // A key that no event carries may be missing from the map: that is a share of nought.
            None => (row.on(self.channel()?) > 0).then_some(0.0),
        }
    }

    fn channel(&self) -> Option<Channel> {
        match self {
            Figure::Plain(_) | Figure::Errors | Figure::Findings(_) | Figure::KeptWithoutPixel => {
                None
            }
            Figure::Coverage(channel, _) | Figure::Parameter(channel, _) => Some(*channel),
        }
    }
}

/// Conversions that are counted, of those that the pixel told nothing of.
fn kept_without_pixel(report: &Report, row: &EventRow, profile: Option<&str>) -> Option<f64> {
    let rows = report.visitors.iter().filter(|of| {
        of.event == row.event
            && of.browser == 0
            && !of.silent
            && profile.is_none_or(|profile| of.profile == profile)
    });
    let (kept, all) = rows.fold((0, 0), |(kept, all), of| (kept + of.kept, all + of.conversions));
    (all > 0).then(|| kept as f64 / all as f64)
}

fn read_key(name: &str) -> Result<MatchKey, Misread> {
    MatchKey::from_name(name).ok_or_else(|| Misread {
        what: format!("unknown match key `{name}`"),
        wrong: name.to_owned(),
        candidates: MatchKey::ALL.iter().map(|key| key.name().to_owned()).collect(),
    })
}

fn unknown(name: &str) -> Misread {
    let (event, tail) = name.split_once('.').unwrap_or(("", name));
    let prefix = if event.is_empty() { "*" } else { event };
    let mut candidates: Vec<String> =
        EVENT_FIGURES.iter().map(|figure| format!("{prefix}.{}", figure.name)).collect();
    candidates.extend([ERRORS, KEPT].map(|tail| format!("{prefix}.{tail}")));
    candidates.extend(RUN_FIGURES.iter().map(|figure| figure.name.to_owned()));
    // The key or parameter that was written is the one that was meant, where it is one.
    let last = name.rsplit('.').next().unwrap_or_default();
    let key = MatchKey::from_name(last).map_or("em", MatchKey::name);
    let parameter = if last.is_empty() { "value" } else { last };
    for channel in Channel::ALL {
        candidates.push(format!("{prefix}.{channel}.coverage.{key}"));
        if name.contains("param") {
            candidates.push(format!("{prefix}.{channel}.parameter.{parameter}"));
        }
    }
    // Someone may have left out the event: `dedup_rate` means `*.dedup_rate`.
    let left_out = event.is_empty() && EVENT_FIGURES.iter().any(|figure| figure.name == tail);
    let wrong = if left_out { format!("*.{tail}") } else { name.to_owned() };
    Misread { what: format!("unknown figure `{name}`"), wrong, candidates }
}

/// Why a name or a limit could not be read: what is wrong, and the nearest right word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misread {
    pub(super) what: String,
    pub(super) wrong: String,
    pub(super) candidates: Vec<String>,
}

impl Misread {
    pub(super) fn plain(what: String) -> Misread {
        Misread { what, wrong: String::new(), candidates: Vec::new() }
    }
}
