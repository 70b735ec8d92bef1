//! Formats and schemas as others read them: validators that were written elsewhere are
//! installed from the package registries into the target folder and asked.
//!
//! Where they cannot be installed, a visible line says so; `COUNTONCE_REQUIRE_BROWSER=1`
//! makes that a failure.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use countonce::format::{FORMATS, Look, find};
use countonce::report::Report;
use serde_json::Value;

use super::sample;

/// Packages by registry; their versions are part of the stamp, so that a change installs again.
const FROM_NPM: &[&str] = &[
    "@microsoft/jest-sarif@1.0.0-beta.0",
    "tap-parser@18.3.4",
    "@actions/core@3.0.1",
    "axe-core@4.14.1",
    "html-validate@10.9.0",
];
const FROM_PYPI: &[&str] = &["xmlschema==4.3.2", "cmarkgfm==2025.10.22"];
/// Its source package ships the schema that Jenkins publishes for `JUnit` files.
const SOURCE: &str = "pytest==9.2.0";

/// The folder with the installed validators.
pub(crate) fn validators() -> Option<&'static Path> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match FOLDER.get_or_init(install) {
        Ok(folder) => Some(folder),
        Err(missing) => {
            assert!(std::env::var_os("COUNTONCE_REQUIRE_BROWSER").is_none(), "{missing}");
            eprintln!("skipped: {missing}");
            None
        }
    }
}

fn install() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("validators");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let wanted = format!("{FROM_NPM:?} {FROM_PYPI:?} {SOURCE}");
    let stamp = folder.join("stamp");
    if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(folder);
    }
    let shown = folder.to_string_lossy().into_owned();
    let mut npm =
        vec!["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", &shown];
    npm.extend(FROM_NPM);
    done("npm", &npm, &folder)?;
    done("python3", &["-m", "venv", "py"], &folder)?;
    let python = folder.join("py/bin/python3").to_string_lossy().into_owned();
    let mut pip = vec!["-m", "pip", "install", "--quiet"];
    pip.extend(FROM_PYPI);
    done(&python, &pip, &folder)?;
    let source = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
        "-d",
        "source",
        SOURCE,
    ];
    done(&python, &source, &folder)?;
    let unpack = "import glob, tarfile\n\
                  for name in glob.glob('source/*.tar.gz'):\n\
                  \x20 with tarfile.open(name) as tar:\n\
                  \x20   for member in tar.getmembers():\n\
                  \x20     if member.name.endswith('junit-10.xsd'):\n\
                  \x20       open('junit-10.xsd', 'wb').write(tar.extractfile(member).read())\n";
    done(&python, &["-c", unpack], &folder)?;
    std::fs::write(&stamp, wanted).map_err(|error| error.to_string())?;
    Ok(folder)
}

/// Runs a program in a folder; its output, or what it said last.
pub(crate) fn done(program: &str, words: &[&str], folder: &Path) -> Result<String, String> {
    let output = Command::new(program)
        .args(words)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{program} {}: {}", words.join(" "), said.lines().last().unwrap_or_default()))
}

/// Runs a script of ours beside the validators, with a text on a file; what it prints is JSON.
#[track_caller]
pub(crate) fn ask(folder: &Path, program: &str, script: &str, name: &str, text: &str) -> Value {
    let extension = if program == "node" { "mjs" } else { "py" };
    let script_file = folder.join(format!("ask-{name}.{extension}"));
    let input = folder.join(format!("ask-{name}.in"));
    std::fs::write(&script_file, script).expect("written");
    std::fs::write(&input, text).expect("written");
    let python = folder.join("py/bin/python3");
    let program = if program == "node" { PathBuf::from("node") } else { python };
    let said = done(
        &program.to_string_lossy(),
        &[&script_file.to_string_lossy(), &input.to_string_lossy()],
        folder,
    )
    .unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{name}: {error}: {said}"))
}

fn render(format: &str, report: &Report) -> String {
    (find(format).expect("a format of that name").render)(report, &Look::default())
}

