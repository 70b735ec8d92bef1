//! A line of a log in the W3C extended form, in which a `#Fields:` line names what stands in
//! the lines after it: CloudFront (between tabs), IIS (between spaces).
//!
//! Bodies are not in such logs. Never what an address says.

use std::borrow::Cow;

use crate::audit::address::{address, agent, some};
use crate::audit::envelope::Envelope;
use crate::audit::layout::{Names, role};
use crate::audit::time::joined;

/// What the header of such a log begins with (W3C, Extended Log File Format).
pub(in crate::audit) const HEADER: &str = "#Fields:";

/// What stands in each place of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::audit) struct Fields {
    roles: Vec<Option<usize>>,
    /// Why no hit can be made of such lines, where none can.
    useless: Option<&'static str>,
}

impl Fields {
    /// The fields that a line names; `None` where it is no header.
    pub(in crate::audit) fn of(line: &str, names: &Names) -> Option<Fields> {
        let fields: Vec<&str> = line.strip_prefix(HEADER)?.split_whitespace().collect();
        let roles: Vec<Option<usize>> = fields.iter().map(|name| names.role(name)).collect();
        let has = |wanted| roles.contains(&Some(wanted));
        let useless = if !has(role::URL) {
            Some("the header names no address: cs-uri-stem with cs-uri-query, or cs-uri")
        } else if fields.contains(&"cs-uri-stem") && !has(role::QUERY) {
            Some("the header names no cs-uri-query, in which hits say what they are")
        } else {
            None
        };
        Some(Fields { roles, useless })
    }
}

/// The line as an envelope; what is wrong with it otherwise.
pub(super) fn read<'l>(line: &'l str, fields: &Fields) -> Result<Envelope<'l>, Cow<'static, str>> {
    if let Some(useless) = fields.useless {
        return Err(useless.into());
    }
    let mut found = Envelope::default();
    let (mut stem, mut query, mut count) = (None, None, 0);
    let mut take = |value: &'l str| {
        let role = fields.roles.get(count).copied().flatten();
        count += 1;
        let (Some(role), Some(value)) = (role, some(value)) else { return };
        match role {
            role::TIME => found.time = joined(found.time, value),
            role::METHOD => found.method = Some(Cow::Borrowed(value)),
            role::URL => stem = Some(value),
            role::QUERY => query = Some(value),
            role::STATUS => found.status = value.parse().ok(),
            role::AGENT => found.agent = Some(agent(Cow::Borrowed(value))),
            role::PIXEL => found.pixel = Some(Cow::Borrowed(value)),
            _ => {}
        }
    };
    // Values hold no separator: CloudFront encodes tabs, IIS writes a plus for a space.
    if line.contains('\t') {
        line.split('\t').for_each(&mut take);
    } else {
        line.split_ascii_whitespace().for_each(&mut take);
    }
    if count != fields.roles.len() {
        return Err(format!("{count} fields where the header has {}", fields.roles.len()).into());
    }
    found.url = stem.map(|stem| match query {
        Some(query) => address(stem, query),
        None => Cow::Borrowed(stem),
    });
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Layout;

    fn fields(header: &str) -> Fields {
        Fields::of(header, &Names::new(&Layout::default())).expect("a header")
    }

    #[test]
    fn lines_of_cloudfront_and_of_iis_are_read() {
        let cloudfront = fields(
            "#Fields: date time x-edge-location c-ip cs-method cs(Host) cs-uri-stem sc-status cs(User-Agent) cs-uri-query",
        );
        let line = "2026-03-02\t12:00:00\tDFW3\t73.162.41.9\tGET\td1.cloudfront.test\t/tr/\t200\tMozilla/5.0%20(X11)\tid=1&ev=Lead&dl=https%253A%252F%252Fa.test";
        let iis = fields(
            "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) sc-status time-taken",
        );
        let other = "2026-03-02 12:00:00 10.0.0.1 GET /tr/ id=1&ev=Lead&dl=https%3A%2F%2Fa.test 443 73.162.41.9 Mozilla/5.0+(X11) 200 15";
        for (line, fields) in [(line, &cloudfront), (other, &iis)] {
            let found = read(line, fields).expect("a line");
            assert_eq!(found.time, Some(1_772_452_800_000));
            assert_eq!(found.url.as_deref(), Some("/tr/?id=1&ev=Lead&dl=https%3A%2F%2Fa.test"));
            assert_eq!((found.method.as_deref(), found.status), (Some("GET"), Some(200)));
            assert_eq!(found.agent.as_deref(), Some("Mozilla/5.0 (X11)"));
        }
        let short = line.replacen("\tDFW3", "", 1);
        let cause = read(&short, &cloudfront).expect_err("short");
        assert_eq!(cause, "9 fields where the header has 10");
    }

    #[test]
    fn headers_by_which_no_hit_can_be_found_say_so() {
        assert_eq!(Fields::of("#Version: 1.0", &Names::new(&Layout::default())), None);
        for (header, part) in [
            ("#Fields: date time c-ip", "no address"),
            ("#Fields: date time cs-uri-stem", "no cs-uri-query"),
        ] {
            let cause = read("a b c", &fields(header)).expect_err("useless");
            assert!(cause.contains(part), "{cause}");
        }
        assert!(read("2026-03-02 /tr?id=1", &fields("#Fields: date cs-uri")).is_ok());
    }
}
