//! The figures of facts as queries for other engines: DuckDB, Spark, BigQuery, Snowflake.
//!
//! Plain SQL of windows and sums, with the same definitions as the built-in join; dialects
//! differ in how they name the table and in how they follow chains of copies.
//! Never runs a query.

use super::facts_file::FACTS_FORMAT;
use crate::event::MatchKey;
use crate::join::IdScheme;
use crate::join::bulk::{Cause, NEAR_MS, TOLERANCE, TWIN_MS};

/// Dialects: the word, and how the facts are named where the user says nothing.
pub const DIALECTS: &[(&str, &str)] = &[
    ("duckdb", "'facts/*.parquet'"),
    ("spark", "parquet.`facts`"),
    ("bigquery", "facts"),
    ("snowflake", "facts"),
];

/// Something that can be asked of facts.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Its word on the command line.
    pub word: &'static str,
    /// What its answer holds.
    pub holds: &'static str,
    /// The column by which an answer is known.
    pub(super) sign: &'static str,
    /// Number of the answer's format, which stands in that column.
    pub(super) format: i32,
}

/// What can be asked.
pub const QUESTIONS: &[Question] = &[
    Question {
        word: "figures",
        holds: "all counts by hour, by day and over all",
        sign: "countonce_figures",
        format: 1,
    },
    Question {
        word: "findings",
        holds: "events by what the rules on single events say of them",
        sign: "countonce_findings",
        format: 1,
    },
    Question {
        word: "ids",
        holds: "event IDs by event name and side: how many, how long, of what making",
        sign: "countonce_ids",
        format: 1,
    },
];

/// Counts of each side: the column, and which rows it counts.
const COUNTS: &[(&str, &str)] = &[
    ("events", "true"),
    ("automatic", "automatic"),
    ("refused", "not accepted"),
    ("repeats", "again"),
    ("unmerged", "cause = 'twin'"),
    ("looked_at", "joins and not again"),
];

/// The column of a cause.
pub(super) fn cause_column(cause: Cause) -> &'static str {
    match cause {
        Cause::Name => "alone_other_name",
        Cause::Pixel => "alone_other_pixel",
        Cause::Window => "alone_window",
        Cause::Spelling => "alone_spelling",
        Cause::IdMissing => "alone_id_missing",
        Cause::OtherId => "alone_other_id",
        Cause::NoPartner => "alone_no_partner",
    }
}

/// The column of an ID's scheme.
pub(super) fn scheme_column(scheme: IdScheme) -> String {
    format!("scheme_{}", scheme.name().to_lowercase().replace(' ', "_"))
}

/// Every count of a side by the name of its column, with the rows it counts.
fn counts() -> Vec<(String, String)> {
    let mut counts: Vec<(String, String)> =
        COUNTS.iter().map(|(name, rows)| ((*name).to_owned(), (*rows).to_owned())).collect();
    for cause in Cause::ALL {
        counts.push((cause_column(cause).to_owned(), format!("cause = '{}'", cause.name())));
    }
    for kind in ["key", "valid"] {
        for key in MatchKey::ALL {
            let name = format!("{kind}_{key}");
            counts.push((name.clone(), format!("joins and not again and {name}")));
        }
    }
    counts
}

/// A query over a table of facts; `None` for an unknown dialect or question. `window` is in
/// milliseconds.
pub fn reconcile_sql(
    dialect: &str,
    query: &str,
    table: Option<&str>,
    window: i64,
) -> Option<String> {
    let (_, usual) = DIALECTS.iter().find(|(name, _)| *name == dialect)?;
    let template = match query {
        "figures" => figures(dialect == "spark"),
        "findings" => include_str!("sql/findings.sql").to_owned(),
        "ids" => ids(),
        _ => return None,
    };
    let formats = QUESTIONS.iter().map(|question| (question.word, question.format.to_string()));
    let formats: Vec<(String, String)> =
        formats.map(|(word, format)| (format!("{word}_format"), format)).collect();
    let mut numbers = vec![
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("format", FACTS_FORMAT.to_string()),
        ("window", window.to_string()),
        ("twin", TWIN_MS.to_string()),
        ("tolerance", TOLERANCE.to_string()),
        ("facts", table.unwrap_or(usual).to_owned()),
    ];
    numbers.extend(formats.iter().map(|(name, format)| (name.as_str(), format.clone())));
    Some(fill(&template, &numbers))
}

