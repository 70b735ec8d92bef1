//! What another engine answers to our queries, as CSV, NDJSON or Parquet: figures by hour and
//! day, what the rules on single events say, event IDs, orders.
//!
//! An answer that is not whole is refused: a part of it would look like a quiet month.
//! Never a count of our own.

mod figures;
mod findings;
mod ids;
mod orders;

use std::collections::BTreeMap;
use std::path::Path;

use crate::join::OrderMatch;
use crate::join::bulk::{Cell, Figures, IdCell};

use super::groups::Groups;
use super::records::records;
use super::source::{self, Input, InputReport};
use super::sql::{QUESTIONS, Question};
use super::verdict::Tally;
use super::{AuditError, Reading};

/// How long a line of an answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stretch {
    /// All of it.
    Whole,
    /// A day (UTC).
    Day,
    /// An hour.
    Hour,
}

/// A line of figures.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerLine {
    /// How long it is about.
    pub stretch: Stretch,
    /// Its begin, Unix milliseconds.
    pub begin: i64,
    /// The event that it is about; `None` for all.
    pub event: Option<String>,
    /// The counts.
    pub cell: Cell,
    /// Median, 95th and 99th percentile of the lag, milliseconds.
    pub lag: Option<[i64; 3]>,
}

/// Which of our questions an input answers; `None` for other inputs.
fn question(input: &Input) -> Result<Option<&'static Question>, AuditError> {
    if input.channel.is_some() || input.path == Path::new("-") {
        return Ok(None);
    }
    let (_, head) = source::open(input)?;
    let names = if head.starts_with(b"PAR1") {
        Groups::open(&input.path)?.columns()?.join(",")
    } else {
        String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned()
    };
    let names = names.to_ascii_lowercase();
    Ok(QUESTIONS.iter().find(|question| names.contains(question.sign)))
}

/// True where one of the inputs answers a question of ours.
pub fn is_answer(inputs: &[Input]) -> Result<bool, AuditError> {
    for input in inputs {
        if question(input)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The inputs as an answer; `None` where none of them is one.
pub(super) fn read(inputs: &[Input]) -> Result<Option<Reading>, AuditError> {
    let mut answer = Answer::default();
    let mut reports = Vec::new();
    let mut other = None;
    for input in inputs {
        let Some(question) = question(input)? else {
            other = Some(input);
            continue;
        };
        reports.push(answer.take(input, question)?);
    }
    let Some(first) = reports.first() else { return Ok(None) };
    let failed = |what: String| AuditError::table(&first.path, what);
    if let Some(other) = other {
        return Err(failed(format!(
            "an answer of another engine stands alone: leave out {}",
            other.path.display()
        )));
    }
    let whole = answer.check().map_err(failed)?;
    if let Some(report) = reports.iter_mut().find(|report| report.form == "figures") {
        report.events = whole;
    }
    Ok(Some(answer.reading(reports)))
}

#[derive(Default)]
struct Answer {
    lines: Vec<AnswerLine>,
    tally: Tally,
    pixels: [BTreeMap<String, u64>; 2],
    span: [Option<(i64, i64)>; 2],
    timeless: u64,
    heard: Option<u64>,
    ids: Option<BTreeMap<(String, usize), IdCell>>,
    orders: Option<OrderMatch>,
    /// Events of the orders' names that orders were held against.
    told: BTreeMap<String, u32>,
}

/// The fields of a row by their names.
type Field<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Answer {
    fn take(&mut self, input: &Input, question: &Question) -> Result<InputReport, AuditError> {
        let mut report = InputReport {
            path: input.path.display().to_string(),
            form: question.word,
            ..InputReport::default()
        };
        let mut fault = None;
        records(input, None, &mut |line, field| {
            report.lines += 1;
            let taken = format_is(field, question).and_then(|()| match question.word {
                "figures" => self.figures(field),
                "findings" => self.findings(field),
                "ids" => self.ids(field),
                _ => self.orders(field),
            });
            if let Err(what) = taken {
                fault.get_or_insert((line, what));
            }
        })?;
        match fault {
            Some((line, cause)) => Err(AuditError::Broken {
                place: format!("{}:{line}", input.path.display()),
                cause,
                hint: ": export the answer to `countonce sql` as it is, every column and row"
                    .to_owned(),
            }),
            None => Ok(report),
        }
    }

    /// The number of events; what is wrong where lines are missing or do not belong together.
    fn check(&self) -> Result<u64, String> {
        if self.lines.is_empty() {
            return Err("the answer to the query `figures` is missing".to_owned());
        }
        let mut sums: BTreeMap<Option<&str>, BTreeMap<Stretch, u64>> = BTreeMap::new();
        for line in &self.lines {
            let events: u64 = line.cell.events.iter().map(|count| u64::from(*count)).sum();
            let sum = sums.entry(line.event.as_deref()).or_default();
            *sum.entry(line.stretch).or_default() += events;
        }
        let of = |sums: &BTreeMap<Stretch, u64>| {
            [Stretch::Whole, Stretch::Day, Stretch::Hour]
                .map(|stretch| sums.get(&stretch).copied().unwrap_or(0))
        };
        for (event, sums) in &sums {
            let [whole, days, hours] = of(sums);
            if whole != days || whole != hours {
                let event = event.unwrap_or("events");
                return Err(format!(
                    "not the whole answer: {whole} {event} over all, {days} in the days, {hours} in the hours"
                ));
            }
        }
        self.check_ids()?;
        self.check_orders()?;
        let whole = sums.get(&None).map_or(0, |sums| of(sums)[0]);
        match self.heard {
            Some(heard) if heard != whole => Err(format!(
                "the figures are of {whole} events and the findings of {heard}: they are answers about different facts"
            )),
            _ => Ok(whole),
        }
    }

    fn reading(self, inputs: Vec<InputReport>) -> Reading {
        let mut lines = self.lines;
        lines.sort_by(|a, b| (a.stretch, a.begin, &a.event).cmp(&(b.stretch, b.begin, &b.event)));
        let (names, ids) = ids::numbered(self.ids.unwrap_or_default());
        Reading {
            names,
            orders: self.orders,
            figures: Figures { ids, ..Figures::default() },
            inputs,
            told: self.tally.finish(),
            pixels: self.pixels,
            sample: (Vec::new(), 1),
            timeless: self.timeless,
            span: self.span,
            answered: lines,
            ..Reading::default()
        }
    }
}

fn format_is(field: Field<'_>, question: &Question) -> Result<(), String> {
    let Question { sign, format: known, .. } = question;
    match number(field, sign)? {
        Some(format) if format == i64::from(*known) => Ok(()),
        Some(format) => Err(format!("format {format} of `{sign}`, of which {known} is known")),
        None => Err(format!("no `{sign}`")),
    }
}

/// A count that has to be there.
fn count(field: Field<'_>, name: &str) -> Result<u32, String> {
    let number = number(field, name)?.ok_or_else(|| format!("no `{name}`"))?;
    u32::try_from(number).map_err(|_| format!("`{name}` is out of range: {number}"))
}

/// A whole number, which engines may write with a fraction of zero.
fn number(field: Field<'_>, name: &str) -> Result<Option<i64>, String> {
    let Some(text) = field(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let whole = text.trim().trim_end_matches('0').strip_suffix('.').unwrap_or(text.trim());
    whole.parse().map(Some).map_err(|_| format!("`{name}` is no number: {text}"))
}
