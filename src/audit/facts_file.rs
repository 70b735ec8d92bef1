//! Facts on disk: one narrow row per event as Parquet, the waist at which other engines
//! take over.
//!
//! The columns are documented by `countonce schema facts`.
//! Never a digest or another personal value: who carries what is a flag.

mod columns;
mod place;
mod writer;

use polars::prelude::*;

use crate::event::{Channel, MatchKey, mask_personal};
use crate::join::IdScheme;
use crate::join::bulk::{Flag, Row};
use crate::platform::meta::lean::{Lean, bit};

use super::verdict::Verdict;
use super::worker::Around;
pub(super) use columns::{FactColumns, StoredFact, is_facts, is_needed_of_facts};
pub use place::{FactsOut, Split};
pub(super) use writer::FactsWriter;

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
            pixel: mask_personal(pixel),
            name: lean.name.as_deref().map(mask_personal),
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
            currency: lean.currency.as_deref().map(mask_personal),
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

/// Rows as columns; `sources` are the inputs by their number.
fn frame(facts: &[Fact], sources: &[String]) -> PolarsResult<DataFrame> {
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
        texts("source", &|fact| sources.get(fact.input).cloned()),
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
