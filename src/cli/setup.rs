//! `countonce setup`: finds the browser and its driver, or installs them.

use std::io::{BufRead as _, IsTerminal as _};

use super::args::SetupOptions;
use super::browsers::engine;
use super::stage::with_runtime;
use super::{NO_RUN, Streams};
use crate::session::{Engine, setup};

pub(super) fn setup(options: &SetupOptions, streams: &Streams) -> u8 {
    if options.filter_lists {
        let fetched = with_runtime(streams, async {
            setup::fetch_lists().await.map_err(|error| {
                streams.err(&format!("error: {error}"));
                NO_RUN
            })
        });
        return match fetched {
            Ok(files) => {
                for file in files {
                    streams.out(&format!("list     {}", file.display()));
                }
                0
            }
            Err(code) => code,
        };
    }
    let engine = match engine(&options.browser, streams) {
        Ok(engine) => engine,
        Err(code) => return code,
    };
    match ready(engine, options.yes, streams) {
        Ok(found) => {
            streams.out(&format!(
                "browser  {}  {}",
                found.browser.version,
                found.browser.path.display()
            ));
            streams.out(&format!(
                "driver   {}  {}",
                found.driver.version,
                found.driver.path.display()
            ));
            if let Some(display) = &found.display {
                streams.out(&format!("display  {}", display.display()));
            }
            0
        }
        Err(code) => code,
    }
}

/// What is there, installing what is missing where the user agrees.
pub(super) fn ready(
    engine: &'static Engine,
    yes: bool,
    streams: &Streams,
) -> Result<setup::Found, u8> {
    let missing = match setup::find_of(engine) {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    streams.err(&format!("{missing}"));
    if !(yes || agreed(streams)) {
        streams.err(&format!(
            "Run `countonce setup --browser {} --yes` to install what is missing.",
            engine.name
        ));
        return Err(NO_RUN);
    }
    let mut show = |line: &str| streams.err(line);
    setup::install(engine, true, &mut show).map_err(|error| {
        streams.err(&format!("error: {error}"));
        NO_RUN
    })
}

/// Asks on a terminal; elsewhere silence means no.
fn agreed(streams: &Streams) -> bool {
    if !streams.live || !std::io::stdin().is_terminal() {
        return false;
    }
    (streams.err)("Install now? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok()
        && answer.trim().eq_ignore_ascii_case("y")
}
