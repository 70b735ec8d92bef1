//! The rules whose findings stand in the report, as far as a reader wants to know them.
//!
//! Never which other rules exist.

use crate::finding::Severity;

/// A rule in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePage {
    /// Rule id.
    pub id: String,
    /// The offence in a few words.
    pub title: String,
    /// Weight without a policy.
    pub severity: Severity,
    /// Its manual page, Markdown: what it checks, why it matters, how to fix it, source.
    pub manual: String,
}

impl RulePage {
    /// The first paragraph of the manual page, on one line.
    pub fn summary(&self) -> String {
        let paragraph = self
            .manual
            .lines()
            .skip_while(|line| line.trim().is_empty() || line.starts_with('#'))
            .take_while(|line| !line.trim().is_empty());
        paragraph.map(str::trim).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_the_first_paragraph_without_its_heading() {
        let page = RulePage {
            id: "a-rule".to_owned(),
            title: String::new(),
            severity: Severity::Warn,
            manual: "## What it checks\n\nThat one\nthing holds.\n\n## Why it matters\n".to_owned(),
        };
        assert_eq!(page.summary(), "That one thing holds.");
    }
}
