//! The findings: by rule, and within a rule one card for all that are wrong in the same
//! way, with its manual page, both payloads and the fix.
//!
//! Never which finding matters: order and weight are the report's.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use minijinja::value::Value;
use serde::Serialize;

use super::diff::{marked, plain, same};
use super::evidence::{Drawn, Evidence};
use super::manual;
use crate::event::Channel;
use crate::finding::{Finding, Severity};
use crate::report::{Report, ReportedFinding, Standing};

/// Most cards on a page; the JSON report has every finding.
const MOST_CARDS: usize = 300;
/// Most occurrences listed, over all cards: the page stays one that can be mailed.
const MOST_OCCURRENCES: usize = 1_500;

/// Every finding, and the words by which they can be filtered.
#[derive(Serialize)]
pub(super) struct Findings {
    rules: Vec<Rule>,
    total: usize,
    fresh: usize,
    known: usize,
    severities: Vec<(&'static str, usize)>,
    events: BTreeSet<String>,
    scenarios: BTreeSet<String>,
    more: usize,
    /// Anchor of each finding, by its position in the report.
    #[serde(skip)]
    anchors: Vec<String>,
}

/// One rule with its cards.
#[derive(Serialize)]
struct Rule {
    id: String,
    title: String,
    severity: &'static str,
    count: usize,
    manual: Option<Value>,
    cards: Vec<Card>,
}

/// One way in which a rule is broken.
#[derive(Serialize)]
struct Card {
    anchor: String,
    severity: &'static str,
    known: bool,
    reason: String,
    event: String,
    side: &'static str,
    cause: String,
    message: Value,
    fix: Value,
    times: u64,
    /// Fields that differ or that the finding speaks of, and the others.
    columns: Vec<(&'static str, u64, bool)>,
    rows: Vec<Row>,
    rest: Vec<Row>,
    places: Vec<Place>,
    more: usize,
    scenarios: String,
}

/// One field as each payload has it.
#[derive(Serialize)]
struct Row {
    name: String,
    values: Vec<Option<Value>>,
    differs: bool,
}

/// One occurrence.
#[derive(Serialize)]
struct Place {
    anchor: String,
    scenario: String,
    session: Option<u32>,
    location: String,
    count: u32,
    evidence: Evidence,
    /// What is wrong here, where the words differ from the card's.
    message: Option<Value>,
}

impl Findings {
    /// Where a session's findings stand on the page, with their severity and title.
    pub(super) fn of_session<'a>(
        &'a self,
        report: &'a Report,
        session: u32,
    ) -> impl Iterator<Item = (&'a str, &'a ReportedFinding)> {
        report
            .findings
            .iter()
            .zip(&self.anchors)
            .filter(move |(found, _)| found.finding.session == Some(session))
            .map(|(found, anchor)| (anchor.as_str(), found))
    }
}

/// What findings of one card share.
type Kind<'a> = (&'a Option<String>, Option<Channel>, &'a Option<String>, Severity, bool);

fn kind(found: &ReportedFinding) -> Kind<'_> {
    let finding = &found.finding;
    (&finding.event, finding.channel, &finding.cause, finding.severity, found.is_new())
}

/// The findings of a report, in its order.
pub(super) fn findings(report: &Report, drawn: &Drawn<'_>) -> Findings {
    let anchors = anchors(report);
    let mut order: Vec<&str> = Vec::new();
    let mut of_rule: HashMap<&str, Vec<usize>> = HashMap::new();
    for (position, found) in report.findings.iter().enumerate() {
        let rule = found.finding.rule.as_str();
        of_rule.entry(rule).or_insert_with(|| {
            order.push(rule);
            Vec::new()
        });
        of_rule.entry(rule).or_default().push(position);
    }
    let mut room = Room { cards: MOST_CARDS, places: MOST_OCCURRENCES, left_out: 0 };
    let rules = order
        .into_iter()
        .map(|id| rule((report, drawn), id, &of_rule[id], &anchors, &mut room))
        .filter(|rule| !rule.cards.is_empty())
        .collect();
    let known = report.findings.iter().filter(|found| !found.is_new()).count();
    let of = |severity: Severity| {
        report.findings.iter().filter(|found| found.finding.severity == severity).count()
    };
    let texts = |text: fn(&ReportedFinding) -> Option<String>| {
        report.findings.iter().filter_map(text).take(MOST_OCCURRENCES).collect::<BTreeSet<_>>()
    };
    Findings {
        rules,
        total: report.findings.len(),
        fresh: report.findings.len() - known,
        known,
        severities: [Severity::Error, Severity::Warn, Severity::Info]
            .map(|severity| (severity.name(), of(severity)))
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .collect(),
        events: texts(|found| found.finding.event.clone()),
        scenarios: texts(|found| found.finding.scenario.clone()),
        more: room.left_out,
        anchors,
    }
}

