//! What each stack has to be told so that its calls come to the server tap: lines to copy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::session::Doors;

/// Stacks whose settings can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum StackName {
    /// requests, httpx, aiohttp, urllib3, Meta's SDK
    Python,
    /// axios, fetch, undici, https, Meta's SDK
    Node,
    /// cURL, Guzzle, Meta's SDK
    Php,
    /// HttpClient, OkHttp, Meta's SDK
    Java,
    /// Net::HTTP, Faraday
    Ruby,
    /// net/http
    Go,
    /// Containers
    Docker,
    /// curl
    Curl,
}

/// Everything that stands in the lines.
pub(super) struct Places<'a> {
    pub(super) doors: &'a Doors,
    pub(super) variables: &'a BTreeMap<String, String>,
    /// Holds certificates and preloads.
    pub(super) folder: &'a Path,
    /// Where the user wanted the certificate.
    pub(super) authority: Option<&'a Path>,
    /// Host and port of the browser tap.
    pub(super) browser: String,
    /// Digest of the authority's key.
    pub(super) key: &'a str,
    /// Where a site on this machine is visited.
    pub(super) site: Option<&'a str>,
    /// True where other machines can come.
    pub(super) beyond: bool,
}

/// The bundle that belongs to a certificate: `ca.pem` has `ca-bundle.pem` beside it.
pub(super) fn bundle_beside(authority: &Path) -> PathBuf {
    let stem = authority.file_stem().unwrap_or_default().to_string_lossy();
    authority.with_file_name(format!("{stem}-bundle.pem"))
}

/// All lines, or those of the stacks named.
pub(super) fn text(places: &Places<'_>, stacks: &[StackName]) -> String {
    let doors = places.doors;
    let tls = doors.tls.as_deref().unwrap_or("none");
    let mut text = format!(
        "Server tap: base URL {} · proxy {} · TLS door {tls}\nBrowser tap: proxy {}\n",
        doors.base_url, doors.proxy_url, places.browser
    );
    text.push_str(&browser(places));
    let all = StackName::value_variants();
    for stack in if stacks.is_empty() { all } else { stacks } {
        text.push('\n');
        text.push_str(&of(*stack, places));
    }
    text.push_str(
        "\nCode that can be told where the Graph API is needs none of this: give it the base URL in the place of https://graph.facebook.com.\n",
    );
    text
}

fn browser(places: &Places<'_>) -> String {
    let open = places.site.unwrap_or("about:blank");
    format!(
        "  chromium --user-data-dir=\"$(mktemp -d)\" --proxy-server=http://{} --proxy-bypass-list='<-loopback>' --ignore-certificate-errors-spki-list={} {open}\n",
        places.browser, places.key
    )
}

fn of(stack: StackName, places: &Places<'_>) -> String {
    let doors = places.doors;
    let own = places.folder.join("ca.pem");
    let authority = places.authority.unwrap_or(&own).display().to_string();
    let bundle = match places.authority {
        Some(path) => bundle_beside(path).display().to_string(),
        None => places.variables.get("SSL_CERT_FILE").cloned().unwrap_or_default(),
    };
    let proxy = &doors.proxy_url;
    let (host, port) = proxy
        .rsplit_once(':')
        .map(|(host, port)| (host.trim_start_matches("http://"), port))
        .unwrap_or_default();
    let lead = exports(places, &["COUNTONCE_HOSTS", "COUNTONCE_TLS_DOOR", "COUNTONCE_CA_FILE"]);
    match stack {
        StackName::Python => format!(
            "Python: requests, httpx, Meta's SDK\n  export HTTPS_PROXY={proxy} REQUESTS_CA_BUNDLE={bundle} SSL_CERT_FILE={bundle}\nPython: urllib3, aiohttp (they ignore proxy variables), as well\n{lead}{}",
            exports(places, &["PYTHONPATH"])
        ),
        StackName::Node => format!(
            "Node: axios, Meta's SDK\n  export HTTPS_PROXY={proxy} NODE_EXTRA_CA_CERTS={authority}\nNode: fetch, undici, https (they ignore proxy variables), as well\n{lead}{}",
            exports(places, &["NODE_OPTIONS"])
        ),
        StackName::Php => format!(
            "PHP: cURL, Guzzle, Meta's SDK\n  export HTTPS_PROXY={proxy}\n  php -d curl.cainfo={bundle} -d openssl.cafile={bundle} …\n  PHP-FPM: env[HTTPS_PROXY] = {proxy} in the pool, curl.cainfo in php.ini\n"
        ),
        StackName::Java => format!(
            "Java\n  cp \"$JAVA_HOME/lib/security/cacerts\" countonce.jks && keytool -importcert -noprompt -alias countonce -file {authority} -keystore countonce.jks -storepass changeit\n  export JAVA_TOOL_OPTIONS=\"-Dhttps.proxyHost={host} -Dhttps.proxyPort={port} -Djavax.net.ssl.trustStore=$PWD/countonce.jks -Djavax.net.ssl.trustStorePassword=changeit\"\n"
        ),
        StackName::Ruby => format!(
            "Ruby: Net::HTTP, Faraday\n  export http_proxy={proxy} https_proxy={proxy} SSL_CERT_FILE={bundle}\n"
        ),
        StackName::Go => {
            format!("Go: net/http\n  export HTTPS_PROXY={proxy} SSL_CERT_FILE={bundle}\n")
        }
        StackName::Docker => docker(places, proxy, port, &bundle),
        StackName::Curl => {
            format!("curl\n  export HTTPS_PROXY={proxy} CURL_CA_BUNDLE={bundle}\n")
        }
    }
}

