//! How much longer a page takes to load through the browser tap than without a proxy.
//!
//! A figure, not a test of the program: `benches/load.sh` runs it. All kinds of loads
//! are taken in turn, in two browsers with equal settings, by the browser's own clock, and
//! like is held against like: HTTP against HTTP, HTTPS against HTTPS.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use countonce::capture::{Opening, TAPE_FORMAT, TapeWriter};
use countonce::session::tap::{Authority, BrowserTap, BrowserTapConfig, Mapping};
use fantoccini::{Client, ClientBuilder};
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use super::stage::{browser, secure};

/// How long the site thinks about a page and about each of its parts, milliseconds.
/// A page of a shop takes a server some tens of milliseconds; parts come from a disk.
const THINKS: (u64, u64) = (30, 2);

async fn serve(uri: Uri) -> Response {
    let is_page = uri.path() == "/";
    let thinks = if is_page { THINKS.0 } else { THINKS.1 };
    tokio::time::sleep(std::time::Duration::from_millis(thinks)).await;
    let filler = "/* filler */ ".repeat(1500);
    let (kind, text) = if is_page {
        let parts: String = (0..8)
            .map(|n| format!("<link rel=stylesheet href=/{n}.css><script src=/{n}.js></script>"))
            .collect();
        ("text/html", format!("<!doctype html><link rel=icon href=data:,>{parts}<h1>Shop</h1>"))
    } else if uri.path().ends_with(".css") {
        ("text/css", filler)
    } else {
        ("text/javascript", filler)
    };
    ([("content-type", kind), ("cache-control", "no-store")], text).into_response()
}

async fn open(driver: &str, binary: &std::path::Path, proxy: Option<String>) -> Client {
    let mut args: Vec<String> =
        ["--headless=new", "--no-sandbox", "--disable-quic", "--proxy-bypass-list=<-loopback>"]
            .map(str::to_owned)
            .into();
    args.push(match proxy {
        Some(proxy) => format!("--proxy-server=http://{proxy}"),
        None => "--no-proxy-server".to_owned(),
    });
    let mut wanted = fantoccini::wd::Capabilities::new();
    wanted.insert("acceptInsecureCerts".to_owned(), json!(true));
    wanted.insert("goog:chromeOptions".to_owned(), json!({"binary": binary, "args": args}));
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(wanted);
    builder.connect(driver).await.expect("a session")
}

async fn load(client: &Client, address: &str) -> f64 {
    client.goto(address).await.expect("a page");
    let script = "return performance.getEntriesByType('navigation')[0].duration";
    client.execute(script, vec![]).await.expect("a figure").as_f64().expect("a number")
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure; benches/load.sh takes it"]
#[expect(clippy::print_stderr, reason = "the figures are what it is for")]
async fn live_page_load_through_the_tap_against_no_proxy() {
    let Some(found) = browser() else { return };
    let rounds = std::env::var("COUNTONCE_LOAD_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds: usize = rounds.unwrap_or(60);
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    let app = Router::new().fallback(serve);
    tokio::spawn(async move { axum::serve(listener, app).await.expect("serves") });
    let secure = secure(service_fn(|request: Request<Incoming>| async move {
        Ok::<_, Infallible>(serve(request.uri().clone()).await)
    }))
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let opening = Opening { countonce_tape: TAPE_FORMAT, ..Opening::default() };
    let tape = TapeWriter::create(&folder.path().join("tape.jsonl"), &opening).expect("a tape");
    let authority = Arc::new(Authority::new().expect("an authority"));
    let mut config = BrowserTapConfig::new(
        1,
        authority,
        Arc::new(|_, _| false),
        Arc::new(|_| None),
        Arc::new(tape),
    );
    config.mappings = vec![
        Mapping::new("shop.test", origin.clone()),
        Mapping::new("secure.test", secure.clone()),
    ];
    let tap = BrowserTap::open(config).await.expect("a tap");

    let port = {
        let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        free.local_addr().expect("bound").port()
    };
    let mut driver = Command::new(&found.driver.path)
        .arg(format!("--port={port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a driver");
    super::stage::until("the driver", || {
        std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
    })
    .await;
    let address = format!("http://127.0.0.1:{port}");
    let direct = open(&address, &found.browser.path, None).await;
    let tapped = open(&address, &found.browser.path, Some(tap.address().to_string())).await;
    let pages = [
        (&direct, format!("{origin}/")),
        (&tapped, "http://shop.test/".to_owned()),
        (&direct, format!("{secure}/")),
        (&tapped, "https://secure.test/".to_owned()),
        (&tapped, "https://shop.test/".to_owned()),
    ];
    let mut figures = vec![Vec::new(); pages.len()];
    for round in 0..rounds + 5 {
        for ((client, address), figures) in pages.iter().zip(&mut figures) {
            let figure = load(client, address).await;
            // The first loads warm everything up.
            if round >= 5 {
                figures.push(figure);
            }
        }
    }
    direct.close().await.expect("closed");
    tapped.close().await.expect("closed");
    driver.kill().expect("ended");
    driver.wait().expect("ended");
    let medians: Vec<f64> = figures.into_iter().map(median).collect();
    let [http, tapped, https, tapped_https, mapped] = medians[..] else { panic!("five kinds") };
    eprintln!(
        "page load, median of {rounds} (17 requests a page, a site that thinks {} ms):",
        THINKS.0
    );
    eprintln!("  http,  no proxy   {http:7.1} ms");
    eprintln!("  http,  tap        {tapped:7.1} ms  ratio {:.3}", tapped / http);
    eprintln!("  https, no proxy   {https:7.1} ms");
    eprintln!("  https, tap        {tapped_https:7.1} ms  ratio {:.3}", tapped_https / https);
    eprintln!("  https by the tap, http site  {mapped:7.1} ms");
}
