//! `countonce run`: plays scenarios against a site.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

use super::args::{PlayOptions, RunOptions};
use super::baseline::Baselines;
use super::browsers::browsers;
use super::progress::Teller;
use super::reports::{Reports, complain};
use super::stage::{DEMO, close_shop, open_shop, site, stop_on_ctrl_c, with_runtime};
use super::{NO_RUN, Streams, WRONG_INPUT, config, policy, start, visitors};
use crate::demo::Fault;
use crate::gate::{Policy, Preset};
use crate::platform::PixelScript;
use crate::run::{self, Doorway, Plan, Run};
use crate::scenario::{self, BrowserConfig, Config, Environment, Filter, Scenario};
use crate::session::BrowserSource;
use crate::session::grid::{self, Room};

/// Name under which a site on this machine is visited, unless the user gives another.
pub(super) const SITE_NAME: &str = "site.test";

/// Plays scenarios of files.
pub(super) fn run(options: &RunOptions, streams: &Streams) -> u8 {
    let config = match config::read(options.config.path(), streams) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let paths = if options.paths.is_empty() {
        vec![PathBuf::from("scenarios")]
    } else {
        options.paths.clone()
    };
    let lookup = |name: &str| std::env::var(name).ok();
    let own: Vec<String> = config.profiles.keys().cloned().collect();
    let environment = Environment::new(&lookup).with_profiles(&own);
    let (scenarios, errors) = scenario::load(&paths, &environment);
    if !errors.is_empty() {
        for error in &errors {
            streams.err(&format!("error: {error}"));
        }
        return WRONG_INPUT;
    }
    let policy = match policy::read(options.play.report.policy.as_deref(), &config, None, streams) {
        Ok(policy) => policy,
        Err(code) => return code,
    };
    let site = options.site.clone().or_else(|| config.site.url.clone());
    let name = options
        .site_name
        .clone()
        .or_else(|| config.site.name.clone())
        .unwrap_or_else(|| SITE_NAME.to_owned());
    let (command, site) = match start::command(options.site.as_deref(), site, &config, streams) {
        Ok(both) => both,
        Err(code) => return code,
    };
    let show = Show {
        scenarios,
        site,
        command,
        site_name: name,
        faults: Vec::new(),
        policy,
        name: "run".to_owned(),
        server_tap: options.server_tap,
        ca_file: options.ca_file.clone(),
        install: false,
        browser: config.browser.clone(),
        hosts: config.platforms.values().flat_map(|platform| platform.hosts.clone()).collect(),
        config,
    };
    perform(show, &options.play, streams)
}

/// Everything about a run that its command decides.
pub(super) struct Show {
    /// What to play.
    pub(super) scenarios: Vec<Scenario>,
    /// Address that wins over the scenarios' own.
    pub(super) site: Option<String>,
    /// How the site is started, where it is.
    pub(super) command: Option<start::Command>,
    /// Name for a site on this machine.
    pub(super) site_name: String,
    /// Faults of the demo shop.
    pub(super) faults: Vec<&'static Fault>,
    /// How it is judged.
    pub(super) policy: Policy,
    /// Short name of the run.
    pub(super) name: String,
    /// Fixed port of the server tap.
    pub(super) server_tap: Option<u16>,
    /// Where to write the certificate.
    pub(super) ca_file: Option<PathBuf>,
    /// Whether to install a missing browser without asking.
    pub(super) install: bool,
    /// What the configuration says of browsers.
    pub(super) browser: BrowserConfig,
    /// What the configuration says of visitors.
    pub(super) config: Config,
    /// Further hosts whose requests are a platform's.
    pub(super) hosts: Vec<String>,
}

