//! Reads event types and their ids back from JSON format 1.
//!
//! Counts are taken; shares that the shapes have beside them are quotients of these.

use std::collections::BTreeMap;

use crate::event::{Channel, MatchKey};
use crate::format::json::v1::Part;
use crate::format::json::v1::events::{
    AutomaticV1, CountingV1, EventV1, IdLifeV1, IdV1, IdValueV1,
};
use crate::report::{
    AutomaticRow, CountingRules, Duplicates, EventRow, IdLife, IdRow, IdValue, Improvement,
    MatchQuality, PerChannel, Share,
};

pub(super) fn event(row: EventV1) -> EventRow {
    let share = |part: Part| Share::new(part.count, part.of);
    let keys = |side: BTreeMap<String, Part>| -> BTreeMap<MatchKey, Share> {
        side.into_iter()
            .filter_map(|(name, part)| Some((MatchKey::from_name(&name)?, share(part))))
            .collect()
    };
    let names = |side: BTreeMap<String, Part>| -> BTreeMap<String, Share> {
        side.into_iter().map(|(name, part)| (name, share(part))).collect()
    };
    EventRow {
        event: row.event,
        conversions: row.conversions,
        browser: row.browser,
        server: row.server,
        paired: row.paired,
        browser_only: row.browser_only,
        server_only: row.server_only,
        explained: row.explained,
        duplicates: Duplicates { browser: row.duplicates.browser, server: row.duplicates.server },
        counted: row.counted,
        refused: row.refused,
        paired_refused: row.paired_refused,
        coverage: PerChannel {
            browser: keys(row.coverage_counts.browser),
            server: keys(row.coverage_counts.server),
        },
        parameters: PerChannel {
            browser: names(row.parameter_counts.browser),
            server: names(row.parameter_counts.server),
        },
        match_quality: row.match_quality.map(|quality| MatchQuality {
            estimate: quality.estimate,
            low: quality.low,
            high: quality.high,
            calibrated: quality.calibrated,
            improvements: quality
                .improvements
                .into_iter()
                .map(|one| Improvement {
                    keys: one.add.iter().filter_map(|name| MatchKey::from_name(name)).collect(),
                    gain: one.gain,
                })
                .collect(),
        }),
    }
}

pub(super) fn ids(row: IdV1) -> Option<IdRow> {
    let mut schemes: Vec<(String, u64)> = row.schemes.into_iter().collect();
    schemes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Some(IdRow {
        channel: Channel::from_name(&row.channel)?,
        event: row.event,
        events: row.events,
        present: row.present,
        distinct: row.distinct,
        collisions: row.collisions,
        shortest: row.shortest,
        longest: row.longest,
        schemes,
    })
}

/// A life of ids; one of a kind that this version does not know is left out.
pub(super) fn id_life(row: IdLifeV1) -> Option<IdLife> {
    let known = |word: &str, words: [&'static str; 3]| words.into_iter().find(|one| *one == word);
    let value = |value: IdValueV1| {
        Some(IdValue {
            first: known(&value.first, ["browser", "server", "cookie"])?,
            label: value.label,
            after: (value.after_seconds * 1000.0).round() as i64,
            browser: value.browser,
            server: value.server,
            cookie: value.cookie,
            created: value
                .created
                .and_then(|time| time.parse::<jiff::Timestamp>().ok())
                .map(jiff::Timestamp::as_millisecond),
            unit: value.unit,
            subdomain_index: value.subdomain_index,
            parts: value.parts,
            library: value.library,
            // The JSON report says that there is a mark, not what it says.
            mark: String::new(),
            fault: value.fault,
            landing: value.landing,
        })
    };
    Some(IdLife {
        session: row.session,
        scenario: row.scenario,
        profile: row.profile,
        key: known(&row.key, ["fbp", "fbc", ""])?,
        values: row.values.into_iter().filter_map(value).collect(),
    })
}

pub(super) fn automatic(row: AutomaticV1) -> Option<AutomaticRow> {
    let channel = Channel::from_name(&row.channel)?;
    Some(AutomaticRow { event: row.event, kind: row.kind, channel, events: row.events })
}

/// The times of counting; what is published was not written by older versions, and is then
/// what was counted by.
pub(super) fn counting(read: &CountingV1) -> CountingRules {
    let millis = |seconds: f64| (seconds * 1000.0).round() as i64;
    let published = |published: f64, used: f64| match millis(published) {
        0 => millis(used),
        published => published,
    };
    CountingRules {
        dedup_window: millis(read.dedup_window_seconds),
        browser_preference: millis(read.browser_preference_seconds),
        published_window: published(read.published_dedup_window_seconds, read.dedup_window_seconds),
        published_preference: published(
            read.published_browser_preference_seconds,
            read.browser_preference_seconds,
        ),
    }
}
