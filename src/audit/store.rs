//! Rows by parts: all rows of one event id are in one part. Parts live in memory until
//! there are too many rows, and then on disk. What a row adds to the figures by itself is
//! added as it comes in.
//!
//! Never what a row means.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::join::bulk::{ROW_BYTES, Row, Sums};

use super::AuditError;

/// Parts; each is joined by itself, so peak memory falls with their number.
pub(super) const PARTS: usize = 1 << PART_BITS;
/// Leading bits of an id that tell its part.
pub(super) const PART_BITS: u32 = 6;
/// Rows that a thread gathers for a part before it hands them over.
const BATCH: usize = 1024;

/// The parts.
pub(super) struct Store {
    parts: Vec<Mutex<Part>>,
    sums: Mutex<Vec<Sums>>,
    rows: AtomicU64,
    most: u64,
    spilling: AtomicBool,
    folder: PathBuf,
}

#[derive(Default)]
struct Part {
    rows: Vec<Vec<Row>>,
    /// Rows on disk in a file without a name, which is gone with the program, and their number.
    file: Option<(File, u64)>,
}

impl Store {
    /// An empty store that goes to disk, in that folder, beyond some bytes.
    pub(super) fn new(memory: u64, folder: PathBuf) -> Store {
        Store {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            sums: Mutex::default(),
            rows: AtomicU64::new(0),
            most: memory / size_of::<Row>() as u64,
            spilling: AtomicBool::new(false),
            folder,
        }
    }

    /// The part of an id.
    #[inline]
    pub(super) fn part_of(id: [u64; 2]) -> usize {
        (id[0] >> (64 - PART_BITS)) as usize
    }

    /// True when rows went to disk.
    pub(super) fn spilled(&self) -> bool {
        self.spilling.load(Ordering::Relaxed)
    }

    fn failed(&self) -> impl FnOnce(io::Error) -> AuditError {
        AuditError::unwritable(self.folder.clone())
    }

    fn add(&self, part: usize, rows: Vec<Row>) -> Result<(), AuditError> {
        let count = self.rows.fetch_add(rows.len() as u64, Ordering::Relaxed) + rows.len() as u64;
        let mut place = self.lock(part);
        place.rows.push(rows);
        if self.spilling.load(Ordering::Relaxed) {
            return self.spill(&mut place);
        }
        drop(place);
        if count > self.most && !self.spilling.swap(true, Ordering::Relaxed) {
            for part in 0..PARTS {
                self.spill(&mut self.lock(part))?;
            }
        }
        Ok(())
    }

