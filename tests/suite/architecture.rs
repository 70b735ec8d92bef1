//! The map of the rooms, enforced: who may name whom, and who may touch the world.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms in reading order, each with the rooms it may name.
const MAP: &[(&str, &[&str])] = &[
    ("event", &[]),
    ("finding", &["event"]),
    ("persona", &[]),
    ("step", &["event"]),
    ("visitor", &[]),
    ("capture", &["event", "visitor"]),
    ("scenario", &["event", "step", "persona", "visitor"]),
    ("session", &["event", "step", "scenario", "capture", "persona", "visitor"]),
    ("platform", &["event", "capture", "persona"]),
    ("join", &["event", "finding", "scenario", "platform", "visitor"]),
    ("audit", &["event", "finding", "capture", "platform", "join"]),
    ("rule", &["finding", "event", "join", "platform", "visitor"]),
    ("report", &["event", "capture", "finding", "join", "visitor"]),
    ("gate", &["event", "finding", "report"]),
    ("format", &["event", "finding", "report", "gate", "visitor"]),
    ("demo", &["event", "platform"]),
    (
        "run",
        &[
            "event", "finding", "persona", "step", "visitor", "capture", "scenario", "session",
            "platform", "join", "audit", "rule", "report", "gate", "format",
        ],
    ),
    (
        "cli",
        &[
            "event", "run", "rule", "format", "demo", "scenario", "step", "session", "capture",
            "gate", "report", "platform", "visitor", "audit",
        ],
    ),
    ("main", &["cli"]),
];

/// Words that reach the outside or a heavy engine, and the rooms that may say them.
const KEPT: &[(&str, &[&str])] = &[
    ("polars::", &["join", "rule", "audit"]),
    ("fantoccini::", &["session"]),
    ("hyper::", &["session"]),
    ("hyper_util::", &["session"]),
    ("rcgen::", &["session"]),
    ("tokio_rustls::", &["session"]),
    ("tokio_tungstenite::", &["session"]),
    ("tokio::", &["session", "demo", "run", "cli", "main"]),
    ("use adblock", &["session"]),
    ("reqwest::", &["demo", "session"]),
    ("axum::", &["demo"]),
    ("minijinja::", &["demo", "format"]),
    ("tabled::", &["format"]),
    ("quick_junit::", &["format"]),
    ("saphyr_parser::", &["scenario"]),
    ("clap::", &["cli", "main"]),
    ("std::net::", &["session", "demo", "platform", "persona", "run", "scenario", "cli"]),
    ("std::process::", &["session", "main", "cli"]),
    ("println!", &["main"]),
    ("eprintln!", &["main"]),
    ("print!", &["main"]),
    ("eprint!", &["main"]),
    ("thread::sleep", &[]),
];

struct Source {
    path: PathBuf,
    room: String,
    text: String,
}

#[test]
fn rooms_name_only_the_rooms_below_them() {
    let map: BTreeMap<&str, &[&str]> = MAP.iter().copied().collect();
    let mut faults = Vec::new();
    for source in sources() {
        let Some(allowed) = map.get(source.room.as_str()) else {
            faults.push(format!(
                "{}: the room `{}` is not on the map",
                source.path.display(),
                source.room
            ));
            continue;
        };
        for (line, named) in rooms_named(&source.text) {
            if map.contains_key(named.as_str())
                && named != source.room
                && !allowed.contains(&named.as_str())
            {
                faults.push(format!(
                    "{}:{line}: {} must not name {named}",
                    source.path.display(),
                    source.room
                ));
            }
        }
    }
    assert!(faults.is_empty(), "arrows that are not on the map:\n{}", faults.join("\n"));
}

#[test]
fn only_the_named_rooms_touch_the_world() {
    let mut faults = Vec::new();
    for source in sources() {
        for (line, text) in source.text.lines().enumerate() {
            for (word, rooms) in KEPT {
                if says(text, word) && !rooms.contains(&source.room.as_str()) {
                    faults.push(format!(
                        "{}:{}: {} must not say `{word}`",
                        source.path.display(),
                        line + 1,
                        source.room
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "words out of place:\n{}", faults.join("\n"));
}

#[test]
fn the_map_itself_has_no_cycle() {
    for (index, (room, allowed)) in MAP.iter().enumerate() {
        for below in *allowed {
            let position = MAP.iter().position(|(name, _)| name == below);
            assert!(
                position.is_some_and(|at| at < index),
                "{room} names {below}, which is not above it in the list"
            );
        }
    }
}

#[test]
fn every_file_opens_with_what_it_holds() {
    for source in sources() {
        let whole = fs::read_to_string(&source.path).expect("readable");
        assert!(whole.starts_with("//!"), "{} has no header", source.path.display());
    }
}

#[test]
fn a_forbidden_arrow_is_seen_in_every_spelling() {
    let text = "use crate::session::play;\nuse crate::{event::Event, rule};\nlet x = crate::gate::Policy;\nuse countonce::cli;";
    let named: Vec<String> = rooms_named(text).into_iter().map(|(_, room)| room).collect();
    assert_eq!(named, ["session", "event", "rule", "gate", "cli"]);
    assert!(says("    println!(\"x\")", "println!") && !says("    eprintln!(\"x\")", "println!"));
}

/// All sources below `src`, without comments and without test modules.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name != "lib.rs" && name != "tests.rs"))
        .map(|path| {
            let first =
                path.strip_prefix(&root).expect("below src").components().next().expect("a name");
            let room = first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
            let whole = fs::read_to_string(&path).expect("readable");
            let code = whole.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            let text = code
                .lines()
                .map(|line| if line.trim_start().starts_with("//") { "" } else { line })
                .collect::<Vec<_>>()
                .join("\n");
            Source { path, room, text }
        })
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Names that follow `crate::` or `countonce::`, also inside braces.
fn rooms_named(text: &str) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    for prefix in ["crate::", "countonce::"] {
        for (at, _) in text.match_indices(prefix) {
            let line = text[..at].lines().count().max(1);
            let rest = &text[at + prefix.len()..];
            if let Some(list) = rest.strip_prefix('{') {
                for item in top_level(list) {
                    named.push((line, first_word(item.trim())));
                }
            } else {
                named.push((line, first_word(rest)));
            }
        }
    }
    named
}

/// The items of a `use` list up to its closing brace, nested braces kept whole.
fn top_level(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&list[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// True when the word stands there on its own, not as the tail of a longer one.
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}
