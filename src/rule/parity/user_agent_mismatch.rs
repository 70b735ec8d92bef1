//! ## What it checks
//! The user agent that the server reports is the one with which the browser sent its half
//! of the pair. A missing one and a program's are rules of their own.
//!
//! ## Why it matters
//! Address and user agent together recognise visitors who are not logged in. A user agent
//! of another browser describes another visitor.
//!
//! ## How to fix
//! Send the User-Agent header of the same visitor's request, in full. Look for columns
//! that cut it, for libraries that rewrite it, and for jobs that pick up a later visitor's.
//!
//! ## Source
//! Meta, Conversions API parameters: client_user_agent is the user agent of the browser.

use polars::prelude::*;

use crate::event::MatchKey;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::match_keys::user_agent_of_http_client::program;
use crate::rule::suspects::{Pair, Suspect, frame, pair_of, pairs};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "user-agent-mismatch",
    title: "the server reports another user agent than the browser's",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("user_agent_mismatch.rs"),
};

/// Fewer characters than this are no cut user agent.
const SHORTEST_CUT: usize = 20;

fn difference(pair: &Pair<'_>) -> Option<&'static str> {
    let browser = pair.browser.sender.as_deref().or(pair.browser.key(MatchKey::ClientUserAgent))?;
    let server = pair.server.key(MatchKey::ClientUserAgent).filter(|agent| !agent.is_empty())?;
    if browser == server || browser.is_empty() || program(pair.server).is_some() {
        return None;
    }
    let (browser, server) = (browser.trim(), server.trim());
    Some(if browser == server {
        "white space"
    } else if browser.eq_ignore_ascii_case(server) {
        "case"
    } else if server.len() >= SHORTEST_CUT && browser.starts_with(server) {
        "truncated"
    } else if percent_encoding::percent_decode_str(server).decode_utf8_lossy() == browser
        || server.replace('+', " ") == browser
    {
        "encoding"
    } else {
        "another browser"
    })
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let suspects: Vec<Suspect> = pairs(tables)?
        .iter()
        .filter_map(|pair| Some(Suspect::pair(pair, difference(pair)?)))
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let pair = pair_of(row, tables)?;
    let cause = row.text("what")?;
    let message = format!(
        "client_user_agent of {} from the server is not that of the browser ({cause})",
        pair.browser.name()
    );
    let fix = match cause.as_str() {
        "truncated" => "widen the column or field that cuts the user agent",
        "another browser" => "send the User-Agent header of the same visitor's request",
        _ => "hand the User-Agent header on unchanged",
    };
    Some(Offence::new(message, fix).because(cause).on(crate::event::Channel::Server))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{AGENT, browser, of_pair, server, with};

    #[test]
    fn another_user_agent_is_found_with_its_cause() {
        let of = |agent: &str| {
            let server = with(server("Purchase", "1"), MatchKey::ClientUserAgent, agent);
            of_pair("user-agent-mismatch", browser("Purchase", "1"), server)
        };
        assert!(of(AGENT).is_empty() && of("").is_empty());
        assert!(of("axios/1.7").is_empty(), "user-agent-of-http-client says it");
        assert_eq!(of(&AGENT[..60]), ["truncated"]);
        assert_eq!(of(&AGENT.to_lowercase()), ["case"]);
        assert_eq!(of("Mozilla/5.0 (iPhone)"), ["another browser"]);
    }
}
