//! What the taps cost: an answered hit, a new connection, a forwarded request.
//!
//! `cargo bench --bench tap` prints a table; with `-- --mitmdump PATH` the same client
//! measures mitmproxy in the same run (`benches/tap.sh` installs it and does that).
//! `-- --quick` makes fewer requests. Tap and client run on threads of their own, as
//! proxy and browser do.
#![expect(clippy::print_stdout, reason = "a bench's figures are for whoever runs it")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use countonce::capture::{Answer, Opening, Reply, Sighting, TAPE_FORMAT, TapeWriter};
use countonce::session::tap::{Authority, BrowserTap, BrowserTapConfig, Mapping};
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const PLATFORM: &str = "hits.example";

/// Connections that a busy page and its frames may have open.
const CROWD: usize = 16;

/// Enough for a machine under load to start mitmproxy.
const START: Duration = Duration::from_secs(30);

/// A hit of ordinary length, with advanced matching.
const HIT: &str = "/tr/?id=1234567890123456&ev=Purchase&dl=https%3A%2F%2Fshop.test%2Fthank-you&rl=https%3A%2F%2Fshop.test%2Fcheckout&if=false&ts=1700000000000&cd[value]=42.00&cd[currency]=USD&cd[content_ids]=%5B%22mug-1%22%5D&cd[content_type]=product&sw=1280&sh=720&ud[em]=f660ab912ec121d1b1e928a0bb4bc61b15f5ad44d5efdc4e1c92a25e99b8e44a&ud[ph]=254aa248acb47dd654ca3ea53f48c2c26d641d23d7e2e93a1ec56258df7674c4&v=2.9.200&r=stable&ec=3&o=4126&fbp=fb.1.1700000000000.1234567890&it=1700000000000&coo=false&eid=order-1001&rqm=GET";

type Empty = Full<Bytes>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mitmdump = arguments
        .iter()
        .position(|argument| argument == "--mitmdump")
        .and_then(|at| arguments.get(at + 1))
        .map(PathBuf::from);
    let scale = if arguments.iter().any(|argument| argument == "--quick") { 10 } else { 1 };

    let servers = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime for the servers");
    let client = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir().expect("a directory");
    let site = servers.block_on(open_site());
    let (tap, authority) = open_tap(&servers, dir.path(), site);

    println!(
        "countonce's browser tap{}",
        if cfg!(debug_assertions) { " (built without optimisation)" } else { "" }
    );
    let ours = Proxy {
        address: tap.address(),
        tls: trusting(authority.pem().as_bytes()),
        site: "http://shop.test".to_owned(),
    };
    let counts = Counts { open: 20_000 / scale, new: 1_000 / scale };
    let direct = client.block_on(forwarded(None, site, counts.open));
    let mine = client.block_on(measure(&ours, site, &counts));
    let each = counts.open / CROWD * CROWD;
    let expected = 2 * (counts.open + counts.open / 10) + counts.new + counts.new / 10 + each;
    let kept = tap.witness().look(|seen| seen.recorded);
    assert_eq!(kept, expected as u64, "every hit is on the tape");
    let other = mitmdump.map(|path| {
        let mitm = Mitmproxy::start(&path, dir.path());
        let proxy = client.block_on(mitm.ready(site));
        // It is slow enough that a tenth gives steady figures.
        let counts = Counts { open: counts.open / 10, new: counts.new / 5 };
        client.block_on(measure(&proxy, site, &counts))
    });
    print(&direct, &mine, other.as_ref());
    servers.block_on(tap.close());
}

struct Counts {
    open: usize,
    new: usize,
}

struct Proxy {
    address: SocketAddr,
    tls: Arc<ClientConfig>,
    /// What the site is called through this proxy.
    site: String,
}

struct Figures {
    hit_one: Times,
    hit_two: Times,
    connection: Times,
    forwarded: Times,
    /// Hits per second from [`CROWD`] connections at once.
    rate: f64,
}

