//! Writes facts to their files, many at a time and in bounded memory. All files come into
//! their places together, when they are whole.
//!
//! Never what a fact means, never the names of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;

use super::super::AuditError;
use super::super::source::Input;
use super::place::{FactsOut, Places, Split};
use super::{Fact, frame};

/// Rows per group: enough to pack well, few enough for many threads to share a file.
const GROUP: usize = 1 << 16;
/// Rows that wait for a group of theirs, over all files; the fullest file gets a smaller one
/// where there are more.
const MOST_WAITING: usize = 4 * GROUP;
/// Files that are open at a time; the one that was not written to for longest gives way.
const MOST_OPEN: usize = 64;

/// Writes facts of one run.
pub(in crate::audit) struct FactsWriter {
    out: FactsOut,
    /// The folder that all places are below.
    root: PathBuf,
    places: Places,
    sources: Vec<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: BTreeMap<i64, Vec<Fact>>,
    rows: usize,
    open: BTreeMap<i64, Open>,
    /// Files closed so far by key.
    closed: BTreeMap<i64, u32>,
    /// Where whole files wait, and their places.
    whole: Vec<(PathBuf, PathBuf)>,
    writes: u64,
}

struct Open {
    writer: BatchedWriter<File>,
    file: File,
    staged: PathBuf,
    place: PathBuf,
    last: u64,
}

impl FactsWriter {
    /// Rows that a thread gathers before it hands them over.
    pub(in crate::audit) const BATCH: usize = GROUP;

