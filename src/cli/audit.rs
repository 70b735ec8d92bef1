//! `countonce audit` and `countonce facts`: production logs.
//!
//! Flags become a request; everything else is the river's.

use std::time::Instant;

use super::args::ReportOptions;
use super::audit_args::{AuditOptions, FactsOptions, LogOptions, PartitionBy};
use super::interrupt::clear_on_signal;
use super::log_names::layouts;
use super::reports::{Reports, complain};
use super::{Streams, WRONG_INPUT, config, policy};
use crate::audit::{
    FactsOut, Form, InputReport, Layouts, Request, Split, Stage, expand, form_names, read_orders,
    write_books,
};
use crate::event::Channel;
use crate::report::Timings;
use crate::run::{self, Audit};
use crate::scenario::Config;
use crate::step::nearest;

/// Reads logs and delivers their report.
pub(super) fn audit(options: &AuditOptions, streams: &Streams) -> u8 {
    match audited(options, streams) {
        Ok(code) | Err(code) => code,
    }
}

fn audited(options: &AuditOptions, streams: &Streams) -> Result<u8, u8> {
    let reports = Reports::new(&options.report, streams)?;
    let config = config::read(options.logs.config.path(), streams)?;
    let policy = policy::read(flag(&options.report), &config, None, streams)?;
    let mut audit = plan(&options.logs, &options.facts, &config, streams)?;
    audit.name.clone_from(&options.name);
    audit.request.memory = options.memory << 20;
    if let Some(folder) = &options.scratch {
        audit.request.scratch.clone_from(folder);
    }
    if !options.orders.is_empty() {
        let strict = options.logs.strict;
        audit.request.orders = orders(&options.orders, strict, &audit.request.layouts, streams)?;
    }
    let stage = Stage::default();
    clear_on_signal(&stage, streams);
    let report = run::audit(&audit, &policy).map_err(|error| complain(&error, streams))?;
    let begun = Instant::now();
    let code = stage.whole(|| reports.deliver(&report, None));
    if let Some(log) = report.log.as_ref().filter(|_| options.timings) {
        streams.err(&timings(&log.timings, begun.elapsed().as_secs_f64()));
    }
    Ok(code)
}

/// Where the time went, in words.
fn timings(spent: &Timings, writing: f64) -> String {
    let all = spent.reading * spent.threads as f64;
    let decoding = (all - spent.fetching - spent.rules).max(0.0);
    let rows = [
        (
            "reading",
            spent.reading,
            format!(
                "{} threads: {:.2} s files, {decoding:.2} s decode, {:.2} s rules",
                spent.threads, spent.fetching, spent.rules
            ),
        ),
        ("join", spent.joining, "pairs, causes, counts".to_owned()),
        ("comparing", spent.comparing, "rules that compare events, over the sample".to_owned()),
        ("report", spent.reporting + writing, "figures, formats, files".to_owned()),
    ];
    let lines = rows.map(|(stage, seconds, what)| format!("{stage:<10}{seconds:>8.2} s  {what}"));
    format!("Where the time went:\n  {}", lines.join("\n  "))
}

fn flag(report: &ReportOptions) -> Option<&str> {
    report.policy.as_deref()
}

fn orders(
    words: &[String],
    strict: bool,
    layouts: &Layouts,
    streams: &Streams,
) -> Result<Vec<crate::event::Order>, u8> {
    let refuse = |error| complain(&run::Error::Audit(error), streams);
    let mut inputs = Vec::new();
    for word in words {
        inputs.extend(expand(word, None, None).map_err(refuse)?);
    }
    let (orders, bad) = read_orders(&inputs, &layouts.orders).map_err(refuse)?;
    for (path, line) in bad.iter().take(5) {
        streams.err(&format!("warning: {path}:{}: {}", line.line, line.cause));
    }
    let all = orders.len() + bad.len();
    if orders.is_empty() || (strict && !bad.is_empty()) {
        streams.err(&format!(
            "error: {} of {all} rows are orders; an order needs an id in a column or field called order_id, id, order, order_number or number, or one that countonce.toml names: [audit.orders] id = \"…\"",
            orders.len()
        ));
        return Err(WRONG_INPUT);
    }
    Ok(orders)
}

/// Reads the shop's books and writes them as a table.
fn books(options: &FactsOptions, streams: &Streams) -> Result<u8, u8> {
    let config = config::read(options.logs.config.path(), streams)?;
    let layouts = layouts(&config, streams)?;
    let orders = orders(&options.orders, options.logs.strict, &layouts, streams)?;
    let count = write_books(orders, &options.out)
        .map_err(|error| complain(&run::Error::Audit(error), streams))?;
    streams.err(&format!("{count} orders → {}", options.out.display()));
    Ok(0)
}

