//! Reads all inputs: threads take blocks, rows go to their parts, parts are joined.
//!
//! Never what is asked of events, never how figures are shown.

mod headers;
mod joined;
mod sought;
mod take;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use crate::event::{Event, Order};
use crate::join::bulk::Figures;
use crate::join::{OrderBook, OrderMatch};
use crate::platform::Platform;

use super::answer::{self, AnswerLine};
use super::facts_file::{FactsOut, FactsWriter};
use super::intern::Interner;
use super::layout::Layouts;
use super::sample::Sample;
use super::source::{Input, InputReport, line_of};
use super::store::Store;
use super::verdict::{Judge, Told};
use super::worker::{Shared, Sum};
use super::{AuditError, Spot};
use joined::join;
pub(super) use take::Heard;
use take::take_all;

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
#[derive(Default)]
pub struct Reading {
    /// The inputs, in the order given.
    pub inputs: Vec<InputReport>,
    /// Findings of the rules on single events.
    pub told: Vec<Told>,
    /// Orders against the events, where there are orders. Their places are spots.
    pub orders: Option<OrderMatch>,
    /// Figures by hour and event name.
    pub figures: Figures,
    /// Figures by period instead, where another engine has counted.
    pub answered: Vec<AnswerLine>,
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
    /// Of the reading, the seconds of all threads together to get at the bytes (of tables: at
    /// their columns), and to ask rules.
    pub threads: [f64; 2],
    pub(super) offsets: Vec<Vec<u64>>,
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
    if let Some(answer) = answer::read(&request.inputs)? {
        if let Some(input) = request.inputs.first().filter(|_| !request.orders.is_empty()) {
            return Err(AuditError::table(
                &input.path,
                "orders are held against facts, and this is an answer about them: ask the query `orders` as well, over what `countonce facts --orders` writes",
            ));
        }
        return Ok(answer);
    }
    let shared = shared(request, platform, judge, None);
    let begun = Instant::now();
    let (inputs, offsets, sum) = take_all(&shared, platform)?;
    let read = begun.elapsed().as_secs_f64();
    let Shared { store, sample, names, pixels, orders, .. } = shared;
    let (names, pixel_names) = (names.finish(), pixels.finish());
    let (main, assumed) = pixels_of(&sum, &pixel_names);
    let window = request.dedup_window.unwrap_or(platform.counting.dedup_window);
    let begun = Instant::now();
    // The join ends in steps that one thread does; the other has the sample to decode.
    let (figures, (mut events, every)) = std::thread::scope(|scope| {
        let sampled = scope.spawn(|| sample.finish(platform, request.threads));
        let figures = join(&store, request.threads, main, window, assumed);
        match sampled.join() {
            Ok(sampled) => Ok((figures?, sampled)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })?;
    let joined = begun.elapsed().as_secs_f64();
    let by_name = |side: usize| {
        sum.by_pixel[side]
            .iter()
            .map(|(number, count)| (pixel_names[*number as usize].clone(), *count))
            .collect::<BTreeMap<String, u64>>()
    };
    let pixels = [by_name(0), by_name(1)];
    let assumed_pixel = assumed.map(|number| pixel_names[number as usize].clone());
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
        answered: Vec::new(),
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
        threads: [sum.fetching.as_secs_f64(), sum.judging.as_secs_f64()],
        offsets,
    })
}

/// Reads and writes facts; what was read of each input, and the files. They appear only
/// where `bear` has nothing against what could not be read.
pub fn facts(
    request: &Request,
    platform: &Platform,
    judge: Judge<'_>,
    out: &FactsOut,
    bear: &dyn Fn(&[InputReport]) -> Result<(), AuditError>,
) -> Result<(Vec<InputReport>, Vec<PathBuf>), AuditError> {
    let writer = FactsWriter::create(out, &request.inputs)?;
    let (inputs, ..) = {
        let shared = shared(request, platform, judge, Some(&writer));
        take_all(&shared, platform)?
    };
    bear(&inputs)?;
    let files = writer.finish()?;
    Ok((inputs, files))
}

fn shared<'a>(
    request: &'a Request,
    platform: &'a Platform,
    judge: Judge<'a>,
    facts: Option<&'a FactsWriter>,
) -> Shared<'a> {
    Shared {
        request,
        platform,
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
