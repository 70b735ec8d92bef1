//! ## What it checks
//! Calls name a version of the Graph API that is still served on the day of the call.
//!
//! ## Why it matters
//! A version lives about two years. After that the platform answers as the oldest version
//! that is left, or refuses; what changes then changes on a day that nobody chose.
//!
//! ## How to fix
//! Set the version in one place, and raise it once a year. Update the SDK: its version
//! brings the API's with it.
//!
//! ## Source
//! Meta, Graph API changelog, versions: release and expiration dates.

use polars::prelude::*;

use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::vocabulary::version_expires;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::words::several;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "deprecated-api-version",
    title: "calls to a version of the API that has ended",
    severity: Severity::Info,
    check: Check::Table { query, tell },
    source: include_str!("deprecated_api_version.rs"),
};

/// One offence per version for the whole capture: it is one setting.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let found = tables.events.iter().enumerate().filter_map(|(row, event)| {
        let version = event.marks.get("api_version")?;
        ended(event, version).then(|| Group {
            channel: Some(Channel::Server),
            cause: version.clone(),
            rows: vec![row],
            ..Group::default()
        })
    });
    groups(tables, &gather(found))
}

/// True when the version had ended on the day of the call.
fn ended(event: &Event, version: &str) -> bool {
    let Some(last) = version_expires(version).and_then(|day| day.parse::<jiff::civil::Date>().ok())
    else {
        return false;
    };
    jiff::Timestamp::from_millisecond(event.caught)
        .is_ok_and(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date() >= last)
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let version = row.text("cause")?;
    let day = version_expires(&version)?;
    let calls = row.list("evidence").len();
    Some(
        Offence::new(
            format!("{} to {version} of the API, which ended on {day}", several(calls, "call")),
            "set a current version in one place, or update the SDK",
        )
        .because(version),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_ends_on_its_day_and_not_before() {
        let at = |day: &str| {
            let mut event = Event::new(Channel::Server, 1, "1");
            let noon = format!("{day}T12:00:00Z");
            event.caught = noon.parse::<jiff::Timestamp>().expect("a time").as_millisecond();
            event
        };
        assert!(!ended(&at("2026-05-20"), "v19.0"));
        assert!(ended(&at("2026-05-21"), "v19.0"));
        assert!(!ended(&at("2030-01-01"), "v26.0"));
        assert!(ended(&at("2026-03-02"), "v2.12"));
    }
}
