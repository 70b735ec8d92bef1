//! How a run stands to its baseline: what is new, what was mended, what has run out.
//!
//! Never how a baseline is written.

/// An accepted finding, as the baseline has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// Fingerprint of the finding.
    pub finding: String,
    /// Why it was accepted; may be empty.
    pub reason: String,
    /// Last day on which it is accepted, `2027-01-31`.
    pub expires: Option<String>,
}

/// In which direction a site changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Something was sent that the baseline does not know.
    Gained,
    /// Something that the baseline knows was not sent.
    Lost,
    /// It is sent better than the baseline says, or an accepted finding about it is gone.
    Mended,
}

impl ChangeKind {
    /// All kinds.
    pub const ALL: [ChangeKind; 3] = [ChangeKind::Gained, ChangeKind::Lost, ChangeKind::Mended];

    /// The word users see.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::Gained => "gained",
            ChangeKind::Lost => "lost",
            ChangeKind::Mended => "mended",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<ChangeKind> {
        ChangeKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing that a scenario sends otherwise than the baseline says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Scenario, with its profile where it is not the plain one.
    pub scenario: String,
    /// Event name.
    pub event: String,
    /// In which direction.
    pub kind: ChangeKind,
    /// What: `event`, `pairing browser alone`, `server key ph`, `browser parameter value`.
    pub what: String,
}

/// A run held against its baseline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BaselineCheck {
    /// The baseline's file, as the user would write the path.
    pub file: String,
    /// What is sent otherwise, by scenario and event.
    pub changes: Vec<Change>,
    /// Accepted findings that this run could have met with and did not.
    pub mended: Vec<Accepted>,
    /// Accepted findings whose day is past: they count again.
    pub expired: Vec<Accepted>,
    /// Accepted findings whose scenario was not played to the end this time.
    pub unplayed: usize,
}

impl BaselineCheck {
    /// Changes that somebody has to look at before they are right: all that are no mends.
    pub fn drift(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.kind != ChangeKind::Mended)
    }
}
