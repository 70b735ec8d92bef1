//! Several runs as one: the parts that a CI matrix played, with one report and one verdict.
//!
//! Sessions and exchanges are numbered anew; which run each belongs to stays on the tape,
//! so that calls are attributed among the sessions of their own run only. What does not
//! belong together is refused: a run that is there twice, shards of different suites, a
//! suite of which a shard is missing.
//! Never judges.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::capture::{Capture, End, Line, Opening, Recording, TapeWriter, read};

use super::{Error, Shard, TAPE, folder};

/// A run that was given to be merged.
struct Source {
    /// Its name, as the user gave it.
    name: String,
    /// Folder that its pictures are relative to.
    folder: PathBuf,
    capture: Capture,
}

/// Merges runs, given as folders or tapes, into a new folder below `out`; returns its tape.
///
/// A damaged tape is an error unless `partial`; then what precedes the damage is merged.
/// So is a suite of which a shard is missing; with `partial` the tape says which.
pub fn merge(runs: &[PathBuf], out: &Path, partial: bool) -> Result<PathBuf, Error> {
    let sources = runs.iter().map(|run| open(run, partial)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = sources.first() else {
        return Err(Error::Nothing { what: "no run to merge was given".to_owned() });
    };
    fit(&sources, partial)?;
    let opening = Opening {
        started: sources.iter().map(|one| one.capture.opening.started).min().unwrap_or_default(),
        browser: joined(&sources, |opening| &opening.browser),
        pixel_script: joined(&sources, |opening| &opening.pixel_script),
        site: joined(&sources, |opening| &opening.site),
        ..first.capture.opening.clone()
    };
    let folder = folder(out, opening.started, "merged")?;
    let tape = TapeWriter::create(&folder.join(TAPE), &opening)?;
    let (mut sessions, mut exchanges) = (0, 0);
    for (index, source) in sources.iter().enumerate() {
        let recording = Recording {
            number: u32::try_from(index + 1).unwrap_or(u32::MAX),
            source: source.name.clone(),
            after_session: sessions,
            after_exchange: exchanges,
        };
        tape.write(Line::Recording(recording))?;
        for shard in &source.capture.shards {
            tape.write(Line::Shard(shard.clone()))?;
        }
        let prefix = format!("run-{}-", index + 1);
        copy(source, &tape, sessions, &folder, &prefix)?;
        let highest = source.capture.sessions.iter().map(|start| start.session).max();
        sessions += highest.unwrap_or_default();
        exchanges += source.capture.exchanges.len() as u64;
    }
    let ends = || sources.iter().filter_map(|source| source.capture.end.as_ref());
    // Without an end of one part the whole counts as cut off, as that part would.
    if ends().count() == sources.len() {
        let at = ends().map(|end| end.at).max().unwrap_or_default();
        tape.write(Line::End(End { at, stopped: ends().any(|end| end.stopped) }))?;
    }
    Ok(tape.path().to_owned())
}

fn open(run: &Path, partial: bool) -> Result<Source, Error> {
    let tape = if run.is_dir() { run.join(TAPE) } else { run.to_owned() };
    let (capture, damage) = read(&tape)?;
    match damage {
        Some(damage) if !partial => Err(Error::Damage(damage)),
        _ if !capture.recordings.is_empty() => Err(Error::Merge {
            what: format!("{} is a merged run; merge its parts instead", run.display()),
        }),
        _ => Ok(Source {
            name: run.display().to_string(),
            folder: tape.parent().unwrap_or(Path::new("")).to_owned(),
            capture,
        }),
    }
}

/// Refuses runs that do not add up to one: a verdict on them would count something twice, or
/// be silent about what nobody played.
fn fit(sources: &[Source], partial: bool) -> Result<(), Error> {
    let refused = |what: String| Err(Error::Merge { what });
    for (at, one) in sources.iter().enumerate() {
        let twin = |other: &&Source| {
            other.capture.opening == one.capture.opening
                && other.capture.sessions == one.capture.sessions
        };
        if let Some(other) = sources[..at].iter().find(twin) {
            return refused(format!(
                "{} and {} are the same run; give it once",
                other.name, one.name
            ));
        }
    }
    let whole = sources.iter().find(|source| source.capture.shards.is_empty());
    let mut shards =
        sources.iter().filter_map(|source| Some((source, source.capture.shards.first()?)));
    let Some((first, of)) = shards.next() else { return Ok(()) };
    if let Some(whole) = whole {
        return refused(format!(
            "{} is shard {}/{} of a suite and {} is no shard; merge the shards alone",
            first.name, of.number, of.of, whole.name
        ));
    }
    let mut here = BTreeMap::from([(of.number, &first.name)]);
    for (source, shard) in shards {
        let named = Shard { number: shard.number, of: shard.of };
        if shard.of != of.of {
            return refused(format!(
                "{} is shard {}/{} and {} is shard {named}: their suites were split differently",
                first.name, of.number, of.of, source.name
            ));
        }
        if shard.suite != of.suite {
            return refused(format!(
                "{} ({} scenarios with their profiles) and {} ({} of them) are shards of different suites; play both with the same scenarios, profiles and filter",
                first.name, of.units, source.name, shard.units
            ));
        }
        if let Some(other) = here.insert(shard.number, &source.name) {
            return refused(format!(
                "{other} and {} are both shard {named}; leave one of them out",
                source.name
            ));
        }
    }
    let missing: Vec<String> = (1..=of.of)
        .filter(|number| !here.contains_key(number))
        .map(|number| Shard { number, of: of.of }.to_string())
        .collect();
    if missing.is_empty() || partial {
        return Ok(());
    }
    refused(format!(
        "shard {} is missing; add its run, or judge what is there with --partial",
        missing.join(", ")
    ))
}

/// The different words of all runs, in order.
fn joined(sources: &[Source], of: fn(&Opening) -> &String) -> String {
    let mut words: Vec<&str> = Vec::new();
    for source in sources {
        let word = of(&source.capture.opening).as_str();
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(", ")
}

/// Writes all lines of a run in the order of their times, sessions moved by `after`.
fn copy(
    source: &Source,
    tape: &TapeWriter,
    after: u32,
    folder: &Path,
    prefix: &str,
) -> Result<(), Error> {
    let capture = &source.capture;
    let mut lines: Vec<(i64, Line)> = Vec::new();
    for mut start in capture.sessions.iter().cloned() {
        start.session += after;
        lines.push((start.at, Line::Session(start)));
    }
    for mut exchange in capture.exchanges.iter().cloned() {
        exchange.session = exchange.session.map(|session| session + after);
        lines.push((exchange.at, Line::Exchange(exchange)));
    }
    for mut step in capture.steps.iter().cloned() {
        step.session += after;
        lines.push((step.at, Line::Step(step)));
    }
    for mut attempt in capture.attempts.iter().cloned() {
        attempt.session += after;
        lines.push((attempt.at, Line::Attempt(attempt)));
    }
    for mut command in capture.commands.iter().cloned() {
        command.session += after;
        lines.push((command.at, Line::Command(command)));
    }
    for mut blocked in capture.blocked.iter().cloned() {
        blocked.session += after;
        lines.push((blocked.at, Line::Blocked(blocked)));
    }
    for mut picture in capture.pictures.iter().cloned() {
        picture.session += after;
        picture.file = file(source, &picture.file, folder, prefix)?;
        lines.push((picture.at, Line::Picture(picture)));
    }
    for mut end in capture.ends.iter().cloned() {
        end.session += after;
        if let Some(screenshot) = &end.screenshot {
            end.screenshot = Some(file(source, screenshot, folder, prefix)?);
        }
        lines.push((end.at, Line::SessionEnd(end)));
    }
    for order in &capture.orders {
        tape.write(Line::Order(order.clone()))?;
    }
    // Stable: exchanges of one moment keep their order.
    lines.sort_by_key(|(at, _)| *at);
    for (_, line) in lines {
        tape.write(line)?;
    }
    for trouble in &capture.troubles {
        tape.write(Line::Trouble(trouble.clone()))?;
    }
    Ok(())
}

/// Copies a picture of a run; one that is not there any more keeps its name only.
fn file(source: &Source, name: &str, folder: &Path, prefix: &str) -> Result<String, Error> {
    let from = source.folder.join(name);
    let Some(last) = Path::new(name).file_name().filter(|_| from.is_file()) else {
        return Ok(name.to_owned());
    };
    let new = format!("{prefix}{}", last.to_string_lossy());
    let to = folder.join(&new);
    fs::copy(&from, &to).map_err(|cause| Error::Output { path: to, source: cause })?;
    Ok(new)
}
