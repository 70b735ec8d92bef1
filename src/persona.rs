//! Test people: the plain data that scenarios type into forms, unique per session.
//!
//! Fictional and deliverable nowhere: reserved mail domain, telephone ranges set
//! aside for drama, test card numbers.
//! Never a platform's normalisation or digests.

use serde::{Deserialize, Serialize};

/// One test person, as plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// Name of the kind (`us_shopper` …).
    pub kind: String,
    /// Field name and value, in the order of the documentation.
    pub fields: Vec<(String, String)>,
}

impl Persona {
    /// The value of a field (`email`, `phone` …).
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}