/// Plays, judges, reports; returns the exit code.
pub(super) fn perform(mut show: Show, options: &PlayOptions, streams: &Streams) -> u8 {
    let reports = match Reports::new(&options.report, streams) {
        Ok(reports) => reports,
        Err(code) => return code,
    };
    let baselines = match Baselines::read(&options.report, streams) {
        Ok(baselines) => baselines,
        Err(code) => return code,
    };
    if let Err(code) = select(&mut show.scenarios, options.filter.as_deref(), streams) {
        return code;
    }
    if let Err(code) = visitors::cast(&mut show.scenarios, &options.visitors, &show.config, streams)
    {
        return code;
    }
    let filters = match visitors::filters(&show.scenarios, &options.visitors, &show.config, streams)
    {
        Ok(filters) => filters,
        Err(code) => return code,
    };
    let script = match script(options.pixel_script.as_deref(), streams) {
        Ok(script) => script,
        Err(code) => return code,
    };
    for scenario in &show.scenarios {
        for warning in &scenario.warnings {
            streams.err(&format!("warning: {warning}"));
        }
    }
    let browsers = match browsers(&options.browsers, &show.browser, show.install, streams) {
        Ok(browsers) => browsers,
        Err(code) => return code,
    };
    let plan = Plan {
        name: show.name.clone(),
        out: reports.out(),
        script,
        jobs: options.jobs.map_or_else(default_jobs, usize::from),
        retries: options.retries,
        fail_fast: options.fail_fast,
        browser_name: browsers.name,
        browser: Some(browsers.options),
        listen: browsers.listen,
        shard: options.shard,
        proxy_host: browsers.host,
        hosts: show.hosts.clone(),
        repeat: options.visitors.repeat,
        profiles: show.config.profiles.clone(),
        filters,
        element: options.step_timeout,
        settle: options.settle,
        server: Doorway { port: show.server_tap.unwrap_or(0), ..Doorway::default() },
        site: show.site.clone().unwrap_or_default(),
        pictures: !options.no_pictures && reports.wants("html"),
    };
    let failed = |tape: &Path| run::failed_sessions(tape, &show.policy, baselines.accepted());
    let played = with_runtime(streams, play(plan, &show, options, &failed, streams));
    let (folder, tape) = match played {
        Ok(places) => places,
        Err(code) => return code,
    };
    let shown = tape.display().to_string();
    match run::conclude_tape(&tape, true, &show.policy) {
        Ok(mut report) => {
            report.name.clone_from(&show.name);
            report.tape = Some(shown);
            match baselines.settle(&mut report, &show.policy, streams) {
                Ok(()) => reports.deliver(&report, Some(&folder)),
                Err(code) => code,
            }
        }
        Err(error) => complain(&error, streams),
    }
}

/// Keeps the scenarios that the filter names; none at all is the user's error.
fn select(
    scenarios: &mut Vec<Scenario>,
    filter: Option<&str>,
    streams: &Streams,
) -> Result<(), u8> {
    if let Some(text) = filter {
        let filter = Filter::parse(text).map_err(|error| {
            streams.err(&format!("error: --filter: {error}"));
            WRONG_INPUT
        })?;
        let all: Vec<String> = scenarios.iter().map(|scenario| scenario.name.clone()).collect();
        scenarios.retain(|scenario| filter.matches(scenario));
        if scenarios.is_empty() {
            streams.err(&format!("error: --filter `{text}` matches none of: {}", all.join(", ")));
            return Err(WRONG_INPUT);
        }
    }
    Ok(())
}

/// The script that pages get: the user's, or the stand-in.
pub(super) fn script(path: Option<&Path>, streams: &Streams) -> Result<PixelScript, u8> {
    let Some(path) = path else { return Ok(PixelScript::StandIn) };
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() => {
            streams.err(&format!("error: {}: the pixel script is empty", path.display()));
            Err(WRONG_INPUT)
        }
        Ok(text) => Ok(PixelScript::given(text)),
        Err(cause) => {
            streams.err(&format!(
                "error: {}: {cause}; --pixel-script takes a copy of fbevents.js",
                path.display()
            ));
            Err(WRONG_INPUT)
        }
    }
}

/// How long a grid that is away or full is waited for, unless the user says otherwise.
const GRID_WAIT: Duration = Duration::from_mins(1);

/// Two browsers keep two cores busy; more only take turns.
fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(2))
}

