//! Inputs that are no lines: tables of columns, tapes and archives.
//!
//! Each becomes what lines become: a line of JSON, or an exchange.
//! Never opens a packed stream; see `source`.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use crate::capture::{Exchange, read as read_tape};
use crate::event::Channel;
use crate::platform::Platform;

use super::archive::archived;
use super::columns::{Plan, Slot, cells, slots};
use super::envelope::Envelope;
use super::facts_file::{FactColumns, is_facts, is_needed_of_facts};
use super::groups::Groups;
use super::layout::Names;
use super::line::Lines;
use super::read::Heard;
use super::rows::{Quick, TOGETHER};
use super::source::{Block, Input, Source};
use super::stored::stored;
use super::worker::Worker;
use super::{AuditError, Spot};

/// Largest document that is read whole; browsers' archives have tens of megabytes.
const LARGEST_DOCUMENT: usize = 1 << 30;

/// Columns that a message names.
const MOST_COLUMNS: usize = 12;

/// One input and how to read it.
pub(super) struct Task<'a> {
    pub(super) platform: &'a Platform,
    pub(super) number: usize,
    pub(super) input: &'a Input,
    pub(super) source: &'a Source,
    pub(super) names: &'a Names,
}

/// A Parquet file with what its columns are.
pub(super) struct Rows {
    groups: Groups,
    facts: bool,
}

impl Rows {
    /// True for a facts file.
    pub(super) fn is_facts(&self) -> bool {
        self.facts
    }

    /// The first row of every group.
    pub(super) fn offsets(&self) -> Vec<u64> {
        self.groups.groups.iter().map(|(first, _)| *first as u64).collect()
    }
}

