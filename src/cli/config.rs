//! Finds and reads `countonce.toml`.

use std::path::Path;

use super::{Streams, WRONG_INPUT};
use crate::scenario::Config;

/// The configuration that was named, or the one of this folder or the nearest above it;
/// an empty one where there is none.
pub(super) fn read(named: Option<&Path>, streams: &Streams) -> Result<Config, u8> {
    let found = match named {
        Some(path) => Some(path.to_owned()),
        None => std::env::current_dir().ok().and_then(|here| Config::find(&here)),
    };
    let Some(path) = found else { return Ok(Config::default()) };
    Config::read(&path).map_err(|errors| {
        for error in errors {
            streams.err(&format!("error: {error}"));
        }
        WRONG_INPUT
    })
}
