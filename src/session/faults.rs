//! Faults that scenarios ask of the server tap: which call is met by which.
//!
//! The server tap is everyone's, so a call is first given to a session: by what it shares
//! with the test person or with the hits of that session, or because only one is open. A
//! call that belongs to none is answered well.
//! Never what an event means, never how an answer is worded.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::witness::Witness;
use crate::capture::{Answer, Request, Sighting};
use crate::event::{FaultAnswer, Injected, ServerFault};

/// How late a slow answer is, unless the scenario says: longer than the 1.5 s that Meta
/// recommends as a client's limit.
const SLOW: Duration = Duration::from_secs(4);
/// How long an answer is withheld that never comes, unless the scenario says: as long as
/// load balancers keep a silent connection open.
const WITHHELD: Duration = Duration::from_mins(1);

/// Words a platform's refusal; `None` for what is done to the connection alone.
pub type Refuse = Arc<dyn Fn(&Request, &Injected) -> Option<Answer> + Send + Sync>;

/// The faults of all open sessions, shared between them and the server tap.
#[derive(Clone)]
pub struct Faults {
    open: Arc<Mutex<BTreeMap<u32, Planned>>>,
    refuse: Refuse,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").finish_non_exhaustive()
    }
}

struct Planned {
    marks: HashSet<String>,
    /// What the session's browser tap saw: its hits have marks, too.
    hits: Witness,
    faults: Vec<(ServerFault, u32)>,
}

/// A fault that meets a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Met {
    /// As the tape keeps it.
    pub(super) injected: Injected,
    /// How long until the answer, or until the connection is given up.
    pub(super) delay: Duration,
}

impl Met {
    /// True where no answer goes out.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self.injected.answer, FaultAnswer::Timeout | FaultAnswer::Reset)
    }
}

impl Faults {
    /// No session is open; refusals will be worded so.
    pub fn new(refuse: Refuse) -> Faults {
        Faults { open: Arc::default(), refuse }
    }

    /// A session begins; one without faults is told of as well, so that its calls are not
    /// taken for another's.
    pub(super) fn open(&self, session: u32, marks: &[String], hits: Witness, all: &[ServerFault]) {
        let faults = all.iter().map(|fault| (fault.clone(), 0)).collect();
        let planned = Planned { marks: marks.iter().cloned().collect(), hits, faults };
        self.lock().insert(session, planned);
    }

    /// A session ends; hands back the faults that met no call.
    pub(super) fn close(&self, session: u32) -> Vec<ServerFault> {
        let planned = self.lock().remove(&session);
        planned
            .into_iter()
            .flat_map(|planned| planned.faults)
            .filter(|(fault, calls)| *calls < fault.first)
            .map(|(fault, _)| fault)
            .collect()
    }

    /// The fault that meets a call which carries these events; the call is counted.
    pub(super) fn meet(&self, sightings: &[Sighting]) -> Option<Met> {
        let mut open = self.lock();
        let alone = open.len() == 1;
        let (session, planned) =
            open.iter_mut().find(|(_, planned)| alone || planned.knows(sightings))?;
        let mut met = None;
        for (fault, calls) in &mut planned.faults {
            let wanted = |sighting: &Sighting| {
                fault.event.as_ref().is_none_or(|name| *name == sighting.event)
            };
            let named = sightings.iter().position(wanted);
            if named.is_none() && fault.event.is_some() {
                continue;
            }
            *calls += 1;
            if met.is_none() && (fault.first..=fault.last).contains(calls) {
                let bad = fault.answer == FaultAnswer::BadEvent;
                let injected = Injected {
                    answer: fault.answer,
                    entry: named.filter(|_| bad).and_then(|at| u32::try_from(at).ok()),
                    session: *session,
                    line: fault.place.line,
                };
                met = Some(Met { injected, delay: delay(fault) });
            }
        }
        met
    }

