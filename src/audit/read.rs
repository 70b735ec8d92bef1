//! Reads all inputs: threads take blocks, rows go to their parts, parts are joined.
//!
//! Never what is asked of events, never how figures are shown.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use crate::event::{Channel, Event, Order};
use crate::join::bulk::{Cause, Figures, Row, Twins, find_causes, settle};
use crate::join::{OrderBook, OrderMatch};
use crate::platform::Platform;

use super::envelope::{Layout, Layouts, Names};
use super::facts_file::FactsWriter;
use super::form::Form;
use super::line::Lines;
use super::sample::Sample;
use super::source::{self, BadLine, Input, InputReport, line_of};
use super::store::{PARTS, Store};
use super::tables;
use super::verdict::{Judge, Tally, Told};
use super::worker::{Interner, Shared, Sum, Worker};
use super::{AuditError, Spot};

/// What is to be read and how.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The files.
    pub inputs: Vec<Input>,
    /// Names of fields and columns.
    pub layouts: Layouts,
    /// Events that arrived from then on, Unix milliseconds.
    pub since: Option<i64>,
    /// Events that arrived before.
    pub until: Option<i64>,
    /// Event names; all where empty.
    pub events: Vec<String>,
    /// Pixel ids; all where empty.
    pub pixels: Vec<String>,
    /// The platform's window, where the policy has another; milliseconds.
    pub dedup_window: Option<i64>,
    /// Threads.
    pub threads: usize,
    /// Bytes of rows in memory before they go to disk.
    pub memory: u64,
    /// Folder for rows on disk.
    pub scratch: PathBuf,
    /// Orders of the shop that events are held against.
    pub orders: Vec<Order>,
}

impl Request {
    /// True where every event is wanted.
    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.is_everything()
    }

    /// True where no filter is set.
    pub fn is_everything(&self) -> bool {
        self.since.is_none()
            && self.until.is_none()
            && self.events.is_empty()
            && self.pixels.is_empty()
    }
}

/// What was read.
pub struct Reading {
    /// The inputs, in the order given.
    pub inputs: Vec<InputReport>,
    /// Findings of the rules on single events.
    pub told: Vec<Told>,
    /// Orders against the events, where there are orders. Their places are spots.
    pub orders: Option<OrderMatch>,
    /// Figures by hour and event name.
    pub figures: Figures,
    /// Event names by their number.
    pub names: Vec<String>,
    /// Events by pixel id; browser and server.
    pub pixels: [BTreeMap<String, u64>; 2],
    /// The pixel that server events were taken for where their log names none.
    pub assumed_pixel: Option<String>,
    /// A bounded sample of whole events; 1 where it is all of them.
    pub sample: (Vec<Event>, u64),
    /// Events without any time.
    pub timeless: u64,
    /// First and last arrival; browser and server.
    pub span: [Option<(i64, i64)>; 2],
    /// Events whose rules were asked one by one.
    pub asked: u64,
    /// Kinds of events that are alike to all rules.
    pub kinds: u64,
    /// True when rows went to disk.
    pub spilled: bool,
    /// Seconds of reading with rules, and of joining.
    pub seconds: [f64; 2],
    offsets: Vec<Vec<u64>>,
}

impl Reading {
    /// File and line of a place.
    pub fn place(&self, spot: Spot) -> (String, u64) {
        let input = spot.input();
        let path = self.inputs.get(input).map(|input| input.path.clone()).unwrap_or_default();
        let line =
            self.offsets.get(input).map_or(spot.line() + 1, |offsets| line_of(spot, offsets));
        (path, line)
    }

    /// Events read.
    pub fn events(&self) -> u64 {
        self.inputs.iter().map(|input| input.events).sum()
    }

    /// Lines that should be events and cannot be read.
    pub fn bad(&self) -> u64 {
        self.inputs.iter().map(|input| input.bad).sum()
    }
}

