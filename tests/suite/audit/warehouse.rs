//! The printed queries against the built-in join: on DuckDB, on Spark with several
//! partitions, and, for dialects whose engines run nowhere but in a cloud, as translated to
//! DuckDB by a parser of these dialects.
//!
//! Needs Python; DuckDB, Spark and the parser are installed into `target/engines/venv` by the
//! first test that wants them, and Spark needs Java. Without them a test is skipped with a
//! visible line, unless `COUNTONCE_REQUIRE_ENGINES=1`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use countonce::audit::Split;
use countonce::event::{Channel, MatchKey};
use countonce::report::{LogReport, Period, Report};
use polars::prelude::{Column, DataFrame, ParquetWriter};
use serde_json::{Map, Value};

use super::{FactsOut, logs, plan, run};
use crate::cli::countonce;

/// Figures by period, begin, event and the name of the column.
type Figures = BTreeMap<(String, i64, String), BTreeMap<String, i64>>;

const SIDES: [(&str, Channel); 2] = [("browser", Channel::Browser), ("server", Channel::Server)];
const CAUSES: [(&str, &str); 7] = [
    ("another event name", "alone_other_name"),
    ("another pixel ID", "alone_other_pixel"),
    ("more than 48 hours apart", "alone_window"),
    ("ID written differently", "alone_spelling"),
    ("ID missing on a side", "alone_id_missing"),
    ("another ID on the other side", "alone_other_id"),
    ("nothing on the other side", "alone_no_partner"),
];

const SEED: u64 = 88_172_645_463_325_252;
/// Two days, as the platform publishes, and longer than the whole world.
const WINDOW: [i64; 2] = [172_800_000, 10_000_000_000];

