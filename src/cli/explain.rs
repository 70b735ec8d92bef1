//! `countonce explain`: a rule's manual page, or the list of rules.

use super::args::ExplainOptions;
use super::{Streams, WRONG_INPUT};
use crate::rule::{find, rules};

pub(super) fn explain(options: &ExplainOptions, streams: &Streams) -> u8 {
    let Some(id) = &options.rule else {
        let widest = rules().map(|rule| rule.id.len()).max().unwrap_or(0);
        for rule in rules() {
            streams.out(&format!(
                "{:<5} {:<widest$}  {}",
                rule.severity.name(),
                rule.id,
                rule.title
            ));
        }
        return 0;
    };
    // Copied from a chat or a constant, a name may be in capitals and with underscores.
    let folded = id.trim().to_lowercase().replace(['_', ' '], "-");
    if let Some(rule) = find(&folded) {
        streams.out(&format!(
            "# {} ({})\n\n{}\n\n{}",
            rule.id,
            rule.severity,
            rule.title,
            rule.manual()
        ));
        return 0;
    }
    let near = rules().min_by_key(|rule| strsim::damerau_levenshtein(rule.id, &folded));
    let hint = near.map(|rule| format!("; did you mean `{}`?", rule.id)).unwrap_or_default();
    streams.err(&format!(
        "error: there is no rule `{id}`{hint}\n  `countonce explain` lists them all"
    ));
    WRONG_INPUT
}
