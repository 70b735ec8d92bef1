//! `countonce sql`: queries over facts for other engines.

use super::audit_args::SqlOptions;
use super::{Streams, WRONG_INPUT};
use crate::audit::{DIALECTS, reconcile_sql};
use crate::platform::PLATFORMS;

pub(super) fn sql(options: &SqlOptions, streams: &Streams) -> u8 {
    let window = PLATFORMS[0].counting.dedup_window;
    if let Some(query) = reconcile_sql(&options.dialect, options.table.as_deref(), window) {
        streams.out(&query);
        return 0;
    }
    let names: Vec<&str> = DIALECTS.iter().map(|(name, _)| *name).collect();
    streams.err(&format!(
        "error: there is no dialect `{}`; dialects: {}",
        options.dialect,
        names.join(", ")
    ));
    WRONG_INPUT
}
