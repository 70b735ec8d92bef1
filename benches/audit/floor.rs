//! What the machine itself allows: how long two threads take to read the logs out of the
//! system's cache, to look at every byte of them once as a scanner of JSON must, and to write
//! as many bytes of rows as the events need.
//!
//!     floor ROW_BYTES EVENTS FILE…
//!
//! Each is the best of several rounds, in seconds. Nothing is parsed.

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const BLOCK: usize = 512 << 10;
const THREADS: usize = 2;
const ROUNDS: usize = 3;

/// Reads all files, block by block, and hands every block to `look`.
fn read(files: &[File], look: impl Fn(&[u8]) -> u64 + Sync) -> std::io::Result<u64> {
    let mut sum = 0;
    for file in files {
        let length = file.metadata()?.len();
        let next = AtomicU64::new(0);
        let parts = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| -> std::io::Result<u64> {
                        let mut block = vec![0; BLOCK];
                        let mut sum = 0;
                        loop {
                            let at = next.fetch_add(BLOCK as u64, Ordering::Relaxed);
                            if at >= length {
                                return Ok(sum);
                            }
                            let size = BLOCK.min((length - at) as usize);
                            file.read_exact_at(&mut block[..size], at)?;
                            sum += look(&block[..size]);
                        }
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
        });
        for part in parts {
            sum += part?;
        }
    }
    Ok(sum)
}

/// Bytes that a scanner of JSON stops at, and those that are not ASCII.
fn scan(block: &[u8]) -> u64 {
    block
        .chunks(128)
        .map(|chunk| {
            u64::from(chunk.iter().fold(0u8, |sum, byte| {
                sum + u8::from(matches!(byte, b'"' | b'\\' | 0..0x20 | 0x80..))
            }))
        })
        .sum()
}

/// Writes fresh memory of that size.
fn fill(bytes: usize) {
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                black_box(vec![1u8; bytes / THREADS]);
            });
        }
    });
}

fn best(mut work: impl FnMut() -> std::io::Result<()>) -> std::io::Result<f64> {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        work()?;
        best = best.min(begun.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<usize>().ok());
    let (Some(row), Some(events), true) = (number(0), number(1), words.len() > 2) else {
        return Err(std::io::Error::other("usage: floor ROW_BYTES EVENTS FILE…"));
    };
    let files = words[2..].iter().map(File::open).collect::<std::io::Result<Vec<File>>>()?;
    let look = |look: fn(&[u8]) -> u64| {
        best(|| {
            black_box(read(&files, look)?);
            Ok(())
        })
    };
    let reading = look(|block| block.len() as u64)?;
    let scanning = look(scan)?;
    let memory = best(|| {
        fill(row * events);
        Ok(())
    })?;
    println!("{reading:.3} {:.3} {memory:.3}", (scanning - reading).max(0.0));
    Ok(())
}
