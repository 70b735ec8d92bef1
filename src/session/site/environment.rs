//! The variables that a site is started with, so that its calls to an ad platform end at
//! the server tap without a change of its code.
//!
//! Proxy and certificate variables for clients that honour them, and preloads that lead
//! Node, Python and PHP where their clients do not.
//! Never which platform that is; its host names are handed in.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::roots;

/// Says where the platform's API is, for code that can be told.
pub const BASE_URL: &str = "COUNTONCE_GRAPH_URL";
/// Name of the file that holds all authorities, in the folder of the settings.
pub const BUNDLE: &str = "ca-bundle.pem";
/// The port that the site shall listen on.
const PORT: &str = "PORT";

/// The doors of a server tap, as a server on this machine reaches them.
#[derive(Debug, Clone)]
pub struct Doors {
    /// Base URL, without a slash at its end.
    pub base_url: String,
    /// Forward proxy.
    pub proxy_url: String,
    /// Host and port of TLS without CONNECT.
    pub tls: Option<String>,
    /// Host names of platforms; names below them are meant as well.
    pub hosts: Vec<String>,
    /// Certificate of the run's authority, PEM.
    pub authority: String,
}

/// Files that the variables name.
struct Files {
    bundle: PathBuf,
    authority: PathBuf,
    node: PathBuf,
    /// Folder that holds `sitecustomize.py`.
    python: PathBuf,
    /// Folder that holds an ini file.
    php: PathBuf,
}

impl Doors {
    /// The same doors under the name by which another machine knows this one.
    #[must_use]
    pub fn at(self, host: &str) -> Doors {
        let port = |address: &str| address.rsplit(':').next().unwrap_or_default().to_owned();
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        Doors {
            base_url: format!("http://{host}:{}", port(&self.base_url)),
            proxy_url: format!("http://{host}:{}", port(&self.proxy_url)),
            tls: self.tls.map(|tls| format!("{host}:{}", port(&tls))),
            ..self
        }
    }
}

/// Writes certificates and preloads into a folder, and hands back the variables that a site
/// has to be started with.
pub fn settings(doors: &Doors, folder: &Path) -> io::Result<BTreeMap<String, String>> {
    variables(doors, None, &BTreeMap::new(), folder)
}

/// Writes what the variables name into a folder, and hands the variables back.
pub(super) fn variables(
    doors: &Doors,
    port: Option<u16>,
    own: &BTreeMap<String, String>,
    folder: &Path,
) -> io::Result<BTreeMap<String, String>> {
    let files = write(doors, folder)?;
    let before = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let mut set = made(doors, port, &files, &before);
    for (name, value) in own {
        let value = expand(value, &set);
        set.insert(name.clone(), value);
    }
    Ok(set)
}

fn write(doors: &Doors, folder: &Path) -> io::Result<Files> {
    let files = Files {
        bundle: folder.join(BUNDLE),
        authority: folder.join("ca.pem"),
        node: folder.join("preload.cjs"),
        python: folder.join("python"),
        php: folder.join("php"),
    };
    fs::write(&files.bundle, roots::bundle(&doors.authority))?;
    fs::write(&files.authority, &doors.authority)?;
    fs::write(&files.node, include_str!("preload.cjs"))?;
    fs::create_dir(&files.python)?;
    let preload = include_str!("sitecustomize.py");
    fs::write(files.python.join("sitecustomize.py"), preload)?;
    fs::create_dir(&files.php)?;
    let bundle = files.bundle.display();
    let ini = format!("curl.cainfo=\"{bundle}\"\nopenssl.cafile=\"{bundle}\"\n");
    fs::write(files.php.join("countonce.ini"), ini)?;
    Ok(files)
}

