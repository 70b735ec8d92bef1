//! Header work that a proxy owes: which headers end with a connection, the one
//! address that a request is for, what it looks like on the tape.
//! Never changes what a header says.

use std::net::IpAddr;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::Authority;
use http::{Request, Response, StatusCode, Uri};

use super::body::{Body, whole};
use crate::capture::Headers;

/// Headers that end with a connection (RFC 9110, 7.6.1), and those of proxies.
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn is_hop_by_hop(name: &HeaderName) -> bool {
    HOP_BY_HOP.contains(&name.as_str())
}

/// Removes what ends with this connection, and what `Connection` names beside it.
pub(super) fn end_the_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(*name);
    }
}

/// Makes one `Cookie` header of several: HTTP/2 splits it, and HTTP/1 allows one
/// (RFC 9113, 8.2.3).
pub(super) fn join_cookies(headers: &mut HeaderMap) {
    let crumbs: Vec<&[u8]> =
        headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() > 1
        && let Ok(whole) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, whole);
    }
}

/// Headers as they go on the tape: names in lower case, in order, the host always there.
pub(super) fn tape_headers(headers: &HeaderMap, url: &str) -> Headers {
    let mut joined;
    let headers = if headers.get_all(header::COOKIE).iter().nth(1).is_some() {
        joined = headers.clone();
        join_cookies(&mut joined);
        &joined
    } else {
        headers
    };
    let mut kept = Headers::with_capacity(headers.len() + 1);
    if !headers.contains_key(header::HOST)
        && let Some(authority) = url.parse::<Uri>().ok().and_then(|uri| uri.authority().cloned())
    {
        kept.push(("host".to_owned(), authority.to_string()));
    }
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        kept.push((name.as_str().to_owned(), value));
    }
    kept
}

/// Where a request is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// `http` or `https`.
    pub(super) scheme: &'static str,
    /// Host and port as the client wrote them, without the scheme's own port.
    pub(super) authority: String,
    /// Host name in lower case; addresses without brackets.
    pub(super) host: String,
    /// Port, also where it was not written.
    pub(super) port: u16,
    /// Absolute address.
    pub(super) url: String,
}

/// The absolute address of a request: from its own line, else from `Host`, else the
/// one that the connection was made for.
pub(super) fn target<B>(
    request: &Request<B>,
    secure: bool,
    connected: Option<&str>,
) -> Result<Target, String> {
    let uri = request.uri();
    let scheme = match uri.scheme_str() {
        _ if secure => "https",
        None | Some("http") => "http",
        Some("https") => "https",
        Some(other) => return Err(format!("{other} is not a scheme this proxy speaks")),
    };
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let written = uri.authority().map(Authority::as_str);
    let Some(text) = written.or(host.filter(|host| !host.is_empty())).or(connected) else {
        return Err("the request names no host".to_owned());
    };
    let authority: Authority =
        text.parse().map_err(|_| format!("`{}` is not a host", text.escape_default()))?;
    let own = if scheme == "https" { 443 } else { 80 };
    let port = authority.port_u16().unwrap_or(own);
    let shown = if port == own {
        authority.host().to_owned()
    } else {
        format!("{}:{port}", authority.host())
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok(Target {
        scheme,
        host: bare_host(authority.host()),
        port,
        url: format!("{scheme}://{shown}{path}"),
        authority: shown,
    })
}

/// Splits `host:port` as it stands in a CONNECT line.
pub(super) fn host_and_port(authority: &str) -> Option<(String, u16)> {
    let authority: Authority = authority.parse().ok()?;
    Some((bare_host(authority.host()), authority.port_u16()?))
}

fn bare_host(host: &str) -> String {
    host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

/// True for the names and addresses by which a machine calls itself.
pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
}

/// A short answer of the tap's own, in plain text.
pub(super) fn page(status: StatusCode, text: &str) -> Response<Body> {
    plain(status, "text/plain; charset=utf-8", text)
}

/// A short answer of the tap's own.
pub(super) fn plain(status: StatusCode, content_type: &'static str, text: &str) -> Response<Body> {
    let mut response = Response::new(whole(text.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, host: &str) -> Request<()> {
        let mut request = Request::new(());
        *request.uri_mut() = uri.parse().expect("uri");
        if !host.is_empty() {
            request.headers_mut().insert(header::HOST, host.parse().expect("header"));
        }
        request
    }

    #[test]
    fn every_form_of_a_request_has_one_absolute_address() {
        for (uri, host, secure, connected, url) in [
            ("/tr/?id=1", "www.example.com", true, None, "https://www.example.com/tr/?id=1"),
            ("/tr/?id=1", "www.example.com:443", true, None, "https://www.example.com/tr/?id=1"),
            ("/a", "shop.test:8443", true, Some("x:1"), "https://shop.test:8443/a"),
            ("http://shop.test/a?b", "other.test", false, None, "http://shop.test/a?b"),
            ("http://shop.test:80/", "", false, None, "http://shop.test/"),
            ("/a", "", true, Some("graph.example.com:443"), "https://graph.example.com/a"),
            ("*", "shop.test", false, None, "http://shop.test/*"),
            ("/x", "[::1]:9000", false, None, "http://[::1]:9000/x"),
        ] {
            let target = target(&request(uri, host), secure, connected).expect(uri);
            assert_eq!(target.url, url);
        }
        assert!(target(&request("/a", ""), false, None).is_err());
        assert!(target(&request("/a", "no host"), false, None).is_err());
        assert!(target(&request("ftp://a/b", ""), false, None).is_err());
        let address = target(&request("/x", "[::1]:9000"), false, None).expect("target");
        assert_eq!((address.host.as_str(), address.port), ("::1", 9000));
    }

    #[test]
    fn what_ends_with_the_hop_does_not_travel_on() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "keep-alive, X-Mine"),
            ("x-mine", "1"),
            ("te", "trailers"),
            ("proxy-authorization", "Basic x"),
            ("x-kept", "1"),
        ] {
            headers.insert(name, value.parse().expect("header"));
        }
        end_the_hop(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-kept"]);
    }

    #[test]
    fn crumbs_become_one_cookie_header() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", "_fbp=1".parse().expect("header"));
        headers.append("cookie", "_fbc=2".parse().expect("header"));
        let kept = tape_headers(&headers, "https://shop.test/");
        assert!(kept.contains(&("cookie".to_owned(), "_fbp=1; _fbc=2".to_owned())), "{kept:?}");
        assert_eq!(kept[0], ("host".to_owned(), "shop.test".to_owned()));
    }
}