impl Task<'_> {
    fn failed(&self, what: impl ToString) -> AuditError {
        AuditError::table(&self.input.path, what)
    }

    /// The side of the events; an error where nothing says it.
    pub(super) fn channel(&self) -> Result<Channel, AuditError> {
        self.input.channel.ok_or_else(|| {
            self.failed("which side sent these events? give the file with --browser or --server")
        })
    }

    /// Opens a Parquet file.
    pub(super) fn groups(&self) -> Result<Rows, AuditError> {
        if self.input.path == Path::new("-") || !self.source.packed.is_empty() {
            return Err(
                self.failed("Parquet is read from plain files only: unpack it, or give its path")
            );
        }
        let mut groups = Groups::open(&self.input.path)?;
        let columns = groups.columns()?;
        let facts = is_facts(&columns);
        if facts {
            groups.only(is_needed_of_facts)?;
        } else {
            let slots = slots(&columns, self.names);
            let needed = |wanted: &str| {
                columns
                    .iter()
                    .zip(&slots)
                    .any(|(column, slot)| column == wanted && *slot != Slot::Unused)
            };
            groups.only(needed)?;
        }
        Ok(Rows { groups, facts })
    }

    /// Reads groups of rows until there are no more.
    pub(super) fn group_rows(
        &self,
        rows: &Rows,
        worker: &mut Worker<'_>,
    ) -> Result<Heard, AuditError> {
        if rows.facts { self.facts(rows, worker) } else { self.columns(rows, worker) }
    }

    fn columns(&self, rows: &Rows, worker: &mut Worker<'_>) -> Result<Heard, AuditError> {
        let channel = self.channel()?;
        let mut heard = Heard::default();
        let mut lines = Lines::new(worker, self.platform, channel, self.names);
        let mut text = String::new();
        loop {
            let begun = Instant::now();
            let next = rows.groups.next()?;
            lines.fetched(begun.elapsed());
            let Some((group, frame)) = next else { break };
            let columns = cells(&frame).map_err(|error| self.failed(error))?;
            let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
            let plan = self.plan(&names)?;
            let quick = Quick::new(&columns, self.names);
            let own = quick.as_ref().is_some_and(|quick| quick.has_own);
            let mut readings = Vec::new();
            for first in (0..frame.height()).step_by(TOGETHER) {
                let rows = first..frame.height().min(first + TOGETHER);
                match &quick {
                    Some(quick) => quick.read(&columns, rows.clone(), channel, &mut readings),
                    None => readings.resize_with(rows.len(), || None),
                }
                for (row, reading) in rows.zip(&mut readings) {
                    let spot = Spot::new(self.number, group as u64, row as u64);
                    let write = |text: &mut String| plan.write(|at| columns[at].1.get(row), text);
                    match reading.as_mut().filter(|(draft, _)| draft.is_named()) {
                        Some((draft, envelope)) => {
                            let lean = draft.finish(envelope.time);
                            let line = || {
                                let mut text = String::new();
                                write(&mut text);
                                text.into()
                            };
                            lines.single(lean, &line, own, envelope, spot)?;
                        }
                        None => {
                            write(&mut text);
                            lines.plain(&text, spot)?;
                        }
                    }
                }
            }
            heard.lines += frame.height() as u64;
        }
        Ok(done(heard, lines))
    }

    /// What the columns become; an error where names that the user gives are not there, or
    /// where no event can be made of the columns.
    fn plan(&self, columns: &[String]) -> Result<Plan, AuditError> {
        let side = self.input.channel.map_or("server", Channel::name);
        let some = || {
            let names = columns.iter().take(MOST_COLUMNS).map(String::as_str);
            names.collect::<Vec<_>>().join(", ")
        };
        if let Some(missing) = self.names.given.iter().find(|given| !columns.contains(given)) {
            return Err(self.failed(format!(
                "no column is called `{missing}`, which countonce.toml names under [audit.{side}] (there are {})",
                some()
            )));
        }
        Plan::new(columns, self.names).ok_or_else(|| {
            self.failed(format!(
                "no column is called event_name, event, url or body (there are {}); name them in countonce.toml, as in [audit.{side}.fields] event_name = \"type\"",
                some()
            ))
        })
    }

    fn facts(&self, rows: &Rows, worker: &mut Worker<'_>) -> Result<Heard, AuditError> {
        let mut heard = Heard::default();
        while let Some((group, frame)) = rows.groups.next()? {
            let columns = FactColumns::new(&frame)
                .map_err(|error| self.failed(format!("not facts of countonce: {error}")))?;
            for row in 0..columns.rows {
                let spot = Spot::new(self.number, group as u64, row as u64);
                let fact = columns.row(row);
                let Some(channel) = fact.channel else {
                    heard.bad += 1;
                    heard.samples.push((spot, "channel is neither browser nor server".to_owned()));
                    heard.samples.truncate(8);
                    continue;
                };
                stored(&fact, channel, spot, worker)?;
            }
            heard.lines += columns.rows as u64;
        }
        Ok(heard)
    }

    /// A table of text. Fields in quotes may hold line ends, so one thread reads it.
    pub(super) fn csv(&self, head: &[u8], worker: &mut Worker<'_>) -> Result<Heard, AuditError> {
        let channel = self.channel()?;
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let separator = [b',', b';', b'\t']
            .into_iter()
            .max_by_key(|separator| first.iter().filter(|byte| *byte == separator).count())
            .unwrap_or(b',');
        let mut reader =
            csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(Stream {
                source: self.source,
                block: Block::default(),
                at: 0,
                failed: None,
            });
        let headers = reader.headers().map_err(|error| self.failed(error))?.clone();
        let names: Vec<String> = headers
            .iter()
            .map(|name| name.trim().trim_start_matches('\u{feff}').to_owned())
            .collect();
        let plan = self.plan(&names)?;
        let mut heard = Heard::default();
        let mut lines = Lines::new(worker, self.platform, channel, self.names);
        let mut record = csv::StringRecord::new();
        let mut text = String::new();
        loop {
            let more = reader.read_record(&mut record);
            if let Some(error) = reader.get_mut().failed.take() {
                return Err(error);
            }
            let line = record.position().map_or(0, csv::Position::line);
            // The number of the line in the file, as if it were all one block.
            let spot = Spot::new(self.number, 0, line.saturating_sub(1));
            match more {
                Ok(false) => break,
                Ok(true) if record.len() != names.len() => lines.fault(
                    spot,
                    format!("{} fields where the header has {}", record.len(), names.len()),
                ),
                Ok(true) => {
                    plan.write(
                        |column| {
                            record.get(column).filter(|value| !value.is_empty()).map(Cow::Borrowed)
                        },
                        &mut text,
                    );
                    lines.plain(&text, spot)?;
                }
                Err(error) => {
                    let line = error.position().map_or(line, csv::Position::line);
                    let spot = Spot::new(self.number, 0, line.saturating_sub(1));
                    lines.fault(spot, "the row is not UTF-8");
                    if error.is_io_error() {
                        return Err(self.failed(error));
                    }
                }
            }
            heard.lines += 1;
        }
        Ok(done(heard, lines))
    }

    /// A tape. What it knows of sessions is left out: see `check`.
    pub(super) fn tape(&self, worker: &mut Worker<'_>) -> Result<Heard, AuditError> {
        let (capture, damage) = read_tape(&self.input.path).map_err(|error| self.failed(error))?;
        let mut heard = Heard { lines: capture.exchanges.len() as u64, ..Heard::default() };
        if let Some(damage) = damage {
            heard.bad += 1;
            heard.samples.push((Spot::new(self.number, 0, heard.lines), damage.to_string()));
        }
        self.exchanges(&capture.exchanges, heard, worker)
    }

    /// An HTTP archive (HAR 1.2).
    pub(super) fn har(&self, worker: &mut Worker<'_>) -> Result<Heard, AuditError> {
        let channel = self.channel()?;
        let bytes = self.source.whole(LARGEST_DOCUMENT)?;
        let archive: serde_json::Value = serde_json::from_slice(&bytes)
            .map_err(|error| self.failed(format!("not a whole archive: {error}")))?;
        let entries = archive["log"]["entries"]
            .as_array()
            .ok_or_else(|| self.failed("no log.entries in it: is it an HTTP archive?"))?;
        let exchanges: Vec<Exchange> =
            entries.iter().enumerate().map(|(at, entry)| archived(entry, channel, at)).collect();
        let heard = Heard { lines: exchanges.len() as u64, ..Heard::default() };
        self.exchanges(&exchanges, heard, worker)
    }

    fn exchanges(
        &self,
        exchanges: &[Exchange],
        mut heard: Heard,
        worker: &mut Worker<'_>,
    ) -> Result<Heard, AuditError> {
        let mut events = Vec::new();
        for (at, exchange) in exchanges.iter().enumerate() {
            let decoded = (self.platform.decode)(exchange);
            heard.foreign += u64::from(decoded.events.is_empty() && decoded.defects.is_empty());
            if decoded.events.is_empty() && !decoded.defects.is_empty() {
                heard.bad += 1;
            }
            if decoded.events.is_empty()
                && let Some(defect) = decoded.defects.first()
            {
                heard.samples.push((Spot::new(self.number, 0, at as u64), defect.what.clone()));
            }
            events.extend(decoded.events.into_iter().map(|mut event| {
                event.exchange = at as u64;
                event
            }));
        }
        let mut lines = Lines::new(worker, self.platform, Channel::Browser, self.names);
        for event in (self.platform.settle)(events) {
            let around = Envelope { time: Some(event.caught), ..Envelope::default() };
            let spot = Spot::new(self.number, 0, event.exchange);
            lines.events(vec![event], &around, spot)?;
        }
        Ok(heard)
    }
}

fn done(mut heard: Heard, lines: Lines<'_, '_>) -> Heard {
    heard.foreign += lines.foreign;
    heard.bad += lines.bad;
    heard.samples.extend(lines.samples);
    heard
}

/// A source as one stream, for readers that want one.
struct Stream<'a> {
    source: &'a Source,
    block: Block,
    at: usize,
    failed: Option<AuditError>,
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.block.len() {
            self.at = 0;
            match self.source.next(&mut self.block) {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(0),
                Err(error) => {
                    self.failed = Some(error);
                    return Ok(0);
                }
            }
        }
        let count = out.len().min(self.block.len() - self.at);
        out[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
