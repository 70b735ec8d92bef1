//! The way out: to the local site, and to hosts of the network.
//!
//! Requests that change nothing share pooled connections; all others get a fresh one,
//! since a pooled connection that the site closes meanwhile leaves it open whether the
//! request was carried out, and sending it twice would forge the very duplicates that
//! are looked for. Over TLS the other side chooses between HTTP/2 and HTTP/1.1, as it does
//! with a browser. Never changes a body.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, LazyLock, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Extensions, Method, Request, Response, Uri};
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::body::{Body, whole};
use super::headers::is_this_machine;
use super::site::{Site, find};
use super::wire::{Answered, Wire};

/// Servers of frameworks close idle connections after one (Puma, some proxies) to five
/// seconds (Node, Uvicorn, Apache); a request sent into that moment would be lost.
const IDLE: Duration = Duration::from_millis(900);

/// Protocols that are offered over TLS, the dearest first. Source: RFC 7301 and IANA, "TLS
/// ALPN Protocol IDs".
const PROTOCOLS: &[&[u8]] = &[b"h2", b"http/1.1"];

/// How a tap reaches hosts that it does not answer for.
#[derive(Debug, Clone)]
pub struct Network {
    /// Longest time for name, connection and TLS together.
    pub connect_deadline: Duration,
    /// Certificates of authorities that are trusted beside the system's own, for
    /// staging hosts with a private one.
    pub extra_roots: Vec<CertificateDer<'static>>,
}

impl Default for Network {
    fn default() -> Network {
        Network { connect_deadline: Duration::from_secs(3), extra_roots: Vec::new() }
    }
}

/// Why no answer came.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("the name {host} cannot be resolved: {cause}")]
    Unknown { host: String, cause: String },
    #[error("{address} cannot be connected to: {cause}")]
    Refused { address: String, cause: String },
    #[error("{address} did not take a connection within {} ms", after.as_millis())]
    Deadline { address: String, after: Duration },
    #[error("TLS with {host} failed: {cause}")]
    Tls { host: String, cause: String },
    #[error("{host} is this tap itself")]
    Itself { host: String },
    #[error("the connection broke before an answer: {cause}")]
    Broken { cause: String },
}

/// Connections to everything that the tap does not answer itself.
#[derive(Clone)]
pub(super) struct Upstream {
    dialler: Arc<Dialler>,
    pooled: Client<Connector, Body>,
    single: Client<Connector, Body>,
    /// For requests that want another protocol than HTTP, which only HTTP/1.1 changes to.
    changing: Client<Connector, Body>,
}

impl Upstream {
    pub(super) fn new(network: Network) -> Upstream {
        let dialler = Arc::new(Dialler {
            network,
            tls: OnceLock::new(),
            tls_here: OnceLock::new(),
            sites: OnceLock::new(),
            own: OnceLock::new(),
        });
        let client = |idle, protocols| {
            let connector = Connector { dialler: Arc::clone(&dialler), protocols };
            Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(idle)
                .retry_canceled_requests(true)
                .build(connector)
        };
        let (pooled, single) = (client(32, PROTOCOLS), client(0, PROTOCOLS));
        let changing = client(0, &PROTOCOLS[1..]);
        Upstream { dialler, pooled, single, changing }
    }

    /// Tells which addresses are the tap's own, so that it never calls itself.
    pub(super) fn set_own(&self, own: Vec<SocketAddr>) {
        // Set once, right after binding; a second call would say the same.
        let _ = self.dialler.own.set(own);
    }

    /// Tells which names lead to the site. On this machine its own certificate will do.
    pub(super) fn set_sites(&self, sites: Vec<Site>) {
        // Set once, right after the sites are known; a second call would say the same.
        let _ = self.dialler.sites.set(sites);
    }

