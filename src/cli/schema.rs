//! `countonce schema`: the published JSON Schemas.

use super::Streams;
use super::args::{SchemaOf, SchemaOptions};
use crate::{audit, format, scenario};

pub(super) fn schema(options: &SchemaOptions, streams: &Streams) -> u8 {
    let schema = match options.of {
        SchemaOf::Scenario => format!("{:#}", scenario::scenario_schema()),
        SchemaOf::Config => format!("{:#}", scenario::config_schema()),
        SchemaOf::Report => format::schema(),
        SchemaOf::Comparison => format::comparison_schema(),
        SchemaOf::Facts => audit::facts_schema(),
    };
    streams.out(&schema);
    0
}
