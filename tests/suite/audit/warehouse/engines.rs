//! Python with DuckDB, Spark and a parser of dialects, and what is run in it.
//!
//! Never a figure.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Map, Value};

/// Python with the engines, or why there is none.
pub(super) fn python() -> Result<&'static Path, &'static str> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/engines/venv");
            let python = folder.join("bin/python");
            let works = || {
                let mut command = Command::new(&python);
                command.args(["-c", "import duckdb, sqlglot, pyspark"]);
                command.output().is_ok_and(|said| said.status.success())
            };
            if works() {
                return Ok(python);
            }
            let said = Command::new("python3").args(["-m", "venv"]).arg(&folder).output();
            if !said.is_ok_and(|said| said.status.success()) {
                return Err("no python3 with venv".to_owned());
            }
            let said = Command::new(&python)
                .args(["-m", "pip", "install", "-q", "duckdb", "sqlglot", "pyspark"])
                .output();
            match said {
                Ok(_) if works() => Ok(python),
                Ok(said) => Err(String::from_utf8_lossy(&said.stderr).into_owned()),
                Err(error) => Err(error.to_string()),
            }
        })
        .as_deref()
        .map_err(String::as_str)
}

/// True where Spark can run.
pub(super) fn java() -> bool {
    let said = Command::new("java").arg("-version").output();
    said.is_ok_and(|said| said.status.success())
}

/// Says that a test is skipped; fails where that is not borne.
pub(super) fn skipped(why: &str) {
    let required = std::env::var_os("COUNTONCE_REQUIRE_ENGINES").is_some_and(|set| set == "1");
    assert!(!required, "engines are required: {why}");
    eprintln!("SKIPPED, {why}");
}

/// What a script prints, an object a line, by the column that tells which question it answers.
pub(super) struct Answers(Vec<Map<String, Value>>);

impl Answers {
    /// The rows that have this column, without it.
    pub(super) fn of(&self, sign: &str) -> Vec<Map<String, Value>> {
        let answers = self.0.iter().filter(|row| row.contains_key(sign));
        let rows: Vec<Map<String, Value>> = answers
            .map(|row| {
                let mut row = row.clone();
                assert_eq!(row.remove(sign), Some(1.into()));
                row
            })
            .collect();
        assert!(!rows.is_empty(), "no row has {sign}");
        rows
    }
}

/// Runs a script over the tables of a folder.
pub(super) fn ask(python: &Path, folder: &Path, script: &str, words: &[&str]) -> Answers {
    let said = Command::new(python)
        .args(["-c", &format!("{TABLES}{script}")])
        .args(words)
        .current_dir(folder)
        .output()
        .expect("Python starts");
    let text = String::from_utf8_lossy(&said.stdout);
    let errors = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{errors}");
    let rows = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    Answers(rows.collect())
}

const TABLES: &str = "
import sys, json, os
tables = [name for name in ('facts', 'books') if os.path.exists(name + '.parquet')]
def show(names, rows):
    for row in rows:
        print(json.dumps(dict(zip(names, row))))
def duck():
    import duckdb
    duckdb.sql('set enable_progress_bar = false')
    for name in tables:
        # A folder is one of partitions.
        below = '/**/*.parquet' if os.path.isdir(name + '.parquet') else ''
        duckdb.sql(f\"create view {name} as select * from '{name}.parquet{below}'\")
    return duckdb
";

/// Words: the queries.
pub(super) const DUCKDB: &str = "
duckdb = duck()
for text in sys.argv[1:]:
    answer = duckdb.sql(text)
    show([column[0] for column in answer.description], answer.fetchall())
";

/// Words: the dialect and the queries.
pub(super) const TRANSLATED: &str = "
import sqlglot
duckdb = duck()
for text in sys.argv[2:]:
    for statement in sqlglot.transpile(text, read=sys.argv[1], write='duckdb'):
        answer = duckdb.sql(statement)
    show([column[0] for column in answer.description], answer.fetchall())
";

/// Words: the queries. Four executors' worth of threads, and more partitions than that.
pub(super) const SPARK: &str = "
from pyspark.sql import SparkSession
spark = (SparkSession.builder.master('local[4]').config('spark.ui.enabled', 'false')
    .config('spark.driver.host', '127.0.0.1').config('spark.driver.bindAddress', '127.0.0.1')
    .config('spark.sql.shuffle.partitions', '6').config('spark.sql.adaptive.enabled', 'false')
    .config('spark.sql.codegen.wholeStage', 'false').config('spark.ui.showConsoleProgress', 'false')
    .getOrCreate())
spark.sparkContext.setLogLevel('ERROR')
for name in tables:
    table = spark.read.parquet(name + '.parquet').repartition(7)
    assert table.rdd.getNumPartitions() == 7
    table.createOrReplaceTempView(name)
for text in sys.argv[1:]:
    answer = spark.sql(text)
    show(answer.columns, answer.collect())
spark.stop()
";

/// Words: a query, and the file that its answer is written to.
pub(super) const WRITTEN: &str = "
duck().sql('copy (' + sys.argv[1] + ') to ' + repr(sys.argv[2]))
";
