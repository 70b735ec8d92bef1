//! Filter lists, as ad blockers have them, and the engine that asks them about a request.
//!
//! No list is part of the program: they are the user's, those of an installed blocker, or
//! a named minimal set. Lines that the engine cannot read are counted and sampled.
//! Never which requests are a platform's; the minimal set is handed in.

use std::path::{Path, PathBuf};

use adblock::Engine;
use adblock::lists::{FilterParseError, FilterSet, ParseOptions, RuleTypes, parse_filter};
use adblock::request::Request;

/// Where Debian's packages of uBlock Origin keep their lists.
const PACKAGED: &[&str] = &[
    "/usr/share/webext/ublock-origin/assets/thirdparties/easylist",
    "/usr/share/webext/ublock-origin-firefox/assets/thirdparties/easylist",
    "/usr/share/webext/ublock-origin-chromium/assets/thirdparties/easylist",
    "/usr/share/chromium/extensions/ublock-origin/assets/thirdparties/easylist",
    "/usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/uBlock0@raymondhill.net/assets/thirdparties/easylist",
];

/// The lists that are taken from such a folder.
const LISTS: &[&str] = &["easyprivacy.txt", "easylist.txt"];

/// Unreadable lines that are shown per list.
const SAMPLES: usize = 3;

/// A list that is larger than this is none: the largest in common use have some 10 MiB.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Why lists cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// A file cannot be read.
    #[error("{}: cannot be read as a filter list: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file without a single rule.
    #[error("{}: no rule in it can be read{}; a filter list has one rule a line, such as `||tracker.example^`", path.display(), sampled(samples))]
    Empty {
        /// The file.
        path: PathBuf,
        /// Lines that could not be read.
        samples: Vec<String>,
    },
}

fn sampled(samples: &[String]) -> String {
    match samples.first() {
        Some(first) => format!(" (for example `{first}`)"),
        None => String::new(),
    }
}

/// One list as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFacts {
    /// Its own title, or the file's name.
    pub title: String,
    /// Rules on requests in it.
    pub rules: usize,
    /// Lines that the engine cannot read.
    pub unread: usize,
    /// Some of them.
    pub samples: Vec<String>,
}

/// Lists, ready to be asked.
pub struct Filters {
    engine: Engine,
    lists: Vec<ListFacts>,
    minimal: bool,
}

impl std::fmt::Debug for Filters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

