//! Failures of the platform's API for single visitors: the first call that carries an
//! event of theirs is refused once.
//!
//! Whose a call is, is told by marks, as everywhere. Never what a mark means.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::capture::Sighting;

/// Visitors whose calls fail once.
#[derive(Debug, Default)]
pub struct ServerFaults {
    visitors: Mutex<BTreeMap<u32, Visitor>>,
}

#[derive(Debug, Default)]
struct Visitor {
    marks: BTreeSet<String>,
    failed: BTreeSet<String>,
}

impl ServerFaults {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Visitor>> {
        self.visitors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The visitor of a session is one of them from here on.
    pub(super) fn begin(&self, session: u32, marks: &[String]) {
        let marks = marks.iter().cloned().collect();
        self.lock().insert(session, Visitor { marks, failed: BTreeSet::new() });
    }

    /// Further texts by which the visitor's calls are known.
    pub(super) fn learn(&self, session: u32, marks: &[String]) {
        if let Some(visitor) = self.lock().get_mut(&session) {
            visitor.marks.extend(marks.iter().cloned());
        }
    }

    /// The session is over.
    pub(super) fn end(&self, session: u32) {
        self.lock().remove(&session);
    }

    /// True when a call with these events has to fail; each event of a visitor fails once.
    pub fn must_fail(&self, sightings: &[Sighting]) -> bool {
        let mut visitors = self.lock();
        let mut fails = false;
        for visitor in visitors.values_mut() {
            for sighting in sightings {
                if sighting.marks.iter().any(|mark| visitor.marks.contains(mark)) {
                    fails |= visitor.failed.insert(sighting.event.clone());
                }
            }
        }
        fails
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_of_a_visitor_fails_once_and_nobody_elses() {
        let faults = ServerFaults::default();
        faults.begin(1, &["em:a".to_owned()]);
        let call = |event: &str, mark: &str| Sighting {
            event: event.to_owned(),
            marks: vec![mark.to_owned()],
        };
        assert!(!faults.must_fail(&[call("Purchase", "em:b")]));
        assert!(faults.must_fail(&[call("Purchase", "em:a")]));
        assert!(!faults.must_fail(&[call("Purchase", "em:a")]));
        faults.learn(1, &["fbp:1".to_owned()]);
        assert!(faults.must_fail(&[call("Lead", "fbp:1")]));
        faults.end(1);
        assert!(!faults.must_fail(&[call("AddToCart", "em:a")]));
    }
}
