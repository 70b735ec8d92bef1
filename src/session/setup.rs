//! Finding a browser and a driver that belong together, and installing them.
//!
//! Looks at the environment first, then along the search path, then where systems
//! put them. Where driver and browser must be of one major version, every pair found
//! is tried before anything is called missing.
//! Never starts a browser for playing.

mod install;
mod lists;

pub use install::{Plan, install, plan};
pub use lists::{ListError, fetch_lists, lists_folder};

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::browser::{Display, ENGINES, Engine, Whereabouts};

/// Environment variable that names the virtual display server for engines that need one.
pub const DISPLAY_VARIABLE: &str = "COUNTONCE_XVFB";

/// Size of the display on which a browser is asked for its version.
const SMALL: (u32, u32) = (640, 480);

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
    /// The engine.
    pub engine: &'static Engine,
    /// Its browser.
    pub browser: Program,
    /// Its driver.
    pub driver: Program,
    /// The virtual display server, for an engine without a headless mode.
    pub display: Option<PathBuf>,
}

impl Found {
    /// The browser's name and version, as reports give it.
    pub fn title(&self) -> String {
        format!("{} {}", self.engine.title, self.browser.version)
    }
}

/// Why there is no browser to play with, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// No browser was found.
    #[error("no {wanted} was found; {advice}")]
    NoBrowser {
        /// What was looked for.
        wanted: &'static str,
        /// What to do on this system.
        advice: String,
    },
    /// A browser is there, its driver is not.
    #[error("{} {} has no {wanted} beside it; {advice}", browser.path.display(), browser.version)]
    NoDriver {
        /// What was looked for.
        wanted: &'static str,
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

/// Finds a browser and its driver of the usual engine.
///
/// Runs each candidate with `--version`, which takes some ten milliseconds.
pub fn find() -> Result<Found, SetupError> {
    find_of(ENGINES[0])
}

/// Finds a browser and its driver of an engine.
pub fn find_of(engine: &'static Engine) -> Result<Found, SetupError> {
    let search = Search::of_this_machine(engine);
    let display = if engine.needs_display { Some(search.display()?) } else { None };
    let browsers = search.programs(&engine.browser, display.as_deref())?;
    let drivers = match browsers.first() {
        // This driver tells no version: it comes with its browser.
        Some(browser) if engine.needs_display => search.unversioned(&engine.driver, browser),
        _ => search.programs(&engine.driver, None)?,
    };
    let mut found = choose(engine, &browsers, &drivers, &install::advice(engine))?;
    found.display = display;
    Ok(found)
}

/// The first pair that belongs together, in the order of the lists.
fn choose(
    engine: &'static Engine,
    browsers: &[Program],
    drivers: &[Program],
    advice: &str,
) -> Result<Found, SetupError> {
    let advice = advice.to_owned();
    for browser in browsers {
        let fits = |driver: &&Program| !engine.paired || driver.major == browser.major;
        if let Some(driver) = drivers.iter().find(fits) {
            let (browser, driver) = (browser.clone(), driver.clone());
            return Ok(Found { engine, browser, driver, display: None });
        }
    }
    match (browsers.first().cloned(), drivers.first().cloned()) {
        (None, _) => Err(SetupError::NoBrowser { wanted: engine.browser.title, advice }),
        (Some(browser), None) => {
            Err(SetupError::NoDriver { wanted: engine.driver.title, browser, advice })
        }
        (Some(browser), Some(driver)) => {
            let (browser, driver) = (Box::new(browser), Box::new(driver));
            Err(SetupError::Mismatch { browser, driver, advice })
        }
    }
}

/// Where programs are looked for.
struct Search {
    engine: &'static Engine,
    path: Vec<PathBuf>,
    variable: fn(&str) -> Option<PathBuf>,
}

impl Search {
    fn of_this_machine(engine: &'static Engine) -> Search {
        Search {
            engine,
            path: env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect(),
            variable: |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from),
        }
    }

    /// The virtual display server.
    fn display(&self) -> Result<PathBuf, SetupError> {
        if let Some(path) = (self.variable)(DISPLAY_VARIABLE) {
            return Ok(path);
        }
        let found = self.path.iter().map(|folder| folder.join("Xvfb")).find(|path| path.is_file());
        found.ok_or_else(|| SetupError::NoBrowser {
            wanted: "virtual display (Xvfb)",
            advice: install::advice(self.engine),
        })
    }

    /// A program that cannot be asked for its version, and has that of its companion.
    fn unversioned(&self, place: &Whereabouts, companion: &Program) -> Vec<Program> {
        let named = (self.variable)(place.variable);
        let found = named.or_else(|| self.candidates(place).into_iter().next());
        found.into_iter().map(|path| Program { path, ..companion.clone() }).collect()
    }

    /// Every program that runs, in order; one that the user named stands alone.
    fn programs(
        &self,
        place: &Whereabouts,
        display: Option<&Path>,
    ) -> Result<Vec<Program>, SetupError> {
        if let Some(path) = (self.variable)(place.variable) {
            let advice = format!("mend or unset {}", place.variable);
            return match version_of(&path, display) {
                Ok(program) => Ok(vec![program]),
                Err(what) => Err(SetupError::Unusable { path, what, advice }),
            };
        }
        let mut unusable = None;
        let mut programs = Vec::new();
        for path in self.candidates(place) {
            match version_of(&path, display) {
                Ok(program) => programs.push(program),
                Err(what) => unusable = unusable.or(Some((path, what))),
            }
        }
        match unusable {
            Some((path, what)) if programs.is_empty() => {
                Err(SetupError::Unusable { path, what, advice: install::advice(self.engine) })
            }
            _ => Ok(programs),
        }
    }

    fn candidates(&self, place: &Whereabouts) -> Vec<PathBuf> {
        let names = place.names.iter();
        let in_path = names.flat_map(|name| self.path.iter().map(move |dir| dir.join(name)));
        let elsewhere = place.places.iter().filter_map(|place| self.expanded(place));
        let mut found: Vec<PathBuf> = Vec::new();
        for path in in_path.chain(elsewhere) {
            if path.is_file() && !found.contains(&path) {
                found.push(path);
            }
        }
        found
    }

    /// A place below the home folder (`~/…`) or below one that a variable names (`$NAME/…`).
    fn expanded(&self, place: &str) -> Option<PathBuf> {
        if let Some(rest) = place.strip_prefix("~/") {
            return Some((self.variable)("HOME")?.join(rest));
        }
        match place.strip_prefix('$').and_then(|rest| rest.split_once('/')) {
            Some((name, rest)) => Some((self.variable)(name)?.join(rest)),
            None => Some(PathBuf::from(place)),
        }
    }
}

