//! Which addresses are Meta's, and what each of them is for.
//!
//! By host for Meta's own, by path and parameters for first-party endpoints, which
//! the pixel can be pointed at (`fbq('set', 'endpoint', …)`).
//! Never a body: what an address alone cannot tell is for the decoders.

use url::{Host, Url};

/// Domains that belong to Meta, with everything below them (meta-facts 1.1).
const DOMAINS: [&str; 3] = ["facebook.com", "facebook.net", "instagram.com"];
/// Longest pixel id: one digit and up to 25 more (meta-facts 1.3).
const LONGEST_PIXEL_ID: usize = 26;

/// What an address is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A hit of the pixel.
    Hit,
    /// A Conversions API call.
    Call {
        /// API version (`v26.0`), where the path names one.
        version: Option<String>,
        /// Pixel id as the path has it.
        pixel: String,
    },
    /// The pixel script.
    Script,
    /// The configuration script of a pixel.
    Config(String),
    /// Anything else at Meta: twins of hits, plugins, error logs, widgets.
    Other,
    /// Perhaps a first-party endpoint: only the body can tell.
    Perhaps,
    /// Not Meta's.
    Foreign,
}

/// What the address is for.
pub(super) fn purpose(method: &str, address: &str) -> Purpose {
    if method == "POST"
        && let Some(pixel) = plain_call(address)
    {
        return Purpose::Call { version: None, pixel: pixel.to_owned() };
    }
    let Ok(url) = Url::parse(address) else { return Purpose::Foreign };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let path = url.path();
    let at_graph = is_graph(&host);
    if method == "POST"
        && let Some((version, pixel)) = events_path(path)
        && (at_graph || version.is_some() || is_pixel_id(&pixel))
        && (at_graph || !is_meta(&host))
    {
        return Purpose::Call { version, pixel };
    }
    if at_graph {
        return Purpose::Other;
    }
    if is_meta(&host) {
        return if is_hit_path(path) {
            Purpose::Hit
        } else if path.rsplit('/').next() == Some("fbevents.js") {
            Purpose::Script
        } else if let Some(pixel) = path.strip_prefix("/signals/config/") {
            Purpose::Config(pixel.trim_end_matches('/').to_owned())
        } else {
            Purpose::Other
        };
    }
    if !is_visited(&url) {
        return Purpose::Foreign;
    }
    let names: Vec<_> = url.query_pairs().collect();
    let has = |name: &str| names.iter().any(|(known, _)| known == name);
    let has_id = names.iter().any(|(name, value)| name == "id" && is_pixel_id(value));
    if has_id && is_hit_path(trimmed_to_tr(path)) && (has("ev") || has("dl")) {
        return Purpose::Hit;
    }
    // An endpoint of any other path is known by what every hit of the script carries.
    if has_id && ["ev", "dl", "ts", "ec", "v"].iter().all(|name| has(name)) {
        return Purpose::Hit;
    }
    match method {
        "POST" if is_hit_path(trimmed_to_tr(path)) => Purpose::Perhaps,
        _ => Purpose::Foreign,
    }
}

/// The pixel of a call in its plainest form, which is that of every event of a log and takes
/// no parser.
fn plain_call(address: &str) -> Option<&str> {
    let path = address.strip_prefix("https://")?.strip_prefix(GRAPH)?;
    let pixel = path.strip_prefix('/')?.strip_suffix("/events")?;
    (!pixel.is_empty() && pixel.bytes().all(|byte| byte.is_ascii_digit())).then_some(pixel)
}

/// The host at which Meta takes server calls (Meta, Graph API overview).
pub(super) const GRAPH: &str = "graph.facebook.com";

/// True for a host at which Meta takes server calls.
pub(super) fn is_graph(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == GRAPH
        || host.strip_suffix(GRAPH).is_some_and(|below| below.ends_with('.'))
        || (host.starts_with("graph.") && host.ends_with(".facebook.com"))
}

/// True for the shape of a pixel id.
pub(super) fn is_pixel_id(text: &str) -> bool {
    text.len() <= LONGEST_PIXEL_ID
        && text.bytes().all(|b| b.is_ascii_digit())
        && !text.starts_with('0')
        && !text.is_empty()
}

