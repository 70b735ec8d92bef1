//! Facts on disk: one narrow row per event as Parquet, the waist at which other engines
//! take over.
//!
//! The columns are documented by `countonce schema facts`; a facts file is written beside
//! its place and moved into it when it is whole.
//! Never a digest or another personal value: who carries what is a flag.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use polars::prelude::*;

use crate::event::{Channel, MatchKey};
use crate::join::IdScheme;
use crate::join::bulk::{Flag, Row};
use crate::platform::meta::lean::{Lean, bit};

use super::AuditError;
use super::verdict::Verdict;
use super::worker::Around;

/// Number of the format; it grows when a column changes its meaning, or when queries need
/// columns that older files lack. Older files are read all the same.
pub const FACTS_FORMAT: i32 = 3;

/// Columns with their type and meaning.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("countonce_facts", "int32", "number of this format: 3"),
    ("source", "string", "file that the event was read from"),
    ("channel", "string", "browser or server: where the event was caught"),
    ("pixel", "string", "pixel (dataset) id; null where the log does not say"),
    ("name", "string", "event name; null where there is none"),
    ("id", "string", "event id, verbatim; null where there is none or an empty one"),
    ("caught", "int64", "arrival, Unix milliseconds; time of the event where the log does not say"),
    ("time", "int64", "time of the event as it says itself, Unix milliseconds"),
    ("automatic", "bool", "made by the platform itself"),
    ("accepted", "bool", "the platform took it, or would"),
    ("refusal", "string", "code and subcode of the platform's refusal"),
    ("value", "double", "conversion value, where it reads as a number"),
    ("currency", "string", "currency as sent"),
    ("visitor", "int64", "stands for the browser id; 0 where there is none"),
    ("content", "int64", "stands for parameters and page, to tell twins"),
    ("order_key", "int64", "stands for the order_id; 0 where there is none"),
    (
        "id_fold",
        "int64",
        "stands for the event id without case, white space, punctuation and leading zeros; 0 where there is none",
    ),
    (
        "id_scheme",
        "string",
        "what the event id looks like: UUID, time stamp, counter, order number, made by the platform, random or other; null where there is none",
    ),
    ("tie", "int64", "stands for the whole row: the order of what arrived in one millisecond"),
    ("rules", "string", "ids of the event rules that it breaks, with commas; null where none"),
    ("offences", "string", "the findings of these rules as JSON"),
];

/// Every column: name, type, meaning.
pub fn facts_columns() -> Vec<(String, &'static str, String)> {
    let mut columns: Vec<(String, &'static str, String)> = COLUMNS
        .iter()
        .map(|(name, kind, meaning)| ((*name).to_owned(), *kind, (*meaning).to_owned()))
        .collect();
    for key in MatchKey::ALL {
        columns.push((format!("key_{key}"), "bool", format!("{key} is there and not empty")));
    }
    for key in MatchKey::ALL {
        columns.push((format!("valid_{key}"), "bool", format!("{key} is there and well formed")));
    }
    columns
}

/// The columns as one JSON document.
pub fn facts_schema() -> String {
    let columns: Vec<serde_json::Value> = facts_columns()
        .into_iter()
        .map(|(name, kind, meaning)| {
            serde_json::json!({ "name": name, "type": kind, "description": meaning })
        })
        .collect();
    let schema = serde_json::json!({
        "title": format!("countonce facts, format {FACTS_FORMAT}"),
        "description": "One row per event, as Parquet. Files may be many; their union is the table.",
        "format": FACTS_FORMAT,
        "columns": columns,
    });
    format!("{schema:#}\n")
}

/// One row on its way to the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fact {
    input: usize,
    channel: Channel,
    pixel: String,
    name: Option<String>,
    id: Option<String>,
    caught: Option<i64>,
    time: Option<i64>,
    automatic: bool,
    refused: bool,
    refusal: Option<String>,
    value: Option<f64>,
    currency: Option<String>,
    keys: u32,
    valid: u32,
    visitor: u64,
    content: u64,
    order: u64,
    id_fold: u64,
    scheme: Option<&'static str>,
    tie: i64,
    rules: Option<String>,
    offences: Option<String>,
}

impl Fact {
    pub(super) fn new(
        lean: &Lean<'_>,
        around: &Around<'_>,
        pixel: &str,
        caught: Option<i64>,
        row: &Row,
        verdict: &Verdict,
    ) -> Fact {
        let refused = row.is(Flag::Refused);
        let some = !verdict.findings.is_empty();
        Fact {
            input: around.spot.input(),
            channel: around.channel,
            pixel: pixel.to_owned(),
            name: lean.name.as_deref().map(str::to_owned),
            id: lean.id.as_deref().filter(|id| !id.is_empty()).map(str::to_owned),
            caught,
            time: lean.time,
            automatic: lean.automatic,
            refused,
            refusal: verdict.refused.as_ref().filter(|_| refused).map(|refusal| {
                match refusal.subcode {
                    Some(subcode) => format!("{}/{subcode}", refusal.code),
                    None => refusal.code.to_string(),
                }
            }),
            value: lean.value,
            currency: lean.currency.as_deref().map(str::to_owned),
            keys: lean.keys,
            valid: lean.valid,
            visitor: lean.visitor,
            content: lean.content,
            order: lean.order,
            id_fold: row.fold,
            scheme: row.is(Flag::Id).then(|| IdScheme::named(row.scheme)),
            tie: row.tie(),
            rules: some.then(|| verdict.rules()),
            offences: some.then(|| offences(verdict)),
        }
    }
}

