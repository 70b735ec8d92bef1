//! A file that is written beside its place and moved into it when it is whole, so that nobody
//! reads half of it.
//!
//! Never what is in it.

use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::AuditError;

/// A file on its way to its place; without [`WholeFile::finish`] it vanishes.
pub(super) struct WholeFile {
    path: PathBuf,
    file: tempfile::NamedTempFile,
}

impl WholeFile {
    /// Begins a file, and a handle to write it by.
    pub(super) fn create(path: &Path) -> Result<(WholeFile, File), AuditError> {
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            let cause = "no regular file stands there";
            return Err(AuditError::unwritable(path)(io::Error::other(cause)));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = tempfile::Builder::new()
            .prefix(".countonce-")
            .suffix(".parquet")
            .tempfile_in(folder.unwrap_or(Path::new(".")))
            .map_err(AuditError::unwritable(path))?;
        let handle = file.reopen().map_err(AuditError::unwritable(path))?;
        Ok((WholeFile { path: path.to_owned(), file }, handle))
    }

    /// Moves it to its place, readable as other files are.
    pub(super) fn finish(self) -> Result<(), AuditError> {
        let WholeFile { path, file } = self;
        file.as_file().sync_all().map_err(AuditError::unwritable(&path))?;
        let file = file
            .persist(&path)
            .map_err(|error| AuditError::Unwritable { path: path.clone(), source: error.error })?;
        file.set_permissions(std::fs::Permissions::from_mode(0o644))
            .map_err(AuditError::unwritable(&path))
    }
}
