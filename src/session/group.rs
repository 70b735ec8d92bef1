//! A process group that ends when it is told to, and with this program whatever happens.
//!
//! The group's leader is no member of the terminal's group, so that Ctrl-C reaches only
//! this program, which then ends things in order. A small watchdog outside of the group
//! ends it when this program is killed and cannot do it itself. Members that left the group
//! are known by a mark in their environment.
//! Never knows what runs in it.

mod strays;

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use strays::MARK;

/// Waits for the end of its input, which comes with the group's drop or with the end of
/// this program; sends the group `$1` and whoever carries the mark `$3` the signal `$4`,
/// ends them after a moment, and removes the folder `$2`. A process counts as there until
/// its parent has asked for its end, hence the limits.
const WATCHDOG: &str = r#"
strays() { grep -lszxF -e "$mark" /proc/[0-9]*/environ 2>/dev/null | sed 's|/proc/||; s|/environ||'; }
send() { kill -s "$1" -- -"$group"; for stray in $(strays); do kill -s "$1" "$stray"; done; } 2>/dev/null
left() { kill -s 0 -- -"$group" 2>/dev/null || [ -n "$(strays)" ]; }
await() { turns=0; while left && [ $turns -lt 40 ]; do turns=$((turns + 1)); sleep 0.05; done; }
group=$1 mark=$3
read -r _
send "$4"; await
send KILL; await
rm -rf -- "$2"
"#;

/// How often is looked whether the last process of a group is gone.
const LOOK: Duration = Duration::from_millis(20);

/// How a group is taken leave of when it is dropped, or this program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Farewell {
    /// It is asked to end, and ended after a moment.
    Asked,
    /// It is ended at once: nothing that it still does is of use.
    Killed,
}

/// A running command with everything that it starts. Dropping it ends them all.
pub(super) struct Group {
    leader: Child,
    group: Pid,
    /// What all members carry in their environment.
    mark: String,
    farewell: Farewell,
    /// Its input stands open as long as the group is wanted.
    watchdog: Child,
}

