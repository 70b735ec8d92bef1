//! The certificate authority of one run, and the certificates it signs.
//!
//! The key is born here and never leaves memory, so that trusting this authority
//! gives nobody power over the machine once the run is over. Each host gets its own
//! key and a random serial number: Firefox refuses two certificates of one issuer
//! with the same serial, whatever else is told to it.
//! Never decides which hosts are intercepted.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData as _, SerialNumber,
};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};

use super::TapError;

/// A run lasts minutes, a `listen` days; clocks of containers may lag behind.
const DAYS_BEFORE: i64 = 2;
/// Longest life that every client takes from a certificate (Apple, "Requirements for
/// trusted certificates", 825 days) is far above this.
const DAYS_AFTER: i64 = 60;
/// A page can ask for any number of names; past this many the cache starts anew.
const MOST_HOSTS: usize = 2_000;

/// The authority of one run. Its key never leaves memory.
pub struct Authority {
    signer: Arc<Signer>,
    pem: String,
    spki_sha256: String,
    configs: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

struct Signer {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
    leaves: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Authority {
    /// Makes a key and a certificate that no other run has.
    pub fn new() -> Result<Authority, TapError> {
        let name = "the authority of this run";
        let broken = |source| TapError::Certificate { name: name.to_owned(), source };
        let key = KeyPair::generate().map_err(broken)?;
        let mut params = blank_params();
        // Two authorities of one name would be taken for each other by clients that
        // have seen both.
        let run: u64 = rand::random();
        params.distinguished_name = common_name(&format!("countonce, run {run:016x}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(broken)?;
        let spki_sha256 = STANDARD.encode(Sha256::digest(key.subject_public_key_info()));
        Ok(Authority {
            pem: certificate.pem(),
            spki_sha256,
            signer: Arc::new(Signer {
                certificate: certificate.der().clone(),
                issuer: Issuer::new(params, key),
                provider: Arc::new(ring::default_provider()),
                leaves: Mutex::default(),
            }),
            configs: Mutex::default(),
        })
    }

    /// The certificate as PEM, for clients that are to trust it. Holds no key.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Base64 of the SHA-256 of the authority's public key, as Chromium's
    /// `--ignore-certificate-errors-spki-list` wants it.
    pub fn spki_sha256_base64(&self) -> &str {
        &self.spki_sha256
    }

    /// TLS settings that answer for whatever name the client asks for, and for
    /// `host` where it asks for none (addresses have no SNI).
    pub(super) fn server_config(&self, host: &str) -> Result<Arc<ServerConfig>, TapError> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(host) {
            return Ok(Arc::clone(config));
        }
        let fallback = self.signer.leaf(host)?;
        let broken = |source| TapError::Tls { name: host.to_owned(), source };
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.signer.provider))
            .with_safe_default_protocol_versions()
            .map_err(broken)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(BySni { signer: Arc::clone(&self.signer), fallback }));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A ticket is written after the handshake. To a client that has sent its beacon
        // and gone that write fails, and the beacon would be lost with it.
        config.send_tls13_tickets = 0;
        let config = Arc::new(config);
        if configs.len() >= MOST_HOSTS {
            configs.clear();
        }
        configs.insert(host.to_owned(), Arc::clone(&config));
        Ok(config)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("spki_sha256", &self.spki_sha256).finish_non_exhaustive()
    }
}

impl Signer {
    fn leaf(&self, host: &str) -> Result<Arc<CertifiedKey>, TapError> {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = leaves.get(&host) {
            return Ok(Arc::clone(leaf));
        }
        let leaf = Arc::new(self.sign(&host)?);
        if leaves.len() >= MOST_HOSTS {
            leaves.clear();
        }
        leaves.insert(host, Arc::clone(&leaf));
        Ok(leaf)
    }