    fn lock(&self, part: usize) -> MutexGuard<'_, Part> {
        self.parts[part].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the rows add to the figures by themselves, by the thread that has read them.
    pub(super) fn take_sums(&self) -> Vec<Sums> {
        std::mem::take(&mut *self.sums.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn spill(&self, part: &mut Part) -> Result<(), AuditError> {
        if part.file.is_none() {
            let file = tempfile::tempfile_in(&self.folder).map_err(self.failed())?;
            part.file = Some((file, 0));
        }
        let rows = std::mem::take(&mut part.rows);
        let Some((file, count)) = &mut part.file else { return Ok(()) };
        let mut bytes = Vec::with_capacity(rows.iter().map(Vec::len).sum::<usize>() * ROW_BYTES);
        for row in rows.iter().flatten() {
            row.write(&mut bytes);
        }
        *count += rows.iter().map(|rows| rows.len() as u64).sum::<u64>();
        file.write_all(&bytes).map_err(self.failed())
    }

    /// Takes the rows of a part out, leaving it empty in memory.
    pub(super) fn take(&self, part: usize) -> Result<Vec<Vec<Row>>, AuditError> {
        let mut place = self.lock(part);
        let mut batches = std::mem::take(&mut place.rows);
        let file = place.file.take();
        drop(place);
        let Some((mut file, count)) = file else { return Ok(batches) };
        let mut rows = Vec::with_capacity(count as usize);
        let failed = || AuditError::unreadable(self.folder.clone());
        file.seek(SeekFrom::Start(0)).map_err(failed())?;
        let mut reader = BufReader::with_capacity(1 << 20, file);
        let mut bytes = [0; ROW_BYTES];
        for _ in 0..count {
            reader.read_exact(&mut bytes).map_err(failed())?;
            rows.push(Row::read(&bytes));
        }
        batches.push(rows);
        Ok(batches)
    }

    /// Puts the rows of a part back, to memory or disk as the others.
    pub(super) fn put_back(&self, part: usize, batches: Vec<Vec<Row>>) -> Result<(), AuditError> {
        let mut place = self.lock(part);
        place.rows.extend(batches);
        if self.spilled() { self.spill(&mut place) } else { Ok(()) }
    }
}

/// The rows of one thread on their way to their parts.
pub(super) struct Batches<'a> {
    store: &'a Store,
    rows: Vec<Vec<Row>>,
    sums: Sums,
}

impl<'a> Batches<'a> {
    pub(super) fn new(store: &'a Store) -> Batches<'a> {
        let rows = (0..PARTS).map(|_| Vec::with_capacity(BATCH)).collect();
        Batches { store, rows, sums: Sums::default() }
    }

    /// Adds a row.
    #[inline]
    pub(super) fn add(&mut self, row: Row) -> Result<(), AuditError> {
        self.sums.add(&row);
        let part = Store::part_of(row.id);
        self.rows[part].push(row);
        if self.rows[part].len() < BATCH {
            return Ok(());
        }
        let rows = std::mem::replace(&mut self.rows[part], Vec::with_capacity(BATCH));
        self.store.add(part, rows)
    }

    /// Hands over what is left.
    pub(super) fn finish(&mut self) -> Result<(), AuditError> {
        for part in 0..PARTS {
            let rows = std::mem::take(&mut self.rows[part]);
            if !rows.is_empty() {
                self.store.add(part, rows)?;
            }
        }
        let mut sums = self.store.sums.lock().unwrap_or_else(PoisonError::into_inner);
        sums.push(std::mem::take(&mut self.sums));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::join::bulk::NONE_TIME;

    #[test]
    fn rows_come_back_from_memory_and_from_disk_alike() {
        let folder = tempfile::tempdir().expect("a folder");
        let row = |number: u64| Row {
            id: [number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number],
            caught: number as i64,
            time: NONE_TIME,
            value: 1.0,
            visitor: 0,
            content: 0,
            fold: 0,
            spot: number,
            keys: 0,
            valid: 0,
            length: 0,
            pixel: 0,
            name: 0,
            currency: 0,
            flags: 0,
            scheme: 0,
        };
        for memory in [u64::MAX, 10_000] {
            let store = Store::new(memory, folder.path().to_owned());
            let mut batches = Batches::new(&store);
            for number in 0..100_000 {
                batches.add(row(number)).expect("added");
            }
            batches.finish().expect("added");
            assert_eq!(store.spilled(), memory != u64::MAX);
            let mut found: Vec<u64> = Vec::new();
            for part in 0..PARTS {
                let rows = store.take(part).expect("taken");
                found.extend(rows.iter().flatten().map(|row| row.spot));
                store.put_back(part, rows).expect("put back");
                assert_eq!(
                    store.take(part).expect("taken").concat().len(),
                    found.len() - (found.len() - store_len(&found, part))
                );
            }
            found.sort_unstable();
            assert!(found.into_iter().eq(0..100_000));
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 0, "no file is left");
    }

    fn store_len(found: &[u64], part: usize) -> usize {
        found
            .iter()
            .filter(|number| {
                Store::part_of([number.wrapping_mul(0x9e37_79b9_7f4a_7c15), 0]) == part
            })
            .count()
    }
}
