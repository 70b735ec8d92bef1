//! Match quality: an estimate, from 0 to 10, of how well the platform could recognise
//! the visitor behind an event.
//!
//! Meta scores server events itself and does not publish how (meta-facts 5). This is
//! our model, nothing more: every set of match keys has a chance to lead to an
//! account, the chances are taken as independent, and the score is ten times the
//! chance that any of them does. So a second key adds less than the first, as it does
//! in published scores. Only keys that are there and good count.
//! Real scores, where the user has some, set the estimate right: see `calibration`.
//! Never a threshold.

mod calibration;
pub mod scores;

use std::collections::BTreeSet;

use crate::event::{MatchKey, Secrecy};

use super::browser_ids::{Unit, read_fbc, read_fbp, unit};
use super::client::{Reach, http_client, reach, read_address};
use super::proof::{Shape, nothing, placeholder, shape};

pub use calibration::{Calibration, OwnFigure};

/// When the chances below were last looked at.
pub const MODEL: &str = "estimate 2026-09";

/// Chance that these keys together lead to an account, in the middle, pessimistic and
/// optimistic. Assumed, as of September 2026: Meta publishes no weights. The order
/// follows what practitioners report (e-mail first, then phone, click and browser id,
/// external id, then names with address, then address and user agent alone).
struct Clue {
    keys: &'static [MatchKey],
    chance: f64,
    low: f64,
    high: f64,
}

const fn clue(keys: &'static [MatchKey], chance: f64, low: f64, high: f64) -> Clue {
    Clue { keys, chance, low, high }
}

/// Assumed chances; see [`Clue`].
const CLUES: &[Clue] = &[
    clue(&[MatchKey::Email], 0.55, 0.42, 0.66),
    clue(&[MatchKey::Phone], 0.40, 0.28, 0.52),
    clue(&[MatchKey::ClickId], 0.35, 0.22, 0.50),
    clue(&[MatchKey::BrowserId], 0.25, 0.15, 0.36),
    clue(&[MatchKey::ExternalId], 0.20, 0.08, 0.32),
    clue(&[MatchKey::ClientIp, MatchKey::ClientUserAgent], 0.18, 0.10, 0.27),
    clue(&[MatchKey::ClientIp], 0.03, 0.01, 0.06),
    clue(&[MatchKey::FirstName, MatchKey::LastName], 0.06, 0.02, 0.10),
    clue(&[MatchKey::FirstName, MatchKey::LastName, MatchKey::Zip], 0.10, 0.04, 0.16),
    clue(&[MatchKey::FirstName, MatchKey::LastName, MatchKey::City], 0.06, 0.02, 0.10),
    clue(&[MatchKey::FirstName, MatchKey::LastName, MatchKey::BirthDate], 0.10, 0.04, 0.16),
    clue(&[MatchKey::State], 0.005, 0.0, 0.01),
    clue(&[MatchKey::Country], 0.005, 0.0, 0.01),
    clue(&[MatchKey::Gender], 0.005, 0.0, 0.01),
    clue(&[MatchKey::LoginId], 0.60, 0.40, 0.75),
];

/// The model as one Markdown document: `docs/match-quality.md`.
pub fn handbook() -> String {
    let mut text = format!(
        "# Match quality\n\nThe estimate ({MODEL}) is our own model and never Meta's score: Meta scores server events \
         itself, from 0 to 10, and does not publish how. Each set of match keys has a chance to lead to an account; the \
         chances are taken as independent, and the estimate is ten times the chance that any of them does. The band comes of \
         the pessimistic and the optimistic chances. Only keys that are there and good count: a digest of nothing, a wrong \
         normalisation, a private address, a placeholder are worth nothing. The figure of an event type is the mean over its \
         server events.\n\n\
         ## Weights\n\nCollected from the source. All chances are **assumed**, as of September 2026: Meta publishes none. Their order \
         follows what practitioners report.\n\n\
         | Keys, together | Chance | Pessimistic | Optimistic | Source |\n|---|---:|---:|---:|---|\n"
    );
    for clue in CLUES {
        let keys: Vec<String> = clue.keys.iter().map(|key| format!("`{key}`")).collect();
        text.push_str(&format!(
            "| {} | {:.3} | {:.3} | {:.3} | assumed |\n",
            keys.join(" + "),
            clue.chance,
            clue.low,
            clue.high
        ));
    }
    text.push_str(
        "\n## Real scores\n\n`[match_quality] calibration = \"emq.json\"` in `countonce.toml` names a file with an answer of Meta's Dataset \
         Quality API, saved as it is:\n\n```json\n{\"web\": [{\"event_name\": \"Purchase\", \"event_match_quality\": {\n  \
         \"composite_score\": 6.2,\n  \"match_key_feedback\": [{\"identifier\": \"email\", \"coverage\": {\"percentage\": 90}}]}}]}\n```\n\n\
         An event type with a score of its own starts from that score; only the keys whose shares the answer names make a \
         difference between the scored events and those of the run, and keys that it does not name are taken as the run carries \
         them. With three or more event types that lie apart a straight line is fitted, with fewer the mean difference is taken; \
         types without a score of their own are moved by two points at most (assumed). Types that the run has not are left out. \
         A calibrated estimate is still an estimate, and the report says what it rests on.\n",
    );
    text
}

