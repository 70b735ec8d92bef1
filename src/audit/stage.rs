//! Output in the making: files in a hidden folder beside their place, which come into it all
//! at once, or go without a trace.
//!
//! A signal may end the program at any time, so what moves and what is removed is guarded by
//! one lock. Never what the files hold.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names of hidden folders begin so; readers of folders pass them over.
const PREFIX: &str = ".countonce-";

/// Files on their way. Clones are the same stage.
#[derive(Debug, Clone, Default)]
pub struct Stage {
    staged: Arc<Mutex<Staged>>,
}

#[derive(Debug, Default)]
struct Staged {
    folder: Option<tempfile::TempDir>,
    /// The folder of the output, where it was made for it.
    made: Option<PathBuf>,
    files: usize,
    cleared: bool,
}

impl Stage {
    /// Opens the hidden folder in `root`, which is made where `make` allows it.
    pub(super) fn open(&self, root: &Path, make: bool) -> io::Result<()> {
        let mut staged = self.lock();
        staged.is_open()?;
        if make && !root.exists() {
            std::fs::create_dir_all(root)?;
            staged.made = Some(root.to_owned());
        }
        let beside = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(beside)?;
        staged.folder = Some(folder);
        Ok(())
    }

    /// A file in the hidden folder, and its path.
    pub(super) fn file(&self) -> io::Result<(File, PathBuf)> {
        let mut staged = self.lock();
        staged.is_open()?;
        let Some(folder) = &staged.folder else {
            return Err(io::Error::other("the folder for unfinished files is gone"));
        };
        let path = folder.path().join(staged.files.to_string());
        let file = File::create_new(&path)?;
        staged.files += 1;
        Ok((file, path))
    }

    /// Does what moves the files into their places, without a signal in between; what is
    /// left of the stage goes.
    pub(super) fn settle<T>(&self, moves: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let mut staged = self.lock();
        staged.is_open()?;
        let moved = moves()?;
        staged.made = None;
        staged.close();
        Ok(moved)
    }

    /// Holds back whoever would clear the stage while something is done that must not be cut
    /// in two.
    pub fn whole<T>(&self, deed: impl FnOnce() -> T) -> T {
        let _held = self.lock();
        deed()
    }

    /// Removes everything that is not in its place; nothing more can be staged.
    pub fn clear(&self) {
        let mut staged = self.lock();
        staged.cleared = true;
        staged.close();
    }

    fn lock(&self) -> MutexGuard<'_, Staged> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Staged {
    fn is_open(&self) -> io::Result<()> {
        if self.cleared { Err(io::Error::from(io::ErrorKind::Interrupted)) } else { Ok(()) }
    }

    fn close(&mut self) {
        // Dropping the folder removes it with all that is in it.
        self.folder = None;
        if let Some(made) = self.made.take() {
            // Fails where others have put something into it, which is then theirs to keep.
            let _ = std::fs::remove_dir(made);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_is_cleared_leaves_no_trace_and_takes_nothing_more() {
        let place = tempfile::tempdir().expect("a folder");
        let root = place.path().join("out");
        let stage = Stage::default();
        stage.open(&root, true).expect("opened");
        let (mut file, path) = stage.file().expect("a file");
        file.write_all(b"x").expect("written");
        assert!(path.starts_with(&root) && path.exists());
        stage.clone().clear();
        assert_eq!(std::fs::read_dir(place.path()).expect("read").count(), 0);
        assert_eq!(stage.file().expect_err("cleared").kind(), io::ErrorKind::Interrupted);
    }

    #[test]
    fn what_is_settled_stays_and_the_rest_goes() {
        let place = tempfile::tempdir().expect("a folder");
        let root = place.path().join("out");
        let stage = Stage::default();
        stage.open(&root, true).expect("opened");
        let (_, path) = stage.file().expect("a file");
        stage.file().expect("another");
        stage.settle(|| std::fs::rename(&path, root.join("a"))).expect("settled");
        stage.clear();
        let left: Vec<_> =
            std::fs::read_dir(&root).expect("read").map(|one| one.expect("one").path()).collect();
        assert_eq!(left, [root.join("a")]);
    }
}
