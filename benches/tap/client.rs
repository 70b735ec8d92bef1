//! The client that measures: the same requests through whichever proxy it is given.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const PLATFORM: &str = "hits.example";

/// Connections that a busy page and its frames may have open.
pub(crate) const CROWD: usize = 16;

/// A hit of ordinary length, with advanced matching.
const HIT: &str = "/tr/?id=1234567890123456&ev=Purchase&dl=https%3A%2F%2Fshop.test%2Fthank-you&rl=https%3A%2F%2Fshop.test%2Fcheckout&if=false&ts=1700000000000&cd[value]=42.00&cd[currency]=USD&cd[content_ids]=%5B%22mug-1%22%5D&cd[content_type]=product&sw=1280&sh=720&ud[em]=f660ab912ec121d1b1e928a0bb4bc61b15f5ad44d5efdc4e1c92a25e99b8e44a&ud[ph]=254aa248acb47dd654ca3ea53f48c2c26d641d23d7e2e93a1ec56258df7674c4&v=2.9.200&r=stable&ec=3&o=4126&fbp=fb.1.1700000000000.1234567890&it=1700000000000&coo=false&eid=order-1001&rqm=GET";

type Empty = Full<Bytes>;

/// How many requests make a figure.
pub(crate) struct Counts {
    pub(crate) open: usize,
    pub(crate) new: usize,
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Arc<ClientConfig>,
    /// What the site is called through this proxy.
    pub(crate) site: String,
}

pub(crate) struct Figures {
    pub(crate) hit_one: Times,
    pub(crate) hit_two: Times,
    pub(crate) connection: Times,
    pub(crate) forwarded: Times,
    /// Hits per second from [`CROWD`] connections at once.
    pub(crate) rate: f64,
}

pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn at(&self, share: f64) -> Duration {
        let index = (self.0.len() - 1) as f64 * share;
        self.0[index as usize]
    }

    pub(crate) fn show(&self) -> String {
        format!("{:>8} {:>8}", millis(self.at(0.5)), millis(self.at(0.99)))
    }
}

pub(crate) async fn measure(proxy: &Proxy, site: SocketAddr, counts: &Counts) -> Figures {
    Figures {
        hit_one: hits_one(proxy, counts.open).await,
        hit_two: hits_two(proxy, counts.open).await,
        connection: connections(proxy, counts.new).await,
        forwarded: forwarded(Some(proxy), site, counts.open).await,
        rate: rate(proxy, counts.open).await,
    }
}

async fn hits_one(proxy: &Proxy, count: usize) -> Times {
    let io = TokioIo::new(tunnel(proxy, b"http/1.1").await);
    let (mut client, connection) = http1::handshake(io).await.expect("HTTP/1.1");
    tokio::spawn(connection);
    let mut times = Vec::with_capacity(count);
    for number in 0..count + count / 10 {
        let request = Request::get(HIT).header("host", PLATFORM).body(Empty::default());
        let start = Instant::now();
        client.ready().await.expect("ready");
        let answer = client.send_request(request.expect("a request")).await;
        drain(answer.expect("an answer")).await;
        keep(&mut times, number >= count / 10, start);
    }
    sorted(times)
}

async fn hits_two(proxy: &Proxy, count: usize) -> Times {
    let io = TokioIo::new(tunnel(proxy, b"h2").await);
    let (mut client, connection) =
        http2::handshake(TokioExecutor::new(), io).await.expect("HTTP/2");
    tokio::spawn(connection);
    let url = format!("https://{PLATFORM}{HIT}");
    let mut times = Vec::with_capacity(count);
    for number in 0..count + count / 10 {
        let request = Request::get(url.as_str()).version(Version::HTTP_2).body(Empty::default());
        let start = Instant::now();
        client.ready().await.expect("ready");
        let answer = client.send_request(request.expect("a request")).await;
        drain(answer.expect("an answer")).await;
        keep(&mut times, number >= count / 10, start);
    }
    sorted(times)
}