fn ids() -> String {
    let schemes: Vec<String> = IdScheme::ALL
        .iter()
        .map(|scheme| {
            format!(
                "cast(sum(case when scheme = '{}' then 1 else 0 end) as bigint) as {}",
                scheme.name(),
                scheme_column(*scheme)
            )
        })
        .collect();
    fill(include_str!("sql/ids.sql"), &[("schemes", schemes.join(",\n  "))])
}

fn fill(template: &str, words: &[(&str, String)]) -> String {
    words.iter().fold(template.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

fn figures(spark: bool) -> String {
    let keys: Vec<String> = ["key", "valid"]
        .iter()
        .flat_map(|kind| {
            MatchKey::ALL.iter().map(move |key| format!("f.{kind}_{key} as {kind}_{key}"))
        })
        .collect();
    let of_sides = |write: &dyn Fn(&str, i32, &str, &str) -> String| {
        let mut all = Vec::new();
        for (side, number) in [("browser", 1), ("server", -1)] {
            all.extend(counts().iter().map(|(name, rows)| write(side, number, name, rows)));
        }
        all.join(",\n    ")
    };
    let sums = of_sides(&|side, number, name, rows| {
        format!("sum(case when side = {number} and {rows} then 1 else 0 end) as {side}_{name}")
    });
    let totals = of_sides(&|side, _, name, _| format!("sum(c.{side}_{name}) as {side}_{name}"));
    let columns =
        of_sides(&|side, _, name, _| format!("cast(t.{side}_{name} as bigint) as {side}_{name}"));
    let chains =
        if spark { include_str!("sql/chains_spark.sql") } else { include_str!("sql/chains.sql") };
    let floor =
        |of: &str, length: &str| format!("{of} - mod(mod({of}, {length}) + {length}, {length})");
    let bucket = format!(
        "case l.period when 'whole' then 0 when 'day' then {} else c.hour end",
        floor("c.hour", "86400000")
    );
    let words = [
        ("recursive", if spark { String::new() } else { "recursive".to_owned() }),
        ("spelling", couples("fallen", "spelt", "spells", "id_fold", "{window}")),
        ("visiting", couples("unspelt", "near", "nears", "visitor", &NEAR_MS.to_string())),
        ("chains", chains.trim_end().to_owned()),
        ("keys", keys.join(",\n    ")),
        ("sums", sums),
        ("totals", totals),
        ("columns", columns),
        ("bucket", bucket),
        ("hour", floor("caught", "3600000")),
        ("half", "joins and side = 1 and nth_on_side = 1 and paired".to_owned()),
        ("same", "partition by has_id, who, name, pixel".to_owned()),
        ("lone", "partition by alone, has_id, who".to_owned()),
        (
            "merging",
            "partition by merges, case when merges then visitor else tie end, name, pixel"
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
    fill(include_str!("sql/figures.sql"), &words)
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
    fill(include_str!("sql/couples.sql").trim_end(), &words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_query_is_filled_in() {
        for (dialect, table) in DIALECTS {
            for question in QUESTIONS {
                let text = reconcile_sql(dialect, question.word, None, 5).expect("a query");
                assert!(text.contains(table) && !text.contains(['{', '}']), "{dialect}: {text}");
            }
        }
        assert!(reconcile_sql("cobol", "figures", None, 5).is_none());
        assert!(reconcile_sql("spark", "poems", None, 5).is_none());
    }
}
