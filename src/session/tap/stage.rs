//! What the tests of both taps stand on: a tape, a responder, a site and clients that
//! speak to real sockets. Never part of the program.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::channel::mpsc;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::authority::Authority;
use super::body::{Body, streamed, whole};
use super::browser::{BrowserTap, BrowserTapConfig, Claims};
use crate::capture::{
    Answer, Capture, Opening, Reply, Request as Taken, Responder, Sighting, TAPE_FORMAT,
    TapeWriter, read,
};
use crate::session::{Seen, Witness};

/// The host that the test's platform answers under.
pub(super) const PLATFORM: &str = "hits.example";

/// Long enough for the slowest machine; nothing waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Stage {
    pub(super) authority: Arc<Authority>,
    pub(super) tape: Arc<TapeWriter>,
    dir: TempDir,
}

impl Stage {
    pub(super) fn new() -> Stage {
        let dir = tempfile::tempdir().expect("a directory");
        let opening = Opening {
            countonce_tape: TAPE_FORMAT,
            tool: "test".to_owned(),
            started: 0,
            pixel_script: "stand-in".to_owned(),
            browser: String::new(),
            site: String::new(),
            filter_lists: String::new(),
        };
        let tape = TapeWriter::create(&dir.path().join("tape.jsonl"), &opening).expect("a tape");
        let authority = Arc::new(Authority::new().expect("an authority"));
        Stage { authority, tape: Arc::new(tape), dir }
    }

    pub(super) fn capture(&self) -> Capture {
        let (capture, damage) = read(&self.dir.path().join("tape.jsonl")).expect("a tape");
        assert!(damage.is_none(), "{damage:?}");
        capture
    }

    pub(super) fn browser_config(&self, session: u32) -> BrowserTapConfig {
        let tape = Arc::clone(&self.tape);
        BrowserTapConfig::new(session, Arc::clone(&self.authority), claims(), responder(), tape)
    }

    pub(super) async fn browser(&self, session: u32) -> BrowserTap {
        BrowserTap::open(self.browser_config(session)).await.expect("a tap")
    }

    /// TLS to `host` through a proxy, as a browser opens it.
    pub(super) async fn tunnel(
        &self,
        proxy: SocketAddr,
        host: &str,
        protocol: &str,
    ) -> TlsStream<TcpStream> {
        let stream = connect(proxy, &format!("{host}:443"), "HTTP/1.1").await;
        secure(&self.authority, stream, host, protocol).await
    }

    pub(super) async fn one(&self, proxy: SocketAddr, host: &str) -> One {
        one(self.tunnel(proxy, host, "http/1.1").await).await
    }

    pub(super) async fn two(&self, proxy: SocketAddr, host: &str) -> Two {
        let io = TokioIo::new(self.tunnel(proxy, host, "h2").await);
        let (client, connection) =
            http2::handshake(TokioExecutor::new(), io).await.expect("HTTP/2");
        tokio::spawn(connection);
        Two(client)
    }
}

/// The platform of the tests: everything on its host but `/left`, and `/events` anywhere.
pub(super) fn claims() -> Claims {
    Arc::new(|_, url| {
        let url = url::Url::parse(url).expect("absolute");
        url.host_str() == Some(PLATFORM) || url.path().ends_with("/events")
    })
}

/// Answers with the request's path, keeps all but scripts, sees an event in each.
pub(super) fn responder() -> Responder {
    Arc::new(|request: &Taken| {
        let path = request.path();
        if path.starts_with("/left") {
            return None;
        }
        let sighting = Sighting {
            event: path.clone(),
            marks: request.query().map(ToOwned::to_owned).into_iter().collect(),
        };
        Some(Reply {
            answer: Answer::new(200, "text/plain", format!("kept {path}"))
                .with("access-control-allow-origin", "*"),
            record: path != "/script",
            sightings: vec![sighting],
        })
    })
}

pub(super) async fn until(witness: &Witness, condition: impl Fn(&Seen) -> bool) {
    let tick = Duration::from_millis(5);
    let came = witness.until(Instant::now() + PATIENCE, tick, condition).await;
    assert!(came, "it never came: {:?}", witness.look(Clone::clone));
}

