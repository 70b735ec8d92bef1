//! `countonce schema`: the published JSON Schemas.

use super::Streams;
use super::args::{SchemaOf, SchemaOptions};
use crate::{audit, capture, format, gate, rule, scenario};

pub(super) fn schema(options: &SchemaOptions, streams: &Streams) -> u8 {
    let schema = match options.of {
        SchemaOf::Scenario => format!("{:#}", scenario::scenario_schema()),
        SchemaOf::Config => format!("{:#}", config()),
        SchemaOf::Tape => format!("{:#}", capture::tape_schema()),
        SchemaOf::Report => format::schema(),
        SchemaOf::Comparison => format::comparison_schema(),
        SchemaOf::Facts => audit::facts_schema(),
    };
    streams.out(&schema);
    0
}

/// The whole file: what each room says of its own table.
fn config() -> serde_json::Value {
    let mut schema = scenario::config_schema();
    let policy = &mut schema["properties"]["policy"];
    let what = policy["description"].take();
    *policy = gate::policy_schema(rule::rules().map(|rule| (rule.id, rule.title)));
    policy["description"] = what;
    schema
}