    fn sign(&self, host: &str) -> Result<CertifiedKey, TapError> {
        let broken = |source| TapError::Certificate { name: host.to_owned(), source };
        let key = KeyPair::generate().map_err(broken)?;
        let mut params = blank_params();
        // The name stands in the SAN alone: a common name holds 64 characters at most.
        params.distinguished_name = common_name("countonce");
        params.subject_alt_names =
            CertificateParams::new(vec![host.to_owned()]).map_err(broken)?.subject_alt_names;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Python from 3.13 on verifies strictly and wants this extension.
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).map_err(broken)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = vec![certificate.der().clone(), self.certificate.clone()];
        CertifiedKey::from_der(chain, private, &self.provider)
            .map_err(|source| TapError::Tls { name: host.to_owned(), source })
    }
}

/// Picks the certificate by the name that the client asks for.
struct BySni {
    signer: Arc<Signer>,
    fallback: Arc<CertifiedKey>,
}

impl fmt::Debug for BySni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BySni").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for BySni {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match hello.server_name() {
            // Without a certificate the handshake ends in an alert, which tells the client.
            Some(name) => self.signer.leaf(name).ok(),
            None => Some(Arc::clone(&self.fallback)),
        }
    }
}

fn blank_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = |days: i64| {
        let date: Date = today.saturating_add(Span::new().days(days));
        rcgen::date_time_ymd(i32::from(date.year()), date.month() as u8, date.day() as u8)
    };
    params.not_before = day(-DAYS_BEFORE);
    params.not_after = day(DAYS_AFTER);
    let mut serial: [u8; 16] = rand::random();
    // A serial is a positive number that does not begin with a zero byte.
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params
}

fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_cached_and_share_neither_serial_nor_key() {
        let authority = Authority::new().expect("made");
        let one = authority.signer.leaf("www.example.com").expect("signed");
        let same = authority.signer.leaf("WWW.example.com").expect("signed");
        assert!(Arc::ptr_eq(&one, &same));
        assert_eq!(one.cert.len(), 2, "the authority is sent in the chain");
        let other = authority.signer.leaf("connect.example.net").expect("signed");
        let serials: Vec<_> = [&one, &other].map(|leaf| serial(&leaf.cert[0])).into();
        assert_ne!(serials[0], serials[1]);
        assert_ne!(serials[0], serial(&authority.signer.certificate));
    }

    #[test]
    fn nothing_that_is_shown_holds_the_key() {
        let authority = Authority::new().expect("made");
        assert!(authority.pem().starts_with("-----BEGIN CERTIFICATE-----"));
        assert!(!authority.pem().contains("PRIVATE"));
        let key = authority.signer.issuer.key().serialize_pem();
        let line = key.lines().nth(1).expect("base64");
        assert!(!format!("{authority:?}").contains(line) && !authority.pem().contains(line));
        let digest = STANDARD.decode(authority.spki_sha256_base64()).expect("base64");
        assert_eq!(digest.len(), 32);
    }

    #[test]
    fn the_cache_is_bounded() {
        let authority = Authority::new().expect("made");
        authority.server_config("127.0.0.1").expect("an address works");
        authority.server_config("[::1]").expect("so does one in brackets");
        for number in 0..=MOST_HOSTS {
            authority
                .signer
                .leaves
                .lock()
                .expect("lock")
                .insert(format!("{number}.test"), authority.signer.leaf_for_test());
        }
        authority.signer.leaf("one-more.test").expect("signed");
        assert!(authority.signer.leaves.lock().expect("lock").len() <= MOST_HOSTS);
    }

    impl Signer {
        fn leaf_for_test(&self) -> Arc<CertifiedKey> {
            Arc::new(self.sign("filler.test").expect("signed"))
        }
    }

    /// The serial of a certificate: `30 len 30 len A0 03 02 01 02 02 len SERIAL`.
    fn serial(der: &[u8]) -> Vec<u8> {
        let version = der
            .windows(5)
            .position(|bytes| bytes == [0xa0, 0x03, 0x02, 0x01, 0x02])
            .expect("an X.509 v3 certificate");
        let length = usize::from(der[version + 6]);
        der[version + 7..version + 7 + length].to_vec()
    }
}
