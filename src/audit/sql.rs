//! The pairs of facts as a query for other engines: DuckDB, Spark, BigQuery, Snowflake.
//!
//! Standard SQL; dialects differ in how they name the table.
//! Never runs a query.

/// Dialects: the word, and how the facts are named where the user says nothing.
pub const DIALECTS: &[(&str, &str)] = &[
    ("duckdb", "'facts/*.parquet'"),
    ("spark", "parquet.`facts`"),
    ("bigquery", "facts"),
    ("snowflake", "facts"),
];

/// Pairs and repeats by event name over a table of facts. `window` is in milliseconds.
pub fn reconcile_sql(dialect: &str, table: Option<&str>, window: i64) -> Option<String> {
    let (_, usual) = DIALECTS.iter().find(|(name, _)| *name == dialect)?;
    let query = include_str!("reconcile.sql").replace("{window}", &window.to_string());
    Some(query.replace("{facts}", table.unwrap_or(usual)))
}