fn is_meta(host: &str) -> bool {
    DOMAINS.iter().any(|domain| {
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

fn is_hit_path(path: &str) -> bool {
    matches!(path, "/tr" | "/tr/")
}

/// The end of a path from its last `/tr` on, so that `/metrics/tr/` counts as well.
fn trimmed_to_tr(path: &str) -> &str {
    let bare = path.strip_suffix('/').unwrap_or(path);
    if bare.ends_with("/tr") { &path[bare.len() - "/tr".len()..] } else { "" }
}

/// True for addresses that browsers visit: a domain or a number, over HTTP.
fn is_visited(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.host().is_some_and(|host| !matches!(host, Host::Domain("")))
}

/// Version and pixel of `/v26.0/123/events`, with or without the version.
fn events_path(path: &str) -> Option<(Option<String>, String)> {
    let bare = path.strip_suffix('/').unwrap_or(path);
    let rest = bare.strip_suffix("/events")?.strip_prefix('/')?;
    match rest.split_once('/') {
        None if !rest.is_empty() => Some((None, rest.to_owned())),
        Some((version, pixel))
            if is_version(version) && !pixel.is_empty() && !pixel.contains('/') =>
        {
            Some((Some(version.to_owned()), pixel.to_owned()))
        }
        _ => None,
    }
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|number| {
        number.starts_with(|c: char| c.is_ascii_digit())
            && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(method: &str, address: &str, expected: &Purpose) {
        assert_eq!(&purpose(method, address), expected, "{method} {address}");
    }

    #[test]
    fn hits_are_found_at_every_address_of_the_pixel() {
        for address in [
            "https://www.facebook.com/tr/?id=1&ev=PageView",
            "https://www.facebook.com/tr?id=1&ev=PageView&noscript=1",
            "https://facebook.com/tr/",
            "https://www.instagram.com/tr/?id=1",
            "https://connect.facebook.net/tr/?id=1",
            "https://www.facebook.com./tr/?id=1",
            "https://WWW.Facebook.com/tr/?id=1",
            "https://shop.test/tr/?id=123&ev=Lead",
            "https://metrics.shop.test/a/tr?id=123&dl=https%3A%2F%2Fshop.test",
            "https://shop.test/collect?id=123&ev=Lead&dl=x&ts=1&ec=0&v=2.9.1",
        ] {
            is("GET", address, &Purpose::Hit);
        }
        is("POST", "https://www.facebook.com/tr/", &Purpose::Hit);
        is("POST", "https://shop.test/tr/", &Purpose::Perhaps);
    }

    #[test]
    fn look_alikes_are_left_to_the_site() {
        for address in [
            "https://notfacebook.com/tr/?x=1",
            "https://facebook.com.shop.test/tr/?x=1",
            "https://shop.test/tr/",
            "https://shop.test/tr/?id=12&lang=tr",
            "https://shop.test/str/?id=12&ev=x",
            "https://shop.test/tr/?id=abc&ev=x",
            "https://shop.test/track?id=12&ev=x",
            "https://shop.test/fbevents.js",
            "https://shop.test/signals/config/1",
            "https://shop.test/?u=https://www.facebook.com/tr/?id=1%26ev=x",
            "data:text/plain,facebook.com/tr/?id=1&ev=x",
            "not an address",
        ] {
            is("GET", address, &Purpose::Foreign);
        }
        is("POST", "https://shop.test/api/events", &Purpose::Foreign);
        is("POST", "https://shop.test/orders/12/events", &Purpose::Foreign);
    }

    #[test]
    fn scripts_and_twins_are_no_hits() {
        is("GET", "https://connect.facebook.net/en_US/fbevents.js", &Purpose::Script);
        is("GET", "https://connect.facebook.net/de_DE/fbevents.js?v=1", &Purpose::Script);
        is(
            "GET",
            "https://connect.facebook.net/signals/config/12?v=2.9.324&r=stable",
            &Purpose::Config("12".into()),
        );
        for address in [
            "https://www.facebook.com/privacy_sandbox/pixel/register/trigger/?id=1&ev=Lead&ts=1",
            "https://www.facebook.com/privacy_sandbox/topics/registration/?id=1",
            "https://connect.facebook.net/signals/plugins/cookie.js?v=2.9.1",
            "https://connect.facebook.net/log/error?p=pixel",
            "https://www.facebook.com/signals/iwl.js?pixel_index=0",
            "https://www.facebook.com/plugins/like.php",
            "https://graph.facebook.com/v26.0/me",
        ] {
            is("GET", address, &Purpose::Other);
        }
    }

    #[test]
    fn calls_are_known_by_their_path() {
        let call = |version: Option<&str>, pixel: &str| Purpose::Call {
            version: version.map(str::to_owned),
            pixel: pixel.to_owned(),
        };
        is(
            "POST",
            "https://graph.facebook.com/v26.0/12/events?access_token=T",
            &call(Some("v26.0"), "12"),
        );
        is("POST", "https://graph.facebook.com/12/events", &call(None, "12"));
        is(
            "POST",
            "https://graph.facebook.com/v26.0/YOUR_PIXEL/events",
            &call(Some("v26.0"), "YOUR_PIXEL"),
        );
        is("POST", "http://127.0.0.1:4000/v13.0/12/events/", &call(Some("v13.0"), "12"));
        is("POST", "http://127.0.0.1:4000/12/events", &call(None, "12"));
        is("POST", "https://graph.facebook.com/v26.0/12/activities", &Purpose::Other);
        is("GET", "https://graph.facebook.com/v26.0/12/events", &Purpose::Other);
        is("POST", "https://graph.facebook.com/", &Purpose::Other);
    }

    #[test]
    fn graph_hosts_are_known_with_their_subdomains() {
        for host in [
            "graph.facebook.com",
            "GRAPH.facebook.com.",
            "eu.graph.facebook.com",
            "graph.beta.facebook.com",
        ] {
            assert!(is_graph(host), "{host}");
        }
        for host in [
            "facebook.com",
            "www.facebook.com",
            "graph.facebook.com.evil.test",
            "mygraph.facebook.com",
            "graph.shop.test",
        ] {
            assert!(!is_graph(host), "{host}");
        }
    }
}