struct Times(Vec<Duration>);

impl Times {
    fn at(&self, share: f64) -> Duration {
        let index = (self.0.len() - 1) as f64 * share;
        self.0[index as usize]
    }

    fn show(&self) -> String {
        format!("{:>8} {:>8}", millis(self.at(0.5)), millis(self.at(0.99)))
    }
}

fn millis(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1000.0)
}

fn print(direct: &Times, mine: &Figures, other: Option<&Figures>) {
    println!(
        "{:<44} {:>8} {:>8} {:>8} {:>8}  goal",
        "milliseconds", "p50", "p99", "mitm p50", "ratio"
    );
    let added = mine.forwarded.at(0.5).saturating_sub(direct.at(0.5));
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let hit_met = |times: &Times| ms(times.at(0.5)) < 0.2 && ms(times.at(0.99)) < 2.0;
    let rows: [(&str, &Times, Option<&Times>, &str, Option<bool>); 5] = [
        (
            "answered hit, open connection, HTTP/1.1",
            &mine.hit_one,
            other.map(|other| &other.hit_one),
            "p50 < 0.2, p99 < 2",
            Some(hit_met(&mine.hit_one)),
        ),
        (
            "answered hit, open connection, HTTP/2",
            &mine.hit_two,
            other.map(|other| &other.hit_two),
            "p50 < 0.2, p99 < 2",
            Some(hit_met(&mine.hit_two)),
        ),
        (
            "new connection: CONNECT, TLS, hit",
            &mine.connection,
            other.map(|other| &other.connection),
            "p50 < 2",
            Some(ms(mine.connection.at(0.5)) < 2.0),
        ),
        ("the site, asked directly", direct, None, "", None),
        (
            "the site, through the tap",
            &mine.forwarded,
            other.map(|other| &other.forwarded),
            "",
            None,
        ),
    ];
    for (name, mine, other, goal, met) in rows {
        let (mitm, ratio) = match other {
            Some(other) => {
                let ratio = other.at(0.5).as_secs_f64() / mine.at(0.5).as_secs_f64();
                (millis(other.at(0.5)), format!("{ratio:.1}x"))
            }
            None => (String::new(), String::new()),
        };
        println!("{name:<44} {} {mitm:>8} {ratio:>8}  {}", mine.show(), verdict(goal, met));
    }
    let (mitm, ratio) = match other {
        Some(other) => {
            let theirs = other.forwarded.at(0.5).saturating_sub(direct.at(0.5));
            let ratio = theirs.as_secs_f64() / added.as_secs_f64().max(1e-9);
            (millis(theirs), format!("{ratio:.1}x"))
        }
        None => (String::new(), String::new()),
    };
    let goal = verdict("p50 < 0.3", Some(ms(added) < 0.3));
    println!(
        "{:<44} {:>8} {:>8} {mitm:>8} {ratio:>8}  {goal}",
        "  so forwarding adds",
        millis(added),
        ""
    );
    let (mitm, ratio, goal) = match other {
        Some(other) => {
            let ratio = mine.rate / other.rate;
            let goal = verdict("20 times more", Some(ratio >= 20.0));
            (format!("{:.0}", other.rate), format!("{ratio:.1}x"), goal)
        }
        None => (String::new(), String::new(), String::new()),
    };
    let name = format!("hits per second, {CROWD} connections");
    println!("{name:<44} {:>8.0} {:>8} {mitm:>8} {ratio:>8}  {goal}", mine.rate, "");
}

fn verdict(goal: &str, met: Option<bool>) -> String {
    match met {
        Some(true) => format!("{goal}: met"),
        Some(false) => format!("{goal}: MISSED"),
        None => goal.to_owned(),
    }
}

