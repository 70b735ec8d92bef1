//! Finding a Chromium and a `ChromeDriver` that belong together, and installing them.
//!
//! Looks at the environment first, then along the search path, then where systems
//! put them. Driver and browser must be of one major version, so every pair found
//! is tried before anything is called missing.
//! Never starts a browser for playing.

mod install;

pub use install::{Plan, install, plan};

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Environment variable that names the browser to use.
pub const BROWSER_VARIABLE: &str = "COUNTONCE_CHROMIUM";
/// Environment variable that names the driver to use.
pub const DRIVER_VARIABLE: &str = "COUNTONCE_CHROMEDRIVER";

/// Names of browsers along the search path, the most usual first.
const BROWSERS: &[&str] =
    &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Places outside the search path where systems put browsers.
const BROWSER_PLACES: &[&str] = &[
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Names of drivers along the search path.
const DRIVERS: &[&str] = &["chromedriver", "chromium.chromedriver", "chromium-chromedriver"];

/// Places outside the search path where systems put drivers.
const DRIVER_PLACES: &[&str] = &[
    "/usr/lib/chromium/chromedriver",
    "/usr/lib/chromium-browser/chromedriver",
    "/usr/lib64/chromium/chromedriver",
    "/usr/lib64/chromium-browser/chromedriver",
    "/snap/bin/chromium.chromedriver",
    "/opt/homebrew/bin/chromedriver",
    "/usr/local/bin/chromedriver",
];

/// Environment variable with a folder of the driver on machines of hosted CI.
///
/// Source: the runner images' documentation of preinstalled browsers.
const DRIVER_FOLDER_VARIABLE: &str = "CHROMEWEBDRIVER";

/// A program and the version it reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// Full version (`156.0.8078.79`).
    pub version: String,
    /// First number of the version.
    pub major: u32,
}

/// A browser and the driver that fits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Chromium, or a browser built from it.
    pub browser: Program,
    /// `ChromeDriver` of the same major version.
    pub driver: Program,
}

/// Why there is no browser to play with, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// No browser was found.
    #[error("no Chromium or Chrome was found; {advice}")]
    NoBrowser {
        /// What to do on this system.
        advice: String,
    },
    /// A browser is there, its driver is not.
    #[error("{} {} has no ChromeDriver beside it; {advice}", browser.path.display(), browser.version)]
    NoDriver {
        /// The browser.
        browser: Program,
        /// What to do on this system.
        advice: String,
    },
    /// No driver fits a browser.
    #[error(
        "{} is version {} but {} is version {}; their first numbers must be the same: {advice}",
        browser.path.display(), browser.version, driver.path.display(), driver.version
    )]
    Mismatch {
        /// The first browser found.
        browser: Box<Program>,
        /// The first driver found.
        driver: Box<Program>,
        /// What to do on this system.
        advice: String,
    },
    /// A program is there but does not tell its version.
    #[error("{} does not run: {what}; {advice}", path.display())]
    Unusable {
        /// The program.
        path: PathBuf,
        /// What it said.
        what: String,
        /// What to do.
        advice: String,
    },
    /// Installing needs the user's consent.
    #[error("nothing was installed: add --yes to run `{}`", commands.join("` and `"))]
    Consent {
        /// What would be run.
        commands: Vec<String>,
    },
    /// An installing command failed.
    #[error("`{command}` failed ({what}); {advice}")]
    Install {
        /// The command.
        command: String,
        /// How it ended.
        what: String,
        /// What to do.
        advice: String,
    },
}

/// Finds a browser and its driver.
///
/// Runs each candidate with `--version`, which takes some ten milliseconds.
pub fn find() -> Result<Found, SetupError> {
    let search = Search::of_this_machine();
    choose(
        &search.programs(BROWSER_VARIABLE, BROWSERS, BROWSER_PLACES)?,
        &search.programs(DRIVER_VARIABLE, DRIVERS, DRIVER_PLACES)?,
        &install::advice(),
    )
}

/// The first pair of one major version, in the order of the lists.
fn choose(browsers: &[Program], drivers: &[Program], advice: &str) -> Result<Found, SetupError> {
    let advice = advice.to_owned();
    for browser in browsers {
        if let Some(driver) = drivers.iter().find(|driver| driver.major == browser.major) {
            return Ok(Found { browser: browser.clone(), driver: driver.clone() });
        }
    }
    match (browsers.first().cloned(), drivers.first().cloned()) {
        (None, _) => Err(SetupError::NoBrowser { advice }),
        (Some(browser), None) => Err(SetupError::NoDriver { browser, advice }),
        (Some(browser), Some(driver)) => {
            let (browser, driver) = (Box::new(browser), Box::new(driver));
            Err(SetupError::Mismatch { browser, driver, advice })
        }
    }
}

/// Where programs are looked for.
struct Search {
    path: Vec<PathBuf>,
    driver_folder: Option<PathBuf>,
    variable: fn(&str) -> Option<PathBuf>,
}