/// Sends CONNECT and reads the answer's head.
pub(super) async fn connect(proxy: SocketAddr, wanted: &str, version: &str) -> TcpStream {
    let mut stream = TcpStream::connect(proxy).await.expect("connects");
    stream.set_nodelay(true).expect("set");
    let head = format!("CONNECT {wanted} {version}\r\nHost: {wanted}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("writes");
    let answer = head_of(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.") && answer.contains(" 200 "), "{answer}");
    stream
}

/// Reads up to the empty line, and not one byte more.
pub(super) async fn head_of(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = stream.read_u8().await;
        head.push(byte.unwrap_or_else(|cause| {
            panic!("{cause} after {}", String::from_utf8_lossy(&head));
        }));
    }
    String::from_utf8(head).expect("text")
}

pub(super) fn client_config(authority: &Authority, protocol: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(root(authority)).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    Arc::new(config)
}

pub(super) fn root(authority: &Authority) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("PEM")
}

pub(super) async fn secure(
    authority: &Authority,
    stream: TcpStream,
    host: &str,
    protocol: &str,
) -> TlsStream<TcpStream> {
    let name = ServerName::try_from(host.to_owned()).expect("a name");
    let connector = TlsConnector::from(client_config(authority, protocol));
    connector.connect(name, stream).await.expect("TLS")
}

pub(super) struct One(pub(super) http1::SendRequest<Body>);
pub(super) struct Two(pub(super) http2::SendRequest<Body>);

pub(super) async fn one(
    io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
) -> One {
    let (client, connection) = http1::handshake(TokioIo::new(io)).await.expect("HTTP/1.1");
    tokio::spawn(connection.with_upgrades());
    One(client)
}

impl One {
    pub(super) async fn send(&mut self, request: Request<Body>) -> (StatusCode, Bytes) {
        self.0.ready().await.expect("ready");
        taken(self.0.send_request(request).await.expect("an answer")).await
    }

    pub(super) async fn get(&mut self, host: &str, path: &str) -> (StatusCode, Bytes) {
        self.send(get(host, path)).await
    }
}

impl Two {
    pub(super) async fn send(&mut self, request: Request<Body>) -> (StatusCode, Bytes) {
        self.0.ready().await.expect("ready");
        taken(self.0.send_request(request).await.expect("an answer")).await
    }
}

pub(super) async fn taken(response: Response<Incoming>) -> (StatusCode, Bytes) {
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, body)
}

/// A request in origin form, as HTTP/1 clients send it inside a tunnel.
pub(super) fn get(host: &str, path: &str) -> Request<Body> {
    Request::get(path).header("host", host).body(whole("")).expect("a request")
}

pub(super) fn post(host: &str, path: &str, kind: &str, body: impl Into<Bytes>) -> Request<Body> {
    Request::post(path)
        .header("host", host)
        .header("content-type", kind)
        .body(whole(body))
        .expect("a request")
}

/// A site on loopback that tells what it was asked, and streams on command.
pub(super) struct TestSite {
    pub(super) address: SocketAddr,
    secure: bool,
    /// What is sent here goes out as one frame of `/stream`; dropping it ends the answer.
    pub(super) frames: mpsc::UnboundedSender<Bytes>,
}

impl TestSite {
    pub(super) fn origin(&self) -> String {
        format!("{}://{}", if self.secure { "https" } else { "http" }, self.address)
    }

    pub(super) async fn open() -> TestSite {
        TestSite::open_with(None).await
    }

    /// A site with a certificate of its own that speaks these protocols over TLS.
    pub(super) async fn open_secure(protocols: &[&str]) -> TestSite {
        let authority = Authority::new().expect("an authority");
        let config = authority.server_config("127.0.0.1").expect("a certificate");
        let mut config = rustls::ServerConfig::clone(&config);
        config.alpn_protocols = protocols.iter().map(|one| one.as_bytes().to_vec()).collect();
        TestSite::open_with(Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn open_with(tls: Option<TlsAcceptor>) -> TestSite {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("bound");
        let (frames, stream) = mpsc::unbounded();
        let stream = Arc::new(Mutex::new(Some(stream)));
        let secure = tls.is_some();
        tokio::spawn(async move {
            loop {
                let (io, _) = listener.accept().await.expect("accepts");
                let (stream, tls) = (Arc::clone(&stream), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(io, stream).await,
                        // A client that speaks none of its protocols is refused.
                        Some(tls) => {
                            if let Ok(io) = tls.accept(io).await {
                                serve(io, stream).await;
                            }
                        }
                    }
                });
            }
        });
        TestSite { address, secure, frames }
    }
}

