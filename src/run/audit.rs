//! The river of production logs: files → facts → join → findings → report → gate.
//!
//! Where everything fits into the sample, the report is that of a test run over the same
//! events. Beyond it, rules on single events are asked of every event, figures are those
//! of all events, and rules on joined tables are asked of a sample by event id.

mod figures;
mod warnings;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::audit::{
    AuditError, FactsOut, InputReport, Reading, Request, Spot, expand, facts as write_facts,
    is_answer, read,
};
use crate::capture::{Capture, End, Opening, TAPE_FORMAT, read as read_tape};
use crate::event::Event;
use crate::finding::Finding;
use crate::gate::Policy;
use crate::join::{Case, Tables, tables_by};
use crate::platform::PLATFORMS;
use crate::report::{LogPlace, LogReport, Material, OrderFigures, Report, Share, Timings, build};
use crate::rule::{self, Check, JudgeError, judge_by, judge_event};

use super::conclude::{rule_page, settle};
use super::{Error, TOOL, conclude};

/// The rule on orders, which is asked of all events, sample or not.
const ORDERS: &str = "orders-not-matched";
/// Events named as evidence for it, of each kind.
const MOST_PLACES: usize = 20;

/// What an audit is to be.
pub struct Audit {
    /// The logs.
    pub request: Request,
    /// Unreadable lines end it.
    pub strict: bool,
    /// Most unreadable lines, in per cent of all lines.
    pub max_bad: f64,
    /// Short name of the report.
    pub name: String,
    /// When it began, Unix milliseconds.
    pub started: i64,
}

/// Reads the logs, judges, draws up the report and decides.
pub fn audit(audit: &Audit, policy: &Policy) -> Result<Report, Error> {
    if let Some(report) = one_tape(audit, policy)? {
        return Ok(report);
    }
    let platform = PLATFORMS[0];
    let request = Request { dedup_window: policy.settings.dedup_window, ..audit.request.clone() };
    let reading = read(&request, platform, &judge_event).map_err(Error::Audit)?;
    refuse_bad(audit, &reading.inputs)?;
    conclude_logs(audit, policy, reading)
}

/// The report of what another engine answered to our queries, in a file or a folder; `None`
/// where no answer is there.
pub fn answered(path: &Path, policy: &Policy) -> Result<Option<Report>, Error> {
    let inputs = expand(&path.to_string_lossy(), None, None).map_err(Error::Audit)?;
    if !is_answer(&inputs).map_err(Error::Audit)? {
        return Ok(None);
    }
    let request = Request { inputs, ..Request::default() };
    let started = jiff::Timestamp::now().as_millisecond();
    let name = "audit".to_owned();
    audit(&Audit { request, strict: true, max_bad: 0.0, name, started }, policy).map(Some)
}

/// Reads the logs and writes them as facts; what was read, and the files.
pub fn facts(audit: &Audit, out: &FactsOut) -> Result<(Vec<InputReport>, Vec<PathBuf>), Error> {
    write_facts(&audit.request, PLATFORMS[0], &judge_event, out, &|inputs| bad_lines(audit, inputs))
        .map_err(Error::Audit)
}

/// What is to be said of inputs before anything else.
pub fn input_warnings(inputs: &[InputReport]) -> Vec<String> {
    warnings::unseen(inputs)
}

/// A single tape without filters is judged as `check` judges it, sessions and all.
fn one_tape(audit: &Audit, policy: &Policy) -> Result<Option<Report>, Error> {
    let [input] = audit.request.inputs.as_slice() else { return Ok(None) };
    if !audit.request.is_everything() || input.path == Path::new("-") {
        return Ok(None);
    }
    let Ok((mut capture, damage)) = read_tape(&input.path) else { return Ok(None) };
    if let Some(damage) = damage {
        return Err(Error::Damage(damage));
    }
    if !audit.request.orders.is_empty() {
        capture.orders.clone_from(&audit.request.orders);
    }
    let platform = PLATFORMS[0];
    let request = Request { dedup_window: policy.settings.dedup_window, ..audit.request.clone() };
    let mut reading = read(&request, platform, &judge_event).map_err(Error::Audit)?;
    let shown = input.path.display().to_string();
    let mut report = conclude(&capture, &audit.name, Some(shown), policy)?;
    reading.sample = (Vec::new(), 1);
    let mut log = log_report(&reading, &BTreeMap::new());
    log.sample = Share::new(reading.events(), reading.events());
    report.log = Some(log);
    Ok(Some(report))
}