    /// The answer that goes out for a fault, where the platform words one.
    pub(super) fn answer(&self, request: &Request, injected: &Injected) -> Option<Answer> {
        (self.refuse)(request, injected)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Planned>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Planned {
    fn knows(&self, sightings: &[Sighting]) -> bool {
        let mut marks = sightings.iter().flat_map(|sighting| &sighting.marks);
        marks.any(|mark| self.marks.contains(mark) || self.saw(mark))
    }

    fn saw(&self, mark: &String) -> bool {
        self.hits.look(|seen| seen.sightings.iter().any(|hit| hit.marks.contains(mark)))
    }
}

fn delay(fault: &ServerFault) -> Duration {
    let own = fault.delay.map(Duration::from_millis);
    match fault.answer {
        FaultAnswer::Slow => own.unwrap_or(SLOW),
        FaultAnswer::Timeout => own.unwrap_or(WITHHELD),
        _ => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Place;

    fn fault(answer: FaultAnswer, event: Option<&str>, first: u32, last: u32) -> ServerFault {
        let event = event.map(str::to_owned);
        ServerFault { answer, event, first, last, delay: None, place: Place { line: 7, column: 5 } }
    }

    fn sighting(event: &str, mark: &str) -> Sighting {
        Sighting { event: event.to_owned(), marks: vec![mark.to_owned()] }
    }

    fn faults() -> Faults {
        Faults::new(Arc::new(|_, _| None))
    }

    #[test]
    fn a_call_is_met_in_its_own_session_and_by_its_number() {
        let faults = faults();
        let failing = fault(FaultAnswer::Failing, Some("Purchase"), 2, 3);
        faults.open(1, &["ann".to_owned()], Witness::default(), &[failing]);
        faults.open(2, &["bob".to_owned()], Witness::default(), &[]);
        let call = |event, mark| faults.meet(&[sighting(event, mark)]).map(|met| met.injected);
        assert_eq!(call("Purchase", "bob"), None, "another's call is left alone");
        assert_eq!(call("Purchase", "nobody"), None, "and so is one of nobody");
        assert_eq!(call("Lead", "ann"), None);
        assert_eq!(call("Purchase", "ann"), None, "the first one passes");
        let injected = Injected { answer: FaultAnswer::Failing, entry: None, session: 1, line: 7 };
        assert_eq!(call("Purchase", "ann"), Some(injected.clone()));
        assert_eq!(call("Purchase", "ann"), Some(injected));
        assert_eq!(call("Purchase", "ann"), None);
        assert_eq!(faults.close(1), []);
    }

    #[test]
    fn a_session_is_known_by_its_hits_and_by_being_the_only_one() {
        let faults = faults();
        let all = [fault(FaultAnswer::Reset, None, 1, u32::MAX)];
        let hits = Witness::default();
        faults.open(1, &[], hits.clone(), &all);
        faults.open(2, &[], Witness::default(), &[]);
        assert_eq!(faults.meet(&[sighting("Lead", "id-1")]), None);
        hits.note(|seen| seen.sightings.push(sighting("Lead", "id-1")));
        assert!(faults.meet(&[sighting("Lead", "id-1")]).is_some_and(|met| met.is_silent()));
        faults.close(2);
        assert!(faults.meet(&[sighting("Lead", "unknown")]).is_some());
    }

    #[test]
    fn the_bad_event_of_a_batch_has_a_position_and_what_met_nothing_is_told() {
        let faults = faults();
        let never = fault(FaultAnswer::Slow, Some("Lead"), 1, 1);
        let bad = fault(FaultAnswer::BadEvent, Some("Purchase"), 1, 1);
        faults.open(1, &[], Witness::default(), &[never.clone(), bad]);
        let met = faults.meet(&[sighting("PageView", "a"), sighting("Purchase", "a")]);
        assert_eq!(met.expect("met").injected.entry, Some(1));
        assert_eq!(faults.close(1), [never]);
    }
}