impl Group {
    /// Starts a command as the leader of a group, or in that of `host`, the number of a
    /// process which then ends with it. The folder is removed with the group.
    pub(super) fn start(
        mut command: Command,
        folder: tempfile::TempDir,
        farewell: Farewell,
        host: Option<u32>,
    ) -> io::Result<Group> {
        let number = |id: Option<u32>| id.and_then(|id| i32::try_from(id).ok());
        let host = number(host);
        let mark = folder.path().to_string_lossy().into_owned();
        command.env(MARK, &mark).process_group(host.unwrap_or(0)).kill_on_drop(true);
        let leader = command.spawn()?;
        let group = host
            .or(number(leader.id()))
            .map(Pid::from_raw)
            .ok_or_else(|| io::Error::other("it ended before it could be watched"))?;
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "sh", &group.to_string()])
            .arg(folder.path())
            .arg(format!("{MARK}={mark}"))
            .arg(match farewell {
                Farewell::Asked => "TERM",
                Farewell::Killed => "KILL",
            })
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // From here on the watchdog removes it.
        let _ = folder.keep();
        Ok(Group { leader, group, mark, farewell, watchdog })
    }

    /// The command's own process, for its output.
    pub(super) fn leader(&mut self) -> &mut Child {
        &mut self.leader
    }

    /// The folder that is removed with the group.
    pub(super) fn folder(&self) -> &Path {
        Path::new(&self.mark)
    }

    /// How the command's own process ended, where it has.
    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.leader.try_wait()
    }

    /// Asks every process of the group to end, and ends those that are there still after
    /// the patience; comes back when all are gone and the folder is removed.
    pub(super) async fn stop(mut self, patience: Duration) -> io::Result<Ending> {
        let deadline = Instant::now() + patience;
        self.signal(Signal::SIGTERM);
        let asked = self.gone(deadline).await?;
        if !asked {
            self.signal(Signal::SIGKILL);
            self.gone(Instant::now() + patience).await?;
        }
        drop(self.watchdog.stdin.take());
        self.watchdog.wait().await?;
        Ok(if asked { Ending::InOrder } else { Ending::Killed })
    }

    fn signal(&self, signal: Signal) {
        // Found before any of them ends, since a parent may clear up after its children.
        let strays = strays::marked(&self.mark);
        // An error means that nobody is left in the group.
        let _ = killpg(self.group, signal);
        strays::signal(&strays, signal);
    }

    async fn gone(&mut self, deadline: Instant) -> io::Result<bool> {
        loop {
            // A leader that is not asked for its end stays a member of its group.
            self.leader.try_wait()?;
            // An error means that nobody is left in the group.
            if killpg(self.group, None).is_err() && strays::marked(&self.mark).is_empty() {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.farewell == Farewell::Killed {
            self.signal(Signal::SIGKILL);
        }
        // The watchdog sees the end of its input, and does the rest.
        drop(self.watchdog.stdin.take());
    }
}

/// How a group came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All its processes ended when they were asked to.
    InOrder,
    /// Some had to be killed.
    Killed,
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn shell(script: &str) -> (Group, PathBuf) {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::piped());
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_owned();
        let group = Group::start(command, folder, Farewell::Asked, None);
        (group.expect("starts"), path)
    }

    /// The first line of the leader's output: by then its traps are set.
    async fn line(group: &mut Group) -> String {
        use tokio::io::AsyncBufReadExt as _;
        let output = group.leader().stdout.take().expect("piped");
        let mut lines = tokio::io::BufReader::new(output).lines();
        lines.next_line().await.expect("reads").expect("a line")
    }

    fn lives(process: &str) -> bool {
        let id: i32 = process.trim().parse().expect("a number");
        // Who has ended stays in the table until the first process takes notice of it.
        let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let has_ended = state.rsplit(')').next().is_some_and(|rest| rest.trim().starts_with('Z'));
        !has_ended && nix::sys::signal::kill(Pid::from_raw(id), None).is_ok()
    }

    #[tokio::test]
    async fn children_end_with_the_group_and_so_does_its_folder() {
        let (mut group, folder) = shell("sleep 100 & echo $!; wait");
        let child = line(&mut group).await;
        assert!(lives(&child) && folder.is_dir());
        let ending = group.stop(Duration::from_secs(10)).await.expect("stops");
        assert_eq!(ending, Ending::InOrder);
        assert!(!folder.exists());
    }

    /// Something that forked twice and left group and session, as a daemon does, and is no
    /// child of anybody's here; the first line is its number.
    const DAEMON: &str = "(setsid sh -c 'echo $$; exec sleep 300' &); sleep 300";

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn a_daemon_that_left_the_group_ends_with_it() {
        let (mut group, folder) = shell(DAEMON);
        let daemon = line(&mut group).await;
        let own = nix::unistd::getpgid(Some(Pid::from_raw(daemon.parse().expect("a number"))));
        assert_ne!(own.expect("it runs"), group.group, "it left");
        let ending = group.stop(Duration::from_secs(10)).await.expect("stops");
        assert_eq!(ending, Ending::InOrder);
        assert!(!lives(&daemon) && !folder.exists());
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn the_watchdog_ends_daemons_too() {
        let (mut group, folder) = shell(DAEMON);
        let daemon = line(&mut group).await;
        drop(group);
        let deadline = Instant::now() + Duration::from_secs(20);
        while folder.exists() || lives(&daemon) {
            assert!(Instant::now() < deadline, "it lives on");
            tokio::time::sleep(LOOK).await;
        }
    }

    #[tokio::test]
    async fn who_does_not_listen_is_killed() {
        let (mut group, _) = shell("trap '' TERM; echo ready; while :; do sleep 0.1; done");
        line(&mut group).await;
        let ending = group.stop(Duration::from_millis(300)).await.expect("stops");
        assert_eq!(ending, Ending::Killed);
    }

    #[tokio::test]
    async fn a_dropped_group_is_ended_by_its_watchdog() {
        let (mut group, folder) = shell("trap '' TERM; echo ready; while :; do sleep 0.1; done");
        line(&mut group).await;
        let id = group.group;
        drop(group);
        let deadline = Instant::now() + Duration::from_secs(20);
        while folder.exists() || killpg(id, None).is_ok() {
            assert!(Instant::now() < deadline, "it lives on");
            tokio::time::sleep(LOOK).await;
        }
    }
}