/// Python with the engines, or why there is none.
fn python() -> Result<&'static Path, &'static str> {
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

/// Says that a test is skipped; fails where that is not borne.
fn skipped(why: &str) {
    let required = std::env::var_os("COUNTONCE_REQUIRE_ENGINES").is_some_and(|set| set == "1");
    assert!(!required, "engines are required: {why}");
    eprintln!("SKIPPED, {why}");
}

const NO_JAVA: &str = "Spark needs Java, and there is no java here";

fn has_java() -> bool {
    Command::new("java").arg("-version").output().is_ok_and(|said| said.status.success())
}

/// The rows that a script prints, an object a line.
fn rows(python: &Path, folder: &Path, script: &str, words: &[&str]) -> Vec<Map<String, Value>> {
    let said = Command::new(python)
        .args(["-c", script])
        .args(words)
        .current_dir(folder)
        .output()
        .expect("Python starts");
    let text = String::from_utf8_lossy(&said.stdout);
    let errors = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{errors}");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

const DUCKDB: &str = "
import sys, json, duckdb
duckdb.sql('set enable_progress_bar = false')
answer = duckdb.sql(sys.argv[1])
names = [column[0] for column in answer.description]
for row in answer.fetchall():
    print(json.dumps(dict(zip(names, row))))
";

const TRANSLATED: &str = "
import sys, json, duckdb, sqlglot
duckdb.sql('set enable_progress_bar = false')
duckdb.sql(\"create table facts as select * from 'f.parquet'\")
text = sqlglot.transpile(sys.argv[1], read=sys.argv[2], write='duckdb')[0]
answer = duckdb.sql(text)
names = [column[0] for column in answer.description]
for row in answer.fetchall():
    print(json.dumps(dict(zip(names, row))))
";

const SPARK: &str = "
import sys, json
from pyspark.sql import SparkSession
spark = (SparkSession.builder.master('local[4]').config('spark.ui.enabled', 'false')
    .config('spark.driver.host', '127.0.0.1').config('spark.driver.bindAddress', '127.0.0.1')
    .config('spark.sql.shuffle.partitions', '6').config('spark.sql.adaptive.enabled', 'false')
    .config('spark.sql.codegen.wholeStage', 'false').config('spark.ui.showConsoleProgress', 'false')
    .getOrCreate())
spark.sparkContext.setLogLevel('ERROR')
facts = spark.read.parquet(sys.argv[2]).repartition(7)
assert facts.rdd.getNumPartitions() == 7
facts.createOrReplaceTempView('facts')
for row in spark.sql(sys.argv[1]).collect():
    print(json.dumps(row.asDict()))
spark.stop()
";

fn query(folder: &Path, dialect: &str, table: &str) -> String {
    let said = countonce(folder, &["sql", "--dialect", dialect, "--table", table]);
    assert_eq!(said.code, 0, "{}", said.err);
    said.out
}

/// What the query counted.
fn theirs(rows: Vec<Map<String, Value>>) -> Figures {
    let mut figures = Figures::new();
    for mut row in rows {
        assert_eq!(row.remove("countonce_figures"), Some(1.into()));
        let text = |value: Option<Value>| {
            value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let period = text(row.remove("period"));
        let event = text(row.remove("event"));
        let begin = row.remove("begin_ms").and_then(|value| value.as_i64()).expect("a begin");
        // An event over all of the time stands nowhere in the report of logs.
        if period == "day" || event.is_empty() {
            let counts = row
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, value.as_i64().expect("a number")))
                .collect();
            figures.insert((period, begin, event), counts);
        }
    }
    figures
}

/// The same out of the built-in engine's report.
fn ours(report: &Report) -> Figures {
    let log: &LogReport = report.log.as_ref().expect("a log");
    let mut figures = Figures::new();
    let periods =
        [("whole", std::slice::from_ref(&log.whole)), ("day", &log.days), ("hour", &log.hours)];
    for (name, periods) in periods {
        for period in periods {
            let key = (name.to_owned(), period.start, period.event.clone());
            figures.insert(key, counts(period));
        }
    }
    figures
}

fn counts(period: &Period) -> BTreeMap<String, i64> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    let mut put = |name: String, count: u64| counts.insert(name, count as i64);
    for (side, channel) in SIDES {
        put(format!("{side}_events"), *period.events.of(channel));
        put(format!("{side}_repeats"), *period.repeats.of(channel));
        put(format!("{side}_unmerged"), *period.unmerged.of(channel));
        for (cause, column) in CAUSES {
            let count = period.causes.of(channel).get(cause).copied().unwrap_or(0);
            put(format!("{side}_{column}"), count);
        }
        for (kind, shares) in [("key", &period.coverage), ("valid", &period.valid)] {
            for key in MatchKey::ALL {
                // A key that nobody carries, or that is read off the connection, has no share.
                if let Some(share) = shares.of(channel).get(key) {
                    put(format!("{side}_{kind}_{key}"), share.count);
                    put(format!("{side}_looked_at"), share.of);
                }
            }
        }
    }
    put("refused".to_owned(), period.refused);
    put("paired".to_owned(), period.paired);
    put("counted".to_owned(), period.counted);
    put("reused".to_owned(), period.reused);
    put("values_differ".to_owned(), period.values_differ);
    put("currencies_differ".to_owned(), period.currencies_differ);
    for (name, lag) in
        ["lag_p50", "lag_p95", "lag_p99"].into_iter().zip(period.lag.into_iter().flatten())
    {
        counts.insert(name.to_owned(), lag);
    }
    counts
}

/// Every figure of the built-in engine is the query's, in every period, and there are no
/// others.
fn assert_equal(own: &Figures, mut their: Figures, engine: &str) {
    for counts in their.values_mut() {
        let both = counts["browser_refused"] + counts["server_refused"];
        counts.insert("refused".to_owned(), both);
    }
    let periods = |figures: &Figures| figures.keys().cloned().collect::<Vec<_>>();
    assert_eq!(periods(own), periods(&their), "{engine}");
    for (period, counts) in own {
        let their = &their[period];
        for (name, count) in counts {
            assert_eq!(their.get(name), Some(count), "{engine}: {name} of {period:?}");
        }
        for (name, count) in their.iter().filter(|(name, _)| name.contains("_key_")) {
            assert!(counts.contains_key(name) || *count == 0, "{engine}: {name} of {period:?}");
        }
        assert_eq!(
            counts.contains_key("lag_p50"),
            their.contains_key("lag_p50"),
            "{engine}: {period:?}"
        );
    }
}

/// A world in which everything that can go wrong does so often: few ids, spellings, visitors,
/// pixels and names, and times that fall together or lie days apart.
fn nasty(path: &Path, seed: u64, events: usize) {
    let mut state = seed;
    let mut random = move |below: i64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as i64
    };
    let mut draw = |of: &mut dyn FnMut(&mut dyn FnMut(i64) -> i64) -> i64| -> Vec<i64> {
        (0..events).map(|_| of(&mut random)).collect()
    };
    let ids = draw(&mut |r| r(200));
    let spelling = draw(&mut |r| r(6));
    let pixels = draw(&mut |r| r(12));
    let names = draw(&mut |r| r(9));
    let mut sides = draw(&mut |r| r(2));
    let visitors = draw(&mut |r| if r(3) == 0 { 0 } else { 1 + r(60) });
    let kinds = draw(&mut |r| r(4));
    let spread = draw(&mut |r| r(900_000_000));
    // Together on the same days, in the same second, within a visit, or anywhere.
    let moments: Vec<i64> = (0..events)
        .map(|at| match kinds[at] {
            0 => spread[at] % 9 * 86_400_000 + spread[at] % 50 * 700,
            1 => spread[at] % 400 * 90_000,
            2 => visitors[at] * 4_000_000 + spread[at] % 40 * 2_000,
            _ => spread[at],
        })
        .collect();
    // Visitors whom one side alone tells of.
    for at in (0..events).filter(|at| kinds[*at] == 2 && (1..=20).contains(&visitors[*at])) {
        sides[at] = visitors[at] % 2;
    }
    let contents = draw(&mut |r| r(3));
    let odd = draw(&mut |r| r(40));
    let worths = draw(&mut |r| r(4));
    let keys: Vec<Vec<i64>> = MatchKey::ALL.iter().map(|_| draw(&mut |r| r(4))).collect();
    let start = 1_772_452_800_000 - 5_000_000;
    let texts = |of: &dyn Fn(usize) -> Option<String>| (0..events).map(of).collect::<Vec<_>>();
    let numbers = |of: &dyn Fn(usize) -> i64| (0..events).map(of).collect::<Vec<_>>();
    let flags = |of: &dyn Fn(usize) -> bool| (0..events).map(of).collect::<Vec<_>>();
    let mut columns = vec![
        Column::new("countonce_facts".into(), vec![1i32; events]),
        Column::new("source".into(), texts(&|_| Some("nasty".to_owned()))),
        Column::new("channel".into(), texts(&|at| Some(SIDES[sides[at] as usize].0.to_owned()))),
        Column::new(
            "pixel".into(),
            texts(&|at| match pixels[at] {
                0..=7 => Some("111".to_owned()),
                8..=10 => Some("222".to_owned()),
                _ => None,
            }),
        ),
        Column::new(
            "name".into(),
            texts(&|at| match names[at] {
                0..=4 => Some("Purchase".to_owned()),
                5..=7 => Some("Lead".to_owned()),
                _ => (odd[at] > 3).then(|| "Été".to_owned()),
            }),
        ),
        Column::new(
            "id".into(),
            texts(&|at| {
                let id = ids[at];
                match spelling[at] {
                    0 => None,
                    1 => Some(format!("ORDER {id}")),
                    2 | 3 if kinds[at] == 2 => Some(format!("only-{at}")),
                    _ => Some(format!("order-{id}")),
                }
            }),
        ),
        Column::new(
            "caught".into(),
            (0..events).map(|at| (odd[at] != 9).then(|| start + moments[at])).collect::<Vec<_>>(),
        ),
        Column::new("time".into(), numbers(&|at| (start + moments[at]) / 1000 * 1000)),
        Column::new("automatic".into(), flags(&|at| odd[at] == 1)),
        Column::new("accepted".into(), flags(&|at| odd[at] != 2 && odd[at] != 5)),
        Column::new(
            "refusal".into(),
            texts(&|at| (odd[at] == 2).then(|| "100/2804050".to_owned())),
        ),
        Column::new(
            "value".into(),
            (0..events)
                .map(|at| (worths[at] > 0).then(|| 9.5 + worths[at] as f64))
                .collect::<Vec<_>>(),
        ),
        Column::new(
            "currency".into(),
            texts(&|at| match contents[at] {
                0 => Some("USD".to_owned()),
                1 => Some("EUR".to_owned()),
                _ => None,
            }),
        ),
        Column::new("visitor".into(), numbers(&|at| visitors[at])),
        Column::new("content".into(), numbers(&|at| contents[at])),
        Column::new("rules".into(), texts(&|_| None)),
        Column::new("offences".into(), texts(&|_| None)),
    ];
    for (number, key) in MatchKey::ALL.iter().enumerate() {
        columns.push(Column::new(format!("key_{key}").into(), flags(&|at| keys[number][at] > 1)));
        columns.push(Column::new(format!("valid_{key}").into(), flags(&|at| keys[number][at] > 2)));
    }
    let mut frame = DataFrame::new(events, columns).expect("a table");
    ParquetWriter::new(std::fs::File::create(path).expect("a file"))
        .finish(&mut frame)
        .expect("written");
}

