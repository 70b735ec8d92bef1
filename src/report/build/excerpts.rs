//! Payloads that show the findings, made fit to be shown.
//!
//! Only what a reader can look at: the first few findings of each kind.

use std::collections::{BTreeSet, HashMap};

use super::pseudonym::Pseudonyms;
use crate::event::{Event, MatchKey, mask_personal, mask_url};
use crate::join::Tables;
use crate::report::{Caught, Excerpt, Field, ReportedFinding};

/// Findings of one rule, event, side and cause whose payloads are kept: they all show
/// the same fault.
const KEPT_OF_A_KIND: u32 = 3;
/// Exchanges looked at per finding; a duplicate may cite thousands.
const LOOKED_AT: usize = 8;
/// Longest value shown, in characters.
const LONGEST: usize = 300;

/// Parameters whose values are the shop's, never a person's. Meta, standard parameters.
const OF_THE_SHOP: [&str; 12] = [
    "value",
    "currency",
    "num_items",
    "content_type",
    "content_ids",
    "contents",
    "content_name",
    "content_category",
    "delivery_category",
    "predicted_ltv",
    "order_id",
    "status",
];

/// The payloads of the events that findings cite, and of their other halves.
pub(super) fn excerpts(
    findings: &[ReportedFinding],
    caught: &[Caught],
    tables: &Tables,
) -> Vec<Excerpt> {
    let mut rows_of: HashMap<u64, Vec<usize>> = HashMap::new();
    for (row, event) in caught.iter().enumerate() {
        rows_of.entry(event.exchange).or_default().push(row);
    }
    let mut shown: BTreeSet<usize> = BTreeSet::new();
    let mut kinds: HashMap<_, u32> = HashMap::new();
    for found in findings {
        let finding = &found.finding;
        let kind = (&finding.rule, &finding.event, finding.channel, &finding.cause);
        let seen = kinds.entry(kind).or_default();
        *seen += 1;
        if *seen > KEPT_OF_A_KIND {
            continue;
        }
        for exchange in finding.evidence.iter().take(LOOKED_AT) {
            for row in rows_of.get(exchange).into_iter().flatten() {
                let of_event =
                    finding.event.as_deref().is_none_or(|name| name == caught[*row].event);
                if of_event {
                    shown.insert(*row);
                    shown.extend(caught[*row].joined.map(|joined| joined.with));
                }
            }
        }
    }
    let mut pseudonyms = Pseudonyms::default();
    shown.into_iter().map(|row| excerpt(&tables.events[row], &mut pseudonyms)).collect()
}

fn excerpt(event: &Event, pseudonyms: &mut Pseudonyms) -> Excerpt {
    let mut fields = Vec::new();
    let mut put = |name: &str, value: String| {
        // A site's own words, names of fields among them, may hold an address.
        fields.push(Field { name: mask_personal(name), value: cut(&mask_personal(&value)) });
    };
    put("event_name", event.name.clone().unwrap_or_else(|| "(none)".to_owned()));
    if let Some(id) = &event.id {
        put("event_id", id.clone());
    }
    if let Some(misplaced) = &event.misplaced_id {
        put(&misplaced.place, misplaced.id.clone());
    }
    put("pixel", event.pixel.clone());
    if let Some(time) = &event.time {
        put("event_time", time.text.clone());
    }
    if let Some(page) = &event.page {
        put("page", mask_url(page));
    }
    if let Some(source) = &event.action_source {
        put("action_source", source.clone());
    }
    for key in MatchKey::ALL {
        for value in event.keys.get(key).into_iter().flatten() {
            put(key.name(), pseudonyms.key(*key, value));
        }
    }
    for (name, value) in &event.unknown_keys {
        put(name, pseudonyms.other(name, value));
    }
    for (name, value) in &event.parameters {
        let text = match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let shop = OF_THE_SHOP.contains(&name.as_str());
        let plain = value.is_number() || value.is_boolean() || value.is_null();
        let shown = if shop || plain { text } else { pseudonyms.other(name, &text) };
        put(name, shown);
    }
    if let Some(refusal) = &event.refused {
        put("refused", refusal.title.clone());
    }
    put("transport", event.transport.to_owned());
    Excerpt {
        exchange: event.exchange,
        entry: event.entry,
        channel: event.channel,
        event: event.name().to_owned(),
        fields,
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST).collect();
    format!("{kept}… ({} characters)", text.chars().count())
}