    /// Begins; nothing is seen of it until the end.
    pub(in crate::audit) fn create(
        out: &FactsOut,
        inputs: &[Input],
    ) -> Result<FactsWriter, AuditError> {
        let unwritable = AuditError::unwritable(&out.path);
        let is_file = out.split == Split::File;
        let fits =
            |there: std::fs::Metadata| if is_file { there.is_file() } else { there.is_dir() };
        if std::fs::metadata(&out.path).is_ok_and(|there| !fits(there)) {
            let kind = if is_file { "no regular file" } else { "no folder" };
            return Err(unwritable(io::Error::other(format!("{kind} stands there"))));
        }
        let root = match out.path.parent().filter(|_| is_file) {
            Some(folder) => folder.to_owned(),
            None => out.path.clone(),
        };
        if !is_file && let Some(input) = inputs.iter().find(|input| is_below(&input.path, &root)) {
            let path = input.path.display();
            let what = format!("{path} is read from there: write to another folder");
            return Err(AuditError::table(&out.path, what));
        }
        let places = Places::new(out, inputs).map_err(|what| AuditError::table(&out.path, what))?;
        out.stage.open(&root, !is_file).map_err(unwritable)?;
        Ok(FactsWriter {
            out: out.clone(),
            root,
            places,
            sources: inputs.iter().map(|input| input.path.display().to_string()).collect(),
            state: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, place: &Path, source: io::Error) -> AuditError {
        AuditError::Unwritable { path: self.root.join(place), source }
    }

    /// Adds rows.
    pub(in crate::audit) fn write(&self, facts: Vec<Fact>) -> Result<(), AuditError> {
        let mut full = Vec::new();
        {
            let mut state = self.lock();
            state.rows += facts.len();
            for fact in facts {
                let key = self.places.key(&fact);
                let group = state.waiting.entry(key).or_default();
                group.push(fact);
                if group.len() >= GROUP {
                    full.push((key, std::mem::take(group)));
                }
            }
            state.rows -= full.iter().map(|(_, group)| group.len()).sum::<usize>();
            while state.rows > MOST_WAITING {
                let fullest = state.waiting.iter().max_by_key(|(_, group)| group.len());
                let Some(key) = fullest.map(|(key, _)| *key) else { break };
                let group = state.waiting.remove(&key).unwrap_or_default();
                state.rows -= group.len();
                full.push((key, group));
            }
        }
        full.into_iter().try_for_each(|(key, group)| self.put(key, &group))
    }

    /// Writes a group of rows of one file.
    fn put(&self, key: i64, facts: &[Fact]) -> Result<(), AuditError> {
        let rows = frame(facts, &self.sources);
        let mut state = self.lock();
        state.writes += 1;
        let now = state.writes;
        if !state.open.contains_key(&key) {
            if state.open.len() >= MOST_OPEN
                && let Some(oldest) = state.open.iter().min_by_key(|(_, open)| open.last)
            {
                let oldest = *oldest.0;
                self.close(&mut state, oldest)?;
            }
            let further = state.closed.get(&key).copied().unwrap_or(0);
            let place = self.places.of(key, further);
            let open = self.begin(place)?;
            state.open.insert(key, open);
        }
        let Some(open) = state.open.get_mut(&key) else { return Ok(()) };
        open.last = now;
        let written = rows.and_then(|rows| open.writer.write_batch(&rows));
        written.map_err(|error| self.failed(&open.place, io::Error::other(error.to_string())))
    }

    fn begin(&self, place: PathBuf) -> Result<Open, AuditError> {
        let opened = || -> io::Result<(BatchedWriter<File>, File, PathBuf)> {
            let (file, staged) = self.out.stage.file()?;
            let schema = frame(&[], &[]).map_err(io::Error::other)?.schema().clone();
            let writer = ParquetWriter::new(file.try_clone()?)
                .with_compression(ParquetCompression::Zstd(None))
                .batched(&schema)
                .map_err(|error| io::Error::other(error.to_string()))?;
            Ok((writer, file, staged))
        };
        let (writer, file, staged) = opened().map_err(|error| self.failed(&place, error))?;
        Ok(Open { writer, file, staged, place, last: 0 })
    }

    /// Ends a file, so that only its name is missing.
    fn close(&self, state: &mut State, key: i64) -> Result<(), AuditError> {
        let Some(open) = state.open.remove(&key) else { return Ok(()) };
        let ended = open.writer.finish().map_err(|error| io::Error::other(error.to_string()));
        ended
            .and_then(|_| open.file.sync_all())
            .map_err(|error| self.failed(&open.place, error))?;
        *state.closed.entry(key).or_default() += 1;
        state.whole.push((open.staged, open.place));
        Ok(())
    }

    /// Ends all files and moves them to their places; which these are.
    pub(in crate::audit) fn finish(self) -> Result<Vec<PathBuf>, AuditError> {
        let mut waiting = std::mem::take(&mut self.lock().waiting);
        waiting.retain(|_, group| !group.is_empty());
        for (key, group) in waiting {
            self.put(key, &group)?;
        }
        let mut state = self.lock();
        for key in self.places.expected() {
            if !state.open.contains_key(&key) && !state.closed.contains_key(&key) {
                let open = self.begin(self.places.of(key, 0))?;
                state.open.insert(key, open);
                self.close(&mut state, key)?;
            }
        }
        while let Some(key) = state.open.keys().next().copied() {
            self.close(&mut state, key)?;
        }
        let mut whole = std::mem::take(&mut state.whole);
        drop(state);
        whole.sort_by(|one, other| one.1.cmp(&other.1));
        self.settle(&whole)
    }

    fn settle(&self, whole: &[(PathBuf, PathBuf)]) -> Result<Vec<PathBuf>, AuditError> {
        let mut at = self.out.path.clone();
        let moved = self.out.stage.settle(|| {
            let mut places = BTreeSet::new();
            let mut folders = Folders::default();
            // What can be known to fail does so before the first file is moved.
            for (_, place) in whole {
                let place = self.root.join(place);
                at.clone_from(&place);
                if let Some(folder) = place.parent() {
                    folders.make(&self.root, folder)?;
                }
                if std::fs::metadata(&place).is_ok_and(|there| !there.is_file()) {
                    return Err(io::Error::other("no regular file stands there"));
                }
                places.insert(place);
            }
            folders.keep();
            for (staged, place) in whole {
                at = self.root.join(place);
                std::fs::rename(staged, &at)?;
            }
            // A second try may have rows for fewer files than the first: those of it that
            // stayed would be counted twice.
            for stale in self.earlier()?.into_iter().filter(|path| !places.contains(path)) {
                at.clone_from(&stale);
                std::fs::remove_file(&stale)?;
            }
            Ok(places.into_iter().collect())
        });
        moved.map_err(|source| AuditError::Unwritable { path: at, source })
    }

    /// Files of an earlier run of the same part.
    fn earlier(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut folders =
            if self.out.split == Split::File { vec![] } else { vec![self.root.clone()] };
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if path.is_dir() && (name.starts_with("day=") || name.starts_with("hour=")) {
                    folders.push(path);
                } else if path.is_file() && self.places.is_own(&path) {
                    found.push(path);
                }
            }
        }
        Ok(found)
    }
}

impl Drop for FactsWriter {
    fn drop(&mut self) {
        self.out.stage.clear();
    }
}

/// Folders of partitions; those that were made go again where they are not kept.
#[derive(Default)]
struct Folders(Vec<PathBuf>);

impl Folders {
    fn make(&mut self, root: &Path, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = folder
            .ancestors()
            .take_while(|above| *above != root && !above.as_os_str().is_empty())
            .filter(|above| !above.exists())
            .collect();
        for folder in missing.into_iter().rev() {
            std::fs::create_dir(folder).or_else(|error| match error.kind() {
                // Another worker was quicker.
                io::ErrorKind::AlreadyExists => Ok(()),
                _ => Err(error),
            })?;
            self.0.push(folder.to_owned());
        }
        Ok(())
    }

    fn keep(&mut self) {
        self.0.clear();
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // One with files in it is another worker's as well.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

fn is_below(path: &Path, folder: &Path) -> bool {
    match (path.canonicalize(), folder.canonicalize()) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        _ => false,
    }
}
