//! The figures of facts as queries for other engines: DuckDB, Spark, BigQuery, Snowflake.
//!
//! Plain SQL of windows and sums, with the same definitions as the built-in join; see
//! `dialect` for how engines differ. Never runs a query.

mod dialect;
mod figures;
mod orders;

use super::facts_file::FACTS_FORMAT;
use crate::join::IdScheme;
use crate::join::bulk::{Cause, TOLERANCE, TWIN_MS};

pub use dialect::{DIALECTS, Dialect};

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
    Question {
        word: "orders",
        holds: "the shop's orders: which are counted once, more than once, or not at all",
        sign: "countonce_orders",
        format: 1,
    },
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

/// Names of tables, as an engine has them; `None` for the usual ones.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tables<'a> {
    /// The facts.
    pub facts: Option<&'a str>,
    /// The shop's books, as `countonce facts --orders` writes them.
    pub books: Option<&'a str>,
}

/// A query over a table of facts; `None` for an unknown dialect or question. `window` is in
/// milliseconds.
pub fn reconcile_sql(
    dialect: &str,
    query: &str,
    tables: Tables<'_>,
    window: i64,
) -> Option<String> {
    let dialect = DIALECTS.iter().find(|known| known.name == dialect)?;
    let template = match query {
        "figures" => figures::query(dialect),
        "findings" => include_str!("sql/findings.sql").to_owned(),
        "ids" => ids(),
        "orders" => orders::query(dialect),
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
        ("facts", tables.facts.unwrap_or(dialect.facts).to_owned()),
        ("books", tables.books.unwrap_or(dialect.books).to_owned()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_query_is_filled_in() {
        for Dialect { name, facts, .. } in DIALECTS {
            for question in QUESTIONS {
                let text =
                    reconcile_sql(name, question.word, Tables::default(), 5).expect("a query");
                assert!(text.contains(facts) && !text.contains(['{', '}']), "{name}: {text}");
            }
        }
        assert!(reconcile_sql("cobol", "figures", Tables::default(), 5).is_none());
        assert!(reconcile_sql("spark", "poems", Tables::default(), 5).is_none());
    }
}
