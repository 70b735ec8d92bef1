//! Installing browser and driver with the system's own package manager, or saying how.
//!
//! Only Debian's and Ubuntu's apt-get is run, and only with the user's consent and
//! where rights allow. Elsewhere the user gets one sentence that says what to type.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use super::super::browser::Engine;
use super::{Found, SetupError, find_of};

/// What installing would do here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// These commands, in order.
    Commands(Vec<Vec<String>>),
    /// Nothing that this program can do by itself: what the user has to do.
    Advice(String),
}

/// Kinds of systems that differ in how a browser gets there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Debian,
    Ubuntu,
    Fedora,
    Arch,
    Alpine,
    Mac,
    Other,
}

/// How this process may become root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rights {
    Root,
    Sudo,
    None,
}

/// What installing would do on this machine.
pub fn plan(engine: &Engine) -> Plan {
    plan_for(engine, system(), rights(), Path::new("/run/snapd.socket").exists())
}

/// Finds browser and driver, installing them first where they are missing.
///
/// With `yes` false nothing is installed: the error names the commands. Each line
/// that a command prints goes to `output`.
pub fn install(
    engine: &'static Engine,
    yes: bool,
    output: &mut dyn FnMut(&str),
) -> Result<Found, SetupError> {
    let missing = match find_of(engine) {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    let commands = match plan(engine) {
        Plan::Advice(_) => return Err(missing),
        Plan::Commands(commands) => commands,
    };
    if !yes {
        let commands = commands.iter().map(|command| command.join(" ")).collect();
        return Err(SetupError::Consent { commands });
    }
    for command in &commands {
        output(&format!("$ {}", command.join(" ")));
        run(engine, command, output)?;
    }
    find_of(engine)
}

/// One sentence that says how a browser and its driver get onto this machine.
pub(super) fn advice(engine: &Engine) -> String {
    advice_for(engine, system(), Path::new("/run/snapd.socket").exists())
}

fn plan_for(engine: &Engine, system: System, rights: Rights, snap: bool) -> Plan {
    let packages = &engine.packages;
    let commands = match system {
        System::Debian => packages.debian,
        System::Ubuntu if snap || !packages.ubuntu_needs_snap => packages.ubuntu,
        _ => &[],
    };
    let prefix: &[&str] = match rights {
        Rights::Root => &[],
        Rights::Sudo => &["sudo", "-n"],
        Rights::None => return Plan::Advice(advice_for(engine, system, snap)),
    };
    if commands.is_empty() {
        return Plan::Advice(advice_for(engine, system, snap));
    }
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Plan::Commands(commands.iter().map(|command| [own(prefix), own(command)].concat()).collect())
}

fn advice_for(engine: &Engine, system: System, snap: bool) -> String {
    let at = match system {
        System::Debian => 0,
        System::Ubuntu if snap => 1,
        System::Ubuntu => 2,
        System::Fedora => 3,
        System::Arch => 4,
        System::Alpine => 5,
        System::Mac => 6,
        System::Other => 7,
    };
    engine.packages.advice[at].to_owned()
}

fn system() -> System {
    if cfg!(target_os = "macos") {
        return System::Mac;
    }
    // A machine without that file is of no kind known here.
    system_of(&fs::read_to_string("/etc/os-release").unwrap_or_default())
}

/// Reads `ID`, then the words of `ID_LIKE`, as os-release(5) says.
fn system_of(release: &str) -> System {
    let value = |key: &str| {
        release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .map(|value| value.trim_matches(['"', '\'']).to_ascii_lowercase())
            .unwrap_or_default()
    };
    let words = format!("{} {}", value("ID"), value("ID_LIKE"));
    words
        .split_whitespace()
        .find_map(|word| match word {
            "debian" => Some(System::Debian),
            "ubuntu" => Some(System::Ubuntu),
            "fedora" | "rhel" | "centos" => Some(System::Fedora),
            "arch" => Some(System::Arch),
            "alpine" => Some(System::Alpine),
            _ => None,
        })
        .unwrap_or(System::Other)
}

fn rights() -> Rights {
    if super::super::browser::is_root() {
        return Rights::Root;
    }
    let quiet = Command::new("sudo")
        .args(["-n", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if quiet.is_ok_and(|status| status.success()) { Rights::Sudo } else { Rights::None }
}

/// Runs a command and hands on what it prints, both streams in order.
fn run(
    engine: &Engine,
    command: &[String],
    output: &mut dyn FnMut(&str),
) -> Result<(), SetupError> {
    let failed = |what: String| SetupError::Install {
        command: command.join(" "),
        what,
        advice: format!("mend that, or {}", advice(engine)),
    };
    let mut child = Command::new("sh")
        .args(["-c", "exec \"$@\" 2>&1", "sh"])
        .args(command)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|cause| failed(cause.to_string()))?;
    let mut last = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(|cause| failed(cause.to_string()))?;
            output(&line);
            if !line.trim().is_empty() {
                last = line;
            }
        }
    }
    let status = child.wait().map_err(|cause| failed(cause.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(format!("{status}: {}", last.trim()))) }
}

#[cfg(test)]
mod tests {
    use super::super::super::browser::ENGINES;
    use super::*;

    #[test]
    fn systems_are_told_from_their_release_file() {
        assert_eq!(system_of("PRETTY_NAME=\"Debian\"\nID=debian\n"), System::Debian);
        assert_eq!(system_of("ID=ubuntu\nID_LIKE=debian\n"), System::Ubuntu);
        assert_eq!(system_of("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), System::Ubuntu);
        assert_eq!(system_of("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"), System::Fedora);
        assert_eq!(system_of(""), System::Other);
    }

    #[test]
    fn apt_is_used_only_where_rights_allow() {
        let Plan::Commands(commands) = plan_for(ENGINES[0], System::Debian, Rights::Sudo, false)
        else {
            panic!("commands expected");
        };
        assert_eq!(commands[0], ["sudo", "-n", "apt-get", "update"]);
        assert!(commands[1].contains(&"chromium-driver".to_owned()));
        assert!(matches!(
            plan_for(ENGINES[0], System::Debian, Rights::None, false),
            Plan::Advice(_)
        ));
        assert!(matches!(
            plan_for(ENGINES[0], System::Fedora, Rights::Root, false),
            Plan::Advice(_)
        ));
    }

    #[test]
    fn ubuntu_without_a_snap_daemon_gets_advice_instead_of_a_package_that_cannot_work() {
        let Plan::Advice(text) = plan_for(ENGINES[0], System::Ubuntu, Rights::Root, false) else {
            panic!("advice expected");
        };
        assert!(text.contains("snap daemon"), "{text}");
        assert!(matches!(
            plan_for(ENGINES[0], System::Ubuntu, Rights::Root, true),
            Plan::Commands(_)
        ));
    }

    #[test]
    fn a_failing_command_is_quoted_with_its_last_line() {
        let mut lines = Vec::new();
        let command: Vec<String> =
            ["sh", "-c", "echo one; echo 'E: no such package' >&2; exit 100"]
                .map(str::to_owned)
                .into();
        let error =
            run(ENGINES[0], &command, &mut |line| lines.push(line.to_owned())).expect_err("fails");
        assert_eq!(lines, ["one", "E: no such package"]);
        assert!(error.to_string().contains("E: no such package"), "{error}");
    }
}