async fn connections(proxy: &Proxy, count: usize) -> Times {
    let mut times = Vec::with_capacity(count);
    for number in 0..count + count / 10 {
        let start = Instant::now();
        let io = TokioIo::new(tunnel(proxy, b"http/1.1").await);
        let (mut client, connection) = http1::handshake(io).await.expect("HTTP/1.1");
        tokio::spawn(connection);
        let request = Request::get(HIT).header("host", PLATFORM).body(Empty::default());
        let answer = client.send_request(request.expect("a request")).await;
        drain(answer.expect("an answer")).await;
        keep(&mut times, number >= count / 10, start);
    }
    sorted(times)
}

/// A crowd on open connections, so that the proxy and not the client's waiting is measured.
async fn rate(proxy: &Proxy, count: usize) -> f64 {
    let mut clients = Vec::with_capacity(CROWD);
    for _ in 0..CROWD {
        let io = TokioIo::new(tunnel(proxy, b"http/1.1").await);
        let (client, connection) = http1::handshake(io).await.expect("HTTP/1.1");
        tokio::spawn(connection);
        clients.push(client);
    }
    let start = Instant::now();
    let sending = clients.into_iter().map(|mut client| async move {
        for _ in 0..count / CROWD {
            let request = Request::get(HIT).header("host", PLATFORM).body(Empty::default());
            client.ready().await.expect("ready");
            let answer = client.send_request(request.expect("a request")).await;
            drain(answer.expect("an answer")).await;
        }
    });
    futures::future::join_all(sending).await;
    (count / CROWD * CROWD) as f64 / start.elapsed().as_secs_f64()
}

/// The site, directly or as a proxy's plain request.
pub(crate) async fn forwarded(proxy: Option<&Proxy>, site: SocketAddr, count: usize) -> Times {
    let (address, url) = match proxy {
        Some(proxy) => (proxy.address, format!("{}/page", proxy.site)),
        None => (site, "/page".to_owned()),
    };
    let stream = TcpStream::connect(address).await.expect("connects");
    stream.set_nodelay(true).expect("set");
    let (mut client, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
    tokio::spawn(connection);
    let host = proxy.map_or_else(
        || site.to_string(),
        |proxy| proxy.site.trim_start_matches("http://").to_owned(),
    );
    let mut times = Vec::with_capacity(count);
    for number in 0..count + count / 10 {
        let request = Request::get(url.as_str()).header("host", &host).body(Empty::default());
        let start = Instant::now();
        client.ready().await.expect("ready");
        let answer = client.send_request(request.expect("a request")).await;
        drain(answer.expect("an answer")).await;
        keep(&mut times, number >= count / 10, start);
    }
    sorted(times)
}

pub(crate) fn millis(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1000.0)
}

/// The first tenth warms up.
fn keep(times: &mut Vec<Duration>, counts: bool, start: Instant) {
    if counts {
        times.push(start.elapsed());
    }
}

fn sorted(mut times: Vec<Duration>) -> Times {
    times.sort_unstable();
    Times(times)
}

async fn drain(answer: Response<hyper::body::Incoming>) {
    let status = answer.status();
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    assert!(status.is_success() && !body.is_empty(), "{status}");
}

async fn tunnel(proxy: &Proxy, protocol: &[u8]) -> TlsStream<TcpStream> {
    let mut stream = TcpStream::connect(proxy.address).await.expect("connects");
    stream.set_nodelay(true).expect("set");
    let head = format!("CONNECT {PLATFORM}:443 HTTP/1.1\r\nHost: {PLATFORM}:443\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("writes");
    let mut answer = Vec::with_capacity(256);
    while !answer.ends_with(b"\r\n\r\n") {
        // The proxy speaks only after the client in TLS: nothing is read too far.
        assert!(stream.read_buf(&mut answer).await.expect("reads") > 0, "no answer to CONNECT");
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    let mut config = ClientConfig::clone(&proxy.tls);
    config.alpn_protocols = vec![protocol.to_vec()];
    let name = ServerName::try_from(PLATFORM).expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("TLS")
}

pub(crate) fn trusting(pem: &[u8]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem).expect("PEM")).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    // Every connection is to be a whole one.
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}
