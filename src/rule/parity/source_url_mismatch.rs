//! ## What it checks
//! Both halves of a pair name the same page: scheme, host and path. Query, fragment, a
//! slash at the end and the case of the host do not matter. A relative address and one of
//! a test host are rules of their own.
//!
//! ## Why it matters
//! Rules for audiences and custom conversions go by the address. With `http` for `https`,
//! an internal host or the address of the API they apply to one copy and not the other.
//!
//! ## How to fix
//! Send the address of the page that the visitor sees: hand `location.href` to the server
//! with the request, or build it of the public host and path. Behind a proxy, honour
//! X-Forwarded-Proto and X-Forwarded-Host.
//!
//! ## Source
//! Meta, server event parameters: event_source_url is the browser URL where the event
//! happened.

use polars::prelude::*;

use crate::event::mask_url;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::payload::staging_source_url::is_workshop;
use crate::rule::suspects::{Suspect, frame, pair_of, pairs};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "source-url-mismatch",
    title: "the two halves of a conversion name different pages",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("source_url_mismatch.rs"),
};

/// Scheme, host and path of an absolute address, to compare by.
fn parts(address: &str) -> Option<(String, String, String)> {
    let (scheme, rest) = address.trim().split_once("://")?;
    let rest = rest.split(['?', '#']).next()?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit('@').next()?.to_lowercase();
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(&host);
    let path = percent_encoding::percent_decode_str(path.trim_end_matches('/'));
    Some((scheme.to_lowercase(), host.to_owned(), path.decode_utf8_lossy().into_owned()))
}

/// What differs between two pages.
fn difference(browser: &str, server: &str) -> Option<&'static str> {
    let (scheme, host, path) = parts(browser)?;
    let (other_scheme, other_host, other_path) = parts(server)?;
    if host != other_host {
        // A host that no visitor sees is staging-source-url's to name.
        if is_workshop(other_host.split(':').next().unwrap_or_default()) {
            return None;
        }
        let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
        return Some(if bare(&host) == bare(&other_host) { "www" } else { "host" });
    }
    if path != other_path {
        return Some("path");
    }
    (scheme != other_scheme).then_some("scheme")
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let suspects: Vec<Suspect> = pairs(tables)?
        .iter()
        .filter_map(|pair| {
            let (browser, server) = (pair.browser.page.as_deref()?, pair.server.page.as_deref()?);
            Some(Suspect::pair(pair, difference(browser, server)?))
        })
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let pair = pair_of(row, tables)?;
    let cause = row.text("what")?;
    let fix = match cause.as_str() {
        "scheme" => "honour X-Forwarded-Proto, or write https",
        "path" => "send the page that the visitor sees, not the address of the request",
        _ => "send the public host of the site",
    };
    Some(
        Offence::new(
            format!(
                "{} happened on {} for the browser and on {} for the server",
                pair.browser.name(),
                mask_url(pair.browser.page.as_deref()?),
                mask_url(pair.server.page.as_deref()?)
            ),
            fix,
        )
        .because(cause),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_compared_by_scheme_host_and_path() {
        let page = "https://shop.com/thank-you";
        for (server, expected) in [
            ("https://shop.com/thank-you/?order=1#top", None),
            ("https://SHOP.com:443/thank-you", None),
            ("https://shop.com/thank%2Dyou", None),
            ("http://shop.com/thank-you", Some("scheme")),
            ("https://www.shop.com/thank-you", Some("www")),
            ("https://api.shop.com/thank-you", Some("host")),
            ("https://shop.com/api/orders", Some("path")),
            ("/thank-you", None),
            ("http://localhost:8000/thank-you", None),
            ("https://staging.shop.com/thank-you", None),
        ] {
            assert_eq!(difference(page, server), expected, "{server}");
        }
    }

    #[test]
    fn a_pair_on_two_pages_is_found_without_its_query_values() {
        use crate::rule::trial::{browser, findings, server, visit};
        let mut other = server("Purchase", "1");
        other.page = Some("https://shop.test/api/orders?email=ann@example.com".into());
        let events = vec![browser("Purchase", "1"), other];
        let found = findings("source-url-mismatch", events, vec![visit()]);
        assert_eq!(found.len(), 1);
        assert!(!found[0].message.contains("ann@"), "{}", found[0].message);
    }
}
