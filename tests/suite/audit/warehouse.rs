//! The printed query against the built-in join, on DuckDB.
//!
//! Needs Python with DuckDB in `target/engines/venv`; without it the test is skipped with a
//! visible line, unless the environment requires it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::{logs, plan, run};
use crate::cli::countonce;

#[test]
fn duckdb_counts_the_pairs_and_repeats_that_the_built_in_join_counts() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/engines/venv/bin/python");
    if !python.exists() {
        let required = std::env::var_os("COUNTONCE_REQUIRE_ENGINES").is_some_and(|set| set == "1");
        assert!(!required, "no DuckDB at {}", python.display());
        eprintln!("SKIPPED, no DuckDB at {}", python.display());
        return;
    }
    let folder = logs(20_000);
    let facts = folder.path().join("f.parquet");
    let side = |name: &str| folder.path().join(name);
    let logs = plan(&[side("browser.ndjson")], &[side("server.ndjson")], &[]);
    countonce::run::facts(&logs, &facts).expect("facts");
    let report = run(&logs).expect("audited");
    let mut own: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    for day in report.log.expect("a log").days.into_iter().filter(|day| !day.event.is_empty()) {
        let sum = own.entry(day.event).or_default();
        for (sum, more) in sum.iter_mut().zip([day.paired, day.repeats.browser, day.repeats.server])
        {
            *sum += more;
        }
    }
    let query = countonce(folder.path(), &["sql", "--dialect", "duckdb", "--table", "'f.parquet'"]);
    assert_eq!(query.code, 0, "{}", query.err);
    let script = "import sys, json, duckdb; print(json.dumps({r[0]: [int(x) for x in r[1:]] for r in duckdb.sql(sys.argv[1]).fetchall()}))";
    let said = Command::new(python)
        .args(["-c", script, &query.out])
        .current_dir(folder.path())
        .output()
        .expect("Python starts");
    let text = String::from_utf8_lossy(&said.stdout);
    let theirs: BTreeMap<String, [u64; 3]> = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&said.stderr)));
    assert_eq!(theirs, own);
    assert!(own["PageView"][0] > 1_000 && own["PageView"][1] > 5, "{own:?}");
    assert_eq!(countonce(folder.path(), &["sql", "--dialect", "cobol"]).code, 2);
}
