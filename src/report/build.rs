//! Fills a report from a capture, its joined tables and the weighed findings.
//!
//! Plain results only: figures are copied, never judged. Texts pass the masks on the way.

mod browser_ids;
mod excerpts;
mod injected;
mod located;
mod pairs;
mod pseudonym;
mod sessions;
mod shapes;
mod timeline;
mod visitors;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AutomaticRow, Booked, Conversion, CountingRules, Duplicates, EventRow, IdRow, Improvement,
    MADE_BY_GATEWAY, MADE_BY_IMAGE, MADE_BY_SCRIPT, MOST_PAIRS, MatchQuality, Report,
    ReportedFinding, RulePage, Share, Status, UnattributedCall,
};
use crate::capture::Capture;
use crate::event::{Channel, Event, MatchKey, mask_personal, mask_url};
use crate::finding::{Finding, Severity};
use crate::join::{IdScheme, Tables};

/// What a report is made of.
pub struct Material<'a> {
    /// Program and version.
    pub tool: &'a str,
    /// Short name of the run.
    pub name: &'a str,
    /// The tape's path as the user would write it.
    pub tape: Option<String>,
    /// What was caught.
    pub capture: &'a Capture,
    /// The same, joined.
    pub tables: &'a Tables,
    /// Findings that carry the policy's severities, each with its weight without it.
    pub findings: Vec<(Finding, Severity)>,
    /// Findings about attempts that were played to the end and then again, by session.
    pub earlier: BTreeMap<u32, Vec<(Finding, Severity)>>,
    /// A rule in words.
    pub rule: &'a dyn Fn(&str) -> Option<RulePage>,
    /// Shares of the site's visitors by profile, as the user gives them.
    pub traffic: &'a BTreeMap<String, f64>,
}

/// Draws up the report; the verdict is still open.
pub fn build(material: Material<'_>) -> Report {
    let Material { tool, name, tape, capture, tables, findings, earlier, rule, traffic } = material;
    let named: BTreeSet<&str> = findings.iter().map(|(finding, _)| finding.rule.as_str()).collect();
    let rules: Vec<RulePage> = named.into_iter().filter_map(rule).collect();
    let places = located::Places::of(capture);
    let findings: Vec<ReportedFinding> = findings
        .into_iter()
        .map(|found| located::reported(found, &places, tables, &rules))
        .collect();
    let (pairs, pairs_cut) = pairs::pairs(tables);
    let earlier: BTreeMap<u32, Vec<ReportedFinding>> = earlier
        .into_iter()
        .map(|(session, found)| {
            let found =
                found.into_iter().map(|one| located::reported(one, &places, tables, &rules));
            (session, found.collect())
        })
        .collect();
    let caught = timeline::caught(tables);
    let mut report = Report {
        tool: tool.to_owned(),
        name: name.to_owned(),
        pixel_script: capture.opening.pixel_script.clone(),
        site: mask_url(&capture.opening.site),
        browser: capture.opening.browser.clone(),
        started: capture.opening.started,
        seconds: seconds(capture),
        tape,
        events: events_in(tables, &|_| true),
        profiles: shapes::profiles(tables),
        behaviour: shapes::behaviour(tables, &pairs),
        pairs,
        rules,
        counting: Some(CountingRules {
            dedup_window: tables.counting.dedup_window,
            browser_preference: tables.counting.browser_preference,
            published_window: tables.published.dedup_window,
            published_preference: tables.published.browser_preference,
        }),
        quality_basis: tables.quality_basis(),
        ids: ids(tables),
        browser_ids: browser_ids::lives(capture, tables),
        automatic: automatic(tables),
        conversions: conversions(tables),
        defects: tables.defects.clone(),
        scenarios: sessions::scenarios(capture, tables, &findings, &earlier),
        visitors: visitors::visitors(
            tables,
            &findings.iter().map(|found| &found.finding).collect::<Vec<_>>(),
        ),
        blocked: visitors::blocked(capture, tables),
        traffic: traffic.clone(),
        filter_lists: capture.opening.filter_lists.clone(),
        steps: timeline::steps(capture, tables),
        shots: timeline::shots(capture, tables),
        excerpts: excerpts::excerpts(&findings, &caught, tables),
        caught,
        unattributed: unattributed(tables),
        findings,
        ..Report::default()
    };
    report.limits = limits(&report, capture);
    if pairs_cut {
        report.limits.push(format!("The list of pairs ends after {MOST_PAIRS} rows."));
    }
    report
}

fn seconds(capture: &Capture) -> f64 {
    let last = capture.end.as_ref().map(|end| end.at).or_else(|| {
        let ends = capture.ends.iter().map(|end| end.at);
        ends.chain(capture.exchanges.iter().map(|exchange| exchange.at)).max()
    });
    last.map_or(0.0, |last| (last - capture.opening.started).max(0) as f64 / 1000.0)
}

