//! ## What it checks
//! Both halves of a pair carry the same click: the same click id, and a creation time
//! that the server did not make up after the browser had stored its own. Meta's addition
//! as a fifth part and another subdomain index do not matter, nor does a server that saw
//! the landing before the browser did. A click id that is altered from the landing's, and
//! a time in the wrong unit or made anew at each send, are rules of their own.
//!
//! ## Why it matters
//! The click ties the conversion to the ad. With two different ones the platform believes
//! whichever copy it keeps.
//!
//! ## How to fix
//! On the server, read the `_fbc` cookie first and make `fbc` of `fbclid` only where there
//! is none.
//!
//! ## Source
//! Meta, "fbp and fbc parameters": copy the click id unmodified, and keep the creation
//! time of the first.

use polars::prelude::*;

use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::browser_ids::{BrowserId, Unit, unit};
use crate::rule::match_keys::click::{self, Clicks};
use crate::rule::match_keys::fbc_time_unit::{CLOCK_SLACK_MS, MadeAnew};
use crate::rule::suspects::{Pair, Suspect, frame, pair_of, pairs};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "fbc-mismatch",
    title: "the two halves of a conversion have different click ids",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("fbc_mismatch.rs"),
};

/// Cause where the same click was dated again.
const REMADE: &str = "made again by the server";

fn difference(pair: &Pair<'_>) -> Option<&'static str> {
    let (browser, server) = (click::of_event(pair.browser)?, click::of_event(pair.server)?);
    let milliseconds = |id: &BrowserId<'_>| unit(id.created) == Unit::Milliseconds;
    if !milliseconds(&browser) || !milliseconds(&server) {
        return None;
    }
    if !click::is_same(server.payload, browser.payload) {
        let change = click::alteration(server.payload, browser.payload);
        return Some(change.unwrap_or(click::ANOTHER));
    }
    let later = server.created_millis()? - browser.created_millis()?;
    (later > CLOCK_SLACK_MS).then_some(REMADE)
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let clicks = Clicks::new(tables);
    let anew = MadeAnew::new(tables);
    let suspects: Vec<Suspect> = pairs(tables)?
        .iter()
        .filter(|pair| {
            clicks.alteration(pair.browser).is_none()
                && clicks.alteration(pair.server).is_none()
                && !anew.has(pair.server)
        })
        .filter_map(|pair| Some(Suspect::pair(pair, difference(pair)?)))
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let pair = pair_of(row, tables)?;
    let cause = row.text("what")?;
    let message = if cause == REMADE {
        format!(
            "fbc of {} from the server dates the click later than the browser does",
            pair.browser.name()
        )
    } else {
        format!(
            "the click id in fbc of {} from the server is not the browser's ({cause})",
            pair.browser.name()
        )
    };
    Some(
        Offence::new(
            message,
            "read the _fbc cookie first; make fbc of fbclid only where there is none, and keep it",
        )
        .because(cause)
        .on(Channel::Server),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::MatchKey;
    use crate::rule::trial::{CLICK, browser, causes, of_pair, server, visit, with};

    const ID: &str = "fbc-mismatch";

    fn fbc(created: i64, click: &str) -> String {
        format!("fb.1.{created}.{click}")
    }

    fn of(value: &str) -> Vec<String> {
        let server = with(server("Purchase", "1"), MatchKey::ClickId, value);
        of_pair(ID, browser("Purchase", "1"), server)
    }

    #[test]
    fn a_click_that_was_dated_again_is_found_and_an_earlier_sight_of_it_is_not() {
        const STORED: i64 = 1_772_452_790_000;
        assert!(of(&fbc(STORED, CLICK)).is_empty());
        assert!(of(&format!("{}.AQQCAQIB", fbc(STORED, CLICK))).is_empty());
        assert!(of(&format!("fb.2.{STORED}.{CLICK}")).is_empty());
        assert!(of(&fbc(STORED - 900, CLICK)).is_empty());
        assert_eq!(of(&fbc(STORED + 5_000, CLICK)), [REMADE]);
    }

    #[test]
    fn without_a_known_landing_the_two_sides_are_compared() {
        let pair = |value: &str| {
            let mut nobody = visit();
            nobody.persona.clear();
            let server = with(server("Purchase", "1"), MatchKey::ClickId, value);
            causes(ID, vec![browser("Purchase", "1"), server], vec![nobody])
        };
        assert_eq!(pair(&fbc(1_772_452_790_000, &CLICK.to_lowercase())), ["case"]);
        assert_eq!(pair(&fbc(1_772_452_790_000, &CLICK[..30])), ["cut"]);
        assert_eq!(pair(&fbc(1_772_452_790_000, "IwARother")), [click::ANOTHER]);
    }

    #[test]
    fn what_other_findings_explain_is_left_to_them() {
        assert!(of(&fbc(1_772_452_790_000, &CLICK.to_lowercase())).is_empty(), "altered");
        assert!(of(&format!("fb.1.1772452790.{CLICK}")).is_empty(), "fbc-time-unit");
        assert!(of("").is_empty(), "fbc-missing-after-click");
    }
}
