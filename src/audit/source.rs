//! Opens log files, plain or packed, and hands their lines out in blocks to several threads.
//!
//! A plain file is read by all threads at once, each at a place of its own; a packed file
//! or standard input is unpacked by whoever needs the next block.
//! Never what a line says.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::event::Channel;

use super::form::Form;
use super::{AuditError, Spot};

/// Bytes that a thread takes at a time: they stay in the cache of a core while they are read.
const BLOCK: u64 = 512 << 10;
/// Bytes read at a time to find the end of a block's last line.
const TAIL: usize = 8 << 10;
/// Longest line that is read: a body of a thousand events has a megabyte or two.
const LONGEST_LINE: usize = 64 << 20;
/// Bytes looked at to tell the form.
const HEAD: usize = 64 << 10;

/// One file of logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its path; `-` for standard input.
    pub path: PathBuf,
    /// The side whose events it holds; `None` where the file itself says.
    pub channel: Option<Channel>,
    /// Its form, where it is not to be told from the file.
    pub form: Option<Form>,
}

/// What was read of an input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InputReport {
    /// As the user would write the path.
    pub path: String,
    /// Side, where the whole file is of one.
    pub channel: Option<Channel>,
    /// Its form.
    pub form: &'static str,
    /// How it was packed; empty where it was not.
    pub packed: &'static str,
    /// Lines, or rows of a table.
    pub lines: u64,
    /// Events in them.
    pub events: u64,
    /// Names of the configuration that no line of JSON has; empty for other forms.
    pub unseen: Vec<String>,
    /// Lines that hold no event and need not: other requests of an access log.
    pub foreign: u64,
    /// Lines that should be events and cannot be read.
    pub bad: u64,
    /// The first of these.
    pub samples: Vec<BadLine>,
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Line, or row, from 1.
    pub line: u64,
    /// What is wrong, without personal data.
    pub cause: String,
}

enum Door {
    File { file: File, length: u64 },
    Stream(Mutex<Stream>),
}

struct Stream {
    reader: Box<dyn Read + Send>,
    carry: Vec<u8>,
    block: u64,
    ended: bool,
}

/// Whole lines in a buffer that is used again and again.
#[derive(Debug, Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    from: usize,
    to: usize,
}

impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.from..self.to]
    }
}

impl Block {
    /// Reads so many bytes behind those that are filled.
    fn fill(
        &mut self,
        file: &File,
        at: &mut u64,
        filled: &mut usize,
        more: usize,
    ) -> io::Result<()> {
        let end = *filled + more;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        file.read_exact_at(&mut self.bytes[*filled..end], *at)?;
        *at += more as u64;
        *filled = end;
        Ok(())
    }
}

/// An opened file of lines.
pub(super) struct Source {
    path: PathBuf,
    /// How it was packed.
    pub(super) packed: &'static str,
    door: Door,
    next: AtomicU64,
    lines: Mutex<Vec<u64>>,
}

/// Opens a file and looks at its beginning.
pub(super) fn open(input: &Input) -> Result<(Source, Vec<u8>), AuditError> {
    let path = &input.path;
    let failed = |source| AuditError::Unreadable { path: path.clone(), source };
    let source = |packed, door| Source {
        path: path.clone(),
        packed,
        door,
        next: AtomicU64::new(0),
        lines: Mutex::default(),
    };
    let mut head = Vec::new();
    let mut reader: Box<dyn Read + Send> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        let file = File::open(path).map_err(failed)?;
        let facts = file.metadata().map_err(failed)?;
        if facts.is_dir() {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if facts.is_file() {
            let mut magic = [0; 4];
            let count = file.read_at(&mut magic, 0).map_err(failed)?;
            if packing(&magic[..count]).is_empty() {
                let length = facts.len();
                let mut front = vec![0; HEAD.min(length as usize)];
                file.read_exact_at(&mut front, 0).map_err(failed)?;
                return Ok((source("", Door::File { file, length }), front));
            }
        }
        Box::new(file)
    };
    let mut magic = Vec::new();
    reader.by_ref().take(4).read_to_end(&mut magic).map_err(failed)?;
    let packed = packing(&magic);
    let whole = io::Cursor::new(magic).chain(reader);
    let mut reader: Box<dyn Read + Send> = match packed {
        "gzip" => Box::new(flate2::read::MultiGzDecoder::new(whole)),
        "zstd" => Box::new(zstd::stream::read::Decoder::new(whole).map_err(failed)?),
        _ => Box::new(whole),
    };
    reader.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(failed)?;
    let stream = Stream { reader, carry: head.clone(), block: 0, ended: false };
    Ok((source(packed, Door::Stream(Mutex::new(stream))), head))
}

/// How a file is packed, by its first bytes (RFC 1952, RFC 8878).
fn packing(magic: &[u8]) -> &'static str {
    match magic {
        [0x1f, 0x8b, ..] => "gzip",
        [0x28, 0xb5, 0x2f, 0xfd] => "zstd",
        _ => "",
    }
}

impl Source {
    fn failed(&self, source: io::Error) -> AuditError {
        AuditError::Unreadable { path: self.path.clone(), source }
    }

    fn too_long(&self) -> AuditError {
        AuditError::Broken {
            place: self.path.display().to_string(),
            cause: format!("a line of more than {} MB", LONGEST_LINE >> 20),
            hint: "; is it a file of lines?".to_owned(),
        }
    }

