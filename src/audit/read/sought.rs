//! Names that the user gives, looked for in lines of JSON: one that stands in no line at all
//! is most likely written wrong.
//!
//! Never what a field holds.

use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memmem;

/// The given names of one input.
pub(super) struct Sought {
    names: Vec<(String, Vec<Field>, AtomicBool)>,
}

/// One step of a path, and the same with what stands before and after a name in JSON.
struct Field(memmem::Finder<'static>);

impl Field {
    fn is_in(&self, bytes: &[u8]) -> bool {
        let length = self.0.needle().len();
        self.0.find_iter(bytes).any(|at| {
            // In an event that is a text, quotes are escaped.
            let before = at.checked_sub(1).map(|at| bytes[at]);
            let after = bytes.get(at + length);
            before == Some(b'"') && matches!(after, Some(b'"' | b'\\'))
        })
    }
}

impl Sought {
    pub(super) fn new(given: &[String]) -> Sought {
        let field = |name: &str| Field(memmem::Finder::new(name).into_owned());
        let names = given
            .iter()
            .map(|name| {
                // The name may hold the dot itself, or lead into objects.
                let steps = name.split('.').filter(|step| !step.is_empty()).map(field);
                (name.clone(), steps.collect(), AtomicBool::new(false))
            })
            .collect();
        Sought { names }
    }

    /// Looks at lines; costs nothing where everything has been seen.
    pub(super) fn look(&self, bytes: &[u8]) {
        for (name, steps, seen) in &self.names {
            if !seen.load(Ordering::Relaxed) {
                let whole = || Field(memmem::Finder::new(name.as_str()).into_owned()).is_in(bytes);
                if steps.iter().all(|step| step.is_in(bytes)) || whole() {
                    seen.store(true, Ordering::Relaxed);
                }
            }
        }
    }

    /// Names that were in no line.
    pub(super) fn unseen(&self) -> Vec<String> {
        let unseen = self.names.iter().filter(|(.., seen)| !seen.load(Ordering::Relaxed));
        unseen.map(|(name, ..)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_fields_only_in_paths_and_in_texts() {
        let given = ["eid", "ids.x", "a.b", "at", "lost", "deep.lost"].map(str::to_owned);
        let sought = Sought::new(&given);
        sought.look(br#"{"ids":{"x":1},"a.b":2,"at":3,"note":"lost"#);
        sought.look(br#"{"message":"{\"eid\":\"deep\"}","lost_too":1,"at2":0}"#);
        assert_eq!(sought.unseen(), ["lost", "deep.lost"]);
    }
}
