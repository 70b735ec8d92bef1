//! What another engine answers to our queries: figures by hour and day, and what the rules on
//! single events say, as CSV, NDJSON or Parquet.
//!
//! An answer that is not whole is refused: a part of it would look like a quiet month.
//! Never a count of our own.

use std::collections::BTreeMap;
use std::path::Path;

use crate::event::{Channel, MatchKey};
use crate::join::bulk::{Cause, Cell};

use super::groups::Groups;
use super::records::records;
use super::source::{self, Input, InputReport};
use super::sql::{FIGURES_FORMAT, FIGURES_SIGN, FINDINGS_FORMAT, FINDINGS_SIGN, cause_column};
use super::verdict::{Tally, told_before};
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
fn question(input: &Input) -> Result<Option<&'static str>, AuditError> {
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
    Ok([FIGURES_SIGN, FINDINGS_SIGN].into_iter().find(|sign| names.contains(sign)))
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
}

impl Answer {
    fn take(&mut self, input: &Input, question: &str) -> Result<InputReport, AuditError> {
        let figures = question == FIGURES_SIGN;
        let mut report = InputReport {
            path: input.path.display().to_string(),
            form: if figures { "figures" } else { "findings" },
            ..InputReport::default()
        };
        let mut fault = None;
        records(input, None, &mut |line, field| {
            report.lines += 1;
            let taken = if figures { self.figures(field) } else { self.findings(field) };
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

    fn figures(&mut self, field: &dyn Fn(&str) -> Option<String>) -> Result<(), String> {
        format_is(field, FIGURES_SIGN, FIGURES_FORMAT)?;
        let stretch = match field("period").as_deref() {
            Some("whole") => Stretch::Whole,
            Some("day") => Stretch::Day,
            Some("hour") => Stretch::Hour,
            other => return Err(format!("no period `{}`", other.unwrap_or_default())),
        };
        let count = |name: &str| -> Result<u32, String> {
            let number = number(field, name)?.ok_or_else(|| format!("no `{name}`"))?;
            u32::try_from(number).map_err(|_| format!("`{name}` is out of range: {number}"))
        };
        let mut cell = Cell {
            paired: count("paired")?,
            counted: count("counted")?,
            reused: count("reused")?,
            values_differ: count("values_differ")?,
            currencies_differ: count("currencies_differ")?,
            ..Cell::default()
        };
        for (at, channel) in Channel::ALL.into_iter().enumerate() {
            let of_side = |name: &str| count(&format!("{channel}_{name}"));
            cell.events[at] = of_side("events")?;
            cell.automatic[at] = of_side("automatic")?;
            cell.refused[at] = of_side("refused")?;
            cell.repeats[at] = of_side("repeats")?;
            cell.twins[at] = of_side("unmerged")?;
            cell.looked_at[at] = of_side("looked_at")?;
            for cause in Cause::ALL {
                cell.alone[at][cause as usize] = of_side(cause_column(cause))?;
            }
            for (place, key) in MatchKey::ALL.iter().enumerate() {
                cell.keys[at][place] = of_side(&format!("key_{key}"))?;
                cell.valid[at][place] = of_side(&format!("valid_{key}"))?;
            }
        }
        let lag = |name: &str| number(field, name);
        let lag = match (lag("lag_p50")?, lag("lag_p95")?, lag("lag_p99")?) {
            (Some(median), Some(most), Some(nearly_all)) => Some([median, most, nearly_all]),
            _ => None,
        };
        self.lines.push(AnswerLine {
            stretch,
            begin: number(field, "begin_ms")?.ok_or("no `begin_ms`")?,
            event: field("event").filter(|event| !event.is_empty()),
            cell,
            lag,
        });
        Ok(())
    }

    fn findings(&mut self, field: &dyn Fn(&str) -> Option<String>) -> Result<(), String> {
        format_is(field, FINDINGS_SIGN, FINDINGS_FORMAT)?;
        let channel = field("channel").and_then(|name| Channel::from_name(&name));
        let channel = channel.ok_or("channel is neither browser nor server")?;
        let side = usize::from(channel == Channel::Server);
        let count = |name: &str| number(field, name).map(|found| found.unwrap_or(0).max(0) as u64);
        let events = count("events")?;
        let name = field("name").filter(|name| !name.is_empty());
        for finding in field("offences").iter().flat_map(|text| told_before(text, name.as_deref()))
        {
            self.tally.add(&finding, events, &[]);
        }
        *self.pixels[side].entry(field("pixel").unwrap_or_default()).or_default() += events;
        if let (Some(first), Some(last)) =
            (number(field, "first_caught")?, number(field, "last_caught")?)
        {
            let (from, to) = self.span[side].unwrap_or((first, last));
            self.span[side] = Some((from.min(first), to.max(last)));
        }
        self.timeless += count("without_time")?;
        *self.heard.get_or_insert(0) += events;
        Ok(())
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
        Reading {
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

fn format_is(field: &dyn Fn(&str) -> Option<String>, sign: &str, known: i32) -> Result<(), String> {
    match number(field, sign)? {
        Some(format) if format == i64::from(known) => Ok(()),
        Some(format) => Err(format!("format {format} of `{sign}`, of which {known} is known")),
        None => Err(format!("no `{sign}`")),
    }
}

/// A whole number, which engines may write with a fraction of zero.
fn number(field: &dyn Fn(&str) -> Option<String>, name: &str) -> Result<Option<i64>, String> {
    let Some(text) = field(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let whole = text.trim().trim_end_matches('0').strip_suffix('.').unwrap_or(text.trim());
    whole.parse().map(Some).map_err(|_| format!("`{name}` is no number: {text}"))
}
