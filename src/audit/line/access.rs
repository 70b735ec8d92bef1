//! A line of an access log in the common or combined form of Apache and nginx:
//! `host - user [time] "request" status size "referrer" "agent"`, or of a load balancer of AWS:
//! `type time … status status size size "request" "agent"`.
//!
//! Bodies are not in such logs. Never what an address says.

use std::borrow::Cow;

use crate::audit::address::some;
use crate::audit::envelope::Envelope;
use crate::audit::time::time;

/// How the time is written (Apache, `mod_log_config`, `%t`; nginx, `$time_local`).
const TIME: &str = "%d/%b/%Y:%H:%M:%S %z";

/// The line as an envelope, whose address is missing where the request is none; what is
/// wrong with it otherwise.
pub(super) fn read(line: &str) -> Result<Envelope<'_>, &'static str> {
    if let Some(time) = balanced(line) {
        return balancer(line, time);
    }
    let (_, rest) = line.split_once('[').ok_or("no time in brackets")?;
    let (time, rest) = rest.split_once(']').ok_or("no time in brackets")?;
    let time = jiff::fmt::strtime::parse(TIME, time)
        .and_then(|parts| parts.to_timestamp())
        .map_err(|_| "the time in brackets is none, such as 02/Mar/2026:12:00:00 +0000")?;
    let (request, rest) = quoted(rest).ok_or("no request in quotes")?;
    let mut words = request.split(' ');
    let (method, url) = (words.next(), words.next());
    let mut after = rest.split_whitespace();
    let status = after.next().and_then(|status| status.parse().ok());
    let agent = quoted(rest).and_then(|(_, rest)| quoted(rest)).map(|(agent, _)| agent);
    Ok(Envelope {
        time: Some(time.as_millisecond()),
        method: url.and(method).map(Cow::Borrowed),
        url: url.map(Cow::Borrowed),
        status,
        agent: agent.and_then(some).map(Cow::Borrowed),
        ..Envelope::default()
    })
}

/// The time of a line of a load balancer; `None` for other lines.
fn balanced(line: &str) -> Option<i64> {
    let stamp = line.split(' ').take(2).find(|word| word.ends_with('Z') && word.contains('T'))?;
    time(stamp)
}

/// True for a line of a load balancer.
pub(in crate::audit) fn is_balancers(line: &str) -> bool {
    balanced(line).is_some() && line.contains(" \"")
}

/// A line of an application or classic load balancer (AWS, "Access log entries").
fn balancer(line: &str, time: i64) -> Result<Envelope<'_>, &'static str> {
    let (front, _) = line.split_once('"').ok_or("no request in quotes")?;
    // The status to the client is followed by that of the target and by two sizes.
    let status = front.split_whitespace().rev().nth(3).and_then(|status| status.parse().ok());
    let (request, rest) = quoted(line).ok_or("no request in quotes")?;
    let mut words = request.split(' ').filter_map(some);
    let (method, url) = (words.next(), words.next());
    Ok(Envelope {
        time: Some(time),
        method: url.and(method).map(Cow::Borrowed),
        url: url.map(Cow::Borrowed),
        status,
        agent: quoted(rest).and_then(|(agent, _)| some(agent)).map(Cow::Borrowed),
        ..Envelope::default()
    })
}

/// The next text in quotes and what comes after it; a quote inside is escaped.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let start = text.find('"')? + 1;
    let mut escaped = false;
    let end = text[start..].find(|sign| {
        let ends = sign == '"' && !escaped;
        escaped = sign == '\\' && !escaped;
        ends
    })?;
    Some((&text[start..start + end], &text[start + end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_load_balancers_are_read() {
        let rest = r#"10.0.0.1:80 0.086 0.048 0.037 200 204 0 57 "GET https://shop.test:443/tr?id=1 HTTP/2.0" "Mozilla/5.0 (X11)" ECDHE TLSv1.2 arn:x "Root=1-5" "shop.test""#;
        for front in [
            "https 2026-03-02T12:00:00.186641Z app/lb/50dc6c 192.168.131.39:2817",
            "2026-03-02T12:00:00.186641Z my-lb 192.168.131.39:2817",
        ] {
            let line = format!("{front} {rest}");
            assert!(is_balancers(&line));
            let found = read(&line).expect("a line");
            assert_eq!((found.time, found.status), (Some(1_772_452_800_186), Some(200)));
            assert_eq!(found.url.as_deref(), Some("https://shop.test:443/tr?id=1"));
            assert_eq!(found.agent.as_deref(), Some("Mozilla/5.0 (X11)"));
        }
        let none = r#"http 2026-03-02T12:00:00Z app/lb/5 1.2.3.4:1 - -1 -1 -1 400 - 0 272 "- http://lb:80- -" "-""#;
        assert_eq!(read(none).expect("a line").agent, None);
    }

    #[test]
    fn common_and_combined_lines_are_read() {
        let common = r#"73.162.41.9 - - [02/Mar/2026:13:00:00 +0100] "GET /tr?id=1&ev=Lead HTTP/1.1" 200 44"#;
        let combined = format!(r#"{common} "https://shop.test/" "Mozilla/5.0 (a \"b\")""#);
        for (line, agent) in [(common, None), (combined.as_str(), Some(r#"Mozilla/5.0 (a \"b\")"#))]
        {
            let found = read(line).expect("a line");
            assert_eq!(found.time, Some(1_772_452_800_000));
            assert_eq!(found.url.as_deref(), Some("/tr?id=1&ev=Lead"));
            assert_eq!((found.method.as_deref(), found.status), (Some("GET"), Some(200)));
            assert_eq!(found.agent.as_deref(), agent);
        }
        let none = r#"::1 - - [02/Mar/2026:12:00:00 +0000] "-" 400 0 "-" "-""#;
        assert_eq!(read(none).expect("a line").url, None);
        for broken in [
            "",
            "::1 - - x",
            "::1 [yesterday] \"GET / HTTP/1.1\"",
            "::1 [02/Mar/2026:12:00:00 +0000] GET",
        ] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }
}
