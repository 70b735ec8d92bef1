//! Event names in a policy that nothing bears out: neither the platform nor the run has such
//! an event. They may be right, since sites name events as they like, so they are told and
//! refused nowhere; but a limit to a misspelt name holds nothing.
//! Never a figure.

use std::collections::{BTreeMap, BTreeSet};

use super::metric::Metric;
use super::policy::Policy;
use crate::finding::EVERY_EVENT;
use crate::report::Report;

/// A sentence for each event name of the policy that is neither among the platform's own
/// (`known`) nor in the run, with what was probably meant.
pub fn strange_events(policy: &Policy, report: &Report, known: &[&str]) -> Vec<String> {
    let mut seen: BTreeSet<&str> = report.events.iter().map(|row| row.event.as_str()).collect();
    for run in &report.scenarios {
        seen.extend(run.expectations.iter().map(|expected| expected.expectation.event.as_str()));
        seen.extend(run.never.iter().map(|never| never.event.as_str()));
    }
    let mut strange: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (event, place) in named(policy) {
        if event != EVERY_EVENT && !seen.contains(event) && !known.contains(&event) {
            strange.entry(event).or_default().insert(place);
        }
    }
    strange
        .into_iter()
        .map(|(event, places)| {
            let places: Vec<&str> = places.into_iter().collect();
            let meant = nearest(event, seen.iter().chain(known).copied());
            let hint = meant.map(|meant| format!(" Did you mean `{meant}`?")).unwrap_or_default();
            format!(
                "The policy names the event `{event}` ({}), which is no standard event and was seen nowhere in this run: what is asked of it holds nothing.{hint}",
                places.join(", ")
            )
        })
        .collect()
}

/// Every event name of the policy, with the table it stands in.
fn named(policy: &Policy) -> impl Iterator<Item = (&str, &'static str)> {
    let thresholds = policy.thresholds.iter().filter_map(|threshold| match threshold.metric() {
        Metric::Event { event: Some(event), .. } => Some((event.as_str(), "thresholds")),
        _ => None,
    });
    let settings = &policy.settings;
    let figures = [
        ("limits.match_quality", &settings.match_quality),
        ("limits.dedup_rate", &settings.dedup_rate),
        ("limits.server_coverage", &settings.server_coverage),
    ];
    let limits = figures
        .into_iter()
        .flat_map(|(place, table)| table.0.keys().map(move |event| (event.as_str(), place)));
    let coverage = settings
        .key_coverage
        .iter()
        .filter_map(|wanted| Some((wanted.event.as_deref()?, "limits.match_key_coverage")));
    thresholds.chain(limits).chain(coverage)
}

/// The name that is at most a third away, letters in capitals or not.
fn nearest<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let bound = (wrong.chars().count() / 3).max(2);
    candidates
        .map(|name| {
            (strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase()), name)
        })
        .filter(|(distance, _)| *distance <= bound)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::report::EventRow;

    #[test]
    fn a_misspelt_event_is_told_and_a_custom_one_of_the_run_is_not() {
        let policy = Policy::from_file(
            "[thresholds]\n\"Purhcase.dedup_rate\" = \">= 0.9\"\n\"QuizDone.counted\" = \">= 1\"\n\"*.refused\" = \"== 0\"\n[limits]\nmatch_quality = { Purhcase = 6.5, Lead = 6 }\n[limits.match_key_coverage]\n\"Newsletter.server.em\" = 1\n",
            Path::new("policy.toml"),
            &[],
        )
        .expect("a policy");
        let events = vec![EventRow::new("QuizDone"), EventRow::new("Purchase")];
        let report = Report { events, ..Report::default() };
        let told = strange_events(&policy, &report, &["Purchase", "Lead"]);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("`Newsletter` (limits.match_key_coverage)"), "{}", told[0]);
        assert!(!told[0].contains("Did you mean"), "{}", told[0]);
        assert!(
            told[1].contains("`Purhcase` (limits.match_quality, thresholds)")
                && told[1].ends_with("Did you mean `Purchase`?"),
            "{}",
            told[1]
        );
    }
}
