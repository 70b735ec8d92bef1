//! Facts on disk: one narrow row per event as Parquet, the waist at which other engines
//! take over.
//!
//! The columns are documented by `countonce schema facts`.
//! Never a digest or another personal value: who carries what is a flag.

mod columns;
mod place;
mod schema;
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
pub use schema::{FACTS_FORMAT, facts_columns, facts_schema};
pub(super) use writer::FactsWriter;

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
