//! The ledger: each conversion that happened, against what the platform would count.
//!
//! Never how the count was reached; that is the platform's and the join's business.

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conversion {
    /// Scenario that brought it about.
    pub scenario: String,
    /// Session in which it did.
    pub session: Option<u32>,
    /// Event name.
    pub event: String,
    /// How many really happened.
    pub expected: u64,
    /// How many the platform would count.
    pub counted: u64,
    /// Which copy survives: `browser`, `server`, `both`; empty where none does.
    pub kept: String,
    /// Why it is counted so often, in a sentence.
    pub why: String,
    /// Numbers of the exchanges that show it.
    pub evidence: Vec<u64>,
}

/// A server call for which no session could be made out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnattributedCall {
    /// Number of the exchange.
    pub exchange: u64,
    /// Pixel (dataset) id it was sent to.
    pub pixel: String,
    /// Names of the events in it.
    pub events: Vec<String>,
    /// What evidence was missing.
    pub why: String,
}
