//! What a package puts beside the program: manual pages and shell completions.

use std::path::Path;
use std::process::Command;

use super::cli::{countonce, refused};

/// Commands as the help of the program lists them.
fn commands() -> Vec<String> {
    let help = countonce(Path::new("."), &["help"]).out;
    let list = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let names: Vec<String> = list
        .expect("a list of commands")
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect();
    assert!(names.len() > 15, "{names:?}");
    names
}

#[test]
fn every_command_has_a_manual_page_that_names_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = countonce(folder.path(), &["man", "pages"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for command in commands() {
        let file = folder.path().join("pages").join(format!("countonce-{command}.1"));
        let page = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{}", file.display()));
        let head = format!(".TH COUNTONCE-{} 1", command.to_uppercase());
        let version = format!("\"countonce {}\"", env!("CARGO_PKG_VERSION"));
        let title = page.lines().find(|line| line.starts_with(".TH")).unwrap_or_default();
        assert!(title.starts_with(&head) && title.contains(&version), "{title}");
        assert!(page.contains(&format!("countonce\\-{command} \\- ")), "{command}: no name");
        assert!(page.contains(&format!("\\fBcountonce {command}\\fR")), "{command}: no synopsis");
    }
    let main = std::fs::read_to_string(folder.path().join("pages/countonce.1")).expect("main page");
    assert!(main.contains(".TH COUNTONCE 1") && main.contains("EXIT STATUS"), "{main}");
    assert!(main.contains("countonce\\-run(1)"), "the main page leads to the others");
    let printed = countonce(folder.path(), &["man"]);
    assert_eq!(printed.out, main);
}

#[test]
fn manual_pages_are_clean_for_the_formatter_of_manual_pages() {
    if Command::new("groff").arg("--version").output().is_err() {
        eprintln!("skipped: groff is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    countonce(folder.path(), &["man", "."]);
    for file in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
        let output = Command::new("groff")
            .args(["-man", "-Tutf8", "-ww", "-z"])
            .arg(file.path())
            .output()
            .expect("groff");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{:?}: {said}", file.path());
    }
}

#[test]
fn completions_know_every_command_and_are_no_shell_fault() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = countonce(Path::new("."), &["completions", shell]);
        assert_eq!(said.code, 0, "{}", said.err);
        for word in commands() {
            assert!(said.out.contains(&word), "{shell} does not know {word}");
        }
        assert!(said.out.contains("update-baseline"), "{shell} does not know the flags");
    }
    let script = countonce(Path::new("."), &["completions", "bash"]).out;
    let asked = format!(
        "{script}\nCOMP_WORDS=(countonce gate --st) COMP_CWORD=2\n_countonce countonce --st gate\necho \"${{COMPREPLY[*]}}\""
    );
    let output = Command::new("bash").args(["-c", &asked]).output().expect("bash");
    let offered = String::from_utf8_lossy(&output.stdout);
    assert_eq!(offered.trim(), "--stage", "{}", String::from_utf8_lossy(&output.stderr));
    refused(&["completions", "cmd"], &[], &["cmd", "bash"]);
}
