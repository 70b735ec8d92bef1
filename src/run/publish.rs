//! Puts reports where they belong: a folder per run, and a copy of the last one.
//!
//! Files are written beside their place and moved into it, so that an interrupted
//! program leaves no half a report.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::format::{Format, Look};
use crate::report::Report;

use super::Error;

/// Name of the copy of the last run.
pub const LATEST: &str = "latest";
/// Name of the tape in a run's folder.
pub const TAPE: &str = "tape.jsonl";

/// Makes the folder of a run: `<out>/<time>-<name>`, with a number where it is taken.
pub fn folder(out: &Path, started: i64, name: &str) -> Result<PathBuf, Error> {
    let time = jiff::Timestamp::from_millisecond(started)
        .map(|time| time.strftime("%Y%m%dT%H%M%SZ").to_string())
        .unwrap_or_else(|_| started.to_string());
    let slug: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    fs::create_dir_all(out).map_err(|source| Error::Output { path: out.to_owned(), source })?;
    for number in 1.. {
        let tail = if number == 1 { String::new() } else { format!("-{number}") };
        let path = out.join(format!("{time}-{}{tail}", slug.trim_matches('-')));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(Error::Output { path, source }),
        }
    }
    unreachable!("some number is free")
}

/// Writes every format that has a file into the folder, and copies the folder to `latest`.
pub fn publish(
    report: &Report,
    formats: &[&Format],
    folder: &Path,
    width: usize,
) -> Result<(), Error> {
    for format in formats {
        let Some(file) = format.file else { continue };
        let text = (format.render)(report, &Look { width, colour: false });
        write(&folder.join(file), text.as_bytes())?;
        for (file, render) in format.also {
            let text = render(report, &Look { width, colour: false });
            write(&folder.join(file), text.as_bytes())?;
        }
    }
    if let Some(out) = folder.parent() {
        copy(folder, &out.join(LATEST))?;
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Output { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    io::Write::write_all(&mut file, bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    readable(path).map_err(failed)
}

/// Reports are masked, so others may read them, as with any file a program makes.
fn readable(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Replaces `to` by a copy of `from`, files and one level of folders.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = |source| Error::Output { path: to.to_owned(), source };
    let fresh = to.with_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(failed)?;
    }
    copy_folder(from, &fresh).map_err(failed)?;
    if to.exists() {
        fs::remove_dir_all(to).map_err(failed)?;
    }
    fs::rename(&fresh, to).map_err(failed)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_of_one_second_get_two_folders() {
        let out = tempfile::tempdir().expect("a folder");
        let first = folder(out.path(), 1_772_452_800_000, "Demo: clean").expect("made");
        let second = folder(out.path(), 1_772_452_800_000, "Demo: clean").expect("made");
        assert!(first.ends_with("20260302T120000Z-demo--clean"));
        assert!(second.ends_with("20260302T120000Z-demo--clean-2"));
    }

    #[test]
    fn latest_holds_the_last_run_and_nothing_of_the_one_before() {
        let out = tempfile::tempdir().expect("a folder");
        for (name, file) in [("a", "old.txt"), ("b", "new.txt")] {
            let folder = folder(out.path(), 0, name).expect("made");
            fs::write(folder.join(file), name).expect("written");
            copy(&folder, &out.path().join(LATEST)).expect("copied");
        }
        assert!(out.path().join("latest/new.txt").exists());
        assert!(!out.path().join("latest/old.txt").exists());
    }
}
