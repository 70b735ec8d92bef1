//! ## What it checks
//! For event types by which visitors make themselves known (a purchase, a lead, a
//! registration and their like): our estimate of match quality over the server events
//! reaches the policy's figure (`match_quality` under `[policy.limits]`, 6.0 without one). Keys that are there but worthless (the digest of nothing,
//! a wrong normalisation, a private address) do not count. Where the estimate would
//! reach the figure once the keys that other findings name were right, those findings say
//! it alone.
//!
//! ## Why it matters
//! Events that the platform cannot match are not attributed and teach its delivery
//! nothing.
//!
//! ## How to fix
//! The finding names what would raise the estimate most, of what the visit makes known.
//! Hand it on from the form, the account, the cookies and the request.
//!
//! ## Source
//! Meta recommends an Event Match Quality of 6.0 or more; it publishes no weights. The
//! figure here is an estimate by a model of our own, not the platform's score.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::too_few_match_keys::is_too_broad;
use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::quality::{Calibration, Improvement, Quality, improvements, mean};
use crate::rule::suspects::{Suspect, event_of, frame, pairs, told_by};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "low-match-quality",
    title: "visitors that the platform would hardly recognise",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("low_match_quality.rs"),
};

/// The figure where the policy names none: Meta, Dataset Quality API, recommends 6.0.
const WANTED: f64 = 6.0;
/// Events by which visitors make themselves known.
const NAMED_VISITORS: [&str; 11] = [
    "Purchase",
    "Lead",
    "CompleteRegistration",
    "AddPaymentInfo",
    "Subscribe",
    "StartTrial",
    "SubmitApplication",
    "Schedule",
    "Contact",
    "Donate",
    "InitiateCheckout",
];
/// How many improvements are named.
const NAMED_IMPROVEMENTS: usize = 3;

fn wanted(tables: &Tables, event: &str) -> f64 {
    tables.settings.match_quality.of(event).unwrap_or(WANTED)
}

/// The estimate, moved by real scores where there are some.
fn set_right(calibration: Option<&Calibration>, event: &str, quality: Quality) -> Quality {
    calibration.map_or(quality, |calibration| calibration.apply(event, quality))
}

/// Server events of a name that count for quality.
fn rows_of(tables: &Tables, name: &str) -> Vec<usize> {
    told_by(tables, Channel::Server)
        .filter(|(_, event)| event.name() == name && is_of_a_visitor(event))
        .map(|(row, _)| row)
        .collect()
}

/// Only web events have the score; refused ones and such as are too broad have other troubles.
fn is_of_a_visitor(event: &Event) -> bool {
    event.action_source.as_deref().is_none_or(|source| source == "website")
        && event.refused.is_none()
        && !is_too_broad(event)
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let calibration = tables.calibration();
    let mut suspects = Vec::new();
    for name in NAMED_VISITORS {
        let rows = rows_of(tables, name);
        let good: Vec<BTreeSet<MatchKey>> =
            rows.iter().filter_map(|row| tables.proofs.good(*row).cloned()).collect();
        let Some(first) = rows.first() else { continue };
        let wanted = wanted(tables, name);
        let estimate = |keys: &[BTreeSet<MatchKey>]| {
            mean(keys).map(|quality| set_right(calibration.as_ref(), name, quality).estimate)
        };
        let reached = estimate(&good).is_none_or(|figure| figure >= wanted);
        if !reached && estimate(&mended(tables, &rows)?).is_some_and(|best| best < wanted) {
            suspects.push(Suspect::event(*first, name));
        }
    }
    frame(tables, &suspects)
}

/// The keys of each event as they would be without the faults that other findings name:
/// every key that is there is good, and the server has what its browser half has.
fn mended(tables: &Tables, rows: &[usize]) -> PolarsResult<Vec<BTreeSet<MatchKey>>> {
    let halves: BTreeMap<usize, &Event> =
        pairs(tables)?.into_iter().map(|pair| (pair.server_row, pair.browser)).collect();
    Ok(rows
        .iter()
        .map(|row| {
            let event = &tables.events[*row];
            let half = halves.get(row);
            event
                .keys
                .keys()
                .chain(half.into_iter().flat_map(|half| half.keys.keys()))
                .copied()
                .collect()
        })
        .collect())
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let name = row.text("what")?;
    let rows = rows_of(tables, &name);
    let good: Vec<BTreeSet<MatchKey>> =
        rows.iter().filter_map(|row| tables.proofs.good(*row).cloned()).collect();
    let calibration = tables.calibration();
    let quality = set_right(calibration.as_ref(), &name, mean(&good)?);
    let wanted = wanted(tables, &name);
    let steps: Vec<String> = improvements(&good, &tables.within_reach(&rows))
        .iter()
        .take(NAMED_IMPROVEMENTS)
        .map(Improvement::text)
        .collect();
    let best = if steps.is_empty() {
        "collect an e-mail or a phone number before this event, and send it".to_owned()
    } else {
        steps.join("; ")
    };
    Some(
        Offence::new(
            format!(
                "match quality of {} from the server: estimated {:.1} of 10 (between {:.1} and {:.1}; our estimate, not the platform's score), wanted {wanted:.1}",
                event.name(),
                quality.estimate,
                quality.low,
                quality.high
            ),
            best,
        )
        .on(Channel::Server),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::normalise::digest;
    use crate::rule::trial::{browser, findings, server, visit, with};

    const ID: &str = "low-match-quality";

    fn poor(name: &str) -> Event {
        let mut event = server(name, "1");
        event.keys.retain(|key, _| matches!(key, MatchKey::ClientIp | MatchKey::ClientUserAgent));
        event
    }

    #[test]
    fn a_purchase_of_a_stranger_is_found_with_the_best_step() {
        let found = findings(ID, vec![poor("Purchase")], vec![visit()]);
        assert_eq!(found.len(), 1);
        assert!(found[0].fix.starts_with("add em: +"), "{}", found[0].fix);
        assert!(found[0].message.contains("our estimate"));
        assert!(findings(ID, vec![server("Purchase", "1")], vec![visit()]).is_empty());
    }

    #[test]
    fn visitors_nobody_knows_yet_are_not_held_against_the_site() {
        assert!(findings(ID, vec![poor("PageView")], vec![visit()]).is_empty());
        let mut by_phone = poor("Purchase");
        by_phone.action_source = Some("phone_call".into());
        assert!(findings(ID, vec![by_phone], vec![visit()]).is_empty());
    }

    #[test]
    fn what_another_finding_explains_is_not_said_twice() {
        let worthless = with(poor("Purchase"), MatchKey::Email, &digest("undefined"));
        assert!(findings(ID, vec![worthless], vec![visit()]).is_empty());
        let events = vec![browser("Purchase", "1"), poor("Purchase")];
        assert!(findings(ID, events, vec![visit()]).is_empty(), "low-match-key-coverage says it");
    }
}
