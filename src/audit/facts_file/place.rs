//! Where facts go: one file, a file per input, or folders of days or hours, and the names of
//! the files, which are the same whenever the same is done again.
//!
//! Never opens a file.

use std::path::{Path, PathBuf};

use crate::event::Channel;
use crate::platform::meta::lean::stable;

use super::super::source::Input;
use super::super::stage::Stage;
use super::Fact;

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The partition of rows that have no value for its column (Hive, and with it Spark and
/// DuckDB).
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";
/// The key of events without any time.
const NO_TIME: i64 = i64::MIN;

/// How facts are spread over files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// One file.
    File,
    /// A file per input in a folder, or one for all of them where the part has a name.
    Inputs,
    /// A folder `day=2026-03-01` for each day of arrival (UTC).
    Days,
    /// A folder `day=2026-03-01/hour=13` for each hour of arrival (UTC).
    Hours,
}

/// Where facts go.
#[derive(Debug, Clone)]
pub struct FactsOut {
    /// The file, or the folder.
    pub path: PathBuf,
    /// How they are spread.
    pub split: Split,
    /// Name of the part that this run makes of the whole; in a folder, files are called by it.
    pub part: Option<String>,
    /// Where they wait until they are whole.
    pub stage: Stage,
}

impl FactsOut {
    /// One file.
    pub fn file(path: impl Into<PathBuf>) -> FactsOut {
        FactsOut { path: path.into(), split: Split::File, part: None, stage: Stage::default() }
    }

    /// Files in a folder.
    pub fn folder(path: impl Into<PathBuf>, split: Split, part: Option<&str>) -> FactsOut {
        let (path, part) = (path.into(), part.map(str::to_owned));
        FactsOut { path, split, part, stage: Stage::default() }
    }
}

/// The names of all files of a run.
#[derive(Debug)]
pub(super) struct Places {
    split: Split,
    /// Of each input, or the one of all.
    stems: Vec<String>,
}

impl Places {
    /// The names for these inputs; a text where two would have the same.
    pub(super) fn new(out: &FactsOut, inputs: &[Input]) -> Result<Places, String> {
        let stems = match (out.split, &out.part) {
            (Split::File, _) => {
                vec![out.path.file_name().unwrap_or_default().to_string_lossy().into_owned()]
            }
            (_, Some(part)) => vec![format!("part-{part}")],
            (Split::Inputs, None) => {
                let stems: Vec<String> = inputs.iter().map(stem).collect();
                let mut sorted: Vec<&String> = stems.iter().collect();
                sorted.sort_unstable();
                if let Some([twice, _]) =
                    sorted.array_windows::<2>().find(|[one, other]| one == other)
                {
                    return Err(format!(
                        "two inputs would become {twice}.parquet: is a file given twice?"
                    ));
                }
                stems
            }
            (Split::Days | Split::Hours, None) => {
                let all: Vec<String> = inputs.iter().map(identity).collect();
                vec![format!("part-{}", digits(&all.join("\n")))]
            }
        };
        Ok(Places { split: out.split, stems })
    }

    /// What tells the file of a row from others.
    pub(super) fn key(&self, fact: &Fact) -> i64 {
        let by = |length: i64| fact.caught.map_or(NO_TIME, |caught| caught.div_euclid(length));
        match self.split {
            Split::Days => by(DAY_MS),
            Split::Hours => by(HOUR_MS),
            _ if self.stems.len() > 1 => fact.input as i64,
            _ => 0,
        }
    }

    /// Keys of files that are there even without a row.
    pub(super) fn expected(&self) -> std::ops::Range<i64> {
        match self.split {
            Split::Days | Split::Hours => 0..0,
            _ => 0..self.stems.len() as i64,
        }
    }