#[test]
fn sarif_keeps_to_the_schema_of_its_standard() {
    let Some(folder) = validators() else { return };
    let file = folder.join("node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    let mut schema: Value =
        serde_json::from_str(&std::fs::read_to_string(file).expect("installed")).expect("JSON");
    // The published pattern of a language is no regular expression: a bracket too many.
    for holder in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][holder]["properties"]["language"];
        language.as_object_mut().expect("a property").remove("pattern");
    }
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for (name, report) in sample::all() {
        let document: Value = serde_json::from_str(&render("sarif", &report)).expect("JSON");
        let faults: Vec<String> = validator
            .iter_errors(&document)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
        let results = document["runs"][0]["results"].as_array().expect("a list");
        assert_eq!(results.is_empty(), report.findings.is_empty(), "{name}");
        for result in results {
            let at = &result["locations"][0]["physicalLocation"];
            assert!(at["region"]["startLine"].as_u64() > Some(0), "{name}: {result}");
            let rule = result["ruleIndex"].as_u64().expect("a number") as usize;
            assert_eq!(
                document["runs"][0]["tool"]["driver"]["rules"][rule]["id"],
                result["ruleId"]
            );
        }
    }
    let mut broken: Value =
        serde_json::from_str(&render("sarif", &sample::faulty())).expect("JSON");
    broken["runs"][0]["results"][0]["level"] = "grave".into();
    assert!(!validator.is_valid(&broken), "the schema lets anything through");
}