    /// Sends a request whose address is absolute, and hands back the answer's head.
    pub(super) async fn send(
        &self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, Unreachable> {
        let idempotent = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        let upgrade = request.headers().contains_key(http::header::UPGRADE);
        if upgrade {
            return self.changing.request(request).await.map_err(|cause| explain(&cause));
        }
        if !idempotent || !request.body().is_end_stream() {
            return self.single.request(request).await.map_err(|cause| explain(&cause));
        }
        let again = copy_of(&request);
        match self.pooled.request(request).await {
            Ok(response) => {
                if let Some(answered) = response.extensions().get::<Answered>() {
                    answered.mark();
                }
                Ok(response)
            }
            // A connection that had answered before was closed by its idle limit while
            // the request was on its way: browsers then ask again, and so does this.
            Err(cause) if had_answered(&cause) => {
                self.single.request(again).await.map_err(|cause| explain(&cause))
            }
            Err(cause) => Err(explain(&cause)),
        }
    }

    /// True for names of this machine with a port of the tap's own.
    pub(super) fn is_own(&self, host: &str, port: u16) -> bool {
        let own = self.dialler.own.get().map_or(&[][..], Vec::as_slice);
        own.iter().any(|own| {
            own.port() == port
                && (is_this_machine(host) || host.parse().is_ok_and(|ip: IpAddr| ip == own.ip()))
        })
    }

    /// Like [`Upstream::dial`], and refuses a name that leads back to this machine: it
    /// was redirected here, and following it would never end.
    pub(super) async fn dial_elsewhere(
        &self,
        host: &str,
        port: u16,
    ) -> Result<TcpStream, Unreachable> {
        let stream = self.dial(host, port).await?;
        match stream.peer_addr() {
            Ok(peer) if !peer.ip().is_loopback() => Ok(stream),
            _ => Err(Unreachable::Itself { host: host.to_owned() }),
        }
    }

    /// Opens a bare connection, for tunnels.
    pub(super) async fn dial(&self, host: &str, port: u16) -> Result<TcpStream, Unreachable> {
        let dialler = &self.dialler;
        dialler.in_time(host, port, dialler.connect(host, port)).await
    }
}

fn copy_of(request: &Request<Body>) -> Request<Body> {
    let mut copy = Request::new(whole(""));
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

fn had_answered(cause: &hyper_util::client::legacy::Error) -> bool {
    let Some(connected) = cause.connect_info() else { return false };
    let mut extensions = Extensions::new();
    connected.get_extras(&mut extensions);
    extensions.get::<Answered>().is_some_and(Answered::is_marked)
}

/// The innermost cause that says something; ours where there is one.
fn explain(cause: &hyper_util::client::legacy::Error) -> Unreachable {
    let mut inner: &(dyn std::error::Error + 'static) = cause;
    loop {
        if let Some(known) = inner.downcast_ref::<Unreachable>() {
            return known.clone();
        }
        match inner.source() {
            Some(deeper) => inner = deeper,
            None => return Unreachable::Broken { cause: inner.to_string() },
        }
    }
}

struct Dialler {
    network: Network,
    tls: OnceLock<TlsConnector>,
    /// For the site on this machine: nobody stands in between, and development servers sign
    /// for themselves.
    tls_here: OnceLock<TlsConnector>,
    /// The names that lead to the site, and where it is.
    sites: OnceLock<Vec<Site>>,
    own: OnceLock<Vec<SocketAddr>>,
}

impl Dialler {
    async fn in_time<T>(
        &self,
        host: &str,
        port: u16,
        work: impl Future<Output = Result<T, Unreachable>>,
    ) -> Result<T, Unreachable> {
        let after = self.network.connect_deadline;
        tokio::time::timeout(after, work).await.unwrap_or_else(|_| {
            Err(Unreachable::Deadline { address: format!("{host}:{port}"), after })
        })
    }

    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Unreachable> {
        let host = host.trim_matches(['[', ']']);
        let unknown = |cause: String| Unreachable::Unknown { host: host.to_owned(), cause };
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port))
            .await
            .map_err(|cause| unknown(cause.to_string()))?
            .collect();
        if addresses.is_empty() {
            return Err(unknown("no address".to_owned()));
        }
        if addresses.iter().any(|address| self.is_own(*address)) {
            return Err(Unreachable::Itself { host: format!("{host}:{port}") });
        }
        let stream = TcpStream::connect(addresses.as_slice()).await.map_err(|cause| {
            Unreachable::Refused { address: format!("{host}:{port}"), cause: cause.to_string() }
        })?;
        // Without it small requests wait for a delayed acknowledgement; a socket that
        // refuses the option is dead, and the first write says so.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    fn is_own(&self, address: SocketAddr) -> bool {
        let here = |ip: IpAddr| ip.is_loopback() || ip.is_unspecified();
        self.own.get().is_some_and(|own| {
            own.iter().any(|own| {
                own.port() == address.port()
                    && (own.ip() == address.ip() || here(address.ip()) && here(own.ip()))
            })
        })
    }

    async fn open(&self, uri: Uri, protocols: &[&[u8]]) -> Result<Wire, Unreachable> {
        let broken = |cause: &str| Unreachable::Broken { cause: format!("{uri}: {cause}") };
        let host = uri.host().ok_or_else(|| broken("no host"))?;
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let sites = self.sites.get().map_or(&[][..], Vec::as_slice);
        let name = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let (host, port, tls) = match find(sites, &name, port) {
            Some(site) => (site.host.as_str(), site.port, site.tls),
            None => (host, port, secure),
        };
        let opening = async {
            let stream = self.connect(host, port).await?;
            if !tls {
                return Ok(Wire::new(Box::new(stream), false));
            }
            let fail = |cause: String| Unreachable::Tls { host: host.to_owned(), cause };
            let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
                .map_err(|cause| fail(cause.to_string()))?;
            let connector =
                if is_here(sites, host, port) { self.connector_here() } else { self.connector() };
            let connector = connector.map_err(|cause| fail(cause.to_string()))?;
            let offered = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            let secured = connector.with_alpn(offered).connect(name, stream).await;
            let secured = secured.map_err(|cause| fail(cause.to_string()))?;
            let two = secured.get_ref().1.alpn_protocol() == Some(PROTOCOLS[0]);
            Ok(Wire::new(Box::new(secured), two))
        };
        self.in_time(host, port, opening).await
    }

    fn connector_here(&self) -> Result<&TlsConnector, rustls::Error> {
        if let Some(connector) = self.tls_here.get() {
            return Ok(connector);
        }
        let provider = rustls::crypto::ring::default_provider();
        let anyone = Arc::new(Anyone(provider.clone()));
        let config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(anyone)
            .with_no_client_auth();
        Ok(self.tls_here.get_or_init(|| TlsConnector::from(Arc::new(config))))
    }

    /// Made on first use: reading the system's store takes a moment, and a run against
    /// a local site needs none.
    fn connector(&self) -> Result<&TlsConnector, rustls::Error> {
        if let Some(connector) = self.tls.get() {
            return Ok(connector);
        }
        let mut roots = ROOTS.clone();
        for root in &self.network.extra_roots {
            roots.add(root.clone())?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(self.tls.get_or_init(|| TlsConnector::from(Arc::new(config))))
    }
}

/// True for the place of a site on this machine.
fn is_here(sites: &[Site], host: &str, port: u16) -> bool {
    let bare = host.trim_matches(['[', ']']);
    is_this_machine(bare) && sites.iter().any(|site| site.host == host && site.port == port)
}

/// Takes every certificate. For connections that do not leave this machine.
#[derive(Debug)]
struct Anyone(CryptoProvider);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Mozilla's roots and the system's own, so that a company's authority is known too.
static ROOTS: LazyLock<RootCertStore> = LazyLock::new(|| {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    // Stores hold certificates that cannot be parsed; the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
});

#[derive(Clone)]
struct Connector {
    dialler: Arc<Dialler>,
    /// What is offered over TLS.
    protocols: &'static [&'static [u8]],
}

impl tower_service::Service<Uri> for Connector {
    type Response = Wire;
    type Error = Unreachable;
    type Future = Pin<Box<dyn Future<Output = Result<Wire, Unreachable>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unreachable>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Connector { dialler, protocols } = self.clone();
        Box::pin(async move { dialler.open(uri, protocols).await })
    }
}