fn made(
    doors: &Doors,
    port: Option<u16>,
    files: &Files,
    before: &dyn Fn(&str) -> Option<String>,
) -> BTreeMap<String, String> {
    let mut set = BTreeMap::new();
    let mut put = |name: &str, value: String| set.insert(name.to_owned(), value);
    // Of either spelling some clients know only one.
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] {
        put(name, doors.proxy_url.clone());
    }
    let mut direct = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    direct.extend(before("NO_PROXY").or_else(|| before("no_proxy")));
    for name in ["NO_PROXY", "no_proxy"] {
        put(name, direct.join(","));
    }
    let bundle = files.bundle.display().to_string();
    for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        put(name, bundle.clone());
    }
    // Node adds it to its own list; the whole bundle would only cost time at each start.
    let own_authorities = before("NODE_EXTRA_CA_CERTS").is_some();
    let authority = if own_authorities { &files.bundle } else { &files.authority };
    put("NODE_EXTRA_CA_CERTS", authority.display().to_string());
    put("NODE_USE_ENV_PROXY", "1".to_owned());
    put(BASE_URL, doors.base_url.clone());
    if let Some(port) = port {
        put(PORT, port.to_string());
    }
    // An empty part stands for the folder that PHP was built with.
    let php = before("PHP_INI_SCAN_DIR").unwrap_or_default();
    put("PHP_INI_SCAN_DIR", format!("{php}:{}", files.php.display()));
    let Some(tls) = &doors.tls else { return set };
    put("COUNTONCE_HOSTS", doors.hosts.join(","));
    put("COUNTONCE_TLS_DOOR", tls.clone());
    put("COUNTONCE_CA_FILE", files.authority.display().to_string());
    let quoted = format!("--require \"{}\"", files.node.display());
    let node =
        before("NODE_OPTIONS").map_or_else(|| quoted.clone(), |own| format!("{own} {quoted}"));
    put("NODE_OPTIONS", node);
    let python = files.python.display().to_string();
    let python =
        before("PYTHONPATH").map_or_else(|| python.clone(), |own| format!("{python}:{own}"));
    put("PYTHONPATH", python);
    set
}

/// Puts the variables of this file into a text that names them as `${NAME}`.
fn expand(text: &str, set: &BTreeMap<String, String>) -> String {
    set.iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors() -> Doors {
        Doors {
            base_url: "http://127.0.0.1:8787".to_owned(),
            proxy_url: "http://127.0.0.1:8787".to_owned(),
            tls: Some("127.0.0.1:8788".to_owned()),
            hosts: vec!["graph.example.com".to_owned()],
            authority: "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n".to_owned(),
        }
    }

    #[test]
    fn what_a_user_had_set_is_added_to_and_not_lost() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = write(&doors(), folder.path()).expect("written");
        let before = |name: &str| {
            let value = match name {
                "NO_PROXY" => "db.internal",
                "NODE_OPTIONS" => "--max-old-space-size=512",
                "PYTHONPATH" => "/srv/lib",
                "PHP_INI_SCAN_DIR" => "/etc/php.d",
                "NODE_EXTRA_CA_CERTS" => "/etc/own.pem",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let set = made(&doors(), Some(8000), &files, &before);
        assert_eq!(set["NO_PROXY"], "localhost,127.0.0.1,::1,db.internal");
        assert!(set["NODE_OPTIONS"].starts_with("--max-old-space-size=512 --require \"/"));
        assert!(set["PYTHONPATH"].ends_with("/python:/srv/lib"));
        assert!(set["PHP_INI_SCAN_DIR"].starts_with("/etc/php.d:/"));
        assert!(set["NODE_EXTRA_CA_CERTS"].ends_with("ca-bundle.pem"));
        assert_eq!(set["PORT"], "8000");
    }

    #[test]
    fn the_sites_own_variables_win_and_may_name_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = [
            ("META_API", "${COUNTONCE_GRAPH_URL}/v25.0"),
            ("NODE_USE_ENV_PROXY", "0"),
            ("ODD", "${HOME}"),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let set = variables(&doors(), None, &own, folder.path()).expect("written");
        assert_eq!(set["META_API"], "http://127.0.0.1:8787/v25.0");
        assert_eq!(set["NODE_USE_ENV_PROXY"], "0");
        assert_eq!(set["ODD"], "${HOME}", "what is not ours stays as it is");
        assert!(!set.contains_key("PORT"));
    }

    #[test]
    fn without_a_tls_door_nothing_is_preloaded() {
        let folder = tempfile::tempdir().expect("a folder");
        let doors = Doors { tls: None, ..doors() };
        let set = variables(&doors, None, &BTreeMap::new(), folder.path()).expect("written");
        assert!(!set.contains_key("PYTHONPATH") && !set.contains_key("NODE_OPTIONS"));
    }
}
