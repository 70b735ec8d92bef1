//! ## What it checks
//! A value that is a number is also believable: not negative, not zero for a Purchase, no
//! noise of binary fractions, and not about a hundred times what its own contents add up
//! to. The zero that a gateway of the platform fills in where the page gave no value is its
//! own and no finding.
//!
//! ## Why it matters
//! Zero and negative purchases pull return on ad spend down; cents sent as units push it up
//! a hundredfold. Both look like real customers to value-based bidding.
//!
//! ## How to fix
//! Send the amount of the order in units of the currency, rounded to its decimals. Do not
//! send refunds and free orders as purchases.
//!
//! ## Source
//! Meta, standard parameters: value in units of the currency. The script warns of negative
//! values (observed).

use polars::prelude::*;

use crate::event::{Event, mask_and_cut};
use crate::finding::Severity;
use crate::join::{Tables, is_gateway_copy};
use crate::rule::pick::events_where;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "suspicious-value",
    title: "a value that is a number and hardly the amount",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("suspicious_value.rs"),
};

/// Prices have up to three decimals (KWD), unit prices some more; beyond it is noise.
const MOST_DECIMALS: usize = 6;
/// Characters of a value that a message shows: a number may have hundreds of digits.
const LONGEST_VALUE: usize = 24;
const CENTS_FOR_UNITS: &str = "cents for units";
/// How often the sum of its contents a value in cents is: a hundred times, give or take
/// shipping, tax and discounts.
const CENTS: std::ops::RangeInclusive<f64> = 70.0..=140.0;

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let partners = tables
        .identities
        .clone()
        .lazy()
        .filter(col("browser").gt(lit(0)).and(col("server").gt(lit(0))))
        .select([col("browser_row"), col("server_row")]);
    let halves = |row: &str, half: &str| {
        partners.clone().select([col(row).alias("row"), col(half).alias("half")])
    };
    let halves = concat(
        [halves("browser_row", "server_row"), halves("server_row", "browser_row")],
        UnionArgs::default(),
    )?;
    Ok(events_where(tables, |_, event| ask(event).is_some())?
        .join(halves, [col("row")], [col("row")], JoinArgs::new(JoinType::Left))
        .sort(["row"], SortMultipleOptions::default()))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let event = tables.events.get(row.count("row")? as usize)?;
    let offence = ask(event)?;
    // Cents on one side only are a mismatch of the two.
    let other_half = row.count("half").and_then(|half| tables.events.get(half as usize));
    let mismatch = other_half.and_then(Event::value).is_some_and(|other| {
        event.value().is_some_and(|value| (value - other).abs() > f64::EPSILON)
    });
    (!mismatch || offence.cause.as_deref() != Some(CENTS_FOR_UNITS)).then_some(offence)
}

fn ask(event: &Event) -> Option<Offence> {
    let value = event.value().filter(|_| !event.automatic)?;
    let text = event.parameter_text("value").unwrap_or_default();
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.trim().len());
    let (what, cause, fix) = if value < 0.0 {
        ("is negative", "negative", "send refunds outside of conversion events")
    } else if value == 0.0 && event.name() == "Purchase" && !is_gateway_copy(event) {
        ("is zero", "zero", "send the amount paid, and no Purchase for what cost nothing")
    } else if value.fract() == 0.0 && sum(event).is_some_and(|sum| CENTS.contains(&(value / sum))) {
        (
            "is about a hundred times the sum of its contents",
            CENTS_FOR_UNITS,
            "divide by 100: the value is in units of the currency",
        )
    } else if decimals > MOST_DECIMALS {
        ("has the noise of a binary fraction", "float noise", "round to the currency's decimals")
    } else {
        return None;
    };
    Some(
        Offence::new(
            format!(
                "the value {} of {} from the {} {what}",
                mask_and_cut(&text, LONGEST_VALUE),
                event.name(),
                event.channel
            ),
            fix,
        )
        .because(cause),
    )
}

/// Price times quantity over the contents, where each names its price.
fn sum(event: &Event) -> Option<f64> {
    let contents = event.parameter("contents")?.as_array()?;
    let mut sum = 0.0;
    for item in contents {
        let price = item.get("item_price")?.as_f64()?;
        let quantity = item.get("quantity").map_or(Some(1.0), serde_json::Value::as_f64)?;
        sum += price * quantity;
    }
    (sum > 0.0).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;
    use serde_json::{Value, json};

    fn cause(name: &str, value: Value) -> Option<String> {
        let mut event = Event::new(Channel::Browser, 1, "1");
        event.name = Some(name.into());
        event.parameters.insert("value".into(), value);
        event
            .parameters
            .insert("contents".into(), json!([{"id": "a", "quantity": 2, "item_price": 21}]));
        ask(&event).and_then(|offence| offence.cause)
    }

    #[test]
    fn only_what_cannot_be_the_amount_is_suspicious() {
        assert_eq!(cause("Purchase", json!(-5)).as_deref(), Some("negative"));
        assert_eq!(cause("Purchase", json!("0.00")).as_deref(), Some("zero"));
        assert_eq!(cause("Purchase", json!(4200)).as_deref(), Some(CENTS_FOR_UNITS));
        assert_eq!(cause("Purchase", json!(0.1 + 0.2)).as_deref(), Some("float noise"));
        for value in [json!(42), json!("42.00"), json!(39.99), json!(47.99), json!(4150.123)] {
            assert_eq!(cause("Purchase", value), None);
        }
        assert_eq!(cause("ViewContent", json!(0)), None);
    }
}