/// Reads logs and writes facts.
pub(super) fn facts(options: &FactsOptions, streams: &Streams) -> u8 {
    if !options.orders.is_empty() {
        return match books(options, streams) {
            Ok(code) | Err(code) => code,
        };
    }
    let written = config::read(options.logs.config.path(), streams).and_then(|config| {
        let audit = plan(&options.logs, &options.facts, &config, streams)?;
        let out = place(options, &audit, streams)?;
        clear_on_signal(&out.stage, streams);
        run::facts(&audit, &out).map_err(|error| complain(&error, streams))
    });
    match written {
        Ok((inputs, files)) => {
            for warning in run::input_warnings(&inputs) {
                streams.err(&format!("warning: {warning}"));
            }
            tell(&inputs, streams);
            let events: u64 = inputs.iter().map(|input| input.events).sum();
            let files = match files.as_slice() {
                [file] => file.display().to_string(),
                files => format!("{} ({} files)", options.out.display(), files.len()),
            };
            streams.err(&format!("{events} events → {files}"));
            0
        }
        Err(code) => code,
    }
}

/// The file or the folder that the flags mean.
fn place(options: &FactsOptions, audit: &Audit, streams: &Streams) -> Result<FactsOut, u8> {
    let split = match options.partition_by {
        Some(PartitionBy::Day) => Split::Days,
        Some(PartitionBy::Hour) => Split::Hours,
        None => Split::Inputs,
    };
    let named = options.out.as_os_str().as_encoded_bytes().ends_with(b"/");
    let is_folder = named || options.out.is_dir() || options.part.is_some();
    if split == Split::Inputs && !is_folder {
        return Ok(FactsOut::file(&options.out));
    }
    let stdin = audit.request.inputs.iter().any(|input| input.path.as_os_str() == "-");
    if stdin && options.part.is_none() {
        streams.err(
            "error: standard input has no name by which another try would find its files again: give one with --part NAME",
        );
        return Err(WRONG_INPUT);
    }
    Ok(FactsOut::folder(&options.out, split, options.part.as_deref()))
}

/// Says what each input was taken for.
fn tell(inputs: &[InputReport], streams: &Streams) {
    for input in inputs {
        let packed =
            if input.packed.is_empty() { String::new() } else { format!(", {}", input.packed) };
        let side = input.channel.map(|side| format!("{side}, ")).unwrap_or_default();
        streams.err(&format!(
            "{}: {side}{}{packed}, {} lines, {} events, {} unreadable",
            input.path, input.form, input.lines, input.events, input.bad
        ));
        for bad in &input.samples {
            streams.err(&format!("  {}:{}: {}", input.path, bad.line, bad.cause));
        }
    }
}

fn plan(
    logs: &LogOptions,
    facts: &[String],
    config: &Config,
    streams: &Streams,
) -> Result<Audit, u8> {
    let wrong = |text: String| {
        streams.err(&format!("error: {text}"));
        WRONG_INPUT
    };
    let form = match &logs.form {
        None => None,
        Some(name) => Some(Form::from_name(name).ok_or_else(|| {
            let names = form_names();
            let near = nearest(name, names.iter().copied());
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            wrong(format!("there is no form `{name}`{hint}\n  forms: {}", names.join(", ")))
        })?),
    };
    let sides = [
        (&logs.browser, Some(Channel::Browser)),
        (&logs.server, Some(Channel::Server)),
        (&facts.to_vec(), None),
    ];
    let mut inputs = Vec::new();
    for (words, channel) in sides {
        for word in words {
            let form = form.filter(|_| channel.is_some());
            inputs.extend(
                expand(word, channel, form)
                    .map_err(|error| complain(&run::Error::Audit(error), streams))?,
            );
        }
    }
    if inputs.is_empty() {
        return Err(wrong(
            "no logs: give --browser FILE and --server FILE, or facts and tapes as they are"
                .to_owned(),
        ));
    }
    if inputs.iter().filter(|input| input.path.as_os_str() == "-").count() > 1 {
        return Err(wrong("standard input can be read once only".to_owned()));
    }
    let bound = |text: &Option<String>, name: &str| {
        match text {
        None => Ok(None),
        Some(text) => moment(text).map(Some).ok_or_else(|| {
            wrong(format!(
                "--{name} {text}: not a time; write 2026-03-02, 2026-03-02T12:00 or 2026-03-02T12:00:00+01:00"
            ))
        }),
    }
    };
    let (since, until) = (bound(&logs.since, "since")?, bound(&logs.until, "until")?);
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        return Err(wrong("--since is not before --until".to_owned()));
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Audit {
        request: Request {
            inputs,
            layouts: layouts(config, streams)?,
            since,
            until,
            events: logs.event.clone(),
            pixels: logs.pixel.clone(),
            dedup_window: None,
            threads: logs.jobs.map_or(cores, usize::from),
            memory: u64::MAX,
            scratch: std::env::temp_dir(),
            orders: Vec::new(),
        },
        strict: logs.strict,
        max_bad: logs.max_bad,
        name: "audit".to_owned(),
        started: jiff::Timestamp::now().as_millisecond(),
    })
}

/// A time of the command line in Unix milliseconds; UTC where it names no zone.
fn moment(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_millisecond());
    }
    let civil = text
        .parse::<jiff::civil::DateTime>()
        .or_else(|_| text.parse::<jiff::civil::Date>().map(|date| date.at(0, 0, 0, 0)))
        .ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        for text in
            ["2026-03-02", "2026-03-02T00:00", "2026-03-02 00:00:00", "2026-03-02T01:00:00+01:00"]
        {
            assert_eq!(moment(text), Some(1_772_409_600_000), "{text}");
        }
        assert_eq!(moment("last monday"), None);
    }
}
