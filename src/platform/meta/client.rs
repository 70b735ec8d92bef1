//! The visitor's address and user agent as servers report them: whether they can be a
//! visitor's at all.
//!
//! Addresses of documentation ranges are told apart: they are nobody's, but a test
//! set-up may use them on purpose.
//! Never who the visitor is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::people::without_appendix;
use crate::event::MatchKey;

/// What kind of address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Routed on the internet.
    Public,
    /// `127.0.0.0/8`, `::1`.
    Loopback,
    /// Private, link-local, unique local (RFC 1918, RFC 4193, RFC 3927).
    Private,
    /// Shared by an access provider's customers (RFC 6598).
    CarrierGrade,
    /// Set aside for documentation (RFC 5737, RFC 3849).
    Documentation,
    /// Unspecified, multicast, broadcast, reserved.
    Reserved,
}

impl Reach {
    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Reach::Public => "public address",
            Reach::Loopback => "loopback address",
            Reach::Private => "private address",
            Reach::CarrierGrade => "shared address of a provider",
            Reach::Documentation => "documentation address",
            Reach::Reserved => "reserved address",
        }
    }
}

/// Reads an address; on failure, what is wrong with it in a few stable words.
pub fn read_address(value: &str) -> Result<IpAddr, &'static str> {
    let value = without_appendix(MatchKey::ClientIp, value);
    if let Ok(address) = value.parse::<IpAddr>() {
        return match address {
            IpAddr::V6(six) if six.to_ipv4_mapped().is_some() => Err("IPv4 written as IPv6"),
            other => Ok(other),
        };
    }
    let trimmed = value.trim();
    if trimmed.parse::<IpAddr>().is_ok() {
        return Err("white space around it");
    }
    if trimmed.contains(',')
        || trimmed.split_whitespace().filter(|part| is_address(part)).count() > 1
    {
        return Err("list of addresses");
    }
    let unquoted = trimmed.trim_matches(['"', '\'']);
    if unquoted != trimmed && is_address(unquoted) {
        return Err("quotes around it");
    }
    if trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(is_address) {
        return Err("brackets around it");
    }
    if trimmed.parse::<std::net::SocketAddr>().is_ok() {
        return Err("port behind it");
    }
    if trimmed.split_once('/').is_some_and(|(address, _)| is_address(address)) {
        return Err("network instead of an address");
    }
    if trimmed.split_once('%').is_some_and(|(address, _)| is_address(address)) {
        return Err("zone behind it");
    }
    if four_numbers(trimmed) {
        return Err("leading zeros");
    }
    let masked = trimmed.contains(['*', 'x', 'X'])
        && trimmed.split('.').count() == 4
        && trimmed.split('.').all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_digit() || b"*xX".contains(&byte))
        });
    Err(if masked { "anonymised" } else { "no address" })
}

/// True for an IPv4 address but for zeros at the front of its numbers, which some parsers
/// read as octal.
fn four_numbers(text: &str) -> bool {
    let plain: Vec<&str> = text.split('.').collect();
    plain.len() == 4
        && plain.iter().all(|part| (1..=3).contains(&part.len()) && part.parse::<u8>().is_ok())
}

fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// What kind of address it is.
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(four) => reach_of_four(four),
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => reach_of_four(four),
            None => reach_of_six(six),
        },
    }
}

fn reach_of_four(four: Ipv4Addr) -> Reach {
    let octets = four.octets();
    if four.is_loopback() {
        Reach::Loopback
    } else if four.is_private() || four.is_link_local() {
        Reach::Private
    } else if octets[0] == 100 && (64..128).contains(&octets[1]) {
        Reach::CarrierGrade
    } else if four.is_documentation() {
        Reach::Documentation
    } else if octets[0] == 0 || octets[0] >= 224 {
        Reach::Reserved
    } else {
        Reach::Public
    }
}

fn reach_of_six(six: Ipv6Addr) -> Reach {
    let first = six.segments()[0];
    if six.is_loopback() {
        Reach::Loopback
    } else if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80 {
        Reach::Private
    } else if first == 0x2001 && six.segments()[1] == 0x0db8 || first == 0x3fff {
        Reach::Documentation
    } else if first & 0xe000 == 0x2000 {
        Reach::Public
    } else {
        Reach::Reserved
    }
}