impl Search {
    fn of_this_machine() -> Search {
        Search {
            path: env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect(),
            driver_folder: env::var_os(DRIVER_FOLDER_VARIABLE).map(PathBuf::from),
            variable: |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from),
        }
    }

    /// Every program that runs, in order; one that the user named stands alone.
    fn programs(
        &self,
        variable: &str,
        names: &[&str],
        places: &[&str],
    ) -> Result<Vec<Program>, SetupError> {
        if let Some(path) = (self.variable)(variable) {
            let advice = format!("mend or unset {variable}");
            return match version_of(&path) {
                Ok(program) => Ok(vec![program]),
                Err(what) => Err(SetupError::Unusable { path, what, advice }),
            };
        }
        let mut unusable = None;
        let mut programs = Vec::new();
        for path in self.candidates(names, places) {
            match version_of(&path) {
                Ok(program) => programs.push(program),
                Err(what) => unusable = unusable.or(Some((path, what))),
            }
        }
        match unusable {
            Some((path, what)) if programs.is_empty() => {
                Err(SetupError::Unusable { path, what, advice: install::advice() })
            }
            _ => Ok(programs),
        }
    }

    fn candidates(&self, names: &[&str], places: &[&str]) -> Vec<PathBuf> {
        let in_path = names.iter().flat_map(|name| self.path.iter().map(move |dir| dir.join(name)));
        let in_folder = self.driver_folder.iter().flat_map(|dir| {
            names.iter().filter(|name| DRIVERS.contains(name)).map(move |name| dir.join(name))
        });
        let mut found: Vec<PathBuf> = Vec::new();
        for path in in_path.chain(in_folder).chain(places.iter().map(PathBuf::from)) {
            if path.is_file() && !found.contains(&path) {
                found.push(path);
            }
        }
        found
    }
}

/// Asks a program for its version; the error is what it said instead.
fn version_of(path: &Path) -> Result<Program, String> {
    let output = Command::new(path)
        .arg(OsStr::new("--version"))
        .output()
        .map_err(|cause| cause.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    match parse_version(&said) {
        Some((version, major)) if output.status.success() => {
            Ok(Program { path: path.to_owned(), version, major })
        }
        _ => Err(complaint(&said, &String::from_utf8_lossy(&output.stderr))
            .unwrap_or_else(|| output.status.to_string())),
    }
}

/// The first line that says something, errors first.
fn complaint(stdout: &str, stderr: &str) -> Option<String> {
    let mut lines = stderr.lines().chain(stdout.lines()).map(str::trim);
    lines.find(|line| !line.is_empty()).map(str::to_owned)
}

/// The first word that is a dotted version, and its first number.
fn parse_version(said: &str) -> Option<(String, u32)> {
    said.split_whitespace().find_map(|word| {
        let (first, rest) = word.split_once('.')?;
        let major = first.parse().ok()?;
        rest.starts_with(|c: char| c.is_ascii_digit()).then(|| (word.to_owned(), major))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(name: &str, major: u32) -> Program {
        Program { path: PathBuf::from(name), version: format!("{major}.0.1"), major }
    }

    #[test]
    fn versions_are_read_from_what_browsers_and_drivers_print() {
        let browser = "Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)";
        assert_eq!(parse_version(browser), Some(("156.0.8078.79".to_owned(), 156)));
        let driver = "ChromeDriver 155.0.1.2 (a21ce95c-refs/branch-heads/8078@{#1704})";
        assert_eq!(parse_version(driver), Some(("155.0.1.2".to_owned(), 155)));
        assert_eq!(
            parse_version("Google Chrome for Testing 140.0.7339.80 "),
            Some(("140.0.7339.80".to_owned(), 140))
        );
        assert_eq!(parse_version("requires the chromium snap to be installed"), None);
    }

    #[test]
    fn the_first_pair_of_one_major_version_is_chosen() {
        let browsers = [program("chromium", 155), program("chrome", 156)];
        let found = choose(&browsers, &[program("chromedriver", 156)], "").expect("a pair");
        assert_eq!(found.browser.path, PathBuf::from("chrome"));
    }

    #[test]
    fn what_is_missing_is_named_with_what_to_do() {
        let advice = "run the thing";
        let none = choose(&[], &[], advice).expect_err("nothing there").to_string();
        assert!(none.contains("no Chromium") && none.ends_with(advice), "{none}");
        let alone = choose(&[program("/b", 1)], &[], advice).expect_err("no driver").to_string();
        assert!(alone.contains("/b 1.0.1 has no ChromeDriver"), "{alone}");
        let unlike = choose(&[program("/b", 1)], &[program("/d", 2)], advice)
            .expect_err("unlike versions")
            .to_string();
        assert!(unlike.contains("/b is version 1.0.1 but /d is version 2.0.1"), "{unlike}");
    }

    #[test]
    fn a_program_named_by_the_user_that_does_not_run_is_an_error() {
        let search = Search {
            path: Vec::new(),
            driver_folder: None,
            variable: |_| Some(PathBuf::from("/nonexistent/browser")),
        };
        let error = search.programs(BROWSER_VARIABLE, BROWSERS, &[]).expect_err("not there");
        assert!(matches!(error, SetupError::Unusable { .. }), "{error}");
    }

    #[test]
    fn a_program_that_prints_no_version_is_quoted() {
        let stderr = "\n  requires the chromium snap to be installed\nrun snap\n";
        let said = complaint("usage\n", stderr);
        assert_eq!(said.as_deref(), Some("requires the chromium snap to be installed"));
        assert_eq!(complaint("\n", " "), None);
    }
}
