//! `countonce setup`: finds the browser and its driver, or installs them.

use std::io::{BufRead as _, IsTerminal as _};

use super::args::SetupOptions;
use super::{NO_RUN, Streams};
use crate::session::setup;

pub(super) fn setup(options: &SetupOptions, streams: &Streams) -> u8 {
    match ready(options.yes, streams) {
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
            0
        }
        Err(code) => code,
    }
}

/// What is there, installing what is missing where the user agrees.
pub(super) fn ready(yes: bool, streams: &Streams) -> Result<setup::Found, u8> {
    let missing = match setup::find() {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    streams.err(&format!("{missing}"));
    if !(yes || agreed(streams)) {
        streams.err("Run `countonce setup --yes` to install what is missing.");
        return Err(NO_RUN);
    }
    let mut show = |line: &str| streams.err(line);
    setup::install(true, &mut show).map_err(|error| {
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
