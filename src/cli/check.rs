//! `countonce check`: judges recorded tapes again, with the same result as the run.

use super::args::CheckOptions;
use super::baseline::Baselines;
use super::reports::{Reports, complain};
use super::{Streams, config, policy};
use crate::run;

/// Judges each tape; the exit code is the gravest of all.
pub(super) fn check(options: &CheckOptions, streams: &Streams) -> u8 {
    let reports = match Reports::new(&options.report, streams) {
        Ok(reports) => reports,
        Err(code) => return code,
    };
    let config = match config::read(options.config.path(), streams) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let policy = match policy::read(options.report.policy.as_deref(), &config, None, streams) {
        Ok(policy) => policy,
        Err(code) => return code,
    };
    let baselines = match Baselines::read(&options.report, streams) {
        Ok(baselines) => baselines,
        Err(code) => return code,
    };
    let mut worst = 0;
    for tape in &options.tapes {
        let code = match run::conclude_tape(tape, options.partial, &policy) {
            Ok(mut report) => match baselines.settle(&mut report, &policy, streams) {
                Ok(()) => reports.deliver(&report, None),
                Err(code) => code,
            },
            Err(error) => complain(&error, streams),
        };
        worst = worst.max(code);
    }
    worst
}