/// Reads and joins.
pub fn read(
    request: &Request,
    platform: &Platform,
    judge: Judge<'_>,
) -> Result<Reading, AuditError> {
    let shared = shared(request, judge, None);
    let begun = Instant::now();
    let (inputs, offsets, sum) = take_all(&shared, platform)?;
    let read = begun.elapsed().as_secs_f64();
    let Shared { store, sample, names, pixels, orders, .. } = shared;
    let (names, pixel_names) = (names.finish(), pixels.finish());
    let (main, assumed) = pixels_of(&sum, &pixel_names);
    let window = request.dedup_window.unwrap_or(platform.counting.dedup_window);
    let begun = Instant::now();
    let figures = join(&store, request.threads, main, window, assumed)?;
    let joined = begun.elapsed().as_secs_f64();
    let by_name = |side: usize| {
        sum.by_pixel[side]
            .iter()
            .map(|(number, count)| (pixel_names[*number as usize].clone(), *count))
            .collect::<BTreeMap<String, u64>>()
    };
    let pixels = [by_name(0), by_name(1)];
    let assumed_pixel = assumed.map(|number| pixel_names[number as usize].clone());
    let (mut events, every) = sample.finish();
    if let Some(assumed) = &assumed_pixel {
        for event in events.iter_mut().filter(|event| event.pixel.is_empty()) {
            event.pixel.clone_from(assumed);
        }
    }
    Ok(Reading {
        inputs,
        orders: (!orders.is_empty()).then(|| orders.settle(sum.told, window)),
        told: sum.tally.finish(),
        figures,
        names,
        pixels,
        assumed_pixel,
        sample: (events, every),
        timeless: sum.timeless,
        span: sum.span,
        asked: sum.asked,
        kinds: sum.signatures,
        spilled: store.spilled(),
        seconds: [read, joined],
        offsets,
    })
}

/// Reads and writes facts; what was read of each input. The file appears only where
/// `bear` has nothing against what could not be read.
pub fn facts(
    request: &Request,
    platform: &Platform,
    judge: Judge<'_>,
    out: &std::path::Path,
    bear: &dyn Fn(&[InputReport]) -> Result<(), AuditError>,
) -> Result<Vec<InputReport>, AuditError> {
    let sources = request.inputs.iter().map(|input| input.path.display().to_string()).collect();
    let writer = FactsWriter::create(out, sources)?;
    let (inputs, ..) = {
        let shared = shared(request, judge, Some(&writer));
        take_all(&shared, platform)?
    };
    bear(&inputs)?;
    writer.finish()?;
    Ok(inputs)
}

fn shared<'a>(
    request: &'a Request,
    judge: Judge<'a>,
    facts: Option<&'a FactsWriter>,
) -> Shared<'a> {
    Shared {
        request,
        judge,
        store: Store::new(request.memory, request.scratch.clone()),
        sample: Sample::new(),
        names: Interner::new(),
        pixels: Interner::new(),
        currencies: Interner::new(),
        facts,
        orders: OrderBook::new(request.orders.clone()),
    }
}

/// The pixel of most events, and the one to be assumed where a log names none: the only
/// one there is.
#[expect(clippy::iter_over_hash_type, reason = "a sum is the same in any order")]
fn pixels_of(sum: &Sum, names: &[String]) -> (u16, Option<u16>) {
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    for side in &sum.by_pixel {
        for (number, count) in side {
            *counts.entry(*number).or_default() += count;
        }
    }
    let unnamed = counts.remove(&0).is_some_and(|count| count > 0);
    let main = counts
        .iter()
        .max_by(|a, b| a.1.cmp(b.1).then_with(|| names[*b.0 as usize].cmp(&names[*a.0 as usize])))
        .map_or(0, |(number, _)| *number);
    (main, (unnamed && counts.len() == 1).then_some(main))
}

type Taken = (Vec<InputReport>, Vec<Vec<u64>>, Sum);