/// Rows in the order in which a flow first meets each event, so that a table reads like a visit.
fn events_in(tables: &Tables, within: &dyn Fn(Option<u32>) -> bool) -> Vec<EventRow> {
    let first = |name: &str| tables.events.iter().position(|event| event.name() == name);
    let mut counts = tables.counts_in(within);
    counts.sort_by_key(|counts| first(&counts.event).unwrap_or(usize::MAX));
    let quality = tables.quality_in(within);
    counts
        .into_iter()
        .map(|counts| {
            let mut row = EventRow {
                conversions: counts.conversions.map(u64::from),
                browser: counts.browser.into(),
                server: counts.server.into(),
                paired: counts.paired.into(),
                browser_only: counts.browser_only.into(),
                server_only: counts.server_only.into(),
                explained: explained(tables, &counts.event, within),
                duplicates: Duplicates {
                    browser: counts.browser_duplicates.into(),
                    server: counts.server_duplicates.into(),
                },
                counted: counts.counted.into(),
                refused: counts.refused.into(),
                paired_refused: counts.paired_refused.into(),
                match_quality: quality.iter().find(|row| row.event == counts.event).map(|row| {
                    MatchQuality {
                        estimate: row.quality.estimate,
                        low: row.quality.low,
                        high: row.quality.high,
                        calibrated: row.calibrated,
                        improvements: row
                            .improvements
                            .iter()
                            .map(|one| Improvement { keys: one.keys.clone(), gain: one.gain })
                            .collect(),
                    }
                }),
                ..EventRow::new(counts.event)
            };
            carried(&mut row, tables, within);
            row
        })
        .collect()
}

/// Who carries what: the join's own figures for all, the same counts for a part.
fn carried(row: &mut EventRow, tables: &Tables, within: &dyn Fn(Option<u32>) -> bool) {
    for of in tables.coverage.iter().filter(|coverage| coverage.event == row.event) {
        let part: Vec<&Event> = tables
            .events
            .iter()
            .zip(&tables.standings)
            .filter(|(event, standing)| {
                event.channel == of.channel
                    && event.name() == row.event
                    && !event.automatic
                    && **standing != crate::join::Standing::Repeat
                    && within(event.session)
            })
            .map(|(event, _)| event)
            .collect();
        let whole = part.len() as u64;
        if whole == 0 {
            continue;
        }
        let has = |key: &MatchKey| {
            let filled = |event: &&&Event| {
                event.keys.get(key).is_some_and(|values| values.iter().any(|v| !v.is_empty()))
            };
            Share::new(part.iter().filter(filled).count() as u64, whole)
        };
        let tells = |name: &str| {
            let count = part.iter().filter(|event| event.parameter(name).is_some()).count();
            Share::new(count as u64, whole)
        };
        *row.coverage.of_mut(of.channel) = of.keys.keys().map(|key| (*key, has(key))).collect();
        *row.parameters.of_mut(of.channel) =
            of.parameters.keys().map(|name| (name.clone(), tells(name))).collect();
    }
}

fn ids(tables: &Tables) -> Vec<IdRow> {
    tables
        .id_health()
        .into_iter()
        .map(|health| {
            let mut schemes: Vec<(String, u64)> = health
                .schemes
                .iter()
                .map(|(scheme, count)| (scheme.name().to_owned(), u64::from(*count)))
                .collect();
            schemes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            if health.constant {
                schemes = vec![("constant".to_owned(), u64::from(health.distinct))];
            }
            IdRow {
                event: health.event,
                channel: health.channel,
                events: health.events.into(),
                present: health.present.into(),
                distinct: health.distinct.into(),
                collisions: health.collisions.into(),
                shortest: health.lengths.0.into(),
                longest: health.lengths.1.into(),
                schemes,
            }
        })
        .collect()
}

fn automatic(tables: &Tables) -> Vec<AutomaticRow> {
    let mut rows: BTreeMap<(String, &str, Channel), u64> = BTreeMap::new();
    for event in &tables.events {
        let of_gateway =
            event.id.as_deref().is_some_and(|id| IdScheme::of(id) == IdScheme::Platform);
        let kind = if event.automatic {
            MADE_BY_SCRIPT
        } else if of_gateway {
            MADE_BY_GATEWAY
        } else if event.marks.get("noscript").is_some_and(|mark| mark == "1") {
            MADE_BY_IMAGE
        } else {
            continue;
        };
        *rows.entry((event.name().to_owned(), kind, event.channel)).or_default() += 1;
    }
    rows.into_iter()
        .map(|((event, kind, channel), events)| AutomaticRow {
            event,
            kind: kind.to_owned(),
            channel,
            events,
        })
        .collect()
}

