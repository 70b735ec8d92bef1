//! Takes the inputs one after the other, each with all threads, and adds up what they heard.
//!
//! Never joins rows.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::super::form::Form;
use super::super::layout::{Layout, Names};
use super::super::line::Lines;
use super::super::source::{self, BadLine, Block, Input, InputReport, line_of};
use super::super::verdict::Tally;
use super::super::worker::{Shared, Sum, Worker};
use super::super::{AuditError, Spot, tables};
use super::headers::Headers;
use super::sought::Sought;
use crate::event::Channel;
use crate::platform::Platform;

pub(super) type Taken = (Vec<InputReport>, Vec<Vec<u64>>, Sum);

/// Reads every input, one after the other, each with all threads.
pub(super) fn take_all(shared: &Shared<'_>, platform: &Platform) -> Result<Taken, AuditError> {
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
        judging: Duration::ZERO,
        fetching: Duration::ZERO,
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
    all.judging += one.judging;
    all.fetching += one.fetching;
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
pub(in crate::audit) struct Heard {
    pub(in crate::audit) lines: u64,
    pub(in crate::audit) foreign: u64,
    pub(in crate::audit) bad: u64,
    pub(in crate::audit) samples: Vec<(Spot, String)>,
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
    let mut unseen = Vec::new();
    match form {
        Form::Ndjson | Form::Urls | Form::Combined | Form::Extended => {
            let channel = task.channel()?;
            let headers = (form == Form::Extended).then(Headers::default);
            let given = if form == Form::Ndjson { names.given.as_slice() } else { &[] };
            let ahead = Ahead { headers, sought: Sought::new(given) };
            heard = parallel(workers, |worker| lines(&task, channel, form, &ahead, worker))?;
            unseen = ahead.sought.unseen();
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
        unseen,
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

/// What is looked for in a block before its lines are read.
struct Ahead {
    headers: Option<Headers>,
    sought: Sought,
}

fn lines(
    task: &tables::Task<'_>,
    channel: Channel,
    form: Form,
    ahead: &Ahead,
    worker: &mut Worker<'_>,
) -> Result<Heard, AuditError> {
    let mut lines = Lines::new(worker, task.platform, channel, task.names);
    let mut heard = Heard::default();
    let mut buffer = Block::default();
    loop {
        let begun = Instant::now();
        let block = task.source.next(&mut buffer).inspect_err(|_| {
            if let Some(headers) = &ahead.headers {
                headers.give_up();
            }
        })?;
        lines.fetched(begun.elapsed());
        let Some(block) = block else { break };
        let mut header =
            ahead.headers.as_ref().and_then(|all| all.before(block, &buffer, task.names));
        ahead.sought.look(&buffer);
        let mut count = 0;
        let mut start = 0;
        // A block that is UTF-8 as a whole need not be looked at line by line.
        let whole = simdutf8::basic::from_utf8(&buffer).ok();
        while start < buffer.len() {
            let end = memchr::memchr(b'\n', &buffer[start..]).map_or(buffer.len(), |at| start + at);
            let spot = Spot::new(task.number, block, count);
            count += 1;
            let line = start..end;
            start = end + 1;
            let text = match whole {
                Some(whole) => Some(&whole[line]),
                None => std::str::from_utf8(&buffer[line]).ok(),
            };
            let text = text.map(|text| text.trim_ascii().trim_start_matches('\u{feff}'));
            if text == Some("") {
                continue;
            }
            let Some(text) = text else {
                lines.fault(spot, "the line is not UTF-8");
                continue;
            };
            match form {
                Form::Urls => lines.url(text, spot)?,
                Form::Combined => lines.access(text, spot)?,
                Form::Extended => lines.extended(text, &mut header, spot)?,
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