/// Reads every input, one after the other, each with all threads.
fn take_all(shared: &Shared<'_>, platform: &Platform) -> Result<Taken, AuditError> {
    let mut reports = Vec::new();
    let mut offsets = Vec::new();
    let mut workers: Vec<Worker<'_>> =
        (0..shared.request.threads.max(1)).map(|_| Worker::new(shared)).collect();
    for (number, input) in shared.request.inputs.iter().enumerate() {
        let (report, lines) = take(shared, platform, number, input, &mut workers)?;
        reports.push(report);
        offsets.push(lines);
    }
    let mut sum: Option<Sum> = None;
    for worker in workers {
        let one = worker.finish()?;
        match &mut sum {
            None => sum = Some(one),
            Some(all) => add(all, one),
        }
    }
    let sum = sum.unwrap_or(Sum {
        tally: Tally::default(),
        by_pixel: Default::default(),
        told: Vec::new(),
        events: 0,
        asked: 0,
        signatures: 0,
        timeless: 0,
        span: [None; 2],
    });
    Ok((reports, offsets, sum))
}

fn add(all: &mut Sum, one: Sum) {
    all.tally.merge(one.tally);
    all.told.extend(one.told);
    all.events += one.events;
    all.asked += one.asked;
    all.signatures = all.signatures.max(one.signatures);
    all.timeless += one.timeless;
    let merge = |into: &mut HashMap<u16, u64>, from: HashMap<u16, u64>| {
        let mut from: Vec<(u16, u64)> = from.into_iter().collect();
        from.sort_unstable();
        for (number, count) in from {
            *into.entry(number).or_default() += count;
        }
    };
    let [browser, server] = one.by_pixel;
    merge(&mut all.by_pixel[0], browser);
    merge(&mut all.by_pixel[1], server);
    for (side, span) in one.span.into_iter().enumerate() {
        all.span[side] = match (all.span[side], span) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }
}

/// What one thread says of an input.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) lines: u64,
    pub(super) foreign: u64,
    pub(super) bad: u64,
    pub(super) samples: Vec<(Spot, String)>,
}