async fn serve(
    io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    stream: Arc<Frames>,
) {
    let service = service_fn(move |request| {
        let stream = Arc::clone(&stream);
        async move { Ok::<_, Infallible>(answer(request, &stream).await) }
    });
    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    // A client that breaks off is the tests' affair.
    let _ = server.serve_connection_with_upgrades(TokioIo::new(io), service).await;
}

type Frames = Mutex<Option<mpsc::UnboundedReceiver<Bytes>>>;

async fn answer(mut request: Request<Incoming>, frames: &Frames) -> Response<Body> {
    match request.uri().path() {
        "/stream" | "/events-stream" => {
            let frames = frames.lock().await.take().expect("asked for once");
            let frames = frames.map(|bytes| Ok::<_, Infallible>(Frame::data(bytes)));
            let mut response = Response::new(streamed(StreamBody::new(frames)));
            if request.uri().path() == "/events-stream" {
                let kind = "text/event-stream".parse().expect("a header");
                response.headers_mut().insert("content-type", kind);
            }
            response
        }
        "/moved" => Response::builder()
            .status(302)
            .header("location", "https://shop.test/there")
            .header("set-cookie", "a=1; Path=/")
            .header("set-cookie", "b=2; Path=/")
            .body(whole(""))
            .expect("a response"),
        "/socket" => {
            let key = request.headers().get("sec-websocket-key").expect("a key").clone();
            let accept =
                tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
            let upgrade = hyper::upgrade::on(&mut request);
            tokio::spawn(async move {
                use tokio_tungstenite::WebSocketStream;
                use tokio_tungstenite::tungstenite::protocol::Role;
                let io = TokioIo::new(upgrade.await.expect("upgraded"));
                let socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
                let (sink, stream) = socket.split();
                let _ = stream.forward(sink).await;
            });
            Response::builder()
                .status(101)
                .header("connection", "Upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-accept", accept)
                .body(whole(""))
                .expect("a response")
        }
        path => {
            let line = format!("{} {path}", request.method());
            let version = format!("{:?}", request.version());
            let authority = request.uri().authority().map(ToString::to_string);
            let headers: Vec<(String, String)> = request
                .headers()
                .iter()
                .map(|(name, value)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect();
            let (_, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes().to_vec());
            let told = serde_json::json!({
                "line": line, "version": version, "authority": authority, "headers": headers, "body": body.unwrap_or_default(),
            });
            Response::builder()
                .header("x-site", "yes")
                .header("connection", "keep-alive, x-hop")
                .header("x-hop", "ends here")
                .body(streamed(Full::new(Bytes::from(told.to_string()))))
                .expect("a response")
        }
    }
}

/// What [`TestSite`] told about a request.
pub(super) struct Told(serde_json::Value);

impl Told {
    pub(super) fn read(body: &[u8]) -> Told {
        Told(serde_json::from_slice(body).unwrap_or_else(|cause| {
            panic!("{cause}: {}", String::from_utf8_lossy(body));
        }))
    }

    pub(super) fn line(&self) -> &str {
        self.0["line"].as_str().expect("text")
    }

    /// The protocol that it came in.
    pub(super) fn version(&self) -> &str {
        self.0["version"].as_str().expect("text")
    }

    /// The host in the address, which HTTP/2 has.
    pub(super) fn authority(&self) -> Option<&str> {
        self.0["authority"].as_str()
    }

    pub(super) fn header(&self, name: &str) -> Vec<&str> {
        let headers = self.0["headers"].as_array().expect("a list");
        headers
            .iter()
            .filter(|pair| pair[0] == name)
            .map(|pair| pair[1].as_str().expect("text"))
            .collect()
    }

    pub(super) fn body(&self) -> Vec<u8> {
        let bytes = self.0["body"].as_array().expect("a list");
        bytes.iter().map(|byte| byte.as_u64().expect("a byte") as u8).collect()
    }
}

/// An address at which nobody listens.
pub(super) async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    listener.local_addr().expect("bound")
}