/// What may still be put on the page.
struct Room {
    cards: usize,
    places: usize,
    left_out: usize,
}

/// A stable name per finding: the fingerprint's, with a number where several share it.
fn anchors(report: &Report) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    report
        .findings
        .iter()
        .map(|found| {
            let name = found.finding.fingerprint().anchor();
            let times = seen.entry(name.clone()).or_default();
            *times += 1;
            if *times == 1 { name } else { format!("{name}-{times}") }
        })
        .collect()
}

fn rule(
    (report, drawn): (&Report, &Drawn<'_>),
    id: &str,
    positions: &[usize],
    anchors: &[String],
    room: &mut Room,
) -> Rule {
    let mut kinds: Vec<(Kind<'_>, Vec<usize>)> = Vec::new();
    let mut known: HashMap<Kind<'_>, usize> = HashMap::new();
    for position in positions {
        let of = kind(&report.findings[*position]);
        match known.get(&of) {
            Some(at) => kinds[*at].1.push(*position),
            None => {
                known.insert(of, kinds.len());
                kinds.push((of, vec![*position]));
            }
        }
    }
    let mut cards = Vec::new();
    for (_, of_kind) in &kinds {
        if room.cards == 0 {
            room.left_out += of_kind.len();
            continue;
        }
        room.cards -= 1;
        cards.push(card((report, drawn), of_kind, anchors, room));
    }
    let page = report.rule(id);
    let first = &report.findings[positions[0]];
    let title = page.map_or(first.title.as_str(), |page| page.title.as_str());
    Rule {
        id: id.to_owned(),
        title: if title.is_empty() { id.to_owned() } else { super::text::capitalised(title) },
        severity: first.finding.severity.name(),
        count: positions.len(),
        manual: page.map(|page| manual::html(&page.manual)),
        cards,
    }
}

fn card(
    (report, drawn): (&Report, &Drawn<'_>),
    positions: &[usize],
    anchors: &[String],
    room: &mut Room,
) -> Card {
    let first = &report.findings[positions[0]];
    let finding = &first.finding;
    let shown = positions.len().min(room.places.max(1));
    room.places = room.places.saturating_sub(shown);
    let scenarios: BTreeSet<&str> = positions
        .iter()
        .filter_map(|position| report.findings[*position].finding.scenario.as_deref())
        .collect();
    let witnesses = report.witnesses(finding);
    let (rows, rest): (Vec<Row>, Vec<Row>) =
        witnesses.rows().into_iter().map(|(name, values)| row(name, &values)).partition(|row| {
            row.differs || is_shown_always(&row.name) || speaks_of(finding, &row.name)
        });
    Card {
        anchor: anchors[positions[0]].clone(),
        severity: finding.severity.name(),
        known: !first.is_new(),
        reason: match &first.standing {
            Standing::New => String::new(),
            Standing::Known { reason, .. } => reason.clone(),
        },
        event: finding.event.clone().unwrap_or_default(),
        side: finding.channel.map_or("", Channel::name),
        cause: finding.cause.clone().unwrap_or_default(),
        message: Value::from_safe_string(manual::inline(&finding.message)),
        fix: Value::from_safe_string(manual::inline(&finding.fix)),
        times: positions.iter().map(|at| u64::from(report.findings[*at].finding.count)).sum(),
        columns: witnesses
            .0
            .iter()
            .map(|excerpt| {
                let (number, drawn) = drawn.number(excerpt.exchange);
                (excerpt.channel.name(), number, drawn)
            })
            .collect(),
        rows,
        rest,
        places: positions[..shown]
            .iter()
            .map(|at| place((report, drawn), *at, finding.message.as_str(), anchors))
            .collect(),
        more: positions.len() - shown,
        scenarios: scenarios.into_iter().collect::<Vec<_>>().join("\n"),
    }
}

/// Each value is held against the first one that is there.
fn row(name: &str, values: &[Option<&str>]) -> Row {
    let first = values.iter().flatten().next().copied().unwrap_or_default();
    let other = values.iter().flatten().find(|value| is_compared(name) && !same(first, value));
    let shown = |value: Option<&str>| {
        let value = value?;
        Some(match other {
            Some(other) if same(first, value) => marked(value, other).0,
            Some(_) => marked(first, value).1,
            None => plain(value),
        })
    };
    Row {
        name: name.to_owned(),
        differs: other.is_some(),
        values: values.iter().copied().map(shown).collect(),
    }
}

/// What tells a reader which event this is.
fn is_shown_always(field: &str) -> bool {
    matches!(field, "event_name" | "event_id")
}

/// True where the words of a finding name the field.
fn speaks_of(finding: &Finding, field: &str) -> bool {
    let names = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == field)
    };
    names(&finding.message)
        || names(&finding.fix)
        || finding.cause.as_deref().is_some_and(names)
        || names_part_of(&finding.rule, field)
}

/// True where a rule's id has the field's name, or the first or last two words of it:
/// `private-client-ip` speaks of `client_ip_address`.
fn names_part_of(rule: &str, field: &str) -> bool {
    let words: Vec<&str> = field.split('_').collect();
    let rule = format!("-{rule}-");
    let has = |part: &[&str]| rule.contains(&format!("-{}-", part.join("-")));
    has(&words) || words.len() > 2 && (has(&words[..2]) || has(&words[words.len() - 2..]))
}

/// How it travelled is each side's own business.
fn is_compared(field: &str) -> bool {
    !matches!(field, "transport" | "event_time" | "refused")
}

fn place(
    (report, drawn): (&Report, &Drawn<'_>),
    position: usize,
    message: &str,
    anchors: &[String],
) -> Place {
    let found = &report.findings[position];
    let finding = &found.finding;
    let scenario = match finding.session.and_then(|session| report.scenario_of(session)) {
        Some(run) => run.title(),
        None => finding.scenario.clone().unwrap_or_default(),
    };
    Place {
        anchor: anchors[position].clone(),
        scenario,
        session: finding.session,
        location: found.location.as_ref().map(ToString::to_string).unwrap_or_default(),
        count: finding.count,
        evidence: drawn.numbers(&finding.evidence),
        message: (finding.message != message)
            .then(|| Value::from_safe_string(manual::inline(&finding.message))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_marks_what_differs_from_the_first_value() {
        let shown = |values: &[Option<&str>]| {
            let row = row("event_id", values);
            let texts: Vec<String> = row
                .values
                .iter()
                .map(|value| value.as_ref().map_or("–".to_owned(), ToString::to_string))
                .collect();
            (row.differs, texts.join(" "))
        };
        assert_eq!(shown(&[Some("ab"), Some("ab"), None]), (false, "ab ab –".to_owned()));
        assert_eq!(
            shown(&[None, Some("ab"), Some("aB")]),
            (true, "– a<mark>b</mark> a<mark>B</mark>".to_owned())
        );
        assert_eq!(
            shown(&[Some("ab"), Some("ax"), Some("ab")]),
            (true, "a<mark>b</mark> a<mark>x</mark> a<mark>b</mark>".to_owned())
        );
    }

    #[test]
    fn a_rule_speaks_of_the_fields_in_its_name() {
        assert!(names_part_of("private-client-ip", "client_ip_address"));
        assert!(names_part_of("user-agent-mismatch", "client_user_agent"));
        assert!(names_part_of("value-mismatch", "value"));
        assert!(
            !names_part_of("malformed-digest", "st") && !names_part_of("event-id-reused", "pixel")
        );
    }
}
