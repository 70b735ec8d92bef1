//! `countonce compare`: two runs side by side.

use std::path::Path;

use super::args::{ColorChoice, CompareOptions};
use super::reports::complain;
use super::{NO_RUN, Streams, WRONG_INPUT, ci, config, policy};
use crate::format::{COMPARISON_FORMATS, ComparisonFormat, Look};
use crate::gate::{Comparison, compare as hold};
use crate::run;

pub(super) fn compare(options: &CompareOptions, streams: &Streams) -> u8 {
    carried_out(options, streams).unwrap_or_else(|code| code)
}

fn carried_out(options: &CompareOptions, streams: &Streams) -> Result<u8, u8> {
    let formats = formats(&options.format, streams)?;
    let to_stdout = options.out.as_deref() == Some(Path::new("-"));
    if to_stdout && formats.len() != 1 {
        streams.err("error: `--out -` writes one format to standard output; name it with --format");
        return Err(WRONG_INPUT);
    }
    let config = config::read(options.config.path(), streams)?;
    let policy = policy::read(options.policy.as_deref(), &config, None, streams)?;
    let open = |path: &Path| {
        run::stored(path, options.partial, &policy).map_err(|error| complain(&error, streams))
    };
    let comparison = hold(&open(&options.old)?, &open(&options.new)?, &policy);
    let colour = match options.color {
        ColorChoice::Auto => streams.colour,
        ColorChoice::Always => true,
        ColorChoice::Never => false,
    };
    let width = options.width.or(streams.width).map_or(Look::USUAL_WIDTH, usize::from);
    let look = Look { width: width.max(Look::LEAST_WIDTH), colour };
    if to_stdout {
        streams.out(&(formats[0].render)(&comparison, &look));
        return Ok(comparison.exit_code());
    }
    if let Some(terminal) = COMPARISON_FORMATS.iter().find(|format| format.name == "terminal") {
        streams.out(&(terminal.render)(&comparison, &look));
    }
    if let Some(markdown) = COMPARISON_FORMATS.iter().find(|format| format.name == "markdown") {
        ci::summarise(&(markdown.render)(&comparison, &Look::default()), streams);
    }
    if let Some(folder) = &options.out {
        write(&comparison, &formats, folder, streams)?;
    }
    Ok(comparison.exit_code())
}

fn formats(names: &[String], streams: &Streams) -> Result<Vec<&'static ComparisonFormat>, u8> {
    if names.is_empty() || names.iter().any(|name| name == "all") {
        return Ok(COMPARISON_FORMATS.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            COMPARISON_FORMATS.iter().find(|format| format.name == name).ok_or_else(|| {
                let known: Vec<&str> = COMPARISON_FORMATS.iter().map(|known| known.name).collect();
                streams.err(&format!(
                    "error: a comparison has no format `{name}`\n  formats: {}",
                    known.join(", ")
                ));
                WRONG_INPUT
            })
        })
        .collect()
}

fn write(
    comparison: &Comparison,
    formats: &[&'static ComparisonFormat],
    folder: &Path,
    streams: &Streams,
) -> Result<(), u8> {
    let failed = |path: &Path, cause: std::io::Error| {
        streams.err(&format!("error: {}: {cause}", path.display()));
        NO_RUN
    };
    std::fs::create_dir_all(folder).map_err(|cause| failed(folder, cause))?;
    for format in formats {
        let path = folder.join(format.file);
        let text = (format.render)(comparison, &Look::default());
        std::fs::write(&path, text).map_err(|cause| failed(&path, cause))?;
    }
    let files: Vec<&str> = formats.iter().map(|format| format.file).collect();
    streams.err(&format!("Comparison: {} ({})", folder.display(), files.join(", ")));
    Ok(())
}
