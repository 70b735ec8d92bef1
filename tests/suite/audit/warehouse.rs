//! The printed queries against the built-in join: on DuckDB, on Spark with several
//! partitions, and, for dialects whose engines run nowhere but in a cloud, as translated to
//! DuckDB by a parser of these dialects.
//!
//! Needs Python; DuckDB, Spark and the parser are installed into `target/engines/venv` by the
//! first test that wants them, and Spark needs Java. Without them a test is skipped with a
//! visible line, unless `COUNTONCE_REQUIRE_ENGINES=1`.

mod engines;
mod figures;
mod ids;
mod orders;
mod world;

use std::path::Path;
use std::process::Command;

use countonce::event::Channel;
use serde_json::Value;

use crate::cli::countonce;
use engines::{Answers, DUCKDB, SPARK, TRANSLATED, WRITTEN, ask, python, skipped};
use figures::assert_equal;
use world::World;

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

/// The queries of a dialect.
fn queries(folder: &Path, dialect: &str) -> Vec<String> {
    let query = |query: &&str| {
        let words = ["sql", "--dialect", dialect, "--query", query, "--table", "facts"];
        let words = [&words[..], &["--orders-table", "books"]].concat();
        let said = countonce(folder, &words);
        assert_eq!(said.code, 0, "{}", said.err);
        said.out
    };
    ["figures", "ids", "orders"].iter().map(query).collect()
}

/// Asks an engine everything, and holds every figure against those of the built-in join.
#[track_caller]
fn assert_counts(world: &World, dialect: &str, run: &dyn Fn(&[&str]) -> Answers) {
    let queries = queries(world.path(), dialect);
    let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
    let answers = run(&queries);
    assert_equal(&world.own, figures::theirs(answers.of("countonce_figures")), dialect);
    assert_eq!(ids::theirs(answers.of("countonce_ids")), world.ids, "{dialect}");
    assert_eq!(orders::theirs(&answers.of("countonce_orders")), world.orders, "{dialect}");
}

#[test]
fn duckdb_counts_what_the_built_in_join_counts() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return skipped(why),
    };
    for world in [
        World::of_logs(20_000),
        World::of_days(6_000),
        World::nasty(SEED, 3_000),
        World::nasty(7, 6_000),
    ] {
        assert_counts(&world, "duckdb", &|queries| ask(python, world.path(), DUCKDB, queries));
        let whole = world.whole();
        assert!(whole["paired"] > 100 && whole["browser_repeats"] > 5, "{whole:?}");
    }
}

/// Books of three orders that purchases of the logs tell of, one with another amount, of two
/// that none tells of, and of one from long before.
fn books(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("server.ndjson")).expect("written");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let ids = lines
        .map(|line| line["event"].clone())
        .filter(|event| event["event_name"] == "Purchase" && event["custom_data"]["value"] != 1.0)
        .filter_map(|event| Some(event["event_id"].as_str()?.to_owned()));
    let ids: Vec<String> = ids.take(3).collect();
    let mut books = "order_id,time,value\n".to_owned();
    for (number, id) in ids.iter().enumerate() {
        let value = if number == 0 { "1.00" } else { "" };
        books.push_str(&format!("{id},,{value}\n"));
    }
    books.push_str("lost-1,,\nlost-2,2026-03-15T00:00:00Z,7\nancient,2001-01-01T00:00:00Z,7\n");
    books
}

