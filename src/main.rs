//! Arguments in, exit code out: the only place that prints.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use countonce::cli::{Streams, execute};

fn main() -> ExitCode {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let terminal = std::io::stdout().is_terminal();
    let streams = Streams {
        // A reader that went away (`countonce … | head`) is no reason to fail.
        out: Arc::new(|text| {
            let _ = std::io::stdout().lock().write_all(text.as_bytes());
            let _ = std::io::stdout().lock().flush();
        }),
        err: Arc::new(|text| {
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        }),
        width: terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0),
        colour: terminal && !no_colour,
        live: std::io::stderr().is_terminal(),
    };
    ExitCode::from(execute(std::env::args_os(), &streams))
}