/// One-sided events that their scenario wants on that side only.
fn explained(tables: &Tables, name: &str, within: &dyn Fn(Option<u32>) -> bool) -> u64 {
    tables
        .events
        .iter()
        .zip(&tables.standings)
        .filter(|(event, standing)| {
            event.name() == name
                && within(event.session)
                && **standing == crate::join::Standing::Alone
                && tables.sessions.iter().any(|facts| {
                    Some(facts.session) == event.session
                        && !facts.wants(name, event.channel.other())
                })
        })
        .count() as u64
}

fn conversions(tables: &Tables) -> Vec<Conversion> {
    tables
        .ledger
        .iter()
        .map(|entry| {
            let facts = tables.session(entry.session);
            let kept: Vec<Channel> =
                entry.groups.iter().map(|group| tables.events[group.kept].channel).collect();
            let kept = match (kept.contains(&Channel::Browser), kept.contains(&Channel::Server)) {
                (true, true) => "both",
                (true, false) => "browser",
                (false, true) => "server",
                (false, false) => "",
            };
            let mut why: Vec<&str> = entry.groups.iter().map(|group| group.why.as_ref()).collect();
            why.dedup();
            Conversion {
                scenario: facts.map(|facts| facts.scenario.clone()).unwrap_or_default(),
                session: entry.session,
                event: entry.event.clone(),
                expected: entry.real().into(),
                counted: entry.counted().into(),
                kept: kept.to_owned(),
                booked: booked(entry, tables),
                why: if entry.groups.is_empty() {
                    "nothing that would be counted came".to_owned()
                } else {
                    why.join("; ")
                },
                evidence: entry.evidence.clone(),
            }
        })
        .collect()
}

/// Copies listed for one line of the ledger; a log may keep millions.
const MOST_BOOKED: usize = 20;

/// The copies that are kept, with what they say.
fn booked(entry: &crate::join::Conversion, tables: &Tables) -> Vec<Booked> {
    entry
        .groups
        .iter()
        .take(MOST_BOOKED)
        .map(|group| {
            let event = &tables.events[group.kept];
            let currency = event.parameter("currency").and_then(|text| text.as_str());
            Booked {
                channel: event.channel,
                exchange: event.exchange,
                value: event.value(),
                currency: currency.map(mask_personal).unwrap_or_default(),
                keys: event.keys.keys().copied().collect(),
                merged: (group.copies.len() as u64).saturating_sub(1),
            }
        })
        .collect()
}

fn unattributed(tables: &Tables) -> Vec<UnattributedCall> {
    if tables.sessions.is_empty() {
        return Vec::new();
    }
    let mut calls: Vec<UnattributedCall> = Vec::new();
    for event in tables.events.iter().filter(|event| event.session.is_none()) {
        match calls.iter_mut().find(|call| call.exchange == event.exchange) {
            Some(call) => call.events.push(event.name().to_owned()),
            None => calls.push(UnattributedCall {
                exchange: event.exchange,
                pixel: event.pixel.clone(),
                events: vec![event.name().to_owned()],
                why: "no event ID, browser id or digest of any session, and not exactly one session open".to_owned(),
            }),
        }
    }
    calls
}

/// What the run cannot prove, said plainly.
fn limits(report: &Report, capture: &Capture) -> Vec<String> {
    let mut limits = Vec::new();
    if capture.end.is_none() {
        limits.push(
            "The recording was cut off; what came after is unknown, and absence proves nothing."
                .to_owned(),
        );
    } else if capture.end.as_ref().is_some_and(|end| end.stopped) {
        limits.push(
            "The run was stopped by hand; scenarios after that point were not played.".to_owned(),
        );
    }
    let missing = capture.missing_shards();
    if !missing.is_empty() {
        let of = missing.len() + capture.shards.len();
        let listed = missing.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        limits.push(format!(
            "Only a part of the suite is judged here: of its {of} shards, number {listed} is not among it."
        ));
    }
    if report.pixel_script == "stand-in" {
        limits.push(
            "Pages ran our stand-in for the pixel script, which speaks the same wire format; \
             what Meta's own script would add by itself was not seen (use --pixel-script FILE)."
                .to_owned(),
        );
    }
    limits.push(
        "Counts are predicted from Meta's published rules; nothing was sent to Meta, and Meta did not confirm them."
            .to_owned(),
    );
    limits.extend(report.counting.and_then(|counting| counting.changes()));
    limits.extend(injected::injected(capture));
    limits.extend(
        capture.troubles.iter().map(|trouble| {
            format!("The {} tap met with trouble: {}.", trouble.channel, trouble.what)
        }),
    );
    let broken = report.scenarios.iter().filter(|run| run.status == Status::Broken).count();
    if broken > 0 {
        limits.push(format!("{broken} scenario(s) broke off; their missing events prove nothing."));
    }
    limits
}
