//! How each scenario went: what was expected, the pages, and a time-line of steps, browser
//! hits and server calls with lines between the halves of each conversion.
//!
//! Drawn for the scenarios that a reader looks at first; the table names all.

use std::collections::{BTreeMap, HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Value;
use serde::Serialize;

use super::evidence::Drawn;
use super::findings::Findings;
use super::graph::{Arc, Graph, Piece, graph};
use super::text::span;
use crate::event::Channel;
use crate::report::{Caught, Picture, Report, ScenarioRun, Status, StepRun};

/// Time-lines of scenarios in trouble that stand open at first.
const OPEN_AT_FIRST: usize = 2;

/// Every scenario.
#[derive(Serialize)]
pub(super) struct Course {
    scenarios: Vec<Shown>,
    /// Scenarios beyond those in the table.
    more: usize,
    /// Time-lines that are not drawn.
    undrawn: usize,
}

/// One scenario in one profile.
#[derive(Serialize)]
struct Shown {
    session: u32,
    title: String,
    file: String,
    status: &'static str,
    state: &'static str,
    flaky: bool,
    seconds: String,
    attempt: u32,
    error: String,
    browser: usize,
    server: usize,
    met: usize,
    expected: usize,
    expectations: Vec<(String, String, &'static str)>,
    findings: Vec<Link>,
    pages: Vec<Page>,
    rows: Option<Vec<Row>>,
    tracks: usize,
    width: u32,
    open: bool,
}

/// A finding of the scenario.
#[derive(Serialize)]
struct Link {
    anchor: String,
    title: String,
    severity: &'static str,
    event: String,
}

/// A page on the way.
#[derive(Serialize)]
struct Page {
    time: String,
    address: String,
    source: Value,
}

/// One row of a time-line.
#[derive(Serialize)]
struct Row {
    time: String,
    /// `step`, `browser` or `server`.
    kind: &'static str,
    text: String,
    /// Words after it, quieter.
    more: Vec<String>,
    cookies: Vec<String>,
    wrong: String,
    number: u64,
    /// True where links to the number lead here.
    first: bool,
    standing: String,
    pieces: Vec<Piece>,
}

enum Moment<'a> {
    Step(&'a StepRun),
    Event(usize, &'a Caught),
}

impl Moment<'_> {
    fn at(&self) -> i64 {
        match self {
            Moment::Step(step) => step.at,
            Moment::Event(_, caught) => caught.at,
        }
    }
}

/// The scenarios, those in trouble drawn first.
pub(super) fn course(report: &Report, findings: &Findings, drawn: &Drawn<'_>) -> Course {
    let mut moments: HashMap<u32, Vec<Moment<'_>>> = HashMap::new();
    for step in &report.steps {
        moments.entry(step.session).or_default().push(Moment::Step(step));
    }
    for (position, caught) in report.caught.iter().enumerate() {
        if let Some(session) = caught.session {
            moments.entry(session).or_default().push(Moment::Event(position, caught));
        }
    }
    let mut undrawn = 0;
    let mut open = OPEN_AT_FIRST;
    let mut told = HashSet::new();
    let scenarios = drawn
        .order
        .iter()
        .map(|run| {
            let mut of_run = moments.remove(&run.session).unwrap_or_default();
            // Steps first: what comes in the same millisecond was set off by them.
            of_run.sort_by_key(Moment::at);
            let drawn = drawn.has(run.session);
            undrawn += usize::from(!drawn);
            let trouble = !matches!(run.status, Status::Passed | Status::NotApplicable);
            let opened = trouble && drawn && open > 0;
            open -= usize::from(opened);
            let mut shown = shown(report, findings, run, &of_run, drawn, opened);
            // An exchange of several events has several rows; links lead to the first.
            for row in shown.rows.iter_mut().flatten().filter(|row| row.number > 0) {
                row.first = told.insert(row.number);
            }
            shown
        })
        .collect();
    let more = report.scenarios.len() - drawn.order.len();
    Course { scenarios, more, undrawn }
}

fn shown(
    report: &Report,
    findings: &Findings,
    run: &ScenarioRun,
    moments: &[Moment<'_>],
    drawn: bool,
    open: bool,
) -> Shown {
    let begun = moments.first().map_or(0, Moment::at);
    let on = |channel: Channel| {
        let of = |moment: &&Moment<'_>| matches!(moment, Moment::Event(_, caught) if caught.channel == channel);
        moments.iter().filter(of).count()
    };
    let drawing = graph_of(report, moments);
    let expectations: Vec<(String, String, &'static str)> = run
        .expectations
        .iter()
        .map(|result| {
            let came = format!(
                "browser {}, server {}, counted {}",
                result.browser, result.server, result.counted
            );
            (result.title(), came, result.met.name())
        })
        .chain(run.never.iter().map(|never| {
            let came = format!("{} came", never.caught);
            (format!("no {}", never.event), came, never.met.name())
        }))
        .collect();
    let tracks = drawing.tracks;
    Shown {
        session: run.session,
        title: run.title(),
        file: run.file.clone(),
        status: run.status.name(),
        state: match run.status {
            Status::Passed => "good",
            Status::Failed | Status::Broken | Status::Stopped => "bad",
            Status::NotApplicable => "open",
        },
        flaky: run.flaky(),
        seconds: span((run.seconds * 1000.0) as i64),
        attempt: run.attempt,
        error: run.error.clone().unwrap_or_default(),
        browser: on(Channel::Browser),
        server: on(Channel::Server),
        met: expectations.iter().filter(|(.., met)| *met == "passed").count(),
        expected: expectations.len(),
        expectations: if drawn { expectations } else { Vec::new() },
        findings: if drawn { links(report, findings, run.session) } else { Vec::new() },
        pages: if drawn { pages(report, run, begun) } else { Vec::new() },
        rows: drawn.then(|| rows(report, moments, begun, drawing)),
        tracks: tracks.max(1),
        width: super::graph::width(tracks),
        open,
    }
}

fn links(report: &Report, findings: &Findings, session: u32) -> Vec<Link> {
    const MOST: usize = 30;
    findings
        .of_session(report, session)
        .take(MOST)
        .map(|(anchor, found)| Link {
            anchor: anchor.to_owned(),
            title: if found.title.is_empty() {
                found.finding.rule.clone()
            } else {
                found.title.clone()
            },
            severity: found.finding.severity.name(),
            event: found.finding.event.clone().unwrap_or_default(),
        })
        .collect()
}

fn graph_of(report: &Report, moments: &[Moment<'_>]) -> Graph {
    let row_of: BTreeMap<usize, usize> = moments
        .iter()
        .enumerate()
        .filter_map(|(row, moment)| match moment {
            Moment::Event(position, _) => Some((*position, row)),
            Moment::Step(_) => None,
        })
        .collect();
    let arcs: Vec<Arc> = row_of
        .iter()
        .filter_map(|(position, row)| {
            let caught = &report.caught[*position];
            let joined = caught.joined?;
            let other = *row_of.get(&joined.with)?;
            (*row < other).then(|| Arc {
                from: *row,
                to: other,
                from_browser: caught.channel == Channel::Browser,
                to_browser: report.caught[joined.with].channel == Channel::Browser,
                merged: joined.merged,
            })
        })
        .collect();
    graph(moments.len(), &arcs)
}

fn rows(report: &Report, moments: &[Moment<'_>], begun: i64, drawing: Graph) -> Vec<Row> {
    moments
        .iter()
        .zip(drawing.rows)
        .map(|(moment, pieces)| {
            let time = format!("{:.2}", (moment.at() - begun) as f64 / 1000.0);
            match moment {
                Moment::Step(step) => step_row(step, time, pieces),
                Moment::Event(_, caught) => event_row(report, caught, time, pieces),
            }
        })
        .collect()
}

fn step_row(step: &StepRun, time: String, pieces: Vec<Piece>) -> Row {
    let mut more = vec![format!("line {}", step.line)];
    if step.millis >= 1_000 {
        more.push(format!("took {}", span(step.millis as i64)));
    }
    if !step.page.is_empty() {
        more.push(path(&step.page).to_owned());
    }
    Row {
        time,
        kind: "step",
        text: step.text.trim_start_matches("- ").to_owned(),
        more,
        cookies: step.cookies.clone(),
        wrong: step.error.clone().unwrap_or_default(),
        number: 0,
        first: false,
        standing: String::new(),
        pieces,
    }
}

fn event_row(report: &Report, caught: &Caught, time: String, pieces: Vec<Piece>) -> Row {
    let mut more = vec![caught.transport.clone()];
    if let Some(sender) = &caught.sender {
        more.push(format!("by {sender}"));
    }
    let other = caught
        .joined
        .and_then(|joined| report.caught.get(joined.with).map(|other| (joined.merged, other)));
    let standing = match (&other, caught.standing.as_str()) {
        (Some((true, other)), "paired") => {
            let gap = other.at - caught.at;
            let when = if gap < 0 { "earlier" } else { "later" };
            format!("paired with #{}, {} {when}", other.exchange, span(gap))
        }
        (Some((false, other)), _) => format!("meant to pair with #{}, does not", other.exchange),
        (_, "repeat") => "sent again, same ID".to_owned(),
        (_, "surplus") => "one more than happened".to_owned(),
        (_, "alone") => "no partner".to_owned(),
        (_, "automatic") => "made by the platform's script".to_owned(),
        (_, other) => other.to_owned(),
    };
    Row {
        time,
        kind: caught.channel.name(),
        text: if caught.event.is_empty() { "(no name)".to_owned() } else { caught.event.clone() },
        more,
        cookies: Vec::new(),
        wrong: caught
            .refused
            .as_ref()
            .map(|refusal| format!("would be refused: {refusal}"))
            .unwrap_or_default(),
        number: caught.exchange,
        first: false,
        standing,
        pieces,
    }
}

fn pages(report: &Report, run: &ScenarioRun, begun: i64) -> Vec<Page> {
    let seen = report.shots.iter().filter(|shot| shot.session == run.session);
    let mut pages: Vec<Page> = seen
        .filter_map(|shot| {
            Some(Page {
                time: format!("{:.2} s", (shot.at - begun) as f64 / 1000.0),
                address: path(&shot.page).to_owned(),
                source: source(report.pictures.get(&shot.file)?),
            })
        })
        .collect();
    if let Some(picture) = run.screenshot.as_ref().and_then(|name| report.pictures.get(name)) {
        pages.push(Page {
            time: "where it broke".to_owned(),
            address: String::new(),
            source: source(picture),
        });
    }
    pages
}

/// An address without its scheme and host, which are the same all along.
fn path(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or(address, |at| &rest[at..])
}

/// The picture as an address that needs no request.
fn source(picture: &Picture) -> Value {
    let coded = STANDARD.encode(&picture.bytes);
    Value::from_safe_string(format!("data:{};base64,{coded}", picture.media_type))
}
