//! The certificates that a started site is to trust: the system's, those that its own
//! variables name, and the run's authority, in one file, so that other TLS goes on working.
//! Never the key of anything.

use std::collections::BTreeSet;
use std::env;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// Variables by which a user may have named authorities of their own.
const OWN: &[&str] =
    &["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];
/// Base64 characters in a line of PEM (RFC 7468, 2).
const LINE: usize = 64;

/// All authorities as one PEM text: the run's own first.
pub(super) fn bundle(authority: &str) -> String {
    let mut certificates: Vec<CertificateDer<'static>> =
        rustls_native_certs::load_native_certs().certs;
    for name in OWN {
        // A variable that names nothing readable was no help before either.
        let Some(text) = env::var_os(name).and_then(|path| fs::read(path).ok()) else { continue };
        certificates.extend(CertificateDer::pem_slice_iter(&text).flatten());
    }
    combined(authority, &certificates)
}

fn combined(authority: &str, certificates: &[CertificateDer<'_>]) -> String {
    let mut text = authority.trim_end().to_owned();
    text.push('\n');
    let mut seen = BTreeSet::new();
    for certificate in certificates {
        if !seen.insert(certificate.as_ref()) {
            continue;
        }
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let coded = STANDARD.encode(certificate);
        for line in coded.as_bytes().chunks(LINE) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::super::tap::Authority;
    use super::*;

    #[test]
    fn every_certificate_stands_in_the_bundle_once() {
        let run = Authority::new().expect("made");
        let other = Authority::new().expect("made");
        let der = CertificateDer::from_pem_slice(other.pem().as_bytes()).expect("PEM");
        let text = combined(run.pem(), &[der.clone(), der.clone()]);
        let read: Vec<_> =
            CertificateDer::pem_slice_iter(text.as_bytes()).map(|one| one.expect("PEM")).collect();
        let own = CertificateDer::from_pem_slice(run.pem().as_bytes()).expect("PEM");
        assert_eq!(read, [own, der]);
        assert!(text.lines().all(|line| line.len() <= LINE));
    }
}