/// Opens the taps, starts the demo shop where one is wanted, plays, closes.
async fn play(
    mut plan: Plan,
    show: &Show,
    options: &PlayOptions,
    failed: &run::Failed<'_>,
    streams: &Streams,
) -> Result<(PathBuf, PathBuf), u8> {
    let stop = stop_on_ctrl_c(streams);
    let room = grid_room(&plan, options, stop.clone(), streams).await?;
    if let (None, Some(Room::Grid { free, .. })) = (options.jobs, room) {
        plan.jobs = free;
    }
    let run = Run::open(plan).await.map_err(|error| complain(&error, streams))?;
    if let Some(path) = &show.ca_file {
        std::fs::write(path, run.certificate()).map_err(|cause| {
            streams.err(&format!("error: {}: {cause}", path.display()));
            NO_RUN
        })?;
    }
    let started = match &show.command {
        Some(command) => Some(
            start::start(&run, command, show.site.as_deref().unwrap_or_default(), streams).await?,
        ),
        None => None,
    };
    let wanted: BTreeSet<&str> = show
        .scenarios
        .iter()
        .map(|scenario| address(show, scenario))
        .collect::<Result<_, String>>()
        .map_err(|text| {
            streams.err(&format!("error: {text}"));
            WRONG_INPUT
        })?;
    let shop = if wanted.contains(DEMO) {
        Some(open_shop(&run, &show.faults, streams).await?)
    } else {
        None
    };
    if show.command.is_none() && wanted.iter().any(|site| *site != DEMO) {
        streams.err(&format!(
            "Server tap: base URL {} · proxy {}",
            run.base_url(),
            run.proxy_url()
        ));
    }
    let parts = show
        .scenarios
        .iter()
        .map(|scenario| {
            let address = address(show, scenario).unwrap_or(DEMO);
            (scenario.clone(), site(address, &show.site_name, shop.as_ref()))
        })
        .collect();
    let teller = Teller::new(streams, options.report.loudness());
    let played = run.play(parts, teller.sink(), stop.clone(), failed).await;
    teller.finish();
    if let Some(shop) = shop {
        close_shop(shop, streams).await;
    }
    if let Some(started) = started {
        start::stop(started, streams).await;
    }
    let stopped = *stop.borrow();
    let folder = run.folder.clone();
    let tape = run.close(stopped).await.map_err(|error| complain(&error, streams))?;
    played.map_err(|error| complain(&error, streams))?;
    if let Some(copy) = &options.record {
        std::fs::copy(&tape, copy).map_err(|cause| {
            streams.err(&format!("error: {}: {cause}", copy.display()));
            NO_RUN
        })?;
    }
    Ok((folder, tape))
}

/// Waits for room on a foreign `WebDriver`; `None` where browsers are our own.
async fn grid_room(
    plan: &Plan,
    options: &PlayOptions,
    mut stop: watch::Receiver<bool>,
    streams: &Streams,
) -> Result<Option<Room>, u8> {
    let Some(browser) = &plan.browser else { return Ok(None) };
    let BrowserSource::WebDriver(address) = &browser.source else { return Ok(None) };
    let patience = options.browsers.webdriver_wait.unwrap_or(GRID_WAIT);
    let told = streams.clone();
    let mut tell = move |text: &str| told.err(text);
    tokio::select! {
        room = grid::room(address, browser.engine, patience, &mut tell) => {
            room.map(Some).map_err(|error| {
                streams.err(&format!("error: {error}"));
                NO_RUN
            })
        }
        Ok(_) = stop.wait_for(|stopped| *stopped) => Err(NO_RUN),
    }
}

/// Where a scenario is played: the flag or configuration, else its own `site`.
fn address<'a>(show: &'a Show, scenario: &'a Scenario) -> Result<&'a str, String> {
    show.site.as_deref().or(scenario.site.as_deref()).ok_or_else(|| {
        format!(
            "{}: no site: give --site URL, or `site:` in the scenario or countonce.toml",
            scenario.file.display()
        )
    })
}

/// What is slow for a shop on the same machine, milliseconds.
const DEMO_SLOW_MS: i64 = 1_000;

/// The policy of the demo: the clean shop has no finding at all.
pub(super) fn demo_policy(flag: Option<&str>, streams: &Streams) -> Result<Policy, u8> {
    match flag {
        Some(_) => policy::read(flag, &Config::default(), None, streams),
        None => {
            let mut policy = Policy::new(Preset::Strict, &run::known_rules());
            // The demo shop sends its server events at once.
            policy.settings.slow_server_event = Some(DEMO_SLOW_MS);
            Ok(policy)
        }
    }
}