#[test]
fn junit_keeps_to_the_schema_that_jenkins_publishes() {
    let Some(folder) = validators() else { return };
    // Attributes that GitLab and pytest's older family read and that schema does not know.
    let script = "import json, re, sys, xmlschema\n\
                  schema = xmlschema.XMLSchema('junit-10.xsd')\n\
                  text = open(sys.argv[1], encoding='utf-8').read()\n\
                  import xml.etree.ElementTree as tree\n\
                  root = tree.fromstring(text)\n\
                  known = {'name', 'time', 'classname', 'group'}\n\
                  odd = set()\n\
                  for case in root.iter('testcase'):\n\
                  \x20 for name in list(case.attrib):\n\
                  \x20   if name not in known: odd.add(name); del case.attrib[name]\n\
                  for name in ('flakyFailure', 'flakyError', 'rerunFailure', 'rerunError'):\n\
                  \x20 for rerun in root.iter(name):\n\
                  \x20   for key in list(rerun.attrib):\n\
                  \x20     if key not in {'message', 'type'}: odd.add(key); del rerun.attrib[key]\n\
                  for suite in root.iter('testsuite'): suite.attrib.pop('disabled', None)\n\
                  if root.attrib.pop('skipped', None) is not None: odd.add('skipped')\n\
                  faults = [f'{e.path}: {e.reason}' for e in schema.iter_errors(root)]\n\
                  print(json.dumps({'faults': faults[:5], 'odd': sorted(odd)}))\n";
    for (name, report) in sample::all() {
        let said = ask(folder, "python", script, "junit", &render("junit", &report));
        assert_eq!(said["faults"], serde_json::json!([]), "{name}");
        let odd: Vec<&str> =
            said["odd"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        let borne = ["file", "line", "skipped", "time", "timestamp"];
        assert!(odd.iter().all(|name| borne.contains(name)), "{name}: {odd:?}");
    }
}

#[test]
fn tap_is_read_by_the_parser_of_its_authors() {
    let Some(folder) = validators() else { return };
    let script = "import { readFileSync } from 'node:fs';\n\
                  import { Parser } from 'tap-parser';\n\
                  const odd = [];\n\
                  const parser = new Parser({ strict: true }, results => {\n\
                  \x20 console.log(JSON.stringify({ ok: results.ok, count: results.count, fail: results.fail, bad: results.failures.filter(f => f.tapError).map(f => f.tapError), odd }));\n\
                  });\n\
                  const watch = p => { p.on('extra', text => odd.push(text)); p.on('child', watch); };\n\
                  watch(parser);\n\
                  parser.end(readFileSync(process.argv[2], 'utf8'));\n";
    for (name, report) in sample::all() {
        let said = ask(folder, "node", script, "tap", &render("tap", &report));
        assert_eq!(said["bad"], serde_json::json!([]), "{name}: {said}");
        assert_eq!(said["odd"], serde_json::json!([]), "{name}: {said}");
        assert!(said["count"].as_u64() > Some(0), "{name}: {said}");
        let passed = report.verdict.outcome == countonce::gate::Outcome::Passed;
        assert_eq!(said["ok"], passed, "{name}: {said}");
    }
    let said = ask(folder, "node", script, "tap", "TAP version 14\n1..2\nok 1\nrubbish\n");
    assert_eq!(said["ok"], false, "the parser lets anything through");
}

#[test]
fn github_annotations_are_what_the_services_own_toolkit_writes() {
    let Some(folder) = validators() else { return };
    // The toolkit writes again what we wrote: same properties, same text, same line.
    let script = "import { readFileSync } from 'node:fs';\n\
                  import { issueCommand } from './node_modules/@actions/core/lib/command.js';\n\
                  const wrong = []; let count = 0;\n\
                  const un = (s, more) => { let t = s.replace(/%0D/g, '\\r').replace(/%0A/g, '\\n'); if (more) t = t.replace(/%3A/g, ':').replace(/%2C/g, ','); return t.replace(/%25/g, '%'); };\n\
                  for (const line of readFileSync(process.argv[2], 'utf8').split('\\n').filter(Boolean)) {\n\
                  \x20 count++;\n\
                  \x20 const found = /^::(\\w+)(?: ([^]*?))?::([^]*)$/.exec(line);\n\
                  \x20 if (!found) { wrong.push(line); continue; }\n\
                  \x20 const properties = {};\n\
                  \x20 for (const pair of (found[2] ?? '').split(',').filter(Boolean)) { const at = pair.indexOf('='); properties[pair.slice(0, at)] = un(pair.slice(at + 1), true); }\n\
                  \x20 let said = ''; const write = process.stdout.write; process.stdout.write = text => { said += text; return true; };\n\
                  \x20 issueCommand(found[1], properties, un(found[3], false)); process.stdout.write = write;\n\
                  \x20 if (said.trimEnd() !== line.trimEnd()) wrong.push({ line, said });\n\
                  }\n\
                  console.log(JSON.stringify({ count, wrong }));\n";
    for (name, report) in sample::all() {
        let said = ask(folder, "node", script, "github", &render("github", &report));
        assert_eq!(said["wrong"], serde_json::json!([]), "{name}");
        assert!(said["count"].as_u64() > Some(0), "{name}: {said}");
    }
}

#[test]
fn markdown_is_rendered_by_githubs_own_library_without_a_foreign_element() {
    let Some(folder) = validators() else { return };
    let script = "import json, sys, cmarkgfm\n\
                  from cmarkgfm.cmark import Options\n\
                  from html.parser import HTMLParser\n\
                  text = open(sys.argv[1], encoding='utf-8').read()\n\
                  page = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)\n\
                  tags, rows, shown = {}, [], []\n\
                  class Reader(HTMLParser):\n\
                  \x20 def handle_starttag(self, tag, attrs):\n\
                  \x20   tags[tag] = tags.get(tag, 0) + 1\n\
                  \x20   if tag == 'table': rows.append([])\n\
                  \x20   if tag == 'tr': rows[-1].append(0)\n\
                  \x20   if tag in ('td', 'th'): rows[-1][-1] += 1\n\
                  \x20 def handle_comment(self, data): tags['comment'] = 1\n\
                  \x20 def handle_data(self, data): shown.append(data)\n\
                  Reader().feed(page)\n\
                  uneven = [table for table in rows if len(set(table)) > 1]\n\
                  print(json.dumps({'tags': tags, 'tables': len(rows), 'uneven': uneven, 'text': ''.join(shown)[:200000]}))\n";
    let allowed = [
        "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "strong", "ul", "li",
        "details", "summary",
    ];
    for (name, report) in sample::all() {
        let said = ask(folder, "python", script, "markdown", &render("markdown", &report));
        let tags = said["tags"].as_object().expect("an object");
        let odd: Vec<&String> =
            tags.keys().filter(|tag| !allowed.contains(&tag.as_str())).collect();
        assert!(odd.is_empty(), "{name}: {odd:?}");
        assert_eq!(said["uneven"], serde_json::json!([]), "{name}: a cell too many");
        let text = said["text"].as_str().expect("text");
        assert!(!text.contains("@everyone") && !text.contains("#1 "), "{name}: a mention");
        if !report.events.is_empty() {
            assert!(said["tables"].as_u64() > Some(0), "{name}: no table");
        }
    }
}

#[test]
fn csv_is_read_back_row_by_row_and_no_cell_is_a_formula() {
    let Some(folder) = validators() else { return };
    let script = "import csv, json, sys\n\
                  rows = list(csv.reader(open(sys.argv[1], encoding='utf-8', newline=''), strict=True))\n\
                  print(json.dumps(rows))\n";
    let mut reports = sample::all();
    reports.push(("judged", sample::judged("event-id-mismatch/broken.jsonl")));
    for (name, report) in reports {
        let format = find("csv").expect("csv");
        let files = [(format.file.expect("a file"), format.render)];
        for (file, render) in files.into_iter().chain(format.also.iter().copied()) {
            let said = ask(folder, "python", script, "csv", &render(&report, &Look::default()));
            let rows = said.as_array().expect("rows");
            let width = rows[0].as_array().expect("a heading").len();
            for row in rows {
                let cells = row.as_array().expect("cells");
                assert_eq!(cells.len(), width, "{name} {file}: {row}");
                for cell in cells.iter().skip(1).filter_map(Value::as_str) {
                    let number = cell.parse::<f64>().is_ok();
                    let formula = cell.trim_start().starts_with(['=', '+', '-', '@']);
                    assert!(number || !formula, "{name} {file}: {cell:?}");
                }
            }
            // A tape has no days and hours.
            if name == "judged" && file != "periods.csv" {
                assert!(rows.len() > 1, "{file} has nothing but its heading");
            }
        }
    }
}

#[test]
fn gitlab_entries_have_what_the_service_asks_for() {
    for (name, report) in sample::all() {
        let list: Value = serde_json::from_str(&render("gitlab", &report)).expect("JSON");
        let list = list.as_array().expect("a list");
        let fresh = report.findings.iter().filter(|found| found.is_new()).count();
        assert!(list.len() <= fresh && (list.is_empty() == (fresh == 0)), "{name}");
        let mut prints = std::collections::BTreeSet::new();
        for entry in list {
            for field in ["description", "check_name", "fingerprint", "severity"] {
                assert!(
                    entry[field].as_str().is_some_and(|text| !text.is_empty()),
                    "{name} {field}"
                );
            }
            let known = ["info", "minor", "major", "critical", "blocker"];
            assert!(known.contains(&entry["severity"].as_str().expect("a word")), "{name}");
            let path = entry["location"]["path"].as_str().expect("a path");
            assert!(!path.is_empty() && !path.starts_with("./"), "{name}: {path}");
            assert!(entry["location"]["lines"]["begin"].as_u64() > Some(0), "{name}");
            assert!(prints.insert(entry["fingerprint"].to_string()), "{name}: a fingerprint twice");
        }
    }
}

#[test]
fn every_format_bears_a_run_of_ten_thousand_events() {
    let report = sample::large(10_000);
    for format in FORMATS {
        let begin = std::time::Instant::now();
        let mut bytes = (format.render)(&report, &Look::default()).len();
        bytes += format
            .also
            .iter()
            .map(|(_, render)| render(&report, &Look::default()).len())
            .sum::<usize>();
        let took = begin.elapsed();
        // Far beyond what it takes: a guard against work that grows with the square. The
        // figure itself is that of benches/render.
        assert!(took.as_secs_f64() < 10.0, "{}: {took:?} for {bytes} bytes", format.name);
    }
}
