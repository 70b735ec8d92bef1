//! `countonce gate`: judges a stored run again by a policy, without a browser.

use std::path::{Path, PathBuf};

use super::args::{GateOptions, ReportOptions};
use super::baseline::Baselines;
use super::reports::{Reports, complain};
use super::{Streams, WRONG_INPUT, config, policy};
use crate::format::verdict;
use crate::gate::exit_code;
use crate::report::Stage;
use crate::run;

pub(super) fn gate(options: &GateOptions, streams: &Streams) -> u8 {
    carried_out(options, streams).unwrap_or_else(|code| code)
}

fn carried_out(
    GateOptions { stage, of: options }: &GateOptions,
    streams: &Streams,
) -> Result<u8, u8> {
    let reports = Reports::new(&options.report, streams)?;
    let config = config::read(options.config.path(), streams)?;
    let mut policy = policy::read(options.report.policy.as_deref(), &config, None, streams)?;
    if let Some(word) = stage {
        let stage = Stage::from_name(word).ok_or_else(|| {
            let names = Stage::ALL.map(Stage::name).join(", ");
            streams
                .err(&format!("error: there is no stage `{word}`\n  stages: {names}, or 0 to 4"));
            WRONG_INPUT
        })?;
        policy.cutover.stage = Some(stage);
    }
    let baselines = Baselines::read(&options.report, streams)?;
    let path = options.run.clone().unwrap_or_else(|| last(&options.report));
    let mut report =
        run::stored(&path, options.partial, &policy).map_err(|error| complain(&error, streams))?;
    baselines.settle(&mut report, &policy, streams)?;
    if reports.asked() {
        return Ok(reports.deliver(&report, None));
    }
    streams.out(&verdict(&report, &reports.look()));
    Ok(exit_code(&report.verdict))
}

/// The last run of the folder for runs.
pub(super) fn last(options: &ReportOptions) -> PathBuf {
    let folder = if options.out == Path::new("-") { Path::new("reports") } else { &options.out };
    folder.join(run::LATEST)
}
