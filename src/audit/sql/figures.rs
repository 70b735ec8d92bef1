//! The query of figures: a table of rows that know where they stand, and sums over it.
//!
//! Never how an engine keeps that table.

use super::dialect::Dialect;
use super::{cause_column, fill};
use crate::event::MatchKey;
use crate::join::bulk::{Cause, NEAR_MS};
use crate::platform::meta::lean::bit;

const HEAD: &str = "\
-- What countonce {version} counts of facts of format {format}, by hour, by day and over all;
-- `event` is null where a line is about all events. Times are Unix milliseconds.
";

/// Counts of each side that a row shows by itself: the column, and which rows it counts.
const COUNTS: &[(&str, &str)] = &[
    ("events", "true"),
    ("automatic", "automatic"),
    ("refused", "not accepted"),
    ("repeats", "again"),
    ("looked_at", LOOKED_AT),
];

/// Rows whose match keys are looked at.
const LOOKED_AT: &str = "joins and not again";

/// Counts of a side by the names of their columns, with the rows that they count.
fn counts() -> Vec<(String, String)> {
    let mut counts: Vec<(String, String)> =
        COUNTS.iter().map(|(name, rows)| ((*name).to_owned(), (*rows).to_owned())).collect();
    for (kind, bits) in KEY_BITS {
        for key in MatchKey::ALL {
            let bit = bit(*key);
            let rows = format!("{LOOKED_AT} and mod({bits}, {}) >= {bit}", 2 * u64::from(bit));
            counts.push((format!("{kind}_{key}"), rows));
        }
    }
    counts
}

/// Flags of match keys in facts, and the column that has them as bits.
const KEY_BITS: [(&str, &str); 2] = [("key", "keys"), ("valid", "valid")];

/// Counts of a side by cause, with the rows of causes that they count.
fn cause_counts() -> Vec<(String, String)> {
    let mut counts = vec![("unmerged".to_owned(), "cause = 'twin'".to_owned())];
    for cause in Cause::ALL {
        counts.push((cause_column(cause).to_owned(), format!("cause = '{}'", cause.name())));
    }
    counts
}

/// Sums of the rows that are counted, each under its name.
fn sums(counts: &[(String, String)]) -> String {
    let sums = counts
        .iter()
        .map(|(name, rows)| format!("sum(case when {rows} then 1 else 0 end) as {name}"));
    sums.collect::<Vec<String>>().join(",\n    ")
}

/// The begin of a stretch of time.
fn floor(of: &str, length: &str) -> String {
    format!("{of} - mod(mod({of}, {length}) + {length}, {length})")
}

/// The query.
pub(super) fn query(dialect: &Dialect) -> String {
    let (of_rows, of_causes) = (counts(), cause_counts());
    let of_sides = |write: &dyn Fn(&str, i32, &str, bool) -> String| {
        let mut all = Vec::new();
        for (side, number) in [("browser", 1), ("server", -1)] {
            all.extend(of_rows.iter().map(|(name, _)| write(side, number, name, false)));
            all.extend(of_causes.iter().map(|(name, _)| write(side, number, name, true)));
        }
        all.join(",\n    ")
    };
    let sides = of_sides(&|side, number, name, is_cause| {
        let count = if is_cause { format!("coalesce(c.{name}, 0)") } else { format!("s.{name}") };
        format!("sum(case when s.side = {number} then {count} else 0 end) as {side}_{name}")
    });
    let totals = of_sides(&|side, _, name, _| format!("sum(c.{side}_{name}) as {side}_{name}"));
    let columns =
        of_sides(&|side, _, name, _| format!("cast(t.{side}_{name} as bigint) as {side}_{name}"));
    let bits = |kind: &str| {
        let flags = MatchKey::ALL
            .iter()
            .map(|key| format!("case when f.{kind}_{key} then {} else 0 end", bit(*key)));
        format!("cast({} as bigint)", flags.collect::<Vec<String>>().join(" + "))
    };
    let bucket = format!(
        "case l.period when 'whole' then 0 when 'day' then {} else c.hour end",
        floor("c.hour", "86400000")
    );
    let words = [
        ("spelling", couples("unsettled", "spelt", "spells", "id_fold", "{window}")),
        ("visiting", couples("unspelt", "near", "nears", "visitor", &NEAR_MS.to_string())),
        ("chains", dialect.chains(include_str!("long_ones.sql"))),
        ("sums", sums(&of_rows)),
        ("cause_sums", sums(&of_causes)),
        ("sides", sides),
        ("totals", totals),
        ("columns", columns),
        ("bucket", bucket),
        ("key_bits", bits("key")),
        ("valid_bits", bits("valid")),
        ("hour", floor("caught", "3600000")),
        (
            "by_arrival",
            "partition by has_id, who, name, pixel order by caught, side desc, tie".to_owned(),
        ),
        ("of_all", "rows between unbounded preceding and unbounded following".to_owned()),
        ("lone", "partition by has_id, who".to_owned()),
        ("visit", "partition by visitor, name, pixel".to_owned()),
        (
            "saying",
            "partition by visitor, case when visitor <> 0 then 0 else tie end, name, pixel, side"
                .to_owned(),
        ),
        ("up_to_here", "rows between unbounded preceding and current row".to_owned()),
        ("name_cause", Cause::Name.name().to_owned()),
        ("pixel_cause", Cause::Pixel.name().to_owned()),
        ("window_cause", Cause::Window.name().to_owned()),
        ("spelling_cause", Cause::Spelling.name().to_owned()),
        ("missing_cause", Cause::IdMissing.name().to_owned()),
        ("other_id_cause", Cause::OtherId.name().to_owned()),
        ("none_cause", Cause::NoPartner.name().to_owned()),
    ];
    let asking = fill(include_str!("figures.sql"), &words);
    let making = fill(include_str!("placed.sql"), &words);
    format!("{HEAD}{}", dialect.staged("placed", &making, &asking))
}

/// Couples of lone events: the steps of a walk that goes up with each browser event and
/// down with each server event; two steps over the same rung belong together.
fn couples(from: &str, to: &str, open: &str, key: &str, within: &str) -> String {
    let words = [
        ("from", from.to_owned()),
        ("open", open.to_owned()),
        (
            "group",
            format!("partition by {open}, case when {open} then {key} else tie end, name, pixel"),
        ),
        ("rung", "2 * {to}_walk - side".to_owned()),
        ("within", within.to_owned()),
        ("to", to.to_owned()),
    ];
    fill(include_str!("couples.sql").trim_end(), &words)
}