fn refuse_bad(audit: &Audit, inputs: &[InputReport]) -> Result<(), Error> {
    bad_lines(audit, inputs).map_err(Error::Audit)
}

/// An error where there are more unreadable lines than the user bears.
fn bad_lines(audit: &Audit, inputs: &[InputReport]) -> Result<(), AuditError> {
    let bad: u64 = inputs.iter().map(|input| input.bad).sum();
    let lines: u64 = inputs.iter().map(|input| input.lines).sum();
    let share = Share::new(bad, lines).ratio().unwrap_or(0.0) * 100.0;
    if bad == 0 || (!audit.strict && share <= audit.max_bad) {
        return Ok(());
    }
    let first = inputs.iter().find_map(|input| Some((input, input.samples.first()?)));
    let (place, cause) = first.map_or_else(Default::default, |(input, sample)| {
        (format!("{}:{}", input.path, sample.line), sample.cause.clone())
    });
    let hint = if audit.strict {
        format!(" ({bad} of {lines} lines cannot be read, and --strict bears none)")
    } else {
        format!(
            " ({bad} of {lines} lines cannot be read, {share:.1} %; --max-bad {} bears no more)",
            audit.max_bad
        )
    };
    Err(AuditError::Broken { place, cause, hint })
}

fn conclude_logs(audit: &Audit, policy: &Policy, mut reading: Reading) -> Result<Report, Error> {
    let platform = PLATFORMS[0];
    let (mut events, every) = std::mem::take(&mut reading.sample);
    let answered = !reading.answered.is_empty();
    let from_facts = answered || reading.inputs.iter().any(|input| input.form == "facts");
    let whole = every == 1 && !from_facts;
    let numbers = number(&mut events, &reading);
    let in_sample = events.len() as u64;
    let begun = Instant::now();
    let engine = |stage: &'static str, what: String| Error::Engine { stage, what };
    let mut tables: Tables = tables_by(&policy.settings, platform, events, Vec::new(), Vec::new())
        .map_err(|source| engine("join", source.to_string()))?;
    tables.orders = reading.orders.clone().map(|mut found| {
        // Places in the logs get the numbers that evidence has.
        for case in found.placed_mut() {
            let bounded = case.places.iter().take(MOST_PLACES);
            case.places = bounded.filter_map(|place| numbers.get(&Spot(*place)).copied()).collect();
        }
        found
    });
    let wanted = |rule: &rule::Rule| {
        // Orders are held against all events, whether or not the rest is a sample.
        let of_event = matches!(rule.check, Check::Event(_));
        let of_sample = !of_event && (!from_facts || rule::is_asked_of_facts(rule.id));
        // Where another engine answered, there is nothing in the tables to be asked of.
        rule.id == ORDERS || (!answered && (whole || of_sample))
    };
    let found = judge_by(&tables, &wanted)
        .map_err(|JudgeError { rule, source }| engine(rule, source.to_string()))?;
    let comparing = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let mut findings: Vec<Finding> = Vec::new();
    for mut finding in found {
        if every > 1 && finding.rule != ORDERS {
            finding.message =
                format!("In a sample of one in {every} event IDs: {}", finding.message);
        }
        findings.push(finding);
    }
    if !whole {
        findings.extend(reading.told.iter().map(|told| {
            let mut finding = told.finding.clone();
            finding.count = told.count.min(u32::MAX.into()) as u32;
            finding.evidence =
                told.spots.iter().filter_map(|spot| numbers.get(spot)).copied().collect();
            finding
        }));
        findings.sort_by(Finding::order);
    }
    let capture = empty_capture(audit);
    let mut report = build(Material {
        tool: TOOL,
        name: &audit.name,
        tape: None,
        capture: &capture,
        tables: &tables,
        findings: policy.weigh(findings),
        earlier: BTreeMap::new(),
        rule: &rule_page,
        traffic: &policy.traffic,
    });
    if !whole {
        figures::put(&mut report, &reading);
    }
    let mut log = log_report(&reading, &numbers);
    log.sample = Share::new(in_sample, reading.events());
    log.sampled_every = every;
    log.warnings = warnings::warnings(&reading, &log);
    report.seconds = log.seconds.0 + log.seconds.1;
    log.timings = Timings {
        reading: reading.seconds[0],
        fetching: reading.threads[0],
        rules: reading.threads[1],
        joining: reading.seconds[1],
        comparing,
        reporting: begun.elapsed().as_secs_f64(),
        threads: audit.request.threads,
    };
    report.limits = limits(&reading, whole, every, in_sample);
    report.log = Some(log);
    settle(&mut report, policy, None);
    Ok(report)
}

