//! The site under test as the tap reaches it: names that lead to it, and what it is
//! told about the visitor. Never calls it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::{HeaderName, HeaderValue, Uri};

use super::TapError;

/// A name that leads to the site under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Host name, meant with every port (`shop.test`), or with one (`localhost:3000`).
    pub name: String,
    /// Where requests for it go: `http://127.0.0.1:3000`, or an `https` origin.
    pub origin: String,
}

impl Mapping {
    /// Maps a name to an origin.
    pub fn new(name: impl Into<String>, origin: impl Into<String>) -> Mapping {
        Mapping { name: name.into(), origin: origin.into() }
    }
}

/// What the site is told about the visitor, as a load balancer would.
///
/// A site on loopback sees its visitors at 127.0.0.1; without these headers its
/// handling of their addresses could not be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forwarding {
    /// The visitor's public address; `None` sends no address.
    pub visitor: Option<IpAddr>,
    /// Header that carries it; `None` switches it off.
    pub address_header: Option<String>,
    /// Header that carries `https` or `http`; `None` switches it off.
    pub scheme_header: Option<String>,
}

impl Default for Forwarding {
    fn default() -> Forwarding {
        Forwarding {
            visitor: None,
            address_header: Some("x-forwarded-for".to_owned()),
            scheme_header: Some("x-forwarded-proto".to_owned()),
        }
    }
}

impl Forwarding {
    /// Headers to set; a value of `None` stands for the request's own scheme.
    pub(super) fn headers(&self) -> Result<Vec<(HeaderName, Option<HeaderValue>)>, TapError> {
        let parse = |name: &str| {
            HeaderName::try_from(name).map_err(|_| TapError::Header { name: name.to_owned() })
        };
        let mut headers = Vec::new();
        if let (Some(name), Some(visitor)) = (&self.address_header, self.visitor) {
            let value = HeaderValue::try_from(visitor.to_string())
                .expect("an address is digits, dots and colons");
            headers.push((parse(name)?, Some(value)));
        }
        if let Some(name) = &self.scheme_header {
            headers.push((parse(name)?, None));
        }
        Ok(headers)
    }
}

/// A mapping that has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    name: String,
    only_port: Option<u16>,
    /// `scheme://host:port`.
    pub(super) origin: String,
    /// True where it is reached over TLS.
    pub(super) tls: bool,
    /// Host of the origin.
    pub(super) host: String,
    /// Port of the origin.
    pub(super) port: u16,
}

impl Site {
    pub(super) fn new(mapping: &Mapping) -> Result<Site, TapError> {
        let wrong = |what: &str| TapError::Mapping {
            name: mapping.name.clone(),
            origin: mapping.origin.clone(),
            what: what.to_owned(),
        };
        let origin: Uri =
            mapping.origin.parse().map_err(|_| wrong("the origin is not an address"))?;
        let own = match origin.scheme_str() {
            Some("http") => 80,
            Some("https") => 443,
            _ => return Err(wrong("the origin begins with neither http:// nor https://")),
        };
        if origin.path() != "/" || origin.query().is_some() {
            return Err(wrong("the origin has a path"));
        }
        let authority = origin.authority().ok_or_else(|| wrong("the origin has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("the origin has credentials"));
        }
        let name: http::uri::Authority =
            mapping.name.parse().map_err(|_| wrong("the name is not a host name"))?;
        Ok(Site {
            name: name.host().trim_matches(['[', ']']).to_ascii_lowercase(),
            only_port: name.port_u16(),
            tls: own == 443,
            origin: format!("{}://{authority}", origin.scheme_str().unwrap_or("http")),
            host: authority.host().to_owned(),
            port: authority.port_u16().unwrap_or(own),
        })
    }
}

/// The site that a host and port lead to; a mapping with a port wins over one without.
pub(super) fn find<'a>(sites: &'a [Site], host: &str, port: u16) -> Option<&'a Site> {
    let named = || sites.iter().filter(|site| site.name == host);
    named()
        .find(|site| site.only_port == Some(port))
        .or_else(|| named().find(|site| site.only_port.is_none()))
}

/// The address under which a listener can be reached from this machine.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => {
            SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()))
        }
        IpAddr::V6(ip) if ip.is_unspecified() => {
            SocketAddr::from((Ipv6Addr::LOCALHOST, address.port()))
        }
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_its_site_with_every_port_or_with_one() {
        let sites: Vec<Site> = [
            Mapping::new("Shop.test", "http://127.0.0.1:3000"),
            Mapping::new("localhost:4000", "http://127.0.0.1:4000/"),
            Mapping::new("shop.test:9000", "https://staging.example.com"),
        ]
        .iter()
        .map(|mapping| Site::new(mapping).expect("right"))
        .collect();
        let origin = |host, port| find(&sites, host, port).map(|site| site.origin.as_str());
        assert_eq!(origin("shop.test", 443), Some("http://127.0.0.1:3000"));
        assert_eq!(origin("shop.test", 9000), Some("https://staging.example.com"));
        assert_eq!(origin("localhost", 4000), Some("http://127.0.0.1:4000"));
        assert_eq!(origin("localhost", 3000), None);
        assert_eq!(origin("other.test", 443), None);
    }

    #[test]
    fn a_mapping_that_leads_nowhere_says_why() {
        for (name, origin, what) in [
            ("shop.test", "127.0.0.1:3000", "neither http"),
            ("shop.test", "ftp://127.0.0.1", "neither http"),
            ("shop.test", "http://127.0.0.1:3000/shop", "a path"),
            ("shop.test", "http://u:p@127.0.0.1", "credentials"),
            ("shop test", "http://127.0.0.1:3000", "not a host name"),
        ] {
            let error = Site::new(&Mapping::new(name, origin)).expect_err(origin).to_string();
            assert!(error.contains(what), "{error}");
        }
    }

    #[test]
    fn forwarding_headers_can_be_named_or_left_out() {
        let visitor = Some("203.0.113.7".parse().expect("address"));
        let both = Forwarding { visitor, ..Forwarding::default() };
        assert_eq!(both.headers().expect("names").len(), 2);
        let none = Forwarding { visitor, address_header: None, scheme_header: None };
        assert!(none.headers().expect("names").is_empty());
        let wrong = Forwarding { address_header: Some("not a name".to_owned()), ..both };
        assert!(matches!(wrong.headers(), Err(TapError::Header { .. })));
    }
}