fn offences(verdict: &Verdict) -> String {
    let list: Vec<serde_json::Value> = verdict
        .findings
        .iter()
        .map(|finding| {
            serde_json::json!({
                "rule": finding.rule,
                "severity": finding.severity.name(),
                "channel": finding.channel.map(Channel::name),
                "cause": finding.cause,
                "message": finding.message,
                "fix": finding.fix,
            })
        })
        .collect();
    serde_json::Value::from(list).to_string()
}

struct Open {
    writer: polars::io::parquet::write::BatchedWriter<File>,
    file: tempfile::NamedTempFile,
}

/// Writes facts to a file that appears when it is whole.
pub(super) struct FactsWriter {
    path: PathBuf,
    sources: Vec<String>,
    open: Mutex<Option<Open>>,
}

impl FactsWriter {
    /// Rows per group: enough to pack well, few enough for many threads to share a file.
    pub(super) const BATCH: usize = 1 << 16;

    /// Begins a file; `sources` are the inputs by their number.
    pub(super) fn create(path: &Path, sources: Vec<String>) -> Result<FactsWriter, AuditError> {
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            let cause = "no regular file stands there";
            return Err(AuditError::unwritable(path)(std::io::Error::other(cause)));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = tempfile::Builder::new()
            .prefix(".countonce-")
            .suffix(".parquet")
            .tempfile_in(folder.unwrap_or(Path::new(".")))
            .map_err(AuditError::unwritable(path))?;
        let handle = file.reopen().map_err(AuditError::unwritable(path))?;
        let facts = FactsWriter { path: path.to_owned(), sources, open: Mutex::new(None) };
        let schema = facts.frame(&[]).map_err(|error| facts.failed(&error))?.schema().clone();
        let writer = ParquetWriter::new(handle)
            .with_compression(ParquetCompression::Zstd(None))
            .batched(&schema)
            .map_err(|error| facts.failed(&error))?;
        *facts.lock() = Some(Open { writer, file });
        Ok(facts)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn failed(&self, error: &PolarsError) -> AuditError {
        AuditError::Unwritable {
            path: self.path.clone(),
            source: std::io::Error::other(error.to_string()),
        }
    }

    /// Adds rows.
    pub(super) fn write(&self, facts: &[Fact]) -> Result<(), AuditError> {
        let frame = self.frame(facts).map_err(|error| self.failed(&error))?;
        let mut open = self.lock();
        let Some(open) = open.as_mut() else { return Ok(()) };
        open.writer.write_batch(&frame).map_err(|error| self.failed(&error))
    }

    /// Ends the file and moves it to its place.
    pub(super) fn finish(self) -> Result<(), AuditError> {
        let Some(open) = self.lock().take() else { return Ok(()) };
        open.writer.finish().map_err(|error| self.failed(&error))?;
        open.file.as_file().sync_all().map_err(AuditError::unwritable(&self.path))?;
        let file = open.file.persist(&self.path).map_err(|error| AuditError::Unwritable {
            path: self.path.clone(),
            source: error.error,
        })?;
        readable(&file).map_err(AuditError::unwritable(&self.path))
    }

    fn frame(&self, facts: &[Fact]) -> PolarsResult<DataFrame> {
        let texts = |name: &str, of: &dyn Fn(&Fact) -> Option<String>| {
            Column::new(name.into(), facts.iter().map(of).collect::<Vec<Option<String>>>())
        };
        let flags = |name: &str, of: &dyn Fn(&Fact) -> bool| {
            Column::new(name.into(), facts.iter().map(of).collect::<Vec<bool>>())
        };
        let longs = |name: &str, of: &dyn Fn(&Fact) -> Option<i64>| {
            Column::new(name.into(), facts.iter().map(of).collect::<Vec<Option<i64>>>())
        };
        let mut columns = vec![
            Column::new("countonce_facts".into(), vec![FACTS_FORMAT; facts.len()]),
            texts("source", &|fact| self.sources.get(fact.input).cloned()),
            texts("channel", &|fact| Some(fact.channel.name().to_owned())),
            texts("pixel", &|fact| Some(fact.pixel.clone()).filter(|pixel| !pixel.is_empty())),
            texts("name", &|fact| fact.name.clone()),
            texts("id", &|fact| fact.id.clone()),
            longs("caught", &|fact| fact.caught),
            longs("time", &|fact| fact.time),
            flags("automatic", &|fact| fact.automatic),
            flags("accepted", &|fact| !fact.refused),
            texts("refusal", &|fact| fact.refusal.clone()),
            Column::new("value".into(), facts.iter().map(|fact| fact.value).collect::<Vec<_>>()),
            texts("currency", &|fact| fact.currency.clone()),
            longs("visitor", &|fact| Some(fact.visitor as i64)),
            longs("content", &|fact| Some(fact.content as i64)),
            longs("order_key", &|fact| Some(fact.order as i64)),
            longs("id_fold", &|fact| Some(fact.id_fold as i64)),
            texts("id_scheme", &|fact| fact.scheme.map(str::to_owned)),
            longs("tie", &|fact| Some(fact.tie)),
            texts("rules", &|fact| fact.rules.clone()),
            texts("offences", &|fact| fact.offences.clone()),
        ];
        for key in MatchKey::ALL {
            columns.push(flags(&format!("key_{key}"), &|fact| fact.keys & bit(*key) != 0));
        }
        for key in MatchKey::ALL {
            columns.push(flags(&format!("valid_{key}"), &|fact| fact.valid & bit(*key) != 0));
        }
        DataFrame::new(facts.len(), columns)
    }
}

fn readable(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

/// The columns of a group of rows of a facts file.
pub(super) struct FactColumns {
    texts: Vec<StringChunked>,
    longs: Vec<Int64Chunked>,
    flags: Vec<BooleanChunked>,
    value: Float64Chunked,
    keys: Vec<BooleanChunked>,
    valid: Vec<BooleanChunked>,
    /// Not in files of format 1.
    orders: Option<Int64Chunked>,
    /// How many rows.
    pub(super) rows: usize,
}

const TEXTS: [&str; 7] = ["channel", "pixel", "name", "id", "refusal", "currency", "offences"];
const LONGS: [&str; 4] = ["caught", "time", "visitor", "content"];
const FLAGS: [&str; 2] = ["automatic", "accepted"];

/// True for a column that is read again.
pub(super) fn is_needed_of_facts(column: &str) -> bool {
    [TEXTS.as_slice(), &LONGS, &FLAGS, &["value", "order_key"]].concat().contains(&column)
        || column.starts_with("key_")
        || column.starts_with("valid_")
}

/// True for the columns of a facts file.
pub(super) fn is_facts(columns: &[String]) -> bool {
    columns.iter().any(|column| column == "countonce_facts")
}

/// One row of a facts file.
pub(super) struct StoredFact<'a> {
    pub(super) channel: Option<Channel>,
    pub(super) caught: Option<i64>,
    pub(super) refused: bool,
    pub(super) refusal: Option<&'a str>,
    pub(super) offences: Option<&'a str>,
    pub(super) lean: Lean<'a>,
}

impl FactColumns {
    pub(super) fn new(frame: &DataFrame) -> PolarsResult<FactColumns> {
        let keys = |front: &str| -> PolarsResult<Vec<BooleanChunked>> {
            MatchKey::ALL
                .iter()
                .map(|key| Ok(frame.column(&format!("{front}{key}"))?.bool()?.clone()))
                .collect()
        };
        Ok(FactColumns {
            texts: TEXTS
                .iter()
                .map(|name| Ok(frame.column(name)?.str()?.clone()))
                .collect::<PolarsResult<_>>()?,
            longs: LONGS
                .iter()
                .map(|name| Ok(frame.column(name)?.i64()?.clone()))
                .collect::<PolarsResult<_>>()?,
            flags: FLAGS
                .iter()
                .map(|name| Ok(frame.column(name)?.bool()?.clone()))
                .collect::<PolarsResult<_>>()?,
            value: frame.column("value")?.f64()?.clone(),
            keys: keys("key_")?,
            valid: keys("valid_")?,
            orders: match frame.column("order_key") {
                Ok(column) => Some(column.i64()?.clone()),
                Err(_) => None,
            },
            rows: frame.height(),
        })
    }