/// Gives every place that evidence may name a number, in the order of the inputs.
fn number(events: &mut [Event], reading: &Reading) -> BTreeMap<Spot, u64> {
    let told = reading.told.iter().flat_map(|told| told.spots.iter().copied());
    let of_orders = reading.orders.iter().flat_map(|found| {
        found
            .placed()
            .flat_map(|case| case.places.iter().take(MOST_PLACES).map(|place| Spot(*place)))
    });
    let mut spots: Vec<Spot> =
        events.iter().map(|event| Spot(event.exchange)).chain(told).chain(of_orders).collect();
    spots.sort_unstable();
    spots.dedup();
    let numbers: BTreeMap<Spot, u64> = spots.into_iter().zip(1..).collect();
    for event in events {
        event.exchange = numbers.get(&Spot(event.exchange)).copied().unwrap_or(0);
    }
    numbers
}

fn empty_capture(audit: &Audit) -> Capture {
    Capture {
        end: Some(End { at: audit.started, stopped: false }),
        ..Capture::new(Opening {
            countonce_tape: TAPE_FORMAT,
            tool: TOOL.to_owned(),
            started: audit.started,
            ..Opening::default()
        })
    }
}

fn log_report(reading: &Reading, numbers: &BTreeMap<Spot, u64>) -> LogReport {
    let mut log = figures::periods(reading);
    log.inputs = reading.inputs.iter().map(figures::input).collect();
    log.places = numbers
        .iter()
        .map(|(spot, number)| {
            let (file, line) = reading.place(*spot);
            (*number, LogPlace { file, line })
        })
        .collect();
    log.sampled_every = 1;
    log.seconds = (reading.seconds[0], reading.seconds[1]);
    log.spilled = reading.spilled;
    log.orders = reading.orders.as_ref().map(|found| OrderFigures {
        orders: found.orders,
        once: found.once,
        missing: Case::total(&found.missing),
        more_than_once: found.more_than_once,
        other_amount: Case::total(&found.amounts),
        without_order: Case::total(&found.without),
    });
    log
}

fn limits(reading: &Reading, whole: bool, every: u64, in_sample: u64) -> Vec<String> {
    let mut limits = vec![
        "Counts are predicted from Meta's published rules over what the logs hold; Meta did not confirm them."
            .to_owned(),
    ];
    if !reading.answered.is_empty() {
        limits.push(
            "Figures were counted by another engine. Rules that compare events were not asked; `countonce audit` asks them of a part of the facts."
                .to_owned(),
        );
        if !reading.inputs.iter().any(|input| input.form == "findings") {
            limits.push(
                "The answer to the query `findings` is not here: nothing is said of rules on single events, pixels and clocks."
                    .to_owned(),
            );
        }
        if !reading.inputs.iter().any(|input| input.form == "ids") {
            limits.push(
                "The answer to the query `ids` is not here: nothing is said of event IDs."
                    .to_owned(),
            );
        }
    }
    match &reading.orders {
        None => limits.push(
            "Logs do not say what really happened: without --orders, conversions that both sides lost are invisible."
                .to_owned(),
        ),
        Some(found) if found.outside > 0 => limits.push(format!(
            "{} orders were made before the first or after the last event of their kind: nothing is said of them.",
            found.outside
        )),
        Some(_) => {}
    }
    if !whole && every > 1 {
        limits.push(format!(
            "Rules on single events were asked of all {} events and figures are of all events. Rules that compare events were asked of a sample: {in_sample} events, one in {every} event IDs.",
            reading.events()
        ));
    }
    if !whole && every == 1 {
        limits.push(
            "Facts hold no values of match keys and no contents: rules that compare them were asked where the facts were made, or not at all."
                .to_owned(),
        );
    }
    limits
}
