//! `countonce report`: renders a stored run again.

use super::args::RenderOptions;
use super::baseline::Baselines;
use super::gate::last;
use super::reports::{Reports, complain};
use super::{Streams, config, policy};
use crate::run;

pub(super) fn render(options: &RenderOptions, streams: &Streams) -> u8 {
    carried_out(options, streams).unwrap_or_else(|code| code)
}

fn carried_out(options: &RenderOptions, streams: &Streams) -> Result<u8, u8> {
    let reports = Reports::new(&options.report, streams)?;
    let config = config::read(options.config.path(), streams)?;
    let policy = policy::read(options.report.policy.as_deref(), &config, None, streams)?;
    let baselines = Baselines::read(&options.report, streams)?;
    let path = options.run.clone().unwrap_or_else(|| last(&options.report));
    let mut report =
        run::stored(&path, options.partial, &policy).map_err(|error| complain(&error, streams))?;
    baselines.settle(&mut report, &policy, streams)?;
    Ok(reports.deliver(&report, None))
}
