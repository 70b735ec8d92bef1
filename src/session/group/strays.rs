//! Processes that left their group and the terminal, as daemons do: they still carry the
//! mark that the first of them was started with.
//!
//! Linux shows the environment that a process was started with; elsewhere, and of a process
//! that wiped its environment, nothing is found. Never what a process does.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Environment variable that marks all processes of a group.
pub(super) const MARK: &str = "COUNTONCE_GROUP";

/// The processes that carry the mark and are not at their end.
pub(super) fn marked(mark: &str) -> Vec<Pid> {
    let entry = format!("{MARK}={mark}");
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let carries = |number: &i32| {
        // Other users' processes cannot be read, and one that has ended has nothing there.
        let environment = fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|one| one == entry.as_bytes())
    };
    processes
        .filter_map(|process| process.ok()?.file_name().to_str()?.parse().ok())
        .filter(carries)
        .map(Pid::from_raw)
        .collect()
}

/// Sends each of them a signal.
pub(super) fn signal(processes: &[Pid], signal: Signal) {
    for process in processes {
        // An error means that it has ended meanwhile.
        let _ = kill(*process, signal);
    }
}
