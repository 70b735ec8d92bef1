//! A signal in the middle of work on files: what is not whole goes before the program does.
//!
//! Never what is being written.

use std::sync::mpsc::Sender;

use tokio::signal::unix::{SignalKind, signal};

use super::{NO_RUN, Streams};
use crate::audit::Stage;

/// Clears the stage at the first SIGINT, SIGTERM or SIGHUP and ends the program. Work that the
/// stage holds together is done first. Signals are waited for when this returns.
pub(super) fn clear_on_signal(stage: &Stage, streams: &Streams) {
    let (stage, streams) = (stage.clone(), streams.clone());
    let (ready, waiting) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let waited = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .and_then(|runtime| runtime.block_on(signalled(ready)));
        match waited {
            Ok(name) => {
                stage.clear();
                streams.err(&format!("error: interrupted by {name}; nothing unfinished is left"));
                #[expect(clippy::exit, reason = "from a thread that waits for signals nothing else ends the program")]
                std::process::exit(NO_RUN.into());
            }
            Err(error) => streams.err(&format!(
                "warning: signals cannot be waited for ({error}): an interrupted run may leave a hidden folder behind"
            )),
        }
    });
    // An error here is that of the thread, which tells it.
    let _ = waiting.recv();
}

/// Waits for a signal that asks the program to end; its name.
async fn signalled(ready: Sender<()>) -> std::io::Result<&'static str> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    drop(ready);
    Ok(tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
        _ = hangup.recv() => "SIGHUP",
    })
}