    pub(super) fn row(&self, row: usize) -> StoredFact<'_> {
        use std::borrow::Cow;
        let text = |column: usize| self.texts[column].get(row);
        let long = |column: usize| self.longs[column].get(row);
        let mask = |columns: &[BooleanChunked]| {
            MatchKey::ALL.iter().zip(columns).fold(0, |mask, (key, column)| {
                if column.get(row) == Some(true) { mask | bit(*key) } else { mask }
            })
        };
        StoredFact {
            channel: text(0).and_then(Channel::from_name),
            caught: long(0),
            refused: self.flags[1].get(row) == Some(false),
            refusal: text(4),
            offences: text(6),
            lean: Lean {
                pixel: Cow::Borrowed(text(1).unwrap_or("")),
                name: text(2).map(Cow::Borrowed),
                id: text(3).map(Cow::Borrowed),
                time: long(1),
                automatic: self.flags[0].get(row) == Some(true),
                value: self.value.get(row),
                currency: text(5).map(Cow::Borrowed),
                keys: mask(&self.keys),
                valid: mask(&self.valid),
                visitor: long(2).unwrap_or(0) as u64,
                content: long(3).unwrap_or(0) as u64,
                order: self.orders.as_ref().and_then(|keys| keys.get(row)).unwrap_or(0) as u64,
                signature: None,
            },
        }
    }
}
