//! The action and the templates for CI services: their shell works, their flags exist, and
//! what a pipeline sees is the exit code of the run.

use std::path::{Path, PathBuf};
use std::process::Command;

use countonce::format::{FORMATS, Format};

use crate::cli::countonce;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("readable")
}

/// Shell of every step: blocks after `run: |`, and lines after `run: `.
fn shells(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = line.trim_start().strip_prefix("run: ") else { continue };
        if rest != "|" {
            found.push(rest.to_owned());
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let block: Vec<&str> = lines[at + 1..]
            .iter()
            .take_while(|next| next.trim().is_empty() || next.starts_with(&" ".repeat(indent + 1)))
            .map(|next| next.get(indent + 2..).unwrap_or(""))
            .collect();
        found.push(block.join("\n"));
    }
    found
}

/// Runs a step's shell as a runner does, with a stand-in for the programs it calls.
fn step(script: &str, folder: &Path, variables: &[(&str, &str)]) -> (i32, String) {
    let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").expect("set"));
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .current_dir(folder)
        .env("PATH", path)
        .env("GITHUB_OUTPUT", folder.join("output"))
        .envs(variables.iter().copied())
        .output()
        .expect("bash");
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn program(folder: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("bin").join(name);
    std::fs::create_dir_all(folder.join("bin")).expect("made");
    std::fs::write(&path, format!("#!/bin/bash\n{script}\n")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("set");
}

#[test]
fn no_input_of_the_action_is_put_into_shell_text() {
    let shells = shells(&read("action.yml"));
    assert!(shells.len() >= 5, "{shells:#?}");
    for shell in &shells {
        assert!(!shell.contains("${{"), "an expression in shell text: {shell}");
        let checked = Command::new("bash").args(["-n", "-c", shell]).status().expect("bash");
        assert!(checked.success(), "{shell}");
    }
}

#[test]
fn the_action_plays_what_it_is_told_and_passes_the_exit_code_on() {
    let shells = shells(&read("action.yml"));
    let run = shells.iter().find(|shell| shell.contains("words=(run")).expect("the run");
    let folder = tempfile::tempdir().expect("a folder");
    program(folder.path(), "countonce", "printf '<%s>' \"$@\"; exit 1");
    let (code, said) = step(
        run,
        folder.path(),
        &[
            ("SCENARIOS", "scenarios/a b.yaml\nmore"),
            ("SITE", "http://127.0.0.1:8000/$(id)"),
            ("SERVER_TAP", "8787"),
            ("POLICY", ""),
            ("RETRIES", "2"),
            ("ARGUMENTS", "--filter 'tag:cutover and not slow'"),
        ],
    );
    assert_eq!(code, 0, "the run's own step goes on, so that reports are uploaded");
    assert_eq!(
        said,
        "<run><--retries><2><scenarios/a b.yaml><more><--site><http://127.0.0.1:8000/$(id)>\
         <--server-tap><8787><--filter><tag:cutover and not slow>"
    );
    let output = std::fs::read_to_string(folder.path().join("output")).expect("written");
    assert_eq!(output, "exit-code=1\nreports=reports/latest\n");
    let last = shells.last().expect("the verdict");
    assert_eq!(step(last, folder.path(), &[("CODE", "3")]).0, 3);
}

#[test]
fn the_action_writes_its_comment_anew_and_a_fork_fails_nothing() {
    let shells = shells(&read("action.yml"));
    let comment = shells.iter().find(|shell| shell.contains("report.md")).expect("the comment");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("reports/latest")).expect("made");
    std::fs::write(folder.path().join("reports/latest/report.md"), "# failed\n").expect("written");
    let variables = [
        ("REPOSITORY", "o/r"),
        ("NUMBER", "7"),
        ("REPORTS", "reports/latest"),
        ("NAME", "countonce"),
        ("GH_TOKEN", "x"),
    ];
    program(
        folder.path(),
        "gh",
        "case \"$*\" in *--jq*) echo 42;; *) echo \"$*\" > said; cat \"${@: -2:1}\" 2>/dev/null; for w in \"$@\"; do case $w in body=@*) cat \"${w#body=@}\" > body;; esac; done;; esac",
    );
    let (code, _) = step(comment, folder.path(), &variables);
    assert_eq!(code, 0);
    let said = std::fs::read_to_string(folder.path().join("said")).expect("said");
    assert!(said.contains("-X PATCH repos/o/r/issues/comments/42"), "{said}");
    let body = std::fs::read_to_string(folder.path().join("body")).expect("a body");
    assert_eq!(body, "<!-- countonce: countonce -->\n# failed\n");
    program(folder.path(), "gh", "exit 1");
    let (code, said) = step(comment, folder.path(), &variables);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("::notice::"), "{said}");
}

#[test]
fn flags_and_files_that_ci_names_exist() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = countonce(folder.path(), &["run", "--help"]).out;
    let files: Vec<&str> = FORMATS.iter().flat_map(Format::files).collect();
    let variables = regex::Regex::new(r"COUNTONCE_[A-Z_]+").expect("a pattern");
    let reports = regex::Regex::new(r"reports/latest/([a-z.-]+)").expect("a pattern");
    // What the GitLab template itself reads.
    let template = read("templates/gitlab/countonce.yml");
    for path in ["action.yml", "templates/gitlab/countonce.yml", "docs/ci.md"] {
        let text = read(path);
        for variable in variables.find_iter(&text).map(|found| found.as_str()) {
            let template = template.contains(&format!("${variable}"));
            // Those of this repository's own tests are no flags.
            let own = variable.contains("_REQUIRE_");
            assert!(help.contains(variable) || template || own, "{path}: {variable}");
        }
        for file in reports.captures_iter(&text).map(|found| found[1].to_owned()) {
            assert!(files.contains(&file.as_str()) || file == "tape.jsonl", "{path}: {file}");
        }
    }
    for flag in ["--retries", "--site", "--server-tap", "--policy", "--shard", "--brand"] {
        assert!(help.contains(flag), "{flag}");
    }
    let listed = read("docs/ci.md");
    for file in files {
        assert!(listed.contains(file), "docs/ci.md does not name {file}");
    }
}
