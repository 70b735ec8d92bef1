//! The life of browser ids (`fbp`) and click ids (`fbc`): per visit, which values there were,
//! where each was seen first, and what they show by themselves.
//!
//! Never an id itself, never whether what became of it is right.

/// One kind of id in one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdLife {
    /// Session number.
    pub session: u32,
    /// Scenario.
    pub scenario: String,
    /// Profile.
    pub profile: String,
    /// `fbp` or `fbc`.
    pub key: &'static str,
    /// Its values, in the order in which they were seen first.
    pub values: Vec<IdValue>,
}

impl IdLife {
    /// True where the visit has one value throughout.
    pub fn stable(&self) -> bool {
        self.values.len() == 1
    }
}

/// One value of an id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdValue {
    /// A letter for it; the value itself stays on the tape.
    pub label: String,
    /// Where it was seen first: `browser`, `server` or `cookie`.
    pub first: &'static str,
    /// How long after the visit began that was, milliseconds.
    pub after: i64,
    /// Browser events that carry it.
    pub browser: u64,
    /// Server events that carry it.
    pub server: u64,
    /// Steps after which a cookie held it.
    pub cookie: u64,
    /// Creation time, Unix milliseconds, where it can be read.
    pub created: Option<i64>,
    /// Unit of the creation time, in words.
    pub unit: String,
    /// Subdomain index.
    pub subdomain_index: Option<u8>,
    /// Number of parts.
    pub parts: u64,
    /// True where one of the platform's libraries made or changed it.
    pub library: bool,
    /// What the library's mark says; empty where it says nothing.
    pub mark: String,
    /// What is wrong with its form.
    pub fault: Option<String>,
    /// For a click id, how it relates to the click of the landing page.
    pub landing: String,
}

impl IdValue {
    /// What it shows by itself, in words: what is wrong with its form, or its parts.
    pub fn shows(&self) -> String {
        let mut shows: Vec<String> = Vec::new();
        match &self.fault {
            Some(fault) => shows.push(fault.clone()),
            None => {
                shows.push(format!("{} parts", self.parts));
                shows.extend(self.subdomain_index.map(|index| format!("index {index}")));
                shows.push(self.unit.clone());
            }
        }
        if self.library {
            let mark = if self.mark.is_empty() { "Meta's library" } else { &self.mark };
            shows.push(mark.to_owned());
        }
        if !self.landing.is_empty() {
            shows.push(self.landing.clone());
        }
        shows.join(", ")
    }
}
