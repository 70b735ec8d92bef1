//! The language as a whole: files that must be read, files that must be refused and
//! how, and the schema beside the reader.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::node::testing::json;
use super::source::Source;
use super::*;
use crate::event::{Channel, FaultAnswer};
use crate::persona::{KINDS, Persona};
use crate::step::{Condition, STEPS, Target};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Names and texts of the YAML files in a folder, by name.
fn texts(name: &str) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(folder(name)) else { return Vec::new() };
    let mut texts: Vec<(String, String)> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("readable"))
        })
        .collect();
    texts.sort();
    texts
}

fn read_text(name: &str, text: &str) -> Result<Scenario, Vec<ScenarioError>> {
    parse(Path::new(name), text, &Environment::new(&|_| None))
}

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&scenario_schema()).expect("a schema")
}

/// What the schema says to a text; `None` where it is no YAML at all.
fn schema_accepts(validator: &jsonschema::Validator, text: &str) -> Option<bool> {
    let node = node::read(&Source::new(Path::new("x.yaml"), text)).ok()?;
    Some(node.is_some_and(|node| validator.is_valid(&json(&node))))
}

#[test]
fn every_valid_file_is_read_and_passes_the_schema() {
    let validator = validator();
    let mut count = 0;
    for place in ["tests/scenarios/valid", "scenarios"] {
        for (name, text) in texts(place) {
            let scenario = read_text(&name, &text);
            let scenario = scenario.unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
            assert_eq!(scenario.warnings, [], "{name}");
            let tree = node::read(&Source::new(Path::new(&name), &*text)).expect("YAML");
            let value = json(&tree.expect("not empty"));
            let faults: Vec<String> =
                validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(faults.is_empty(), "{name}: {faults:#?}");
            count += 1;
        }
    }
    assert!(count >= 3, "the files are gone");
}