    /// The next block of whole lines, and its number; `None` at the end.
    pub(super) fn next(&self, block: &mut Block) -> Result<Option<u64>, AuditError> {
        (block.from, block.to) = (0, 0);
        match &self.door {
            Door::File { file, length } => {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                let start = number * BLOCK;
                if start >= *length {
                    return Ok(None);
                }
                self.read_block(file, *length, start, block)?;
                Ok(Some(number))
            }
            Door::Stream(stream) => {
                let mut stream = stream.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if stream.ended && stream.carry.is_empty() {
                    return Ok(None);
                }
                let buffer = &mut block.bytes;
                buffer.clear();
                buffer.append(&mut stream.carry);
                loop {
                    let wanted = (BLOCK as usize).saturating_sub(buffer.len()).max(HEAD) as u64;
                    let read = stream
                        .reader
                        .by_ref()
                        .take(wanted)
                        .read_to_end(buffer)
                        .map_err(|error| self.failed(error))?;
                    stream.ended |= (read as u64) < wanted;
                    if stream.ended {
                        break;
                    }
                    if let Some(end) = memchr::memrchr(b'\n', buffer) {
                        stream.carry = buffer.split_off(end + 1);
                        break;
                    }
                    if buffer.len() > LONGEST_LINE {
                        return Err(self.too_long());
                    }
                }
                block.to = block.bytes.len();
                stream.block += 1;
                Ok(Some(stream.block - 1))
            }
        }
    }

    /// The lines that begin in `start..start + BLOCK`.
    fn read_block(
        &self,
        file: &File,
        length: u64,
        start: u64,
        block: &mut Block,
    ) -> Result<(), AuditError> {
        let failed = |error| self.failed(error);
        // One byte before tells whether a line begins right here.
        let from = start.saturating_sub(1);
        let end = (start + BLOCK).min(length);
        let mut filled = 0;
        let mut at = from;
        block.fill(file, &mut at, &mut filled, (end - from) as usize).map_err(failed)?;
        if start > 0 {
            match memchr::memchr(b'\n', &block.bytes[..filled]) {
                Some(found) if found + 1 < filled => block.from = found + 1,
                _ => return Ok(()),
            }
        }
        while at < length && block.bytes[filled - 1] != b'\n' {
            let old = filled;
            let more = TAIL.min((length - at) as usize);
            block.fill(file, &mut at, &mut filled, more).map_err(failed)?;
            if let Some(found) = memchr::memchr(b'\n', &block.bytes[old..filled]) {
                filled = old + found + 1;
                break;
            }
            if filled > LONGEST_LINE + BLOCK as usize {
                return Err(self.too_long());
            }
        }
        block.to = filled;
        Ok(())
    }

    /// Everything at once, for files that are one document.
    pub(super) fn whole(&self, most: usize) -> Result<Vec<u8>, AuditError> {
        let mut all = Vec::new();
        let mut part = Block::default();
        while self.next(&mut part)?.is_some() {
            all.extend_from_slice(&part);
            if all.len() > most {
                return Err(AuditError::table(
                    &self.path,
                    format!(
                        "larger than {} MB, which is more than a document is read of",
                        most >> 20
                    ),
                ));
            }
        }
        Ok(all)
    }

    /// Notes how many lines a block has.
    pub(super) fn counted(&self, block: u64, lines: u64) {
        let mut counts = self.lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let block = block as usize;
        if counts.len() <= block {
            counts.resize(block + 1, 0);
        }
        counts[block] = lines;
    }

    /// Lines of every block before each block.
    pub(super) fn offsets(&self) -> Vec<u64> {
        let counts = self.lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut sum = 0;
        counts
            .iter()
            .map(|count| {
                sum += count;
                sum - count
            })
            .collect()
    }
}

/// The line, from 1, of a place in an input whose blocks begin at these lines.
pub(super) fn line_of(spot: Spot, offsets: &[u64]) -> u64 {
    offsets.get(spot.block()).copied().unwrap_or(0) + spot.line() + 1
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn lines_of(bytes: &[u8], name: &str) -> Vec<(u64, String)> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let input = Input { path, channel: None, form: None };
        let (source, _) = open(&input).expect("opened");
        let (mut buffer, mut found) = (Block::default(), Vec::new());
        while let Some(block) = source.next(&mut buffer).expect("read") {
            let text = String::from_utf8(buffer.to_vec()).expect("text");
            source.counted(block, text.lines().count() as u64);
            found.extend(
                text.lines().enumerate().map(|(at, line)| (block, at as u64, line.to_owned())),
            );
        }
        let offsets = source.offsets();
        found
            .into_iter()
            .map(|(block, at, line)| (line_of(Spot::new(0, block, at), &offsets), line))
            .collect()
    }

    #[test]
    fn every_line_comes_once_with_its_number_however_blocks_fall() {
        let mut text = String::new();
        for number in 0..180_000 {
            text.push_str(&format!("{number} {}\n", "x".repeat(number % 173)));
        }
        text.push_str("last without end");
        assert!(text.len() as u64 > 2 * BLOCK);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).expect("packed");
        let gzip = packed.finish().expect("packed");
        let zstd = zstd::encode_all(text.as_bytes(), 1).expect("packed");
        for (bytes, name) in [(text.as_bytes(), "a"), (&gzip, "a.gz"), (&zstd, "a.zst")] {
            let found = lines_of(bytes, name);
            assert_eq!(found.len(), 180_001, "{name}");
            assert!(found.iter().enumerate().all(|(at, (number, line))| {
                *number == at as u64 + 1 && (at == 180_000 || line.starts_with(&format!("{at} ")))
            }));
        }
    }

    #[test]
    fn a_line_longer_than_a_block_is_whole() {
        let long = "y".repeat(BLOCK as usize * 2 + 5);
        let found = lines_of(format!("a\n{long}\nb\n").as_bytes(), "long");
        assert_eq!(
            found.iter().map(|(_, line)| line.len()).collect::<Vec<_>>(),
            [1, long.len(), 1]
        );
        assert_eq!(found[2].1, "b");
    }
}
