//! What a run did to calls on purpose, and what it was to do and could not: a reader must
//! know of both.
//! Never what that did to the counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::capture::Capture;

/// A sentence for each kind of fault that was done, and for each that met no call.
pub(super) fn injected(capture: &Capture) -> Vec<String> {
    let mut done: BTreeMap<&str, u32> = BTreeMap::new();
    let mut met: BTreeSet<(u32, u32)> = BTreeSet::new();
    for injected in capture.exchanges.iter().filter_map(|exchange| exchange.injected.as_ref()) {
        *done.entry(injected.answer.name()).or_default() += 1;
        met.insert((injected.session, injected.line));
    }
    let mut told: Vec<String> = done
        .into_iter()
        .map(|(word, times)| {
            let calls = if times == 1 { "One call was".to_owned() } else { format!("{times} calls were") };
            format!("{calls} met by the server fault `{word}` on purpose; what Meta would have made of it is not seen.")
        })
        .collect();
    let idle: BTreeSet<String> = capture
        .sessions
        .iter()
        .flat_map(|start| start.server_faults.iter().map(move |fault| (start, fault)))
        .filter(|(start, fault)| !met.contains(&(start.session, fault.place.line)))
        .map(|(start, fault)| {
            format!(
                "The server fault `{}` of {}:{} met no call, so it proved nothing.",
                fault.answer.name(),
                start.file,
                fault.place.line
            )
        })
        .collect();
    told.extend(idle);
    told
}