/// How HTTP clients and SDKs of servers name themselves, in lower case, with what to call them.
const HTTP_CLIENTS: &[(&str, &str)] = &[
    ("fbbizsdk", "Meta's business SDK"),
    ("facebook-business-sdk", "Meta's business SDK"),
    ("axios/", "axios"),
    ("node-fetch", "node-fetch"),
    ("undici", "undici"),
    ("got (", "got"),
    ("got/", "got"),
    ("python-requests", "requests"),
    ("python-urllib", "urllib"),
    ("python-httpx", "httpx"),
    ("aiohttp", "aiohttp"),
    ("httpx/", "httpx"),
    ("guzzlehttp", "Guzzle"),
    ("symfony httpclient", "Symfony HttpClient"),
    ("go-http-client", "Go"),
    ("okhttp", "OkHttp"),
    ("apache-httpclient", "Apache HttpClient"),
    ("java-http-client", "Java"),
    ("java/", "Java"),
    ("reactornetty", "Reactor Netty"),
    ("ruby", "Ruby"),
    ("faraday", "Faraday"),
    ("curl/", "curl"),
    ("libcurl", "curl"),
    ("wget/", "Wget"),
    ("wordpress/", "WordPress"),
    ("woocommerce/", "WooCommerce"),
    ("php/", "PHP"),
    ("restsharp", "RestSharp"),
    ("dart/", "Dart"),
    ("reqwest/", "reqwest"),
    ("postmanruntime", "Postman"),
    ("insomnia/", "Insomnia"),
    ("libwww-perl", "libwww-perl"),
    ("google-apps-script", "Apps Script"),
    ("cloudflare-workers", "Cloudflare Workers"),
];

/// The HTTP client that a user agent belongs to; `None` for browsers and for what is not known.
///
/// Browsers have begun with `Mozilla/` for as long as anyone remembers; `Opera/` is the
/// one exception that is still seen.
pub fn http_client(user_agent: &str) -> Option<&'static str> {
    let lower = user_agent.trim().to_ascii_lowercase();
    if lower.starts_with("mozilla/") || lower.starts_with("opera/") {
        return None;
    }
    if matches!(lower.as_str(), "node" | "node.js" | "nodejs" | "deno" | "bun") {
        return Some("Node.js");
    }
    HTTP_CLIENTS.iter().find(|(name, _)| lower.starts_with(name)).map(|(_, called)| *called)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_what_is_wrong_with_others_is_named() {
        for good in ["73.162.41.9", "2601:645::1", "168.212.226.204.ABcDEFGh", "127.0.0.1"] {
            read_address(good).expect(good);
        }
        for (value, expected) in [
            ("73.162.41.9, 10.0.0.1", "list of addresses"),
            ("73.162.41.9 10.0.0.1", "list of addresses"),
            ("73.162.41.9:4711", "port behind it"),
            ("[2601:645::1]:443", "port behind it"),
            ("[2601:645::1]", "brackets around it"),
            (" 73.162.41.9", "white space around it"),
            ("::ffff:73.162.41.9", "IPv4 written as IPv6"),
            ("\"73.162.41.9\"", "quotes around it"),
            ("73.162.41.0/24", "network instead of an address"),
            ("fe80::1%eth0", "zone behind it"),
            ("73.162.41.xxx", "anonymised"),
            ("73.162.041.009", "leading zeros"),
            ("73.162.41.999", "no address"),
            ("73.162.41", "no address"),
            ("unknown", "no address"),
            ("", "no address"),
        ] {
            assert_eq!(read_address(value), Err(expected), "{value}");
        }
    }

    #[test]
    fn reach_is_told_by_range() {
        for (address, expected) in [
            ("73.162.41.9", Reach::Public),
            ("127.0.0.1", Reach::Loopback),
            ("::1", Reach::Loopback),
            ("10.1.2.3", Reach::Private),
            ("172.16.0.1", Reach::Private),
            ("172.32.0.1", Reach::Public),
            ("192.168.1.1", Reach::Private),
            ("169.254.1.1", Reach::Private),
            ("fd00::1", Reach::Private),
            ("fe80::1", Reach::Private),
            ("100.64.0.1", Reach::CarrierGrade),
            ("100.128.0.1", Reach::Public),
            ("203.0.113.7", Reach::Documentation),
            ("2001:db8::1", Reach::Documentation),
            ("0.0.0.0", Reach::Reserved),
            ("239.1.1.1", Reach::Reserved),
            ("2003:e5::3c", Reach::Public),
            ("::ffff:10.0.0.1", Reach::Private),
        ] {
            assert_eq!(reach(address.parse().expect("an address")), expected, "{address}");
        }
    }

    #[test]
    fn browsers_are_no_http_clients_whatever_they_mention() {
        for browser in [
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36",
            "Mozilla/5.0 (iPhone) [FBAN/FBIOS;FBAV/1.0]",
            "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1; U; en) Presto/2.8",
            "SamsungBrowser",
            "",
        ] {
            assert_eq!(http_client(browser), None, "{browser}");
        }
        for (agent, expected) in [
            ("axios/1.7.2", "axios"),
            ("python-requests/2.32", "requests"),
            ("fbbizsdk-nodejs-v24.0.0", "Meta's business SDK"),
            ("node", "Node.js"),
            ("GuzzleHttp/7", "Guzzle"),
        ] {
            assert_eq!(http_client(agent), Some(expected));
        }
    }
}