/// The lists of this machine: the user's own folder first, else an installed blocker's.
pub fn installed(own: Option<&Path>) -> Vec<PathBuf> {
    let folders = own.into_iter().chain(PACKAGED.iter().map(Path::new));
    for folder in folders {
        let found: Vec<PathBuf> =
            LISTS.iter().map(|list| folder.join(list)).filter(|path| path.is_file()).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

impl Filters {
    /// Reads lists from files.
    pub fn load(files: &[PathBuf]) -> Result<Filters, FilterError> {
        let mut texts = Vec::new();
        for path in files {
            let io = |source| FilterError::Io { path: path.clone(), source };
            let size = std::fs::metadata(path).map_err(io)?.len();
            if size > LARGEST {
                let what = format!("it has {} MiB", size / 1024 / 1024);
                return Err(io(std::io::Error::other(what)));
            }
            let bytes = std::fs::read(path).map_err(io)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            texts.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
        let filters = Filters::of(texts, false);
        for (path, list) in files.iter().zip(&filters.lists) {
            if list.rules == 0 {
                let samples = list.samples.clone();
                return Err(FilterError::Empty { path: path.clone(), samples });
            }
        }
        Ok(filters)
    }

    /// Rules that block these hosts and all below them, where there is no list.
    pub fn minimal(hosts: &[&str]) -> Filters {
        let text: String = hosts.iter().map(|host| format!("||{host}^\n")).collect();
        Filters::of(vec![("the platform's own hosts".to_owned(), text)], true)
    }

    fn of(texts: Vec<(String, String)>, minimal: bool) -> Filters {
        let mut set = FilterSet::new(true);
        let mut lists = Vec::new();
        let options =
            ParseOptions { rule_types: RuleTypes::NetworkOnly, ..ParseOptions::default() };
        for (name, text) in texts {
            let mut facts = ListFacts { title: name, rules: 0, unread: 0, samples: Vec::new() };
            for line in text.lines() {
                match parse_filter(line, false, options) {
                    Ok(_) => facts.rules += 1,
                    // Comments, and rules on what pages show.
                    Err(FilterParseError::Unsupported | FilterParseError::Empty) => {}
                    Err(_) => {
                        facts.unread += 1;
                        if facts.samples.len() < SAMPLES {
                            facts.samples.push(line.trim().chars().take(80).collect());
                        }
                    }
                }
            }
            let record = set.add_filter_list(text, options);
            if let Some(title) = record.metadata.title {
                facts.title = title;
            }
            lists.push(facts);
        }
        Filters { engine: Engine::new_with_filter_set(set), lists, minimal }
    }

    /// What they are, as the report names them.
    pub fn name(&self) -> String {
        if self.minimal {
            return "a minimal set: the platform's own hosts (no filter list was found)".to_owned();
        }
        let names: Vec<String> = self
            .lists
            .iter()
            .map(|list| match list.unread {
                0 => format!("{} ({} rules)", list.title, list.rules),
                unread => {
                    format!("{} ({} rules, {unread} lines unread)", list.title, list.rules)
                }
            })
            .collect();
        names.join(", ")
    }

    /// The lists as they were read.
    pub fn lists(&self) -> &[ListFacts] {
        &self.lists
    }

    /// The rule that blocks a request, where one does. `kind` is what `Sec-Fetch-Dest`
    /// says, `source` the page that the request is for.
    pub(crate) fn block(
        &self,
        method: &str,
        url: &str,
        source: &str,
        kind: &str,
    ) -> Option<String> {
        // An address that the engine cannot read is one that no rule can be about.
        let request = Request::new(url, source, request_type(kind), method).ok()?;
        let result = self.engine.check_network_request(&request);
        let matched = result.filter?;
        if result.exception.is_some() && !result.important {
            return None;
        }
        Some(matched.raw_line.unwrap_or_else(|| "a rule without its text".to_owned()))
    }
}

/// What filter lists call a destination of the Fetch standard.
fn request_type(destination: &str) -> &'static str {
    match destination {
        "script" | "worker" | "sharedworker" | "serviceworker" => "script",
        "image" => "image",
        "style" => "stylesheet",
        "font" => "font",
        "audio" | "video" | "track" => "media",
        "iframe" | "frame" => "sub_frame",
        "object" | "embed" => "object",
        "document" => "document",
        // Fetch, XMLHttpRequest and beacons have no destination.
        "empty" => "xmlhttprequest",
        "report" => "csp_report",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "! Title: Ours\n[Adblock Plus 2.0]\n||connect.facebook.net^$third-party\n||facebook.com/tr?$image\n@@||facebook.com/tr?id=7&$image\nshop.test##.banner\n/bad[regex/$unknown-option\n";

    fn filters(text: &str) -> Filters {
        Filters::of(vec![("ours.txt".to_owned(), text.to_owned())], false)
    }

    #[test]
    fn the_rule_that_blocks_is_named_and_exceptions_count() {
        let filters = filters(LIST);
        let shop = "https://shop.test/";
        let script = "https://connect.facebook.net/en_US/fbevents.js";
        assert_eq!(
            filters.block("GET", script, shop, "script").as_deref(),
            Some("||connect.facebook.net^$third-party")
        );
        assert_eq!(filters.block("GET", script, "https://connect.facebook.net/", "script"), None);
        let hit = "https://www.facebook.com/tr?id=1&ev=PageView";
        assert!(filters.block("GET", hit, shop, "image").is_some());
        assert_eq!(filters.block("GET", hit, shop, "script"), None);
        assert_eq!(
            filters.block("GET", "https://www.facebook.com/tr?id=7&ev=PageView", shop, "image"),
            None
        );
        assert_eq!(filters.block("GET", "https://shop.test/cart", shop, "document"), None);
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_sampled() {
        let filters = filters(LIST);
        let facts = &filters.lists()[0];
        assert_eq!((facts.title.as_str(), facts.rules, facts.unread), ("Ours", 3, 1));
        assert_eq!(facts.samples, ["/bad[regex/$unknown-option"]);
        assert_eq!(filters.name(), "Ours (3 rules, 1 lines unread)");
    }

    #[test]
    fn a_file_that_is_no_list_is_refused_with_a_sample() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.txt");
        std::fs::write(&path, "$nonsense-option\n").expect("written");
        let error = Filters::load(std::slice::from_ref(&path)).expect_err("no rule").to_string();
        assert!(error.contains("list.txt") && error.contains("$nonsense-option"), "{error}");
        let absent = Filters::load(&[folder.path().join("none.txt")]).expect_err("no file");
        assert!(absent.to_string().contains("none.txt"), "{absent}");
        assert_eq!(installed(Some(folder.path())).first(), installed(None).first());
    }

    #[test]
    fn the_minimal_set_says_what_it_is() {
        let filters = Filters::minimal(&["facebook.com", "facebook.net"]);
        assert!(filters.name().contains("minimal set"));
        assert!(
            filters
                .block("POST", "https://www.facebook.com/tr/", "https://shop.test/", "empty")
                .is_some()
        );
    }
}
