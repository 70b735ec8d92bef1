//! The begin of a session: its record on the tape, its tap and its page.
//!
//! Never a step.

use std::sync::Arc;

use url::Url;

use super::super::notebook::Notebook;
use super::super::plan::Plan;
use super::super::tally::Tally;
use super::super::{Bound, Part, Stage};
use super::{Open, now};
use crate::capture::{Line, SessionStart, TapeError};
use crate::event::{Expectation, FaultAnswer, ServerFault};
use crate::session::browser::{Browser, Wanted};
use crate::session::tap::{BrowserTap, BrowserTapConfig, Forwarding, LensConfig, Mapping};
use crate::visitor::Twist;

/// Begins a session's record on the tape.
pub(in crate::session::play) fn record_start(
    stage: &Stage,
    part: &Part,
    bound: &Bound,
    plan: Option<&Plan>,
    number: u32,
    attempt: u32,
) -> Result<(), TapeError> {
    let scenario = &part.scenario;
    let start = SessionStart {
        session: number,
        at: now(),
        scenario: scenario.name.clone(),
        file: scenario.file.display().to_string(),
        profile: part.profile.clone(),
        variant: part.variant_name().to_owned(),
        circumstances: (!part.circumstances.is_clean()).then(|| part.circumstances.clone()),
        repeat: part.repeat,
        attempt,
        expect: plan.map_or_else(|| scenario.expect.clone(), |plan| plan.expect.clone()),
        untold: plan.map(|plan| plan.untold.clone()).unwrap_or_default(),
        never: match plan {
            Some(plan) => plan.never.clone(),
            None => scenario.never.iter().map(|never| never.event.clone()).collect(),
        },
        server_faults: scenario.server_faults.clone(),
        persona: bound.persona.clone(),
        marks: bound.marks.clone(),
    };
    stage.tape.write(Line::Session(start)).map(|_| ())
}

pub(super) enum OpenError {
    Tap(String),
    Browser(String),
}

pub(super) async fn open(
    stage: &Stage,
    part: &Part,
    bound: &Bound,
    number: u32,
    browser: &mut Browser,
) -> Result<Open, OpenError> {
    let mut config = BrowserTapConfig::new(
        number,
        Arc::clone(&stage.authority),
        Arc::clone(&stage.claims),
        Arc::clone(&stage.responder),
        Arc::clone(&stage.tape),
    );
    config.bind = (stage.listen, 0).into();
    config.network = stage.network.clone();
    config.forwarding = Forwarding { visitor: bound.visitor, ..stage.forwarding.clone() };
    config.mappings = mappings(bound);
    let twist = part.variant.map(|variant| variant.twist);
    config.lens = LensConfig {
        circumstances: part.circumstances.clone(),
        filters: stage.filters.clone(),
        agent: bound.device.as_ref().map(|device| device.agent(&stage.browser)),
        hosts: Arc::clone(&stage.hosts),
        hold_for: stage.server.clone().filter(|_| twist == Some(Twist::ServerFirst)),
    };
    let tap = BrowserTap::open(config).await.map_err(|cause| OpenError::Tap(cause.to_string()))?;
    let proxy = match &stage.proxy_host {
        Some(host) => format!("{host}:{}", tap.address().port()),
        None => tap.address().to_string(),
    };
    let claims = Arc::clone(&stage.claims);
    let notebook = Arc::new(Notebook::new(number, claims, Arc::clone(&stage.tape)));
    let notes = Arc::clone(&notebook);
    let wanted = Wanted {
        device: bound.device.as_ref(),
        ear: Arc::new(move |told| notes.take(told)),
        scripts: &stage.watch.scripts,
    };
    let tab = browser
        .open(&proxy, wanted)
        .await
        .map_err(|cause| OpenError::Browser(cause.to_string()))?;
    let tally = Tally::new(tap.witness(), stage.server.clone(), &bound.marks);
    let mut faults = part.scenario.server_faults.clone();
    if twist == Some(Twist::ServerFails) {
        faults.extend(part.scenario.expect.iter().map(fails_once));
    }
    stage.faults.open(number, &bound.marks, tap.witness(), &faults);
    Ok(Open { tab, tap, tally, notebook })
}

/// The platform's API fails at the first call that carries the expected event.
fn fails_once(expected: &Expectation) -> ServerFault {
    ServerFault {
        answer: FaultAnswer::Failing,
        event: Some(expected.event.clone()),
        first: 1,
        last: 1,
        delay: None,
        place: expected.place,
    }
}

/// The mappings of a part, and the site itself where none of them leads to it, so that
/// the tap knows which answers are the site's.
fn mappings(bound: &Bound) -> Vec<Mapping> {
    let mut mappings = bound.mappings.clone();
    if let Ok(site) = Url::parse(&bound.site)
        && let Some(host) = site.host_str()
        && !mappings.iter().any(|one| one.name == host || one.name.starts_with(&format!("{host}:")))
    {
        mappings.push(Mapping::new(host, site.origin().ascii_serialization()));
    }
    mappings
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn bound(site: &str, mappings: Vec<Mapping>) -> Bound {
        Bound {
            steps: Vec::new(),
            site: site.to_owned(),
            mappings,
            visitor: None,
            device: None,
            persona: BTreeMap::new(),
            marks: Vec::new(),
        }
    }

    #[test]
    fn a_site_without_a_mapping_is_mapped_to_itself() {
        let own = mappings(&bound("https://staging.example.com/shop", Vec::new()));
        assert_eq!(own, [Mapping::new("staging.example.com", "https://staging.example.com")]);
        let given = vec![Mapping::new("shop.test", "http://127.0.0.1:3000")];
        assert_eq!(mappings(&bound("https://shop.test", given.clone())), given);
    }
}
