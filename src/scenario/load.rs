//! Finding scenario files, and reading them together.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::error::ScenarioError;
use super::read::{Read, read};
use super::source::Source;
use super::{Environment, Scenario};

/// Deeper folders are not searched: a loop of links has no other end.
const DEEPEST: usize = 32;

/// Reads scenarios from files and, recursively, folders (`*.yaml`, `*.yml`, hidden
/// ones left out), in the order given and by name below a folder.
///
/// A file with an error gives no scenario but all of its errors; the others are
/// read all the same. A path that does not exist, a folder without a scenario, and
/// a second scenario of the same name are errors.
pub fn load(
    paths: &[PathBuf],
    environment: &Environment<'_>,
) -> (Vec<Scenario>, Vec<ScenarioError>) {
    let mut errors = Vec::new();
    let mut seen = HashSet::new();
    let mut scenarios: Vec<Scenario> = Vec::new();
    for file in files(paths, &mut errors) {
        // The same file by two ways is one scenario.
        let location = file.canonicalize().unwrap_or_else(|_| file.clone());
        if !seen.insert(location) {
            continue;
        }
        let source = match Source::open(&file) {
            Ok(source) => source,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        match read(&source, environment) {
            Ok(read) => match scenarios.iter().find(|known| known.name == read.scenario.name) {
                Some(first) => errors.push(named_twice(&source, &read, first)),
                None => scenarios.push(read.scenario),
            },
            Err(found) => errors.extend(found),
        }
    }
    (scenarios, errors)
}

/// Reads one scenario from a text; `file` stands in its errors.
pub fn parse(
    file: &Path,
    text: &str,
    environment: &Environment<'_>,
) -> Result<Scenario, Vec<ScenarioError>> {
    read(&Source::new(file, text), environment).map(|read| read.scenario)
}

fn named_twice(source: &Source, read: &Read, first: &Scenario) -> ScenarioError {
    source
        .error(
            read.name_place,
            read.name_width,
            format!("a second scenario is named `{}`", read.scenario.name),
        )
        .hint(format!(
            "the first is in {}; names tell scenarios apart in reports",
            first.file.display()
        ))
}

/// All files that the paths stand for.
fn files(paths: &[PathBuf], errors: &mut Vec<ScenarioError>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = (found.len(), errors.len());
            walk(path, 0, &mut found, errors);
            if (found.len(), errors.len()) == before {
                let error = ScenarioError::whole(path, "no scenario in this folder");
                errors.push(error.hint("scenarios end in .yaml or .yml"));
            }
        } else if path.exists() {
            found.push(path.clone());
        } else {
            errors.push(missing(path));
        }
    }
    found
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>, errors: &mut Vec<ScenarioError>) {
    if depth > DEEPEST {
        errors.push(ScenarioError::whole(folder, "folders are nested too deeply"));
        return;
    }
    let entries: Result<Vec<PathBuf>, std::io::Error> = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            errors.push(ScenarioError::whole(folder, format!("cannot be read: {error}")));
            return;
        }
    };
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            walk(&path, depth + 1, found, errors);
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            found.push(path);
        }
    }
}

fn missing(path: &Path) -> ScenarioError {
    let error = ScenarioError::whole(path, "no such file or folder");
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        return error;
    };
    // A folder that cannot be listed has no names to suggest; the error stands as it is.
    let names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    match crate::step::nearest(&name, names.iter().map(String::as_str)) {
        Some(near) => {
            error.hint(format!("did you mean `{}`?", path.with_file_name(near).display()))
        }
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(name: &str) -> String {
        format!("name: {name}\nsteps: [reload]\nexpect:\n  - event: Lead\n")
    }

    fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("written");
        }
        folder
    }

    fn all(paths: &[PathBuf]) -> (Vec<String>, Vec<String>) {
        let (scenarios, errors) = load(paths, &Environment::new(&|_| None));
        (
            scenarios.into_iter().map(|scenario| scenario.name).collect(),
            errors.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn folders_are_searched_in_order_and_files_taken_once() {
        let folder = folder(&[
            ("b.yaml", scenario("B")),
            ("a/z.yml", scenario("Z")),
            ("a/.hidden.yaml", "nonsense".to_owned()),
            (".git/x.yaml", "nonsense".to_owned()),
            ("notes.txt", "nonsense".to_owned()),
        ]);
        let root = folder.path().to_owned();
        let (names, errors) = all(&[root.join("b.yaml"), root.clone(), root.join("a")]);
        assert_eq!(names, ["B", "Z"]);
        assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn a_bad_file_does_not_stop_the_others() {
        let folder =
            folder(&[("a.yaml", "name: A\nsteps: 3\n".to_owned()), ("b.yaml", scenario("B"))]);
        let (names, errors) = all(&[folder.path().to_owned()]);
        assert_eq!(names, ["B"]);
        assert_eq!(errors.len(), 2, "{errors:?}");
    }

    #[test]
    fn two_scenarios_of_one_name_are_an_error() {
        let folder = folder(&[("a.yaml", scenario("Same")), ("b.yaml", scenario("Same"))]);
        let (names, errors) = all(&[folder.path().to_owned()]);
        assert_eq!(names, ["Same"]);
        assert!(errors[0].contains("b.yaml:1:7") && errors[0].contains("a.yaml"), "{errors:?}");
    }

    #[test]
    fn what_is_not_there_is_named() {
        let folder = folder(&[("checkout.yaml", scenario("A")), ("empty/x.txt", String::new())]);
        let (_, errors) = all(&[folder.path().join("chekout.yaml"), folder.path().join("empty")]);
        assert!(errors[0].contains("no such file") && errors[0].contains("checkout.yaml"));
        assert!(errors[1].contains("no scenario in this folder"));
    }

    #[cfg(unix)]
    #[test]
    fn a_loop_of_links_has_an_end() {
        let folder = folder(&[("a.yaml", scenario("A"))]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("linked");
        let (names, _) = all(&[folder.path().to_owned()]);
        assert_eq!(names, ["A"]);
    }
}
