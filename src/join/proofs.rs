//! What each digest of each event was proven to be, and which match keys of an event
//! are good.
//!
//! Asked by several rules and by the estimate of match quality, so it is found out once.
//! Never the plain data themselves, never good or bad of a site.

use std::collections::{BTreeMap, BTreeSet};

use super::SessionFacts;
use crate::event::{Event, MatchKey, Secrecy};
use crate::platform::meta::browser_ids::{Unit, read_fbc, read_fbp, unit};
use crate::platform::meta::client::{Reach, http_client, reach, read_address};
use crate::platform::meta::proof::{PROVABLE, Proof, Prover, Shape, placeholder, shape};

/// The proofs of a capture, by row of the event list.
#[derive(Debug, Default)]
pub struct Proofs {
    rows: Vec<BTreeMap<MatchKey, Proof>>,
    good: Vec<BTreeSet<MatchKey>>,
    known: BTreeMap<u32, BTreeSet<MatchKey>>,
}

impl Proofs {
    /// Proves every digest of every event. What the platform's script sends by itself is
    /// left out: it may have read a form that was half filled in.
    pub(super) fn new(events: &[Event], sessions: &[SessionFacts]) -> Proofs {
        let provers: BTreeMap<u32, Prover> = sessions
            .iter()
            .map(|session| (session.session, Prover::new(session.persona.clone())))
            .collect();
        let nobody = Prover::default();
        let addresses: BTreeMap<u32, Vec<&str>> =
            sessions.iter().map(|session| (session.session, session.addresses())).collect();
        let mut rows = Vec::with_capacity(events.len());
        let mut good = Vec::with_capacity(events.len());
        for event in events {
            let prover = event.session.and_then(|session| provers.get(&session)).unwrap_or(&nobody);
            let proofs = prove(event, prover);
            let own = event.session.and_then(|session| addresses.get(&session));
            good.push(good_keys(event, &proofs, own.map_or(&[], Vec::as_slice)));
            rows.push(proofs);
        }
        let known = provers
            .iter()
            .map(|(session, prover)| {
                let keys = PROVABLE.into_iter().filter(|key| prover.knows(*key)).collect();
                (*session, keys)
            })
            .collect();
        Proofs { rows, good, known }
    }

    /// What the digests of a key of an event are; `None` where it has none.
    pub fn of(&self, row: usize, key: MatchKey) -> Option<&Proof> {
        self.rows.get(row)?.get(&key)
    }

    /// Every digest of an event with its proof, by key.
    pub fn all(&self, row: usize) -> impl Iterator<Item = (MatchKey, &Proof)> {
        self.rows.get(row).into_iter().flatten().map(|(key, proof)| (*key, proof))
    }

    /// Keys of an event that are there, well formed and not proven to be worthless.
    pub fn good(&self, row: usize) -> Option<&BTreeSet<MatchKey>> {
        self.good.get(row)
    }

    /// True where the session's test person has a value for the key.
    pub fn knows(&self, session: Option<u32>, key: MatchKey) -> bool {
        session
            .and_then(|session| self.known.get(&session))
            .is_some_and(|known| known.contains(&key))
    }
}

fn prove(event: &Event, prover: &Prover) -> BTreeMap<MatchKey, Proof> {
    if event.automatic {
        return BTreeMap::new();
    }
    PROVABLE
        .into_iter()
        .filter_map(|key| {
            let digests: Vec<String> = event
                .keys
                .get(&key)?
                .iter()
                .filter(|value| !matches!(shape(value), Shape::Plain | Shape::Empty))
                .cloned()
                .collect();
            (!digests.is_empty()).then(|| (key, prover.prove_any(key, &digests)))
        })
        .collect()
}

fn good_keys(
    event: &Event,
    proofs: &BTreeMap<MatchKey, Proof>,
    own_addresses: &[&str],
) -> BTreeSet<MatchKey> {
    let good = |key: MatchKey, value: &str| match key {
        MatchKey::BrowserId => read_fbp(value).is_ok(),
        MatchKey::ClickId => read_fbc(value).is_ok_and(|id| unit(id.created) == Unit::Milliseconds),
        MatchKey::ClientIp => read_address(value)
            .is_ok_and(|address| reach(address) == Reach::Public || own_addresses.contains(&value)),
        MatchKey::ClientUserAgent => http_client(value).is_none(),
        _ if key.secrecy() == Secrecy::Hashed => {
            matches!(shape(value), Shape::Sha256 | Shape::UpperSha256)
                && placeholder(key, value).is_none()
        }
        _ => true,
    };
    event
        .keys
        .iter()
        .filter(|(key, values)| {
            let worthless = matches!(
                proofs.get(key),
                Some(Proof::Mistake(_) | Proof::Nothing(_) | Proof::PixelCopy(_))
            );
            !worthless && values.iter().any(|value| !value.trim().is_empty() && good(**key, value))
        })
        .map(|(key, _)| *key)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;
    use crate::platform::meta::normalise::digest;

    #[test]
    fn only_keys_that_can_match_are_good() {
        let mut event = Event::new(Channel::Server, 1, "1");
        let mut put = |key: MatchKey, value: &str| {
            event.keys.insert(key, vec![value.to_owned()]);
        };
        put(MatchKey::Email, &digest("ann@example.com"));
        put(MatchKey::Phone, &digest("undefined"));
        put(MatchKey::FirstName, "Ann");
        put(MatchKey::City, &digest("paris")[..32]);
        put(MatchKey::BrowserId, "fb.1.1596403881668.1116446470.AQQCAQIB");
        put(MatchKey::ClickId, "fb.1.1596403881.IwAR");
        put(MatchKey::ClientIp, "10.0.0.1");
        put(MatchKey::ClientUserAgent, "axios/1.7");
        put(MatchKey::ExternalId, "7");
        let proofs = Proofs::new(&[event], &[]);
        let names: Vec<&str> =
            proofs.good(0).expect("a row").iter().map(|key| key.name()).collect();
        assert_eq!(names, ["em", "external_id", "fbp"]);
        assert!(matches!(proofs.of(0, MatchKey::Phone), Some(Proof::Nothing("undefined"))));
        assert_eq!(proofs.of(0, MatchKey::FirstName), None);
    }
}