/// True for a value that the platform could match by, as far as the value alone shows it:
/// a digest that is one and not of nothing, a public address, a browser's user agent.
pub fn is_well_formed(key: MatchKey, value: &str) -> bool {
    if value.trim().is_empty() {
        return false;
    }
    match key {
        MatchKey::BrowserId => {
            read_fbp(value).is_ok_and(|id| unit(id.created) == Unit::Milliseconds)
        }
        MatchKey::ClickId => read_fbc(value).is_ok_and(|id| unit(id.created) == Unit::Milliseconds),
        MatchKey::ClientIp => {
            read_address(value).is_ok_and(|address| reach(address) == Reach::Public)
        }
        MatchKey::ClientUserAgent => http_client(value).is_none(),
        _ if key.secrecy() == Secrecy::Hashed => {
            matches!(shape(value), Shape::Sha256 | Shape::UpperSha256)
                && placeholder(key, value).is_none()
                && nothing(key, value).is_none()
        }
        _ if key.secrecy() == Secrecy::Either => nothing(key, value).is_none(),
        _ => true,
    }
}

/// Keys that are worth proposing: what a web site can come to know.
const PROPOSED: &[&[MatchKey]] = &[
    &[MatchKey::Email],
    &[MatchKey::Phone],
    &[MatchKey::ClickId],
    &[MatchKey::BrowserId],
    &[MatchKey::ExternalId],
    &[MatchKey::ClientIp],
    &[MatchKey::ClientUserAgent],
    &[MatchKey::ClientIp, MatchKey::ClientUserAgent],
    &[MatchKey::FirstName, MatchKey::LastName],
    &[MatchKey::FirstName, MatchKey::LastName, MatchKey::Zip],
    &[MatchKey::Zip],
    &[MatchKey::City],
    &[MatchKey::BirthDate],
];

/// An estimate with its band, each from 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// The estimate.
    pub estimate: f64,
    /// Low end of the band.
    pub low: f64,
    /// High end of the band.
    pub high: f64,
}

/// A set of match keys, a bit for each.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Keys(u32);

impl Keys {
    fn of<'a>(keys: impl IntoIterator<Item = &'a MatchKey>) -> Keys {
        Keys(keys.into_iter().fold(0, |keys, key| keys | 1 << *key as u32))
    }

    fn contains(self, key: MatchKey) -> bool {
        self.0 & 1 << key as u32 != 0
    }

    fn with(self, more: Keys) -> Keys {
        Keys(self.0 | more.0)
    }
}

/// The estimate for an event that carries these keys, all of them good.
pub fn estimate(keys: &BTreeSet<MatchKey>) -> Quality {
    estimate_of(Keys::of(keys))
}

fn estimate_of(keys: Keys) -> Quality {
    let score = |chance: fn(&Clue) -> f64| {
        let missed: f64 = CLUES
            .iter()
            .filter(|clue| clue.keys.iter().all(|key| keys.contains(*key)))
            .map(|clue| 1.0 - chance(clue))
            .product();
        10.0 * (1.0 - missed)
    };
    Quality {
        estimate: score(|clue| clue.chance),
        low: score(|clue| clue.low),
        high: score(|clue| clue.high),
    }
}

/// The estimate over several events: the mean; `None` without events.
pub fn mean<'a>(events: impl IntoIterator<Item = &'a BTreeSet<MatchKey>>) -> Option<Quality> {
    mean_of(events.into_iter().map(Keys::of))
}

fn mean_of(events: impl Iterator<Item = Keys>) -> Option<Quality> {
    let mut sum = Quality { estimate: 0.0, low: 0.0, high: 0.0 };
    let mut count = 0.0;
    for keys in events {
        let one = estimate_of(keys);
        sum.estimate += one.estimate;
        sum.low += one.low;
        sum.high += one.high;
        count += 1.0;
    }
    (count > 0.0).then(|| Quality {
        estimate: sum.estimate / count,
        low: sum.low / count,
        high: sum.high / count,
    })
}