/// Asks a program for its version, on a display where it needs one; the error is what it
/// said instead.
fn version_of(path: &Path, display: Option<&Path>) -> Result<Program, String> {
    let mut command = Command::new(path);
    command.arg(OsStr::new("--version"));
    let shown = display.map(|server| Display::start(server, SMALL)).transpose()?;
    if let Some(shown) = &shown {
        command.env("DISPLAY", shown.name()).env("GDK_BACKEND", "x11");
    }
    let output = command.output().map_err(|cause| cause.to_string())?;
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
        let firefox = parse_version("Mozilla Firefox 153.7.0esr");
        assert_eq!(firefox, Some(("153.7.0esr".to_owned(), 153)));
        assert_eq!(parse_version("WebKitGTK 2.50.6"), Some(("2.50.6".to_owned(), 2)));
        assert_eq!(parse_version("requires the chromium snap to be installed"), None);
    }

    #[test]
    fn the_first_pair_of_one_major_version_is_chosen() {
        let browsers = [program("chromium", 155), program("chrome", 156)];
        let found =
            choose(ENGINES[0], &browsers, &[program("chromedriver", 156)], "").expect("a pair");
        assert_eq!(found.browser.path, PathBuf::from("chrome"));
    }

    #[test]
    fn a_driver_with_versions_of_its_own_fits_every_browser() {
        let firefox = ENGINES[1];
        let found = choose(firefox, &[program("firefox", 153)], &[program("geckodriver", 0)], "");
        assert_eq!(found.expect("a pair").title(), "Firefox 153.0.1");
    }

    #[test]
    fn places_may_lie_below_a_folder_that_the_environment_names() {
        let search = Search {
            engine: ENGINES[0],
            path: Vec::new(),
            variable: |name| (name == "HOME").then(|| PathBuf::from("/home/me")),
        };
        assert_eq!(search.expanded("~/x"), Some(PathBuf::from("/home/me/x")));
        assert_eq!(search.expanded("/x"), Some(PathBuf::from("/x")));
        assert_eq!(search.expanded("$UNSET/x"), None);
    }

    #[test]
    fn what_is_missing_is_named_with_what_to_do() {
        let advice = "run the thing";
        let none = choose(ENGINES[0], &[], &[], advice).expect_err("nothing there").to_string();
        assert!(none.contains("no Chromium") && none.ends_with(advice), "{none}");
        let alone = choose(ENGINES[0], &[program("/b", 1)], &[], advice)
            .expect_err("no driver")
            .to_string();
        assert!(alone.contains("/b 1.0.1 has no ChromeDriver"), "{alone}");
        let unlike = choose(ENGINES[0], &[program("/b", 1)], &[program("/d", 2)], advice)
            .expect_err("unlike versions")
            .to_string();
        assert!(unlike.contains("/b is version 1.0.1 but /d is version 2.0.1"), "{unlike}");
    }

    #[test]
    fn a_program_named_by_the_user_that_does_not_run_is_an_error() {
        let engine = ENGINES[0];
        let search = Search {
            engine,
            path: Vec::new(),
            variable: |_| Some(PathBuf::from("/nonexistent/browser")),
        };
        let error = search.programs(&engine.browser, None).expect_err("not there");
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
