//! ## What it checks
//! At least one event was caught. Silence is right only where every scenario expects it
//! and the site itself answered.
//!
//! ## Why it matters
//! A run that caught nothing proves nothing; a green mark on it would be a lie. It is not
//! a verdict on the site either: the run ends with exit code 3, not 1.
//!
//! ## How to fix
//! Check that the site loads the pixel script at all, that consent was given in the
//! scenario, that the server sends its calls to the server tap (base URL or proxy
//! variables), and that `--site` is the site you mean.
//!
//! ## Source
//! Our own rule: an empty run is never green.

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "nothing-captured",
    title: "no event was caught on any channel",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("nothing_captured.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let silence_is_right = !tables.sessions.is_empty()
        && tables.sessions.iter().all(|facts| facts.expects_silence() && facts.site_answers > 0);
    let empty = tables.events.is_empty() && !silence_is_right;
    Ok(DataFrame::new(1, vec![Column::new("empty".into(), vec![empty])])?
        .lazy()
        .filter(col("empty")))
}

fn tell(_: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let answered: u64 = tables.sessions.iter().map(|facts| facts.site_answers).sum();
    let site = if answered == 0 {
        "and the site itself answered nothing".to_owned()
    } else {
        format!("though the site answered {answered} requests")
    };
    if let Some(why) = tables.unseen.first() {
        let message = format!("no event was caught on any channel, {site}; {why}");
        let fix = "have the client trust the certificate of the run by the variable that is named";
        return Some(Offence::new(message, fix).because("certificate refused"));
    }
    Some(Offence::new(
        format!("no event was caught on any channel, {site}"),
        "check the pixel script, consent, the server's way to the tap, and --site",
    ))
}