    /// The file of a key, below the folder of all. A file that had to be closed before its
    /// time has further ones after it.
    pub(super) fn of(&self, key: i64, further: u32) -> PathBuf {
        let stem = &self.stems
            [usize::try_from(key).ok().filter(|key| *key < self.stems.len()).unwrap_or(0)];
        let name = match (self.split, further) {
            (Split::File, _) => stem.clone(),
            (_, 0) => format!("{stem}.parquet"),
            (_, further) => format!("{stem}.{further}.parquet"),
        };
        let time = |unit: i64, form: &str| {
            let millis = key.checked_mul(unit).filter(|_| key != NO_TIME);
            millis
                .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
                .map_or_else(|| NO_VALUE.to_owned(), |time| time.strftime(form).to_string())
        };
        match self.split {
            Split::File | Split::Inputs => PathBuf::from(name),
            Split::Days => PathBuf::from(format!("day={}", time(DAY_MS, "%Y-%m-%d"))).join(name),
            Split::Hours => PathBuf::from(format!("day={}", time(HOUR_MS, "%Y-%m-%d")))
                .join(format!("hour={}", time(HOUR_MS, "%H")))
                .join(name),
        }
    }

    /// True for a file that an earlier run of the same part may have written.
    pub(super) fn is_own(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(stem) = name.strip_suffix(".parquet") else { return false };
        let bare = match stem.rsplit_once('.') {
            Some((front, further)) if further.bytes().all(|byte| byte.is_ascii_digit()) => front,
            _ => stem,
        };
        self.split != Split::File && self.stems.iter().any(|own| own == stem || own == bare)
    }
}

fn identity(input: &Input) -> String {
    format!("{}:{}", input.channel.map_or("", Channel::name), input.path.display())
}

/// Ten digits that stand for a text.
fn digits(text: &str) -> String {
    format!("{:010x}", stable(text.as_bytes()) >> 24)
}

/// The name of an input's file: its side, its name, and digits for the whole of its path,
/// since many folders have a file of one name.
fn stem(input: &Input) -> String {
    let side = input.channel.map_or("facts", Channel::name);
    let name = input.path.file_name().unwrap_or_default().to_string_lossy();
    let plain: String = name
        .chars()
        .map(|sign| if sign.is_ascii_alphanumeric() || "._-".contains(sign) { sign } else { '-' })
        .collect();
    let plain = plain.strip_suffix(".parquet").unwrap_or(&plain);
    format!("{side}-{plain}-{}", digits(&identity(input)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(path: &str, channel: Option<Channel>) -> Input {
        Input { path: path.into(), channel, form: None }
    }

    #[test]
    fn names_are_the_same_again_and_others_for_other_files() {
        let out = FactsOut::folder("f", Split::Inputs, None);
        let name = |path: &str, side| {
            let places = Places::new(&out, &[input(path, Some(side))]).expect("named");
            places.of(0, 0).display().to_string()
        };
        let first = name("logs/a b/capi.ndjson.gz", Channel::Server);
        assert!(first.starts_with("server-capi.ndjson.gz-"), "{first}");
        assert_eq!(first, name("logs/a b/capi.ndjson.gz", Channel::Server));
        assert_ne!(first, name("logs/c/capi.ndjson.gz", Channel::Server));
        assert_ne!(first, name("logs/a b/capi.ndjson.gz", Channel::Browser));
        let twice = [input("a", None), input("a", None)];
        assert!(Places::new(&out, &twice).expect_err("twice").contains("given twice"));
    }

    #[test]
    fn days_and_hours_are_folders_as_hive_has_them() {
        let at = |split, key, further| {
            let out = FactsOut::folder("f", split, Some("7"));
            Places::new(&out, &[]).expect("named").of(key, further).display().to_string()
        };
        assert_eq!(at(Split::Days, 20_514, 0), "day=2026-03-02/part-7.parquet");
        assert_eq!(at(Split::Days, -1, 2), "day=1969-12-31/part-7.2.parquet");
        assert_eq!(at(Split::Hours, 20_514 * 24 + 13, 0), "day=2026-03-02/hour=13/part-7.parquet");
        assert_eq!(at(Split::Days, NO_TIME, 0), format!("day={NO_VALUE}/part-7.parquet"));
        let hour = format!("day={NO_VALUE}/hour={NO_VALUE}/part-7.parquet");
        assert_eq!(at(Split::Hours, NO_TIME, 0), hour);
        let out = FactsOut::folder("f", Split::Days, Some("7"));
        let places = Places::new(&out, &[]).expect("named");
        for (name, own) in [
            ("part-7.parquet", true),
            ("part-7.12.parquet", true),
            ("part-70.parquet", false),
            ("part-7.x.parquet", false),
            ("part-7.txt", false),
        ] {
            assert_eq!(places.is_own(Path::new(name)), own, "{name}");
        }
    }
}
