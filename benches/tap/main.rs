//! What the taps cost: an answered hit, a new connection, a forwarded request.
//!
//! `cargo bench --bench tap` prints a table; with `-- --mitmdump PATH` the same client
//! measures mitmproxy in the same run (`benches/tap.sh` installs it and does that).
//! `-- --quick` makes fewer requests. Tap and client run on threads of their own, as
//! proxy and browser do.
#![expect(clippy::print_stdout, reason = "a bench's figures are for whoever runs it")]

mod client;
mod mitmproxy;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countonce::capture::{Answer, Opening, Reply, Sighting, TAPE_FORMAT, TapeWriter};
use countonce::session::tap::{Authority, BrowserTap, BrowserTapConfig, Mapping};
use http::Response;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use client::{CROWD, Counts, Figures, Proxy, Times, forwarded, measure, millis, trusting};
use mitmproxy::Mitmproxy;

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

/// Name, the tap's times, mitmproxy's, the goal, whether it is met.
type Row<'a> = (&'a str, &'a Times, Option<&'a Times>, &'a str, Option<bool>);

fn print(direct: &Times, mine: &Figures, other: Option<&Figures>) {
    println!(
        "{:<44} {:>8} {:>8} {:>8} {:>8}  goal",
        "milliseconds", "p50", "p99", "mitm p50", "ratio"
    );
    let added = mine.forwarded.at(0.5).saturating_sub(direct.at(0.5));
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let hit_met = |times: &Times| ms(times.at(0.5)) < 0.2 && ms(times.at(0.99)) < 2.0;
    let rows: [Row<'_>; 5] = [
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
        filter_lists: String::new(),
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