fn docker(places: &Places<'_>, proxy: &str, port: &str, bundle: &str) -> String {
    let from_inside = if places.beyond {
        proxy.to_owned()
    } else {
        format!("http://host.docker.internal:{port}")
    };
    let note = if places.beyond {
        String::new()
    } else {
        "  # containers reach this tap only with --bind 0.0.0.0\n".to_owned()
    };
    format!(
        "Docker Compose\n{note}  services:\n    shop:\n      environment:\n        HTTPS_PROXY: {from_inside}\n        NO_PROXY: localhost,127.0.0.1\n        SSL_CERT_FILE: &ca /etc/countonce.pem\n        REQUESTS_CA_BUNDLE: *ca\n        CURL_CA_BUNDLE: *ca\n        NODE_EXTRA_CA_CERTS: *ca\n      volumes: [\"{bundle}:/etc/countonce.pem:ro\"]\n      extra_hosts: [\"host.docker.internal:host-gateway\"]\n  # clients that ignore proxies: --tls-port 443, and extra_hosts: [\"{}:host-gateway\"]\n",
        places.doors.hosts.first().map_or("", String::as_str)
    )
}

fn exports(places: &Places<'_>, names: &[&str]) -> String {
    names
        .iter()
        .filter_map(|name| Some((name, places.variables.get(*name)?)))
        .map(|(name, value)| format!("  export {name}='{}'\n", value.replace('\'', r"'\''")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places<'a>(doors: &'a Doors, variables: &'a BTreeMap<String, String>) -> Places<'a> {
        Places {
            doors,
            variables,
            folder: Path::new("/srv/taps"),
            authority: None,
            browser: "127.0.0.1:9000".to_owned(),
            key: "KEY",
            site: Some("https://shop.test"),
            beyond: false,
        }
    }

    #[test]
    fn every_stack_has_its_lines_and_one_can_be_asked_for_alone() {
        let doors = Doors {
            base_url: "http://127.0.0.1:8787".to_owned(),
            proxy_url: "http://127.0.0.1:8787".to_owned(),
            tls: Some("127.0.0.1:8788".to_owned()),
            hosts: vec!["graph.example.com".to_owned()],
            authority: String::new(),
        };
        let variables = [
            ("SSL_CERT_FILE", "/srv/taps/ca-bundle.pem"),
            ("NODE_OPTIONS", "--require \"/srv/it's/preload.cjs\""),
            ("COUNTONCE_TLS_DOOR", "127.0.0.1:8788"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let all = text(&places(&doors, &variables), &[]);
        for part in [
            "base URL http://127.0.0.1:8787",
            "proxy 127.0.0.1:9000",
            "spki-list=KEY https://shop.test",
            "REQUESTS_CA_BUNDLE=/srv/taps/ca-bundle.pem",
            "NODE_EXTRA_CA_CERTS=/srv/taps/ca.pem",
            r"export NODE_OPTIONS='--require",
            r"/srv/it'\''s/preload.cjs",
            "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8787",
            "curl.cainfo=/srv/taps/ca-bundle.pem",
            "Go: net/http",
            "Ruby",
            "http://host.docker.internal:8787",
            "graph.example.com:host-gateway",
            "CURL_CA_BUNDLE",
        ] {
            assert!(all.contains(part), "no `{part}` in\n{all}");
        }
        let go = text(&places(&doors, &variables), &[StackName::Go]);
        assert!(go.contains("Go: net/http") && !go.contains("Java"), "{go}");
    }

    #[test]
    fn the_bundle_stands_beside_the_certificate() {
        assert_eq!(bundle_beside(Path::new("/a/ca.pem")), Path::new("/a/ca-bundle.pem"));
        assert_eq!(bundle_beside(Path::new("ca")), Path::new("ca-bundle.pem"));
    }
}
