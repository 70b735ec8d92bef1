//! The times by which copies of a conversion were counted, and whether they are what the
//! platform publishes.
//!
//! Never a platform's own figures: they arrive with the facts.

use crate::event::span_text;

/// The times of a judgement beside those that the platform publishes, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountingRules {
    /// Copies merged within this time of the first one.
    pub dedup_window: i64,
    /// The browser's copy was kept if it came within this time of the first one.
    pub browser_preference: i64,
    /// The published window.
    pub published_window: i64,
    /// The published preference.
    pub published_preference: i64,
}

impl CountingRules {
    /// True where nothing was set otherwise.
    pub fn as_published(&self) -> bool {
        self.dedup_window == self.published_window
            && self.browser_preference == self.published_preference
    }

    /// What was set otherwise, in a sentence; `None` where nothing was.
    pub fn changes(&self) -> Option<String> {
        let change = |what: &str, is: i64, published: i64| {
            (is != published)
                .then(|| format!("{what} {} instead of {}", span_text(is), span_text(published)))
        };
        let changes: Vec<String> = [
            change("deduplication window", self.dedup_window, self.published_window),
            change(
                "preference for the browser",
                self.browser_preference,
                self.published_preference,
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!changes.is_empty()).then(|| {
            format!(
                "Counted by times of the configuration, not the published ones: {}.",
                changes.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_said() {
        let published = CountingRules {
            dedup_window: 172_800_000,
            browser_preference: 300_000,
            published_window: 172_800_000,
            published_preference: 300_000,
        };
        assert_eq!(published.changes(), None);
        let changed = CountingRules { dedup_window: 86_400_000, ..published };
        assert!(!changed.as_published());
        assert_eq!(
            changed.changes().as_deref(),
            Some(
                "Counted by times of the configuration, not the published ones: deduplication window 24 h instead of 48 h."
            )
        );
    }
}
