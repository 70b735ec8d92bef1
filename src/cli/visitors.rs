//! Profiles and variants of the command line, and the filter lists that some visitors
//! need.
//!
//! Flags win over what scenarios say. Never what a profile does.

use std::path::PathBuf;
use std::sync::Arc;

use super::args::VisitorFlags;
use super::{Streams, WRONG_INPUT};
use crate::scenario::{Config, Scenario, profile_names, variant_names};
use crate::session::filters::{Filters, installed};
use crate::session::setup::lists_folder;
use crate::step::nearest;
use crate::visitor::{Blocks, Circumstances};

/// Word for every profile or variant.
const ALL: &str = "all";

/// Hosts of the platform that a minimal set blocks, where there is no list.
const MINIMAL: &[&str] = &["connect.facebook.net", "www.facebook.com", "facebook.com"];

/// Gives the scenarios the profiles and variants of the flags, and the banner of the
/// configuration where they name none.
pub(super) fn cast(
    scenarios: &mut [Scenario],
    flags: &VisitorFlags,
    config: &Config,
    streams: &Streams,
) -> Result<(), u8> {
    let mut profiles: Vec<&str> = profile_names().collect();
    profiles.extend(config.profiles.keys().map(String::as_str));
    let variants: Vec<&str> = variant_names().collect();
    let profiles = named("profile", &flags.profile, &profiles, streams)?;
    let variants = named("variant", &flags.variant, &variants, streams)?;
    for scenario in scenarios {
        if !profiles.is_empty() {
            scenario.profiles.clone_from(&profiles);
        }
        if !variants.is_empty() {
            scenario.variants.clone_from(&variants);
        }
        scenario.consent = std::mem::take(&mut scenario.consent).or(&config.consent);
    }
    Ok(())
}

/// Names of a flag, each of them known.
fn named(
    flag: &str,
    given: &[String],
    known: &[&str],
    streams: &Streams,
) -> Result<Vec<String>, u8> {
    if given.iter().any(|name| name == ALL) {
        return Ok(known.iter().map(|name| (*name).to_owned()).collect());
    }
    let mut names: Vec<String> = Vec::new();
    for name in given {
        if !known.contains(&name.as_str()) {
            let near = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "none is like it".to_owned(),
            };
            streams.err(&format!(
                "error: there is no {flag} `{name}`; {near}\n  known are {}, and `{ALL}` for every one",
                known.join(", ")
            ));
            return Err(WRONG_INPUT);
        }
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Ok(names)
}

/// The filter lists, where a visitor of these scenarios blocks by some.
pub(super) fn filters(
    scenarios: &[Scenario],
    flags: &VisitorFlags,
    config: &Config,
    streams: &Streams,
) -> Result<Option<Arc<Filters>>, u8> {
    let blocks = |profile: &String| {
        let own = config.profiles.get(profile).cloned();
        own.unwrap_or_else(|| Circumstances::of_profile(profile)).blocks == Blocks::Lists
    };
    let needed = scenarios.iter().flat_map(|scenario| &scenario.profiles).any(blocks);
    if !needed && flags.filter_list.is_empty() {
        return Ok(None);
    }
    let files: Vec<PathBuf> = if flags.filter_list.is_empty() {
        installed(lists_folder().as_deref())
    } else {
        flags.filter_list.clone()
    };
    if files.is_empty() {
        let filters = Filters::minimal(MINIMAL);
        streams.err(&format!(
            "note: ad blockers of this run have {}; install a blocker's package, run `countonce setup --filter-lists`, or give --filter-list FILE",
            filters.name()
        ));
        return Ok(Some(Arc::new(filters)));
    }
    let filters = Filters::load(&files).map_err(|error| {
        streams.err(&format!("error: {error}"));
        WRONG_INPUT
    })?;
    for list in filters.lists().iter().filter(|list| list.unread > 0) {
        streams.err(&format!(
            "warning: {}: {} of {} lines with rules cannot be read, for example `{}`",
            list.title,
            list.unread,
            list.rules + list.unread,
            list.samples.join("`, `")
        ));
    }
    Ok(Some(Arc::new(filters)))
}