#[test]
fn an_answer_becomes_the_report_that_the_built_in_engine_makes_of_the_same_facts() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return skipped(why),
    };
    let world = World::of_logs(20_000);
    let folder = world.path();
    let write = |query: &str, file: &str| {
        let words = ["sql", "--dialect", "duckdb", "--query", query, "--table", "facts"];
        let words = [&words[..], &["--orders-table", "books"]].concat();
        ask(python, folder, WRITTEN, &[&countonce(folder, &words).out, file]);
    };
    write("figures", "figures.csv");
    write("figures", "figures.parquet");
    write("findings", "findings.csv");
    write("ids", "ids.csv");
    write("ids", "ids.parquet");
    let audit = |words: &[&str]| {
        let said =
            countonce(folder, &[&["audit", "--format", "json", "--out", "-"], words].concat());
        assert!(said.code < 2, "{}", said.err);
        serde_json::from_str::<Value>(&said.out).expect("JSON")
    };
    let own = audit(&["facts.parquet"]);
    for (figures, ids) in [("figures.csv", "ids.csv"), ("figures.parquet", "ids.parquet")] {
        let their = audit(&[figures, "findings.csv", ids]);
        assert_eq!(their["event_ids"], own["event_ids"], "{ids}");
        assert!(own["event_ids"].as_array().is_some_and(|ids| ids.len() > 8), "{own}");
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

    std::fs::write(folder.join("books.csv"), books(folder)).expect("written");
    let made = countonce(folder, &["facts", "--orders", "books.csv", "--out", "books.parquet"]);
    assert_eq!((made.code, made.err.trim()), (0, "6 orders → books.parquet"));
    write("orders", "orders.csv");
    write("orders", "orders.parquet");
    let own = audit(&["facts.parquet", "--orders", "books.csv"]);
    let of_orders = |report: &Value| -> Vec<(Value, Value, Value, Value)> {
        let found = report["findings"].as_array().expect("a list").iter();
        found
            .filter(|one| one["rule"] == "orders-not-matched")
            .map(|one| {
                let part = |name: &str| one[name].clone();
                (part("event"), part("cause"), part("count"), part("message"))
            })
            .collect()
    };
    for orders in ["orders.csv", "orders.parquet"] {
        let their = audit(&["figures.csv", orders]);
        assert_eq!(their["log"]["orders"], own["log"]["orders"], "{orders}");
        assert_eq!(of_orders(&their), of_orders(&own), "{orders}");
        assert_eq!(of_orders(&own).len(), 3, "{:?}", of_orders(&own));
        for report in [&their, &own] {
            assert!(report["limits"].to_string().contains("1 orders were made before"), "{report}");
        }
    }

    let said = countonce(folder, &["report", "figures.csv", "--format", "json", "--out", "-"]);
    let stored: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}", said.err));
    assert_eq!(stored["log"]["whole"], own["log"]["whole"]);

    let text = std::fs::read_to_string(folder.join("figures.csv")).expect("written");
    let part: Vec<&str> =
        text.lines().enumerate().filter(|(at, _)| *at != 5).map(|(_, line)| line).collect();
    std::fs::write(folder.join("part.csv"), part.join("\n")).expect("written");
    let older = "'select * replace (case when channel = ''browser'' then id_scheme end as id_scheme) from facts'";
    let few = "'select * from facts limit 9000'";
    let [_, ids, orders] = queries(folder, "duckdb").try_into().expect("three queries");
    for (file, text, facts) in
        [("old.csv", &ids, older), ("few.csv", &ids, few), ("fewer.csv", &orders, few)]
    {
        let text = text.replace("from facts", &format!("from query({facts})"));
        ask(python, folder, WRITTEN, &[&text, file]);
    }
    for (words, why) in [
        (vec!["audit", "part.csv"], "not the whole answer"),
        (vec!["audit", "findings.csv"], "the answer to the query `figures` is missing"),
        (vec!["audit", "figures.csv", "old.csv"], "have no `id_scheme`"),
        (vec!["audit", "figures.csv", "few.csv"], "answers about different facts"),
        (vec!["audit", "figures.csv", "fewer.csv"], "answers about different facts"),
        (vec!["audit", "figures.csv", "--orders", "books.csv"], "ask the query `orders`"),
        (vec!["audit", "figures.csv", "facts.parquet"], "stands alone: leave out facts.parquet"),
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
    let java = Command::new("java").arg("-version").output();
    if !java.is_ok_and(|said| said.status.success()) {
        return skipped("Spark needs Java, and there is no java here");
    }
    for world in [World::nasty(SEED, 3_000), World::of_days(3_000)] {
        assert_counts(&world, "spark", &|queries| ask(python, world.path(), SPARK, queries));
    }
}

#[test]
fn queries_for_clouds_read_in_their_dialect_and_count_the_same_when_translated() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return skipped(why),
    };
    let world = World::nasty(SEED, 3_000);
    for dialect in ["bigquery", "snowflake", "spark"] {
        assert_counts(&world, dialect, &|queries| {
            ask(python, world.path(), TRANSLATED, &[&[dialect], queries].concat())
        });
    }
}

#[test]
fn the_world_that_engines_are_held_against_has_everything_in_it() {
    let world = World::nasty(SEED, 3_000);
    let whole = world.whole();
    for (name, count) in &world.orders {
        assert!(*count > 5, "{name}: {:?}", world.orders);
    }
    for scheme in countonce::join::IdScheme::ALL {
        let column = ids::column(scheme.name());
        let ids: Vec<i64> =
            world.ids.values().filter_map(|ids| ids.get(&column).copied()).collect();
        assert!(ids.iter().sum::<i64>() > 1, "{column}: {:?}", world.ids);
    }
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
