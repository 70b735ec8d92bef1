//! The report as one HTML page: for clients to read, print and keep.
//!
//! One file without a single request: style, script and pictures stand in it, and a
//! content policy forbids everything else. Whatever is foreign passes the formatter of
//! the page, so that no template can forget to make it harmless.
//! Readable without scripts; the script only filters, links and unfolds.
//! Never a figure of its own.

mod baseline;
mod brand;
mod comparison;
mod course;
mod coverage;
mod diff;
mod events;
mod evidence;
mod findings;
mod graph;
mod lives;
mod log;
mod manual;
mod page;
mod summary;
mod text;
mod visitors;

use serde::Serialize;

use super::{Format, Look};
use crate::report::Report;

pub(super) use comparison::comparison;

pub(super) const FORMAT: Format = Format {
    name: "html",
    file: Some("report.html"),
    summary: "one page for people: pictures, findings with payloads, time-lines; works offline and prints",
    also: &[],
    render,
};

/// Everything the page's template names.
#[derive(Serialize)]
struct Contents {
    brand: brand::Shown,
    summary: summary::Summary,
    log: Option<log::Log>,
    baseline: Option<baseline::Check>,
    events: Vec<events::Row>,
    quality: Vec<events::Quality>,
    visitors: visitors::Visitors,
    board: Vec<visitors::Place>,
    keys: coverage::Map,
    parameters: coverage::Map,
    findings: findings::Findings,
    ledger: Vec<summary::Entry>,
    course: course::Course,
    ids: Vec<summary::Ids>,
    lives: Vec<lives::Life>,
    rest: summary::Rest,
}

fn render(report: &Report, _look: &Look) -> String {
    let drawn = evidence::Drawn::of(report);
    let findings = findings::findings(report, &drawn);
    let contents = Contents {
        brand: brand::shown(report),
        summary: summary::summary(report),
        log: log::log(report),
        baseline: baseline::check(report),
        events: events::rows(report),
        quality: events::quality(report),
        visitors: visitors::visitors(report),
        board: visitors::board(report),
        keys: coverage::keys(report),
        parameters: coverage::parameters(report),
        course: course::course(report, &findings, &drawn),
        findings,
        ledger: summary::ledger(report, &drawn),
        ids: summary::ids(report),
        lives: lives::lives(report),
        rest: summary::rest(report),
    };
    page::render("report.html", &contents, &contents.brand.style)
}