/// Keys that could be added, with what that would gain.
#[derive(Debug, Clone, PartialEq)]
pub struct Improvement {
    /// The keys to add where they are missing.
    pub keys: Vec<MatchKey>,
    /// By how much the mean estimate would rise.
    pub gain: f64,
}

impl Improvement {
    /// `add ph: +0.9`.
    pub fn text(&self) -> String {
        let names: Vec<&str> = self.keys.iter().map(|key| key.name()).collect();
        format!("add {}: +{:.1}", names.join(" and "), self.gain)
    }
}

/// Gains below this are not worth a word.
const SMALLEST_GAIN: f64 = 0.05;

/// What would raise the mean most, best first. `within` are the keys that can be had;
/// an empty set means any.
pub fn improvements(
    events: &[BTreeSet<MatchKey>],
    within: &BTreeSet<MatchKey>,
) -> Vec<Improvement> {
    let sets: Vec<Keys> = events.iter().map(Keys::of).collect();
    let Some(before) = mean_of(sets.iter().copied()) else { return Vec::new() };
    let mut found: Vec<Improvement> = Vec::new();
    for proposed in PROPOSED {
        let can_be_had = within.is_empty() || proposed.iter().all(|key| within.contains(key));
        let missing: Vec<MatchKey> = proposed
            .iter()
            .copied()
            .filter(|key| sets.iter().any(|keys| !keys.contains(*key)))
            .collect();
        if !can_be_had || missing.is_empty() || found.iter().any(|known| known.keys == missing) {
            continue;
        }
        let more = Keys::of(&missing);
        let after = mean_of(sets.iter().map(|keys| keys.with(more)));
        let gain = after.map_or(0.0, |after| after.estimate - before.estimate);
        if gain >= SMALLEST_GAIN {
            found.push(Improvement { keys: missing, gain });
        }
    }
    // Per key first: two keys for the gain of one are no better.
    let worth = |one: &Improvement| one.gain / one.keys.len() as f64;
    found.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then_with(|| a.keys.cmp(&b.keys)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &str) -> BTreeSet<MatchKey> {
        names.split_whitespace().map(|name| MatchKey::from_name(name).expect("a key")).collect()
    }

    fn score(names: &str) -> f64 {
        estimate(&keys(names)).estimate
    }

    #[test]
    fn more_keys_never_make_it_worse_and_it_stays_between_none_and_ten() {
        assert!(score("").abs() < f64::EPSILON);
        let mut so_far = BTreeSet::new();
        let mut last = estimate(&so_far);
        for key in MatchKey::ALL {
            so_far.insert(*key);
            let next = estimate(&so_far);
            assert!(next.estimate >= last.estimate && next.estimate <= 10.0);
            assert!(next.low <= next.estimate && next.estimate <= next.high);
            last = next;
        }
    }

    #[test]
    fn the_order_of_scores_is_that_of_the_field() {
        let anonymous = score("client_ip_address client_user_agent fbp");
        let with_email = score("client_ip_address client_user_agent em");
        let usual = score("client_ip_address client_user_agent em fbp");
        let full = score("client_ip_address client_user_agent em ph fbp fbc external_id fn ln zp");
        assert!(anonymous < 6.0 && with_email > 6.0, "{anonymous} {with_email}");
        assert!(anonymous < with_email && with_email < usual && usual < full);
        assert!(full > 9.0, "{full}");
        assert!(score("ge country st") < 0.2);
    }

    #[test]
    fn the_next_best_key_is_named_with_its_gain() {
        let events = [keys("client_ip_address client_user_agent fbp"); 1];
        let all = improvements(&events, &BTreeSet::new());
        assert_eq!(all[0].keys, [MatchKey::Email]);
        assert!(all[0].text().starts_with("add em: +"), "{}", all[0].text());
        let within = improvements(&events, &keys("ph external_id"));
        assert_eq!(within[0].keys, [MatchKey::Phone]);
        assert!(within.iter().all(|one| one.keys != [MatchKey::Email]));
        assert!(improvements(&[], &BTreeSet::new()).is_empty());
        let complete = [MatchKey::ALL.iter().copied().collect::<BTreeSet<_>>()];
        assert!(improvements(&complete, &BTreeSet::new()).is_empty());
    }

    #[test]
    fn a_key_that_half_of_the_events_lack_gains_half() {
        let lacking = keys("em");
        let having = keys("em ph");
        let gain = |events: &[BTreeSet<MatchKey>]| improvements(events, &keys("ph"))[0].gain;
        let whole = gain(&[lacking.clone(), lacking.clone()]);
        let half = gain(&[lacking, having]);
        assert!((whole - 2.0 * half).abs() < 1e-9);
    }
}