fn open_tap(servers: &Runtime, dir: &Path, site: SocketAddr) -> (BrowserTap, Arc<Authority>) {
    let opening = Opening {
        countonce_tape: TAPE_FORMAT,
        tool: "bench".to_owned(),
        started: 0,
        pixel_script: "stand-in".to_owned(),
        browser: String::new(),
        site: String::new(),
    };
    let tape = TapeWriter::create(&dir.join("tape.jsonl"), &opening).expect("a tape");
    let authority = Arc::new(Authority::new().expect("an authority"));
    let mut config = BrowserTapConfig::new(
        1,
        Arc::clone(&authority),
        Arc::new(|_, url| url.starts_with("https://hits.example/")),
        Arc::new(|request| {
            let marks = request.query().map(ToOwned::to_owned).into_iter().collect();
            Some(Reply {
                answer: Answer::new(200, "image/gif", GIF),
                record: true,
                sightings: vec![Sighting { event: "Purchase".to_owned(), marks }],
            })
        }),
        Arc::new(tape),
    );
    config.mappings = vec![Mapping::new("shop.test", format!("http://{site}"))];
    config.forwarding.visitor = Some(SocketAddr::from(([203, 0, 113, 9], 0)).ip());
    let tap = servers.block_on(BrowserTap::open(config)).expect("a tap");
    (tap, authority)
}

/// A transparent image of one pixel.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;";

/// A site that answers with ten kilobytes at once.
async fn open_site() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let page = Bytes::from(vec![b'x'; 10_240]);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("set");
            let page = page.clone();
            tokio::spawn(async move {
                let service = service_fn(move |_| {
                    let page = page.clone();
                    async move { Ok::<_, Infallible>(Response::new(Full::new(page))) }
                });
                let server = hyper::server::conn::http1::Builder::new();
                // Clients hang up when they have measured enough.
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

async fn measure(proxy: &Proxy, site: SocketAddr, counts: &Counts) -> Figures {
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
async fn forwarded(proxy: Option<&Proxy>, site: SocketAddr, count: usize) -> Times {
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

fn trusting(pem: &[u8]) -> Arc<ClientConfig> {
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

/// mitmproxy with the same duty: answer the platform's host, keep every flow in a file.
struct Mitmproxy {
    child: Child,
    port: u16,
    dir: PathBuf,
}

/// Answers hits as the tap does; everything else is passed on.
const ADDON: &str = "\
from mitmproxy import http

GIF = bytes.fromhex('47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b')

def request(flow):
    if flow.request.pretty_host == 'hits.example':
        flow.response = http.Response.make(200, GIF, {'content-type': 'image/gif'})
";

impl Mitmproxy {
    fn start(mitmdump: &Path, dir: &Path) -> Mitmproxy {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port")
            .port();
        let addon = dir.join("answer.py");
        std::fs::write(&addon, ADDON).expect("written");
        let confdir = dir.join("mitmproxy");
        let child = Command::new(mitmdump)
            .args(["--quiet", "--listen-host", "127.0.0.1", "--listen-port", &port.to_string()])
            .arg("--set")
            .arg(format!("confdir={}", confdir.display()))
            .args(["--set", "connection_strategy=lazy"])
            .arg("--save-stream-file")
            .arg(dir.join("flows"))
            .arg("--scripts")
            .arg(&addon)
            .stdin(Stdio::null())
            .spawn()
            .expect("mitmdump starts");
        Mitmproxy { child, port, dir: confdir }
    }

    /// Waits until it listens and its certificate is there.
    async fn ready(&self, site: SocketAddr) -> Proxy {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let certificate = self.dir.join("mitmproxy-ca-cert.pem");
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        let pem = tokio::time::timeout(START, async {
            loop {
                ticks.tick().await;
                if TcpStream::connect(address).await.is_ok()
                    && let Ok(pem) = std::fs::read(&certificate)
                {
                    return pem;
                }
            }
        })
        .await
        .expect("mitmproxy listens");
        println!("mitmproxy listens on {address}");
        Proxy { address, tls: trusting(&pem), site: format!("http://{site}") }
    }
}

impl Drop for Mitmproxy {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
