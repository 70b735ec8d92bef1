//! How engines differ: names of tables, chains of copies, and how a table that is asked several
//! times is computed once.
//!
//! Never what is asked.

use super::fill;

/// An engine's language.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// Its word on the command line.
    pub name: &'static str,
    /// How the facts are named where the user says nothing.
    pub facts: &'static str,
    /// And the shop's books.
    pub books: &'static str,
    stage: Stage,
    /// Follows chains of copies by a function over lists, for want of recursive queries.
    lists: bool,
}

/// How a table within the query is kept for those who ask it.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// As a part of the query: the words before the bracket, and a column that makes the
    /// engine compute it once.
    Within(&'static str, &'static str),
    /// As a temporary table, by these words: a script of two statements.
    Table(&'static str),
}

/// Every dialect.
pub const DIALECTS: &[Dialect] = &[
    Dialect {
        name: "duckdb",
        facts: "'facts/*.parquet'",
        books: "'books.parquet'",
        stage: Stage::Within("materialized ", ""),
        lists: false,
    },
    Dialect {
        name: "spark",
        facts: "parquet.`facts`",
        books: "parquet.`books.parquet`",
        // Spark writes a part of a query out for each who asks it, unless it would not come
        // out the same twice (rule InlineCTE of its optimiser).
        stage: Stage::Within("", ", rand() as only_once"),
        lists: true,
    },
    Dialect {
        name: "bigquery",
        facts: "facts",
        books: "books",
        stage: Stage::Table("create temp table"),
        lists: false,
    },
    Dialect {
        name: "snowflake",
        facts: "facts",
        books: "books",
        stage: Stage::Table("create or replace temporary table"),
        lists: false,
    },
];

impl Dialect {
    /// A query over a table of its own, which is asked several times as `{placed}` and so on.
    /// `making` are the parts of a query that end with the table.
    pub(super) fn staged(&self, table: &str, making: &str, asking: &str) -> String {
        let recursive = if self.lists { "" } else { " recursive" };
        let (making, asking) = (making.trim_end(), asking.trim_end());
        let (kept, once, text, name) = match self.stage {
            Stage::Within(kept, once) => {
                let text = format!("with{recursive}\n{making},\n{asking}\n");
                (kept, once, text, table.to_owned())
            }
            Stage::Table(create) => {
                let name = format!("countonce_{table}");
                let text = format!(
                    "{create} {name} as\nwith\n{making}\nselect * from {table};\n\nwith{recursive}\n{asking}\n"
                );
                ("", "", text, name)
            }
        };
        let words = [("kept", kept.to_owned()), ("once", once.to_owned()), (table, name)];
        fill(&text, &words)
    }

    /// The parts of a query that follow chains of copies, which `copies` selects.
    pub(super) fn chains(&self, copies: &str) -> String {
        let text =
            if self.lists { include_str!("chains_spark.sql") } else { include_str!("chains.sql") };
        fill(text.trim_end(), &[("copies", copies.trim_end().to_owned())])
    }
}