/// Facts, and what the built-in engine says of them.
struct World {
    folder: tempfile::TempDir,
    own: Figures,
}

impl World {
    fn nasty(seed: u64, events: usize) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let old = folder.path().join("old.parquet");
        nasty(&old, seed, events);
        let facts = folder.path().join("f.parquet");
        countonce::run::facts(&plan(&[], &[], &[old]), &FactsOut::file(&facts)).expect("facts");
        let report = run(&plan(&[], &[], &[facts])).expect("audited");
        World { own: ours(&report), folder }
    }

    fn of_logs(events: u64) -> World {
        let folder = logs(events);
        let side = |name: &str| folder.path().join(name);
        let logs = plan(&[side("browser.ndjson")], &[side("server.ndjson")], &[]);
        countonce::run::facts(&logs, &FactsOut::file(folder.path().join("f.parquet")))
            .expect("facts");
        let report = run(&logs).expect("audited");
        World { own: ours(&report), folder }
    }

    /// What is counted in the nasty world with a window of another length.
    fn counted_with(window: i64) -> u64 {
        let folder = tempfile::tempdir().expect("a folder");
        let facts = folder.path().join("f.parquet");
        nasty(&facts, SEED, 3_000);
        let mut policy = countonce::gate::Policy::default();
        policy.settings.dedup_window = Some(window);
        let report = countonce::run::audit(&plan(&[], &[], &[facts]), &policy).expect("audited");
        report.log.expect("a log").whole.counted
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn whole(&self) -> BTreeMap<String, i64> {
        let mut all = self.own.iter().filter(|((period, ..), _)| period == "whole");
        all.next().expect("the whole").1.clone()
    }
}

