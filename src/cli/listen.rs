//! `countonce listen`: the two taps alone, until Ctrl-C, for manual clicking and staging
//! servers; what they catch is shown as it comes and judged at the end.

mod settings;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use tokio::sync::watch;

use super::args::ListenOptions;
use super::reports::{Reports, complain};
use super::stage::{site, stop_on_ctrl_c, with_runtime};
use super::{NO_RUN, Streams, config, play, policy, start};
use crate::capture::Follower;
use crate::event::Channel;
use crate::run::{self, Action, Caught, Doorway, Live, Plan, Run, Site};
use crate::session::tap::BrowserTap;
use crate::session::{BUNDLE, Witness};
pub(super) use settings::StackName;

/// Listens, and judges at the end; returns the exit code.
pub(super) fn listen(options: &ListenOptions, streams: &Streams) -> u8 {
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
    let script = match play::script(options.pixel_script.as_deref(), streams) {
        Ok(script) => script,
        Err(code) => return code,
    };
    let address = options.site.clone().or_else(|| config.site.url.clone());
    let name = options
        .site_name
        .clone()
        .or_else(|| config.site.name.clone())
        .unwrap_or_else(|| play::SITE_NAME.to_owned());
    let (command, address) =
        match start::command(options.site.as_deref(), address, &config, streams) {
            Ok(both) => both,
            Err(code) => return code,
        };
    let plan = Plan {
        name: "listen".to_owned(),
        out: reports.out(),
        script,
        jobs: 1,
        retries: 0,
        fail_fast: false,
        browser: None,
        browser_name: String::new(),
        listen: options.bind,
        proxy_host: None,
        shard: None,
        repeat: 1,
        profiles: BTreeMap::new(),
        filters: None,
        hosts: config.platforms.into_values().flat_map(|platform| platform.hosts).collect(),
        element: None,
        settle: None,
        server: Doorway {
            address: options.bind,
            port: options.port.unwrap_or(0),
            tls_port: options.tls_port.unwrap_or(0),
        },
        site: address.clone().unwrap_or_default(),
        pictures: false,
    };
    let listened = with_runtime(streams, async {
        let stop = stop_on_ctrl_c(streams);
        let run = Run::open(plan).await.map_err(|error| complain(&error, streams))?;
        let started = match &command {
            Some(command) => {
                let address = address.as_deref().unwrap_or_default();
                Some(start::start(&run, command, address, streams).await?)
            }
            None => None,
        };
        let site = address.as_deref().map(|address| site(address, &name, None));
        let tap = open_tap(&run, options, site.as_ref(), streams).await?;
        // Certificates and preloads go with the run.
        let folder = tempfile::Builder::new().prefix("countonce-listen-").tempdir();
        let folder = folder.map_err(|cause| failed("a temporary folder", &cause, streams))?;
        tell(&run, &tap, options, site.as_ref(), folder.path(), streams)?;
        let watched = watch(&run, &tap, stop, streams).await;
        if let Some(started) = started {
            start::stop(started, streams).await;
        }
        tap.close().await;
        let tape = run.close(true).await.map_err(|error| complain(&error, streams))?;
        watched.map(|()| tape)
    });
    match listened {
        Ok(tape) => match run::conclude_tape(&tape, true, &policy) {
            Ok(report) => reports.deliver(&report, tape.parent()),
            Err(error) => complain(&error, streams),
        },
        Err(code) => code,
    }
}

async fn open_tap(
    run: &Run,
    options: &ListenOptions,
    site: Option<&Site>,
    streams: &Streams,
) -> Result<BrowserTap, u8> {
    let bind = SocketAddr::from((options.bind, options.browser_port.unwrap_or(0)));
    run.open_browser_tap(bind, site).await.map_err(|error| complain(&error, streams))
}

