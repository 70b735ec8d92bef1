//! `countonce init`: a configuration, a first scenario and a CI workflow to start from.
//!
//! Never overwrites a file that is there.

use std::fs;
use std::io::{ErrorKind, Write as _};

use super::args::InitOptions;
use super::{NO_RUN, Streams, WRONG_INPUT};

/// Files by path and text.
const FILES: &[(&str, &str)] = &[
    ("countonce.toml", include_str!("init/countonce.toml")),
    ("scenarios/first.yaml", include_str!("init/first.yaml")),
    (".github/workflows/countonce.yml", include_str!("init/workflow.yml")),
];

pub(super) fn init(options: &InitOptions, streams: &Streams) -> u8 {
    let folder = &options.folder;
    if folder.exists() && !folder.is_dir() {
        streams.err(&format!("error: {} is a file; give a folder", folder.display()));
        return WRONG_INPUT;
    }
    for (name, text) in FILES {
        let path = folder.join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&path)?
                .write_all(text.as_bytes())
        });
        match made {
            Ok(()) => streams.out(&format!("wrote {}", path.display())),
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
                streams.out(&format!("kept  {} (it is there already)", path.display()));
            }
            Err(cause) => {
                streams.err(&format!("error: {}: {cause}", path.display()));
                return NO_RUN;
            }
        }
    }
    streams.out("\nNext: put your flow into scenarios/first.yaml, start your site, then");
    streams.out("  countonce run --site http://127.0.0.1:8000");
    0
}
