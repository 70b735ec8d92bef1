//! The Python of the guide, taken out of it and run on local Spark with this program: what it
//! makes of logs is what the program makes of them by itself.

use std::path::Path;
use std::process::Command;

use countonce::report::Report;

use super::super::{FactsOut, logs, plan, run};
use super::engines::{java, python, skipped};
use super::figures::ours;

/// Spark, and a table with a line of the log in every row, in more partitions than threads.
const SETTING: &str = "
from pyspark.sql import SparkSession
spark = (SparkSession.builder.master('local[4]').config('spark.ui.enabled', 'false')
    .config('spark.driver.host', '127.0.0.1').config('spark.driver.bindAddress', '127.0.0.1')
    .config('spark.ui.showConsoleProgress', 'false').getOrCreate())
spark.sparkContext.setLogLevel('ERROR')
table = spark.read.text('logs/*.ndjson').withColumnRenamed('value', 'json').repartition(7)
table.createOrReplaceTempView('capi_log')
";

/// The blocks of Python in the guide.
fn blocks() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/warehouse.md");
    let text = std::fs::read_to_string(path).expect("the guide");
    let parts = text.split("```python\n").skip(1);
    parts.map(|part| part.split("```").next().expect("a block").to_owned()).collect()
}

#[test]
fn the_python_of_the_guide_makes_the_facts_that_the_program_makes() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return skipped(why),
    };
    if !java() {
        return skipped("Spark needs Java, and there is no java here");
    }
    let folder = logs(6_000);
    let at = |name: &str| folder.path().join(name);
    let (browser, server) = (at("browser.ndjson"), at("server.ndjson"));
    let own = run(&plan(std::slice::from_ref(&browser), std::slice::from_ref(&server), &[]))
        .expect("audited");
    let text = std::fs::read_to_string(&server).expect("written");
    std::fs::create_dir(at("logs")).expect("a folder");
    let lines: Vec<&str> = text.lines().collect();
    for (number, part) in lines.chunks(lines.len().div_ceil(3)).enumerate() {
        std::fs::write(at(&format!("logs/capi-{number}.ndjson")), part.join("\n"))
            .expect("written");
    }
    let sent = at("browser.parquet");
    countonce::run::facts(&plan(&[browser], &[], &[]), &FactsOut::file(&sent)).expect("facts");

    let [first, ways @ ..] = &blocks()[..] else { panic!("no Python in the guide") };
    let mut script = format!("{SETTING}{first}");
    for (number, way) in ways.iter().enumerate() {
        let facts = at(&format!("facts-{number}"));
        std::fs::create_dir(&facts).expect("a folder");
        let facts = facts.display().to_string();
        let way =
            way.replace("/facts", &facts).replace("/logs/capi", &at("logs").to_string_lossy());
        script.push_str(&way);
    }
    let program = Path::new(env!("CARGO_BIN_EXE_countonce")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let said = Command::new(python)
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", program.display()))
        .output()
        .expect("Python starts");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));

    assert!(ways.len() >= 3, "a job per file, lines by number, and pipe");
    for number in 0..ways.len() {
        let mut parts = vec![sent.clone()];
        for file in std::fs::read_dir(at(&format!("facts-{number}"))).expect("a folder") {
            parts.push(file.expect("a file").path());
        }
        assert!(parts.len() > 3, "way {number} writes a file a task: {parts:?}");
        let report: Report = run(&plan(&[], &[], &parts)).expect("audited");
        assert_eq!(ours(&report), ours(&own), "way {number}");
    }
}
