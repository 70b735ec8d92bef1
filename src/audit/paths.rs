//! What the words of the command line mean: files, folders, patterns, standard input.
//!
//! Never opens a file.

use std::io;
use std::path::{Path, PathBuf};

use crate::event::Channel;

use super::AuditError;
use super::form::Form;
use super::source::Input;

/// Finds the files that a word of the command line means: a file, a folder, a pattern, `-`.
pub fn expand(
    word: &str,
    channel: Option<Channel>,
    form: Option<Form>,
) -> Result<Vec<Input>, AuditError> {
    let input = |path: PathBuf| Input { path, channel, form };
    if word == "-" {
        return Ok(vec![input(PathBuf::from("-"))]);
    }
    let path = Path::new(word);
    let missing =
        |hint: &str| AuditError::Missing { pattern: word.to_owned(), hint: hint.to_owned() };
    if path.is_dir() {
        let mut files = Vec::new();
        walk(path, &mut files)?;
        files.sort();
        if files.is_empty() {
            return Err(missing("; the folder has no files"));
        }
        return Ok(files.into_iter().map(input).collect());
    }
    if path.exists() {
        return Ok(vec![input(path.to_owned())]);
    }
    if !word.contains(['*', '?', '[']) {
        return Err(missing(""));
    }
    let paths = glob::glob(word).map_err(|error| missing(&format!(": {error}")))?;
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|error| AuditError::Unreadable {
            path: error.path().to_owned(),
            source: io::Error::new(error.error().kind(), error.to_string()),
        })?;
        if path.is_file() {
            found.push(input(path));
        }
    }
    if found.is_empty() {
        return Err(missing(
            "; nothing matches the pattern, put it in quotes if the shell has expanded it",
        ));
    }
    Ok(found)
}

/// Files below a folder; hidden ones and those of unfinished jobs (`_temporary`) are left out.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), AuditError> {
    for entry in std::fs::read_dir(folder).map_err(AuditError::unreadable(folder))? {
        let path = entry.map_err(AuditError::unreadable(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(['.', '_']) {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
