//! ## What it checks
//! Both halves of a pair name the same products and, where both give them, the same
//! quantities. `contents` and `content_ids`, lists and single values, numbers and texts
//! are understood alike; the order does not matter.
//!
//! ## Why it matters
//! Catalogue ads show people what they looked at. One side with the id of the variant
//! and the other with that of the product, or with a prefix, matches the catalogue only
//! half the time: depending on which copy the platform keeps.
//!
//! ## How to fix
//! Make the list once, of the ids that the catalogue feed has, and hand it to both sides.
//!
//! ## Source
//! Meta, standard events reference: contents and content_ids hold the ids of the
//! catalogue; "Deduplicate pixel and server events": the later copy is discarded.

use polars::prelude::*;

use crate::event::mask_and_cut;
use crate::finding::Severity;
use crate::join::{Basket, Tables, basket, relate};
use crate::rule::suspects::{Suspect, frame, pair_of, pairs};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "contents-mismatch",
    title: "the two halves of a conversion name different products",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("contents_mismatch.rs"),
};

/// What differs between two baskets, in a few stable words.
fn difference(browser: &Basket, server: &Basket) -> Option<String> {
    if browser.ids == server.ids {
        let differ = match (&browser.quantities, &server.quantities) {
            (Some(left), Some(right)) => left != right,
            _ => false,
        };
        return differ.then(|| "quantities differ".to_owned());
    }
    if browser.ids.len() != server.ids.len() {
        return Some("number of products differs".to_owned());
    }
    // One simple relation that explains every id is the cause.
    let names: Vec<Option<String>> = browser
        .ids
        .iter()
        .zip(&server.ids)
        .filter(|(left, right)| left != right)
        .map(|(left, right)| relate(left, right).map(|relation| relation.name()))
        .collect();
    match names.first() {
        Some(Some(name)) if names.iter().all(|other| other.as_ref() == Some(name)) => {
            Some(format!("ids differ: {name}"))
        }
        _ => Some("ids differ".to_owned()),
    }
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let suspects: Vec<Suspect> = pairs(tables)?
        .iter()
        .filter_map(|pair| {
            let cause = match (basket(pair.browser), basket(pair.server)) {
                (Some(browser), Some(server)) => difference(&browser, &server)?,
                _ => return None,
            };
            Some(Suspect::pair(pair, cause))
        })
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let pair = pair_of(row, tables)?;
    let cause = row.text("what")?;
    let (browser, server) = (basket(pair.browser)?, basket(pair.server)?);
    let message = if cause == "quantities differ" {
        format!("browser and server name different quantities for the same {}", pair.browser.name())
    } else {
        format!(
            "the browser names {}, the server {} for the same {}",
            shown(&browser.ids),
            shown(&server.ids),
            pair.browser.name()
        )
    };
    Some(
        Offence::new(message, "make the list of products once and hand it to both sides")
            .because(cause),
    )
}

/// The first few ids.
fn shown(ids: &[String]) -> String {
    const SHOWN: usize = 3;
    let few: Vec<String> =
        ids.iter().take(SHOWN).map(|id| format!("\"{}\"", mask_and_cut(id, 40))).collect();
    let more = if ids.len() > SHOWN { " …" } else { "" };
    format!("{}{more}", few.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::event::Event;
    use crate::rule::trial::{browser, of_pair, server};
    use serde_json::{Value, json};

    const ID: &str = "contents-mismatch";

    fn with(mut event: Event, name: &str, value: Value) -> Event {
        event.parameters.insert(name.into(), value);
        event
    }

    fn of(left: Value, right: Value) -> Vec<String> {
        let browser = with(browser("Purchase", "1"), "contents", left);
        of_pair(ID, browser, with(server("Purchase", "1"), "contents", right))
    }

    #[test]
    fn products_and_quantities_are_compared() {
        let one = json!([{"id": "mug-blue", "quantity": 2}]);
        assert!(of(one.clone(), one.clone()).is_empty());
        assert!(of(one.clone(), json!([{"quantity": "2", "id": "mug-blue"}])).is_empty());
        assert!(of(one.clone(), json!("[{\"id\":\"mug-blue\",\"quantity\":2}]")).is_empty());
        assert_eq!(
            of(one.clone(), json!([{"id": "mug-blue", "quantity": 3}])),
            ["quantities differ"]
        );
        assert_eq!(
            of(one.clone(), json!([{"id": "MUG-BLUE", "quantity": 2}])),
            ["ids differ: case"]
        );
        assert_eq!(of(one.clone(), json!([{"id": "4711", "quantity": 2}])), ["ids differ"]);
        let two = json!([{"id": "mug-blue", "quantity": 1}, {"id": "mug-red", "quantity": 1}]);
        assert_eq!(of(one, two), ["number of products differs"]);
    }

    #[test]
    fn contents_and_content_ids_are_the_same_language() {
        let contents = with(
            browser("Purchase", "1"),
            "contents",
            json!([{"id": 12, "quantity": 1}, {"id": 7, "quantity": 1}]),
        );
        for ids in [json!(["7", "12"]), json!("[\"12\",\"7\"]"), json!([7, 12])] {
            let server = with(server("Purchase", "1"), "content_ids", ids);
            assert!(of_pair(ID, contents.clone(), server).is_empty());
        }
        let single = with(server("Purchase", "1"), "content_ids", json!("12"));
        assert_eq!(of_pair(ID, contents.clone(), single), ["number of products differs"]);
        assert!(of_pair(ID, contents, server("Purchase", "1")).is_empty(), "missing-contents");
    }
}
