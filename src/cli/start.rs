//! Starts the site that `countonce.toml` names a command for, and tells how that goes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::reports::complain;
use super::{NO_RUN, Streams};
use crate::run::Run;
use crate::scenario::{Config, SiteCommand};
use crate::session::{LOG, SiteProcess, named, with_port};

/// How the site of the configuration is started.
pub(super) struct Command {
    command: SiteCommand,
    /// Folder of the configuration file.
    base: PathBuf,
    patience: Option<Duration>,
}

/// The configuration's command and the site's address, its port chosen; no command where
/// the flag names another site, which is up already.
pub(super) fn command(
    flag: Option<&str>,
    site: Option<String>,
    config: &Config,
    streams: &Streams,
) -> Result<(Option<Command>, Option<String>), u8> {
    let Some(command) = config.site.command.clone() else { return Ok((None, site)) };
    if let Some(flag) = flag
        && config.site.url.as_deref() != Some(flag)
    {
        streams.err(&format!(
            "note: the command of {} is not started, since --site names {flag}",
            config.file.display()
        ));
        return Ok((None, site));
    }
    let address = site.unwrap_or_default();
    // The report names the address, so its port is chosen before the run begins.
    let address = with_port(&address).map_err(|cause| {
        streams.err(&format!("error: {address}: no free port: {cause}"));
        NO_RUN
    })?;
    let base = config.file.parent().map(Path::to_owned).unwrap_or_default();
    let patience = config.wait.start.map(Duration::from_millis);
    Ok((Some(Command { command, base, patience }), Some(address)))
}

/// Starts it and waits until it is ready.
pub(super) async fn start(
    run: &Run,
    command: &Command,
    address: &str,
    streams: &Streams,
) -> Result<SiteProcess, u8> {
    streams.err(&format!("Site: starting `{}`", named(&command.command)));
    let started = run
        .start_site(&command.command, &command.base, address, command.patience)
        .await
        .map_err(|error| complain(&error, streams))?;
    streams.err(&format!(
        "Site: ready at {} after {:.1} s; its output: {}",
        started.url(),
        started.took().as_secs_f64(),
        run.folder.join(LOG).display()
    ));
    Ok(started)
}

/// Has it end in order, while the server tap still takes what it sends.
pub(super) async fn stop(started: SiteProcess, streams: &Streams) {
    for trouble in started.stop().await.troubles {
        streams.err(&format!("warning: {trouble}"));
    }
}