#[test]
fn every_invalid_file_is_refused_with_the_recorded_words() {
    let files = texts("tests/scenarios/invalid");
    assert!(files.len() > 15, "the files are gone");
    let mut all = String::new();
    for (name, text) in files {
        let errors = read_text(&name, &text).expect_err(&name);
        for error in errors {
            assert_eq!(error.file, Path::new(&name));
            writeln!(all, "{error}\n").expect("a text");
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_schema_refuses_what_the_reader_refuses_where_a_schema_can_say_it() {
    // What only the reader can see: values across places, variables' values, texts
    // inside a selector or script, names that a configuration may add.
    let beyond = ["contradiction.yaml", "variables.yaml"];
    let validator = validator();
    for (name, text) in texts("tests/scenarios/invalid") {
        match schema_accepts(&validator, &text) {
            None => {}
            Some(accepted) => assert_eq!(accepted, beyond.contains(&&*name), "{name}"),
        }
    }
}

#[test]
fn each_line_that_the_reader_refuses_is_refused_by_the_schema_too() {
    let validator = validator();
    let cases = [
        ("steps", "[{ visit: 'shop.test' }]"),
        ("steps", "[{ visit: '/a b' }]"),
        ("steps", "[{ click: 'txt=x' }]"),
        ("steps", "[{ click: }]"),
        ("steps", "[{ click: [a] }]"),
        ("steps", "[{ clik: a }]"),
        ("steps", "[{ click: a, reload: }]"),
        ("steps", "[click]"),
        ("steps", "[{ reload: now }]"),
        ("steps", "[{ fill: {} }]"),
        ("steps", "[{ fill: '#a' }]"),
        ("steps", "[{ fill: ['#a'] }]"),
        ("steps", "[{ fill: { 'txt=a': x } }]"),
        ("steps", "[{ check: { '#a': yes } }]"),
        ("steps", "[{ wait: { url: /x, text: y } }]"),
        ("steps", "[{ wait: { ulr: /x } }]"),
        ("steps", "[{ wait: { url: /x, within: 5 } }]"),
        ("steps", "[{ wait: { url: /x, channel: server } }]"),
        ("steps", "[{ wait: { event: Lead, channel: sever } }]"),
        ("steps", "[{ evaluate: ' ' }]"),
        ("steps", "[]"),
        ("expect", "[{ event: Lead, count: 0 }]"),
        ("expect", "[{ event: Lead, count: '1' }]"),
        ("expect", "[{ event: Lead, count: 1.5 }]"),
        ("expect", "[{ event: Lead, value: free }]"),
        ("expect", "[{ event: Lead, currency: usd }]"),
        ("expect", "[{ event: Lead, channels: [client] }]"),
        ("expect", "[{ event: Lead, channels: [] }]"),
        ("expect", "[{ event: Lead, channels: [server, server] }]"),
        ("expect", "[{ event: Lead, keys: { server: [email] } }]"),
        ("expect", "[{ event: Lead, keys: [em] }]"),
        ("expect", "[{ event: ' ' }]"),
        ("expect", "[{ count: 1 }]"),
        ("expect", "[Lead]"),
        ("expect", "Lead"),
        ("never", "Lead"),
        ("never", "[Search, Search]"),
        ("profiles", "[]"),
        ("profiles", "clean"),
        ("persona", "us_shoper"),
        ("site", "shop.test"),
        ("settle", "5"),
        ("server_faults", "[{ answer: 404 }]"),
        ("server_faults", "[{ event: Purchase }]"),
        ("server_faults", "[{ answer: 500, calls: 0 }]"),
        ("server_faults", "[{ answer: 500, calls: some }]"),
        ("server_faults", "{ answer: 500 }"),
        ("name", "' '"),
        ("name", ""),
        ("nmae", "x"),
    ];
    for (key, value) in cases {
        let mut text = String::new();
        for (name, good) in
            [("name", "X"), ("steps", "[reload]"), ("expect", "[{ event: Lead }]"), (key, value)]
        {
            if name != key || good == value {
                writeln!(text, "{name}: {good}").expect("a text");
            }
        }
        assert!(read_text("x.yaml", &text).is_err(), "the reader accepts {key}: {value}");
        assert_eq!(schema_accepts(&validator, &text), Some(false), "{key}: {value}");
    }
}

#[test]
fn the_scenario_of_the_manual_is_understood() {
    let text = &texts("tests/scenarios/valid")
        .into_iter()
        .find(|(name, _)| name == "everything.yaml")
        .expect("the file")
        .1;
    let lookup = |name: &str| (name == "SITE").then(|| "https://shop.test".to_owned());
    let scenario =
        parse(Path::new("everything.yaml"), text, &Environment::new(&lookup)).expect("good");
    assert_eq!(scenario.site.as_deref(), Some("https://shop.test"));
    assert_eq!(scenario.tags, ["purchase", "cutover", "2024"]);
    assert_eq!(scenario.profiles, ["clean", "adblock"]);
    assert_eq!(scenario.settle, Some(20_000));
    assert_eq!(scenario.never[0].event, "Lead");
    assert_eq!(scenario.expect[0].value, Some(42.0));
    assert!(scenario.expect[0].wants(Channel::Server));
    assert_eq!(scenario.expect[1].count, 2);
    assert_eq!(scenario.expect[1].channels, [Channel::Server]);
    let keywords: std::collections::BTreeSet<&str> =
        scenario.steps.iter().map(|step| step.keyword).collect();
    assert_eq!(keywords.len(), STEPS.len(), "a step is missing from the file");
    assert_eq!(scenario.steps[0].place, Place { line: 9, column: 5 });
    assert_eq!(scenario.steps[0].text, "- visit: /?fbclid=${persona.click_id}");
}

#[test]
fn server_faults_are_read_with_their_calls_and_delays() {
    let text = "name: X\nsteps: [reload]\nexpect: [{ event: Lead }]\nserver_faults:\n  - answer: 500\n    event: Lead\n    calls: 2-3\n  - { answer: slow, delay: 2s, calls: all }\n  - answer: bad-event\n";
    let scenario = read_text("x.yaml", text).expect("good");
    let [failing, slow, bad] = scenario.server_faults.as_slice() else {
        panic!("{:?}", scenario.server_faults);
    };
    assert_eq!((failing.answer, failing.event.as_deref()), (FaultAnswer::Failing, Some("Lead")));
    assert_eq!((failing.first, failing.last, failing.place.line), (2, 3, 5));
    assert_eq!((slow.first, slow.last, slow.delay), (1, u32::MAX, Some(2_000)));
    assert_eq!((bad.first, bad.last, bad.event.as_deref()), (1, 1, None));
    assert_eq!(schema_accepts(&validator(), text), Some(true));
    for (line, what) in [
        ("{ answer: 418 }", "unknown answer `418`"),
        ("{ answer: resett }", "did you mean `reset`?"),
        ("{ answer: 500, calls: 3-1 }", "`1-3` or `all`"),
        ("{ answer: 500, delay: 3s }", "belongs to `slow`"),
        ("{ answer: 500, evnt: Lead }", "did you mean `event`?"),
    ] {
        let text = format!(
            "name: X\nsteps: [reload]\nexpect: [{{ event: Lead }}]\nserver_faults: [{line}]\n"
        );
        let errors = read_text("x.yaml", &text).expect_err(line);
        assert!(errors[0].to_string().contains(what), "{}", errors[0]);
    }
}

#[test]
fn a_person_is_bound_into_every_step() {
    let text = "name: X\nsteps:\n  - visit: /?f=${persona.click_id}\n  - fill: { '#zip': '${persona.zip}' }\n  - click: 'text=${persona.last_name}'\n  - wait: { script: 'a == \"${persona.last_name}\" && `$${b}`' }\nexpect: [{ event: Lead }]\n";
    let scenario = read_text("x.yaml", text).expect("good");
    let person = Persona::new("us_shopper", 3).expect("a kind");
    let field = |name: &str| person.field(name).expect("a field").to_owned();
    let steps = scenario.bind(&person);
    assert_eq!(steps[0].actions, [Action::Visit(format!("/?f={}", field("click_id")))]);
    let zip = Target::Css("#zip".to_owned());
    assert_eq!(steps[1].actions, [Action::Fill { target: zip, text: field("zip") }]);
    assert_eq!(steps[2].actions, [Action::Click(Target::Text(field("last_name")))]);
    let script = format!("a == \"{}\" && `${{b}}`", field("last_name").replace('\'', "\\'"));
    let condition = Condition::Script(script);
    assert_eq!(steps[3].actions, [Action::Wait { condition, within: None }]);
    for (step, bound) in scenario.steps.iter().zip(&steps) {
        assert_eq!((step.place, &step.text), (bound.place, &bound.text));
    }
}

#[test]
fn every_field_of_every_person_can_be_bound() {
    let mut fields = String::new();
    for (name, _) in crate::persona::FIELDS {
        writeln!(fields, "  - fill: {{ '#{name}': '${{persona.{name}}}' }}").expect("a text");
    }
    let text = format!("name: X\nsteps:\n{fields}expect: []\n");
    let scenario = read_text("x.yaml", &text).expect("good");
    for kind in KINDS {
        for step in scenario.bind(&kind.person(5)) {
            assert!(!format!("{:?}", step.actions).contains("${"), "{step:?}");
        }
    }
}

#[test]
fn secrets_of_the_environment_stay_out_of_errors() {
    let lookup = |_: &str| Some("s3cret".to_owned());
    let text = "name: X\nsteps:\n  - fill: { '#a': '${TOKEN}' }\n  - press: '${TOKEN}'\n  - visit: '${TOKEN}.x'\n  - click: '${TOKEN}=x'\nexpect:\n  - event: Lead\n    count: ${TOKEN}\n    currency: ${TOKEN}\n    value: ${TOKEN}\n";
    let errors =
        parse(Path::new("x.yaml"), text, &Environment::new(&lookup)).expect_err("wrong types");
    assert_eq!(errors.len(), 6, "{errors:#?}");
    for error in errors {
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}

#[test]
fn own_profiles_are_known_where_they_are_given() {
    let text = "name: X\nprofiles: [kiosk]\nsteps: [reload]\nexpect: [{ event: Lead }]\n";
    assert!(read_text("x.yaml", text).is_err());
    let own = ["kiosk".to_owned()];
    let environment = Environment::new(&|_| None).with_profiles(&own);
    assert_eq!(parse(Path::new("x.yaml"), text, &environment).expect("known").profiles, ["kiosk"]);
}

#[test]
fn almost_familiar_event_names_are_a_warning_and_no_error() {
    let text =
        "name: X\nsteps: [reload]\nexpect:\n  - event: Purchse\n  - event: Quote\nnever: [leads]\n";
    let scenario = read_text("x.yaml", text).expect("good");
    let warnings: Vec<String> = scenario.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 2, "{warnings:#?}");
    assert!(warnings[0].contains("x.yaml:4:12") && warnings[0].contains("`Purchase`"));
}

#[test]
fn nothing_expected_and_nothing_forbidden_is_a_warning() {
    let scenario = read_text("x.yaml", "name: X\nsteps: [reload]\nexpect: []\n").expect("good");
    assert!(scenario.warnings[0].what.contains("nothing forbidden"));
}

#[test]
fn examples_of_the_steps_pass_reader_and_schema() {
    let validator = validator();
    for step in STEPS {
        let text = format!("name: X\nsteps:\n  - {}\nexpect: [{{ event: Lead }}]\n", step.example);
        let scenario = read_text("x.yaml", &text);
        let scenario = scenario.unwrap_or_else(|errors| panic!("{}: {errors:#?}", step.keyword));
        assert_eq!(scenario.steps[0].keyword, step.keyword);
        assert_eq!(schema_accepts(&validator, &text), Some(true), "{}", step.keyword);
    }
}

/// What breaks YAML and variables most easily.
const PIECES: &[&[u8]] = &[
    b"${",
    b"}",
    b"{",
    b"[",
    b"]",
    b"\"",
    b"'",
    b": ",
    b"- ",
    b"\t",
    b"\n",
    b"#",
    b"&a ",
    b"*a",
    b"!",
    b"|",
    b">",
    b"%",
    b"---\n",
    b"\xff",
    "\u{2028}".as_bytes(),
    b"\0",
    b"?",
    b"$$",
    b"\\",
    b"=",
];

#[test]
fn no_damage_to_a_file_makes_the_reader_panic() {
    let lookup = |name: &str| (name.len() == 1).then(|| "${x".to_owned());
    let environment = Environment::new(&lookup);
    let mut seeds = texts("tests/scenarios/valid");
    seeds.extend(texts("tests/scenarios/invalid"));
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let try_it = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        if let Err(errors) = parse(Path::new("x.yaml"), &text, &environment) {
            assert!(!errors.is_empty(), "refused without a reason: {text}");
            for error in errors {
                assert!(error.to_string().lines().all(|line| line.chars().count() < 2_000));
            }
        }
    };
    for (_, text) in &seeds {
        let bytes = text.as_bytes();
        for end in 0..bytes.len() {
            try_it(&bytes[..end]);
        }
        for _ in 0..300 {
            let mut damaged = bytes.to_vec();
            for _ in 0..=random(4) {
                let at = random(damaged.len() + 1).min(damaged.len());
                match random(3) {
                    0 if at < damaged.len() => damaged[at] = random(256) as u8,
                    1 if at < damaged.len() => {
                        let end = (at + random(12)).min(damaged.len());
                        damaged.drain(at..end);
                    }
                    _ => {
                        let piece = PIECES[random(PIECES.len())];
                        damaged.splice(at..at, piece.iter().copied());
                    }
                }
            }
            try_it(&damaged);
        }
    }
}
