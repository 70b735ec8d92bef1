//! `countonce demo`: the embedded shop and the shipped scenarios, nothing to configure.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::args::DemoOptions;
use super::baseline::Baselines;
use super::play::{Show, demo_policy, perform};
use super::reports::{Reports, complain};
use super::stage::{close_shop, open_shop, stop_on_ctrl_c, with_runtime};
use super::{NO_RUN, Streams, WRONG_INPUT};
use crate::demo::{FAULTS, Fault, find};
use crate::platform::PixelScript;
use crate::run::{self, Doorway, Plan, Run};
use crate::scenario::{self, BrowserConfig, Config, Environment, Scenario};

/// The shipped suite, by file name, as it stands in the repository.
const SUITE: &[(&str, &str)] = &[
    ("scenarios/abandoned-cart.yaml", include_str!("../../scenarios/abandoned-cart.yaml")),
    ("scenarios/browse-only.yaml", include_str!("../../scenarios/browse-only.yaml")),
    ("scenarios/consent-refused.yaml", include_str!("../../scenarios/consent-refused.yaml")),
    ("scenarios/german-checkout.yaml", include_str!("../../scenarios/german-checkout.yaml")),
    ("scenarios/guest-checkout.yaml", include_str!("../../scenarios/guest-checkout.yaml")),
    ("scenarios/newsletter-lead.yaml", include_str!("../../scenarios/newsletter-lead.yaml")),
    ("scenarios/search-and-view.yaml", include_str!("../../scenarios/search-and-view.yaml")),
];

pub(super) fn demo(options: &DemoOptions, streams: &Streams) -> u8 {
    if options.list_faults {
        let widest = FAULTS.iter().map(|fault| fault.name.len()).max().unwrap_or(0);
        let rules = FAULTS.iter().map(|fault| fault.rule.len()).max().unwrap_or(0);
        for fault in FAULTS {
            streams.out(&format!(
                "{:<widest$}  {:<rules$}  {}",
                fault.name, fault.rule, fault.summary
            ));
        }
        return 0;
    }
    let mut faults: Vec<&'static Fault> = Vec::new();
    for name in &options.fault {
        let Some(fault) = find(name) else {
            let near =
                FAULTS.iter().min_by_key(|fault| strsim::damerau_levenshtein(fault.name, name));
            let hint =
                near.map(|near| format!("; did you mean `{}`?", near.name)).unwrap_or_default();
            streams.err(&format!("error: there is no fault `{name}`{hint}\n  `countonce demo --list-faults` lists them all"));
            return WRONG_INPUT;
        };
        faults.push(fault);
    }
    if options.serve {
        return serve(&faults, options, streams);
    }
    let scenarios = match suite() {
        Ok(scenarios) => scenarios,
        Err(text) => {
            streams.err(&format!(
                "error: the shipped scenarios are broken, which is a bug of countonce:\n{text}"
            ));
            return NO_RUN;
        }
    };
    let policy = match demo_policy(options.play.report.policy.as_deref(), streams) {
        Ok(policy) => policy,
        Err(code) => return code,
    };
    for fault in &faults {
        streams.err(&format!("Planted fault: {} ({})", fault.name, fault.summary));
    }
    let show = Show {
        scenarios,
        site: Some("demo".to_owned()),
        command: None,
        site_name: String::new(),
        name: faults.first().map_or("demo".to_owned(), |fault| format!("demo-{}", fault.name)),
        faults,
        policy,
        server_tap: None,
        ca_file: None,
        install: options.yes,
        browser: BrowserConfig::default(),
        config: Config::default(),
        hosts: Vec::new(),
    };
    perform(show, &options.play, streams)
}

/// The shipped scenarios, read from the binary.
fn suite() -> Result<Vec<Scenario>, String> {
    let mut scenarios = Vec::new();
    for (file, text) in SUITE {
        match scenario::parse(std::path::Path::new(file), text, &Environment::new(&|_| None)) {
            Ok(scenario) => scenarios.push(scenario),
            Err(errors) => {
                return Err(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
            }
        }
    }
    Ok(scenarios)
}

/// The shop without a browser of ours: the server's calls are caught and judged at the end.
fn serve(faults: &[&'static Fault], options: &DemoOptions, streams: &Streams) -> u8 {
    let reports = match Reports::new(&options.play.report, streams) {
        Ok(reports) => reports,
        Err(code) => return code,
    };
    let policy = match demo_policy(options.play.report.policy.as_deref(), streams) {
        Ok(policy) => policy,
        Err(code) => return code,
    };
    let baselines = match Baselines::read(&options.play.report, streams) {
        Ok(baselines) => baselines,
        Err(code) => return code,
    };
    let plan = Plan {
        name: "shop".to_owned(),
        out: reports.out(),
        script: PixelScript::StandIn,
        jobs: 1,
        retries: 0,
        fail_fast: false,
        browser: None,
        browser_name: String::new(),
        listen: Ipv4Addr::LOCALHOST.into(),
        proxy_host: None,
        shard: None,
        hosts: Vec::new(),
        repeat: 1,
        profiles: BTreeMap::new(),
        filters: None,
        element: None,
        settle: None,
        server: Doorway::default(),
        site: "demo".to_owned(),
        pictures: false,
    };
    let served = with_runtime(streams, async {
        let stop = stop_on_ctrl_c(streams);
        let run = Run::open(plan).await.map_err(|error| complain(&error, streams))?;
        let shop = open_shop(&run, faults, streams).await?;
        streams.out(&format!("shop        http://{}", shop.address()));
        streams.out(&format!("server tap  {}", run.base_url()));
        let mut stopped = stop.clone();
        // An error means that the sender is gone, which ends the wait as well.
        let _ended = stopped.wait_for(|stop| *stop).await;
        close_shop(shop, streams).await;
        run.close(true).await.map_err(|error| complain(&error, streams))
    });
    match served {
        Ok(tape) => match run::conclude_tape(&tape, true, &policy) {
            Ok(mut report) => match baselines.settle(&mut report, &policy, streams) {
                Ok(()) => reports.deliver(&report, tape.parent()),
                Err(code) => code,
            },
            Err(error) => complain(&error, streams),
        },
        Err(code) => code,
    }
}