fn take(
    shared: &Shared<'_>,
    platform: &Platform,
    number: usize,
    input: &Input,
    workers: &mut [Worker<'_>],
) -> Result<(InputReport, Vec<u64>), AuditError> {
    let before: u64 = workers.iter().map(|worker| worker.events).sum();
    let (source, head) = source::open(input)?;
    let layout =
        input.channel.map_or_else(Layout::default, |side| shared.request.layouts.of(side).clone());
    let given = layout.form.as_deref().and_then(Form::from_name);
    let form = match input.form.or(given) {
        Some(form) => form,
        None => Form::of(&head)
            .map_err(|what| AuditError::Unknown { path: input.path.clone(), what })?,
    };
    let names = Names::new(&layout);
    let task = tables::Task { platform, number, input, source: &source, names: &names };
    let mut heard = Vec::new();
    let mut offsets = Vec::new();
    let mut shown = form;
    match form {
        Form::Ndjson | Form::Urls => {
            let channel = task.channel()?;
            heard = parallel(workers, |worker| lines(&task, channel, form, worker))?;
            offsets = source.offsets();
        }
        Form::Parquet | Form::Facts => {
            let groups = task.groups()?;
            if groups.is_facts() {
                shown = Form::Facts;
            }
            heard = parallel(workers, |worker| task.group_rows(&groups, worker))?;
            offsets = groups.offsets();
        }
        Form::Csv => heard.push(task.csv(&head, &mut workers[0])?),
        Form::Tape => heard.push(task.tape(&mut workers[0])?),
        Form::Har => heard.push(task.har(&mut workers[0])?),
    }
    let mut report = InputReport {
        path: input.path.display().to_string(),
        channel: input.channel,
        form: shown.name(),
        packed: source.packed,
        events: workers.iter().map(|worker| worker.events).sum::<u64>() - before,
        ..InputReport::default()
    };
    let mut samples = Vec::new();
    for one in heard {
        report.lines += one.lines;
        report.foreign += one.foreign;
        report.bad += one.bad;
        samples.extend(one.samples);
    }
    samples.sort();
    samples.truncate(MOST_BAD_SHOWN);
    report.samples = samples
        .into_iter()
        .map(|(spot, cause)| BadLine { line: line_of(spot, &offsets), cause })
        .collect();
    Ok((report, offsets))
}

/// Unreadable lines shown per input.
const MOST_BAD_SHOWN: usize = 5;

/// Runs the same work in every worker's thread.
fn parallel<'s, T: Send>(
    workers: &mut [Worker<'s>],
    work: impl Fn(&mut Worker<'s>) -> Result<T, AuditError> + Sync,
) -> Result<Vec<T>, AuditError> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = workers
            .iter_mut()
            .map(|worker| {
                let work = &work;
                scope.spawn(move || work(worker))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

fn lines(
    task: &tables::Task<'_>,
    channel: Channel,
    form: Form,
    worker: &mut Worker<'_>,
) -> Result<Heard, AuditError> {
    let mut lines = Lines::new(worker, task.platform, channel, task.names);
    let mut heard = Heard::default();
    let mut buffer = Vec::new();
    while let Some(block) = task.source.next(&mut buffer)? {
        let mut count = 0;
        let mut start = 0;
        while start < buffer.len() {
            let end = memchr::memchr(b'\n', &buffer[start..]).map_or(buffer.len(), |at| start + at);
            let spot = Spot::new(task.number, block, count);
            count += 1;
            let line = buffer[start..end].trim_ascii();
            start = end + 1;
            let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            let Ok(text) = std::str::from_utf8(line) else {
                lines.fault(spot, "the line is not UTF-8");
                continue;
            };
            match form {
                Form::Urls => lines.url(text, spot)?,
                _ => lines.json(text, spot)?,
            }
        }
        task.source.counted(block, count);
        heard.lines += count;
    }
    heard.foreign = lines.foreign;
    heard.bad = lines.bad;
    heard.samples = lines.samples;
    Ok(heard)
}

/// Joins every part, then looks at all lone events together.
fn join(
    store: &Store,
    threads: usize,
    main: u16,
    window: i64,
    assumed: Option<u16>,
) -> Result<Figures, AuditError> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let all: Mutex<(Figures, Vec<(Row, Option<Cause>)>)> = Mutex::default();
    let each = |work: &(dyn Fn(usize) -> Result<(), AuditError> + Sync)| -> Result<(), AuditError> {
        next.store(0, std::sync::atomic::Ordering::Relaxed);
        std::thread::scope(|scope| {
            let spawned: Vec<_> = (0..threads.max(1))
                .map(|_| {
                    scope.spawn(|| {
                        loop {
                            let part = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                            if part >= PARTS {
                                return Ok(());
                            }
                            work(part)?;
                        }
                    })
                })
                .collect();
            for thread in spawned {
                match thread.join() {
                    Ok(result) => result?,
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(())
        })
    };
    each(&|part| {
        let mut rows = store.take(part)?;
        if let Some(assumed) = assumed {
            for row in rows.iter_mut().filter(|row| row.pixel == 0) {
                row.pixel = assumed;
            }
        }
        let mut figures = Figures::default();
        let alone: Vec<(Row, Option<Cause>)> = settle(&mut rows, main, window, &mut figures)
            .into_iter()
            .map(|(place, cause)| (rows[place], cause))
            .collect();
        store.put_back(part, rows)?;
        let mut all = all.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.0.merge(figures);
        all.1.extend(alone);
        Ok(())
    })?;
    let (mut figures, mut alone) =
        all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    alone.sort_unstable_by_key(|(row, _)| (row.spot, row.id));
    find_causes(&mut alone, window);
    let twins = Mutex::new(Twins::new(&alone));
    let nobody = twins.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_empty();
    if !nobody {
        let asked = Twins::new(&alone);
        each(&|part| {
            let rows = store.take(part)?;
            let picked = asked.pick(&rows);
            twins.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(picked);
            Ok(())
        })?;
    }
    let twins =
        twins.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).finish(&alone);
    figures.book(&alone, &twins);
    figures.lags.sort_unstable();
    Ok(figures)
}
