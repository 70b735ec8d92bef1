//! Findings as spots in files, for services that show remarks beside the source: the same
//! finding of several sessions is one spot.
//!
//! Never how a service writes a spot.

use crate::finding::Severity;
use crate::report::{Location, Report, ReportedFinding, Standing};

/// Findings of one rule with one message-giving cause at one place.
#[derive(Debug)]
pub(super) struct Spot<'a> {
    /// The first of them.
    pub(super) found: &'a ReportedFinding,
    /// Where to show it.
    pub(super) location: Option<Location>,
    /// How many times in all.
    pub(super) times: u64,
    /// Identity across runs.
    pub(super) fingerprint: String,
}

impl Spot<'_> {
    /// True when the baseline accepts it.
    pub(super) fn is_known(&self) -> bool {
        !self.found.is_new()
    }

    /// Why it is accepted; empty where nobody said, or it is not.
    pub(super) fn reason(&self) -> &str {
        match &self.found.standing {
            Standing::Known { reason } => reason,
            Standing::New => "",
        }
    }

    /// `Purchase on server, Guest checkout (adblock)`; empty where nothing is known.
    pub(super) fn subject(&self) -> String {
        subject(self.found)
    }

    pub(super) fn severity(&self) -> Severity {
        self.found.finding.severity
    }
}

/// What a finding is about, in a few words; empty where nothing is known.
pub(super) fn subject(found: &ReportedFinding) -> String {
    let finding = &found.finding;
    let mut parts = Vec::new();
    match (&finding.event, finding.channel) {
        (Some(event), Some(channel)) => parts.push(format!("{event} on {channel}")),
        (Some(event), None) => parts.push(event.clone()),
        (None, Some(channel)) => parts.push(channel.to_string()),
        (None, None) => {}
    }
    if let Some(scenario) = &finding.scenario {
        parts.push(match &found.profile {
            Some(profile) if !profile.is_empty() => format!("{scenario} ({profile})"),
            _ => scenario.clone(),
        });
    }
    parts.join(", ")
}

/// All spots of a report, gravest first. A finding of no scenario stands at the first line
/// of the first scenario's file, since such services drop what has no place.
pub(super) fn spots(report: &Report) -> Vec<Spot<'_>> {
    let somewhere = report
        .scenarios
        .iter()
        .find(|run| !run.file.is_empty())
        .map(|run| Location { file: run.file.clone(), ..Location::default() });
    let mut found: Vec<&ReportedFinding> = report.findings.iter().collect();
    found.sort_by(|one, other| one.finding.order(&other.finding));
    let mut spots: Vec<Spot<'_>> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for found in found {
        let location = found.location.clone().or_else(|| somewhere.clone());
        let fingerprint = found.fingerprint().to_string();
        let times = u64::from(found.finding.count.max(1));
        let key = (
            fingerprint.clone(),
            found.is_new(),
            location.as_ref().map(|at| (at.file.clone(), at.place)),
        );
        let place = *places.entry(key).or_insert(spots.len());
        match spots.get_mut(place) {
            Some(spot) => spot.times += times,
            None => spots.push(Spot { found, location, times, fingerprint }),
        }
    }
    spots
}

/// A file as a relative address with forward slashes, percent-encoded where it must be.
pub(super) fn address(file: &str) -> String {
    let path = file.replace('\\', "/");
    let path = path.trim_start_matches("./");
    let encoded: Vec<String> = path
        .split('/')
        .map(|part| percent_encoding::utf8_percent_encode(part, PATH).to_string())
        .collect();
    encoded.join("/")
}

/// What may stand in a path as it is (RFC 3986, section 3.3), the colon left out because of
/// addresses that begin with it.
const PATH: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_become_addresses() {
        assert_eq!(address("./scenarios/guest checkout.yaml"), "scenarios/guest%20checkout.yaml");
        assert_eq!(address("scenarios\\a#b.yaml"), "scenarios/a%23b.yaml");
        assert_eq!(address("javascript:alert(1)"), "javascript%3Aalert(1)");
    }
}
