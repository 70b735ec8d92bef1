//! What a started site prints: kept masked in a file, its last lines at hand.
//!
//! Sites print what they like for as long as they like, so lines, tail and file are
//! bounded.
//! Never what a line means, but for the one that says that the site is ready.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::Notify;

use crate::capture::redact_text;
use crate::event::mask_personal;

/// Lines of the end that an error quotes.
const TAIL: usize = 12;
/// Longest line that is kept, in bytes; longer ones are cut into several.
const LONGEST: usize = 8 * 1024;
/// Longest line that an error quotes, in characters.
const LONGEST_QUOTED: usize = 400;
/// Largest log, in bytes: a site that prints each query fills a disk otherwise.
const LARGEST: u64 = 32 * 1024 * 1024;

/// The output of a site, shared between those who read it and those who look at it.
#[derive(Clone)]
pub(super) struct Output {
    inner: Arc<Inner>,
}

struct Inner {
    kept: Mutex<Kept>,
    changed: Notify,
    /// The text of a line that says that the site is ready.
    wanted: Option<String>,
}

struct Kept {
    file: File,
    written: u64,
    tail: VecDeque<String>,
    ready: bool,
    /// Streams that have not ended.
    open: usize,
    trouble: Option<String>,
}

impl Output {
    /// Opens the log. A line that holds `wanted` makes the site ready.
    pub(super) fn create(path: &Path, wanted: Option<String>) -> io::Result<Output> {
        let kept = Kept {
            file: File::create(path)?,
            written: 0,
            tail: VecDeque::new(),
            ready: false,
            open: 0,
            trouble: None,
        };
        let inner = Inner { kept: Mutex::new(kept), changed: Notify::new(), wanted };
        Ok(Output { inner: Arc::new(inner) })
    }

    /// Reads a stream to its end, in the background.
    pub(super) fn follow(&self, stream: impl AsyncRead + Unpin + Send + 'static) {
        self.lock().open += 1;
        let output = self.clone();
        tokio::spawn(async move {
            output.read(stream).await;
            output.lock().open -= 1;
            output.inner.changed.notify_waiters();
        });
    }

    /// Waits until all streams have ended, no longer than the limit.
    pub(super) async fn end(&self, limit: Duration) {
        let ended = async {
            loop {
                let changed = self.inner.changed.notified();
                if self.lock().open == 0 {
                    return;
                }
                changed.await;
            }
        };
        // What comes later belongs to a child that was left behind.
        let _ = tokio::time::timeout(limit, ended).await;
    }

    async fn read(&self, mut stream: impl AsyncRead + Unpin) {
        let mut line = Vec::new();
        let mut chunk = vec![0; LONGEST];
        // A stream that breaks has nothing more to say, like one that ends.
        while let Ok(length @ 1..) = stream.read(&mut chunk).await {
            for byte in &chunk[..length] {
                if *byte == b'\n' || line.len() >= LONGEST {
                    self.keep(&std::mem::take(&mut line));
                }
                if *byte != b'\n' {
                    line.push(*byte);
                }
            }
        }
        if !line.is_empty() {
            self.keep(&line);
        }
    }

    fn keep(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end();
        let says = self.inner.wanted.as_deref().is_some_and(|wanted| text.contains(wanted));
        let masked = mask_personal(&redact_text(text));
        let mut kept = self.lock();
        kept.ready |= says;
        if !masked.trim().is_empty() {
            if kept.tail.len() == TAIL {
                kept.tail.pop_front();
            }
            kept.tail.push_back(masked.chars().take(LONGEST_QUOTED).collect());
        }
        kept.write(&masked);
        drop(kept);
        self.inner.changed.notify_waiters();
    }

    /// Waits until a line says that the site is ready.
    pub(super) async fn ready(&self) {
        loop {
            let changed = self.inner.changed.notified();
            if self.lock().ready {
                return;
            }
            changed.await;
        }
    }

    /// The last lines that say something.
    pub(super) fn tail(&self) -> Vec<String> {
        self.lock().tail.iter().cloned().collect()
    }

    /// Why the log is not whole, where it is not.
    pub(super) fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.inner.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn write(&mut self, line: &str) {
        if self.trouble.is_some() {
            return;
        }
        let length = line.len() as u64 + 1;
        if self.written + length > LARGEST {
            self.trouble = Some(format!("its log was ended after {} MiB", LARGEST / 1024 / 1024));
            return;
        }
        self.written += length;
        if let Err(cause) = writeln!(self.file, "{line}") {
            self.trouble = Some(format!("its log could not be written: {cause}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_kept_masked_and_the_awaited_one_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.log");
        let output = Output::create(&path, Some("Listening".to_owned())).expect("opens");
        let said = b"POST ?access_token=SECRET for ann.lee@example.com\n\nListening on 8000";
        output.read(&said[..]).await;
        output.ready().await;
        let text = std::fs::read_to_string(&path).expect("readable");
        assert!(!text.contains("SECRET") && !text.contains("ann.lee"), "{text}");
        assert!(text.ends_with("\nListening on 8000\n"), "{text}");
        assert_eq!(output.tail().len(), 2, "empty lines say nothing");
        assert_eq!(output.trouble(), None);
    }

    #[tokio::test]
    async fn a_line_without_end_is_cut_and_the_tail_stays_short() {
        let folder = tempfile::tempdir().expect("a folder");
        let output = Output::create(&folder.path().join("site.log"), None).expect("opens");
        output.read(vec![b'x'; LONGEST * 40].as_slice()).await;
        let tail = output.tail();
        assert_eq!(tail.len(), TAIL);
        assert!(tail.iter().all(|line| line.len() == LONGEST_QUOTED));
    }
}
