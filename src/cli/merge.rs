//! `countonce merge`: the parts of a CI matrix as one run, with one verdict.

use super::args::MergeOptions;
use super::reports::{Reports, complain};
use super::{Streams, config, policy};
use crate::run;

pub(super) fn merge(options: &MergeOptions, streams: &Streams) -> u8 {
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
    let merged = run::merge(&options.runs, &reports.out(), options.partial)
        .and_then(|tape| Ok((run::conclude_tape(&tape, true, &policy)?, tape)));
    match merged {
        Ok((mut report, tape)) => {
            "merged".clone_into(&mut report.name);
            report.tape = Some(tape.display().to_string());
            reports.deliver(&report, tape.parent())
        }
        Err(error) => complain(&error, streams),
    }
}
