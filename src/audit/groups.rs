//! A Parquet file, read a group of rows at a time by several threads.
//!
//! Never what a column means.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use polars::io::parquet::metadata::FileMetadataRef;
use polars::prelude::*;

use super::AuditError;

/// A Parquet file, read a group of rows at a time by several threads.
pub(super) struct Groups {
    path: PathBuf,
    metadata: FileMetadataRef,
    columns: Option<Vec<String>>,
    /// First row and number of rows of each group.
    pub(super) groups: Vec<(usize, usize)>,
    next: AtomicUsize,
}

/// Most rows that are in memory at a time per thread.
const MOST_ROWS: usize = 1 << 17;

impl Groups {
    /// Looks at the metadata of a file.
    pub(super) fn open(path: &Path) -> Result<Groups, AuditError> {
        let file = File::open(path).map_err(AuditError::unreadable(path))?;
        let mut reader = ParquetReader::new(file);
        let metadata = reader.get_metadata().map_err(|error| AuditError::table(path, error))?;
        let mut groups = Vec::new();
        let mut first = 0;
        for group in &metadata.row_groups {
            let end = first + group.num_rows();
            while first < end {
                let count = MOST_ROWS.min(end - first);
                groups.push((first, count));
                first += count;
            }
        }
        let (path, metadata) = (path.to_owned(), metadata.clone());
        Ok(Groups { path, metadata, columns: None, groups, next: AtomicUsize::new(0) })
    }

    /// Reads only the columns of the file that are needed.
    pub(super) fn only(&mut self, needed: impl Fn(&str) -> bool) -> Result<(), AuditError> {
        let schema = self.schema()?;
        let nested = |kind: &ArrowDataType| matches!(kind, ArrowDataType::Struct(_));
        let columns = schema
            .iter()
            .filter(|(name, field)| nested(&field.dtype) || needed(name.as_str()))
            .map(|(name, _)| name.to_string());
        self.columns = Some(columns.collect());
        Ok(())
    }

    /// The next rows and the number of their group.
    pub(super) fn next(&self) -> Result<Option<(usize, DataFrame)>, AuditError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let Some((first, count)) = self.groups.get(number).copied() else { return Ok(None) };
        let frame = self
            .reader()?
            .with_slice(Some((first, count)))
            .with_columns(self.columns.clone())
            .read_parallel(ParallelStrategy::None)
            .finish()
            .map_err(|error| AuditError::table(&self.path, error))?;
        Ok(Some((number, frame)))
    }

    /// Names of the columns.
    pub(super) fn columns(&self) -> Result<Vec<String>, AuditError> {
        Ok(self.schema()?.iter_names().map(ToString::to_string).collect())
    }

    fn schema(&self) -> Result<Arc<ArrowSchema>, AuditError> {
        self.reader()?.schema().map_err(|error| AuditError::table(&self.path, error))
    }

    fn reader(&self) -> Result<ParquetReader<File>, AuditError> {
        let file = File::open(&self.path).map_err(AuditError::unreadable(&self.path))?;
        let mut reader = ParquetReader::new(file);
        // Large files have large metadata: it is read once.
        reader.set_metadata(self.metadata.clone());
        Ok(reader)
    }
}