#[test]
fn duckdb_counts_what_the_built_in_join_counts() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return skipped(why),
    };
    for world in [World::of_logs(20_000), World::nasty(SEED, 3_000), World::nasty(7, 6_000)] {
        let query = query(world.path(), "duckdb", "'f.parquet'");
        assert_equal(&world.own, theirs(rows(python, world.path(), DUCKDB, &[&query])), "duckdb");
        let whole = world.whole();
        assert!(whole["paired"] > 100 && whole["browser_repeats"] > 5, "{whole:?}");
    }
}

#[test]
fn duckdb_and_spark_read_partitions_as_they_are() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return skipped(why),
    };
    let folder = logs(6_000);
    let side = |name: &str| folder.path().join(name);
    let all = plan(&[side("browser.ndjson")], &[side("server.ndjson")], &[]);
    let report = run(&all).expect("audited");
    for name in ["browser", "server"] {
        let path = side(&format!("{name}.ndjson"));
        let one = |of: &str| if name == of { vec![path.clone()] } else { vec![] };
        let out = FactsOut::folder(folder.path().join("facts"), Split::Days, Some(name));
        countonce::run::facts(&plan(&one("browser"), &one("server"), &[]), &out).expect("facts");
    }
    let table = "read_parquet('facts/**/*.parquet', hive_partitioning = true)";
    let query_text = query(folder.path(), "duckdb", table);
    let theirs_of =
        |script: &str, words: &[&str]| theirs(rows(python, folder.path(), script, words));
    assert_equal(&ours(&report), theirs_of(DUCKDB, &[&query_text]), "duckdb");
    if !has_java() {
        return skipped(NO_JAVA);
    }
    let text = query(folder.path(), "spark", "facts");
    assert_equal(&ours(&report), theirs_of(SPARK, &[&text, "facts"]), "spark");
}

/// The answer of an engine as a table in a file.
const WRITTEN: &str = "
import sys, duckdb
duckdb.sql('set enable_progress_bar = false')
duckdb.sql('copy (' + sys.argv[1] + ') to ' + repr(sys.argv[2]))
";

