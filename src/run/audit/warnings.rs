//! What a reader has to know before any figure: an empty side, no common pixel, clocks
//! that are apart.
//!
//! Whole sentences, gravest first; never a verdict.

use std::collections::BTreeMap;

use crate::audit::{InputReport, Reading};
use crate::event::Channel;
use crate::report::LogReport;

/// A median distance of the halves beyond which clocks are suspected.
const CLOCKS_MS: i64 = 5 * 60 * 1000;

pub(super) fn warnings(reading: &Reading, log: &LogReport) -> Vec<String> {
    let mut found = unseen(&reading.inputs);
    let sides = [log.whole.events.browser, log.whole.events.server];
    for (side, name) in ["browser", "server"].into_iter().enumerate() {
        if sides[side] == 0 && sides[1 - side] > 0 {
            found.push(format!(
                "There is no event of the {name}: every event looks lone. Give its logs with --{name}, or look at --since, --until, --event and --pixel."
            ));
        }
    }
    let both = sides.iter().all(|count| *count > 0);
    let known = |side: usize| reading.pixels[side].keys().filter(|pixel| !pixel.is_empty());
    let common = known(0).any(|pixel| reading.pixels[1].contains_key(pixel));
    let unnamed = reading.pixels.iter().any(|pixels| pixels.contains_key(""));
    if let Some(pixel) = &reading.assumed_pixel {
        found.push(format!(
            "Some events name no pixel; they were taken for events of {pixel}, the only pixel there is."
        ));
    } else if both && unnamed {
        found.push(
            "Some events name no pixel, and there are several: they pair with none. Name the field that holds it in countonce.toml (pixel = \"…\"), or audit one pixel with --pixel."
                .to_owned(),
        );
    } else if both && !common {
        let list = |side: usize| known(side).take(3).cloned().collect::<Vec<_>>().join(", ");
        found.push(format!(
            "No pixel ID is on both sides (browser: {}; server: {}): nothing can pair.",
            list(0),
            list(1)
        ));
    }
    if let (Some(browser), Some(server)) = (reading.span[0], reading.span[1])
        && (browser.1 < server.0 || server.1 < browser.0)
    {
        found.push(format!(
            "The two sides cover different times: the browser's {} to {}, the server's {} to {}.",
            time(browser.0),
            time(browser.1),
            time(server.0),
            time(server.1)
        ));
    }
    if let Some([median, ..]) = log.whole.lag
        && median.abs() > CLOCKS_MS
    {
        let later = if median > 0 { "server" } else { "browser" };
        found.push(format!(
            "The halves of pairs are {} minutes apart in the middle, the {later} later: the clocks or time zones of the logs differ, or one side sends from a queue.",
            median.abs() / 60_000
        ));
    }
    if reading.timeless > 0 {
        found.push(format!(
            "{} events have no time at all: they stand in the hour of 1970 and outside of --since and --until.",
            reading.timeless
        ));
    }
    let bad = reading.bad();
    if bad > 0 {
        let lines: u64 = reading.inputs.iter().map(|input| input.lines).sum();
        found.push(format!("{bad} of {lines} lines cannot be read; the first are listed below."));
    }
    found
}

/// Names of the configuration that lines do not have: what they should hold is missing from
/// every event.
pub(super) fn unseen(inputs: &[InputReport]) -> Vec<String> {
    let mut missing: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for input in inputs {
        for name in &input.unseen {
            let side = input.channel.map_or("", Channel::name);
            missing.entry((side, name)).or_default().push(&input.path);
        }
    }
    let of = |side: &str| {
        inputs.iter().filter(|input| input.channel.is_some_and(|one| one.name() == side)).count()
    };
    missing
        .into_iter()
        .map(|((side, name), files)| {
            let place = match (files.as_slice(), of(side)) {
                ([only], _) => format!("no line of {only} has"),
                (files, all) if files.len() == all => format!("no line of the {all} files has"),
                (files, all) => format!(
                    "no line of {} of the {all} files has (the first is {})",
                    files.len(),
                    files[0]
                ),
            };
            format!(
                "countonce.toml names `{name}` under [audit.{side}], but {place} a field of that name: what it should hold is missing."
            )
        })
        .collect()
}

fn time(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis)
        .map(|time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default()
}
