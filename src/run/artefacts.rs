//! What lies beside a tape and belongs into a report: the pictures of pages, and the
//! tape's own hash.
//!
//! A tape may come from anywhere, so a name on it leads to no file but a picture below
//! its own folder. Never what a picture shows.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path};

use sha2::{Digest as _, Sha256};

use crate::report::{Picture, Pictures, Report};

/// Largest picture that is taken into a report, in bytes.
const LARGEST: u64 = 400 * 1024;
/// All pictures of a report together, in bytes: a page that can be mailed. They grow by a
/// third on the way into HTML.
const ALL: usize = 1_300 * 1024;

/// SHA-256 of a file, in hexadecimal digits.
pub(super) fn hash(path: &Path) -> io::Result<String> {
    hash_of(File::open(path)?)
}

/// SHA-256 of all that can be read, in hexadecimal digits.
pub(super) fn hash_of(mut source: impl io::Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        match source.read(&mut part)? {
            0 => break,
            read => digest.update(&part[..read]),
        }
    }
    let mut hash = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    Ok(hash)
}

/// The pictures that a report names, as far as there is room for them: broken steps
/// first, then page after page of each session in turn.
pub(super) fn pictures(report: &Report, folder: &Path) -> Pictures {
    let broken = report.scenarios.iter().filter_map(|run| run.screenshot.as_deref());
    let mut wanted: Vec<&str> = broken.collect();
    let mut turn = 0;
    loop {
        let of_turn: Vec<&str> = report
            .scenarios
            .iter()
            .filter_map(|run| {
                report.shots.iter().filter(|shot| shot.session == run.session).nth(turn)
            })
            .map(|shot| shot.file.as_str())
            .collect();
        if of_turn.is_empty() {
            break;
        }
        wanted.extend(of_turn);
        turn += 1;
    }
    let mut found = Pictures::new();
    let mut room = ALL;
    for name in wanted {
        if let Some(picture) = picture(folder, name).filter(|picture| picture.bytes.len() <= room) {
            room -= picture.bytes.len();
            found.insert(name.to_owned(), picture);
        }
    }
    found
}

/// A picture below the folder; a file that is none, or that is gone, is left out.
fn picture(folder: &Path, name: &str) -> Option<Picture> {
    let below = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if !below || name.is_empty() {
        return None;
    }
    let path = folder.join(name).canonicalize().ok()?;
    if !path.starts_with(folder.canonicalize().ok()?) {
        return None;
    }
    let file = File::open(&path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= LARGEST).then_some(bytes).and_then(Picture::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{ScenarioRun, Shot};

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

    fn shot(session: u32, file: &str) -> Shot {
        Shot { session, file: file.to_owned(), ..Shot::default() }
    }

    #[test]
    fn names_on_a_tape_lead_to_pictures_below_its_folder_only() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("run");
        std::fs::create_dir_all(folder.join("pages")).expect("made");
        let write = |path: &Path, bytes: &[u8]| std::fs::write(path, bytes).expect("written");
        write(&folder.join("pages/1.png"), PNG);
        write(&folder.join("notes.txt"), b"secret");
        write(&place.path().join("outside.png"), PNG);
        #[cfg(unix)]
        std::os::unix::fs::symlink(place.path().join("outside.png"), folder.join("link.png"))
            .expect("linked");
        let outside = place.path().join("outside.png").display().to_string();
        let names =
            ["pages/1.png", "notes.txt", "../outside.png", "link.png", "gone.png", &outside];
        let report = Report {
            scenarios: vec![ScenarioRun { session: 1, ..ScenarioRun::default() }],
            shots: names.iter().map(|name| shot(1, name)).collect(),
            ..Report::default()
        };
        let found = pictures(&report, &folder);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["pages/1.png"]);
    }

    #[test]
    fn when_room_runs_out_every_session_keeps_its_first_pages() {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes = [PNG, &vec![0; 200 * 1024]].concat();
        let mut shots = Vec::new();
        for session in 1..=3 {
            for page in 1..=4 {
                let file = format!("{session}-{page}.png");
                std::fs::write(folder.path().join(&file), &bytes).expect("written");
                shots.push(shot(session, &file));
            }
        }
        let runs = (1..=3).map(|session| ScenarioRun { session, ..ScenarioRun::default() });
        let report = Report { scenarios: runs.collect(), shots, ..Report::default() };
        let found = pictures(&report, folder.path());
        let total: usize = found.values().map(|picture| picture.bytes.len()).sum();
        assert!(total <= ALL && found.len() == 6, "{} pictures", found.len());
        assert!((1..=3).all(|session| found.contains_key(&format!("{session}-1.png"))));
    }

    #[test]
    fn the_hash_is_that_of_other_tools() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "abc").expect("written");
        // FIPS 180-4, the example of one block.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash(file.path()).expect("read"), known);
    }
}