#[test]
fn an_answer_becomes_the_report_that_the_built_in_engine_makes_of_the_same_facts() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return skipped(why),
    };
    let world = World::of_logs(20_000);
    let folder = world.path();
    let ask = |query: &str| {
        let words = ["sql", "--dialect", "duckdb", "--query", query, "--table", "'f.parquet'"];
        countonce(folder, &words).out
    };
    let write = |query: &str, file: &str| rows(python, folder, WRITTEN, &[&ask(query), file]);
    write("figures", "figures.csv");
    write("figures", "figures.parquet");
    write("findings", "findings.csv");
    let audit = |words: &[&str]| {
        let said =
            countonce(folder, &[&["audit", "--format", "json", "--out", "-"], words].concat());
        assert!(said.code < 2, "{}", said.err);
        serde_json::from_str::<Value>(&said.out).expect("JSON")
    };
    let own = audit(&["f.parquet"]);
    for figures in ["figures.csv", "figures.parquet"] {
        let their = audit(&[figures, "findings.csv"]);
        for part in ["whole", "days", "hours", "drifts", "pixels", "span"] {
            assert_eq!(their["log"][part], own["log"][part], "{figures}: {part}");
        }
        assert_eq!(their["totals"]["counted"], own["totals"]["counted"], "{figures}");
        assert_eq!(their["verdict"], own["verdict"], "{figures}");
        let told = |report: &Value| -> Vec<(Value, Value, Value, Value)> {
            let found = report["findings"].as_array().expect("a list").iter();
            let of_events = found.filter(|one| {
                let rule = countonce::rule::find(one["rule"].as_str().expect("a name"));
                matches!(rule.expect("a rule").check, countonce::rule::Check::Event(_))
            });
            of_events
                .map(|one| {
                    let part = |name: &str| one[name].clone();
                    (part("rule"), part("event"), part("cause"), part("count"))
                })
                .collect()
        };
        assert_eq!(told(&their), told(&own), "{figures}");
        assert!(told(&own).len() > 3, "{own}");
    }

    let said = countonce(folder, &["report", "figures.csv", "--format", "json", "--out", "-"]);
    let stored: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}", said.err));
    assert_eq!(stored["log"]["whole"], own["log"]["whole"]);

    let text = std::fs::read_to_string(folder.join("figures.csv")).expect("written");
    let part: Vec<&str> =
        text.lines().enumerate().filter(|(at, _)| *at != 5).map(|(_, line)| line).collect();
    std::fs::write(folder.join("part.csv"), part.join("\n")).expect("written");
    for (words, why) in [
        (vec!["audit", "part.csv"], "not the whole answer"),
        (vec!["audit", "findings.csv"], "the answer to the query `figures` is missing"),
        (vec!["audit", "figures.csv", "f.parquet"], "stands alone: leave out f.parquet"),
    ] {
        let said = countonce(folder, &words);
        assert_eq!(said.code, 2, "{words:?}: {}", said.err);
        assert!(said.err.contains(why), "{words:?}: {}", said.err);
    }
}

#[test]
fn spark_counts_over_many_partitions_what_the_built_in_join_counts() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return skipped(why),
    };
    if !has_java() {
        return skipped(NO_JAVA);
    }
    let world = World::nasty(SEED, 3_000);
    let query = query(world.path(), "spark", "facts");
    let rows = rows(python, world.path(), SPARK, &[&query, "f.parquet"]);
    assert_equal(&world.own, theirs(rows), "spark");
}

#[test]
fn queries_for_clouds_read_in_their_dialect_and_count_the_same_when_translated() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return skipped(why),
    };
    let world = World::nasty(SEED, 3_000);
    for dialect in ["bigquery", "snowflake", "spark"] {
        let query = query(world.path(), dialect, "facts");
        let rows = rows(python, world.path(), TRANSLATED, &[&query, dialect]);
        assert_equal(&world.own, theirs(rows), dialect);
    }
}

#[test]
fn the_world_that_engines_are_held_against_has_everything_in_it() {
    let whole = World::nasty(SEED, 3_000).whole();
    for (side, _) in SIDES {
        for (_, column) in CAUSES {
            assert!(whole[&format!("{side}_{column}")] > 0, "{side} {column}: {whole:?}");
        }
        assert!(whole[&format!("{side}_unmerged")] > 0, "{whole:?}");
    }
    for column in ["paired", "counted", "reused", "values_differ", "currencies_differ", "refused"] {
        assert!(whole[column] > 0, "{column}: {whole:?}");
    }
    let windows = WINDOW.map(World::counted_with);
    assert!(windows[0] > windows[1], "chains of copies beyond the window count again: {windows:?}");
}