/// Prints where the taps are and what each stack has to be told.
fn tell(
    run: &Run,
    tap: &BrowserTap,
    options: &ListenOptions,
    site: Option<&Site>,
    folder: &Path,
    streams: &Streams,
) -> Result<(), u8> {
    let host = options.host.clone().unwrap_or_else(|| match options.bind {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => ip.to_string(),
    });
    let doors = run.doors().at(&host);
    let variables = crate::session::settings(&doors, folder)
        .map_err(|cause| failed(&folder.display().to_string(), &cause, streams))?;
    if let Some(path) = &options.ca_out {
        let write = |path: &Path, text: &[u8]| {
            std::fs::write(path, text)
                .map_err(|cause| failed(&path.display().to_string(), &cause, streams))
        };
        write(path, run.certificate().as_bytes())?;
        let bundle =
            std::fs::read(folder.join(BUNDLE)).map_err(|cause| failed(BUNDLE, &cause, streams))?;
        write(&settings::bundle_beside(path), &bundle)?;
    }
    let places = settings::Places {
        doors: &doors,
        variables: &variables,
        folder,
        authority: options.ca_out.as_deref(),
        browser: format!("{host}:{}", tap.address().port()),
        key: run.authority_key(),
        site: site.map(|site| site.public.as_str()),
        beyond: !options.bind.is_loopback(),
    };
    streams.err(&settings::text(&places, &options.stack));
    Ok(())
}

fn failed(what: &str, cause: &std::io::Error, streams: &Streams) -> u8 {
    streams.err(&format!("error: {what}: {cause}"));
    NO_RUN
}

/// Shows what is caught, until the run is stopped.
async fn watch(
    run: &Run,
    tap: &BrowserTap,
    mut stop: watch::Receiver<bool>,
    streams: &Streams,
) -> Result<(), u8> {
    let tape = Follower::open(run.tape()).map_err(|error| complain(&error.into(), streams))?;
    let mut live = Live::new(tape);
    let (hits, calls) = (tap.witness(), run.server_witness());
    let mut troubles = 0;
    streams.err("Listening; Ctrl-C ends it and prints the report.");
    loop {
        let seen = (recorded(&hits), recorded(&calls));
        for caught in live.look().map_err(|error| complain(&error.into(), streams))? {
            streams.err(&line(&caught));
        }
        for trouble in calls.look(|seen| seen.troubles.get(troubles..).unwrap_or(&[]).to_vec()) {
            troubles += 1;
            streams.err(&format!("warning: {trouble}"));
        }
        if *stop.borrow() {
            return Ok(());
        }
        tokio::select! {
            // An error means that the sender is gone, which ends the wait as well.
            _ = stop.changed() => {}
            () = hits.changed(|now| of(now) != seen.0) => {}
            () = calls.changed(|now| of(now) != seen.1) => {}
        }
    }
}

fn recorded(witness: &Witness) -> (u64, usize) {
    witness.look(of)
}

fn of(seen: &crate::session::Seen) -> (u64, usize) {
    (seen.recorded, seen.troubles.len())
}

/// One line for one event: the action as it stands by it.
fn line(caught: &Caught) -> String {
    match caught {
        Caught::Defect { exchange, what } => {
            format!("          #{exchange} cannot be read: {what}")
        }
        Caught::Event { channel, exchange, at, action } => {
            let time = jiff::Timestamp::from_millisecond(*at)
                .map(|time| time.strftime("%H:%M:%S").to_string())
                .unwrap_or_default();
            let side = match channel {
                Channel::Browser => "browser",
                Channel::Server => "server ",
            };
            let id = action.id.as_deref().unwrap_or("no event ID");
            format!(
                "{time}  {side} #{exchange:<4} {:<18} {:<36}  {}  keys {}/{}{}",
                action.event,
                crate::event::mask_personal(id),
                standing(action),
                action.browser_keys.len(),
                action.server_keys.len(),
                action.refused.as_ref().map(|why| format!("  refused: {why}")).unwrap_or_default()
            )
        }
    }
}

/// Both sides of an action in a few words.
fn standing(action: &Action) -> String {
    let side = |copies: usize| match copies {
        0 => "·".to_owned(),
        1 => "✓".to_owned(),
        more => format!("{more}×"),
    };
    let paired = if action.is_paired() { "paired" } else { "alone " };
    format!("b {} s {} {paired}", side(action.browser.len()), side(action.server.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_the_whole_action() {
        let action = Action {
            event: "Purchase".to_owned(),
            id: Some("order-1".to_owned()),
            browser: vec![1],
            server: vec![2, 3],
            browser_keys: ["fbp", "em"].into(),
            server_keys: ["em"].into(),
            refused: None,
        };
        let caught = Caught::Event { channel: Channel::Server, exchange: 3, at: 0, action };
        let line = line(&caught);
        for part in ["00:00:00", "server", "#3", "Purchase", "order-1", "b ✓ s 2× paired", "2/1"]
        {
            assert!(line.contains(part), "no `{part}` in {line}");
        }
    }
}
