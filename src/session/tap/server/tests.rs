//! The server tap over real sockets.

use std::io::Write as _;

use http::HeaderValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::super::stage::{
    One, PLATFORM, Stage, TestSite, Told, claims, client_config, connect, get, head_of, nobody,
    one, post, responder, secure, until,
};
use super::*;
use crate::capture::Answer;
use crate::event::{FaultAnswer, Place, ServerFault};

fn config(stage: &Stage) -> ServerTapConfig {
    ServerTapConfig::new(
        Arc::clone(&stage.authority),
        Arc::new(|host| host == PLATFORM),
        claims(),
        responder(),
        Arc::clone(&stage.tape),
    )
}

async fn open(stage: &Stage) -> ServerTap {
    ServerTap::open(config(stage)).await.expect("a tap")
}

fn address(tap: &ServerTap) -> SocketAddr {
    tap.listener.address()
}

async fn client(tap: &ServerTap) -> One {
    one(TcpStream::connect(address(tap)).await.expect("connects")).await
}

#[tokio::test]
async fn calls_by_base_url_are_answered_and_kept_as_the_client_wrote_them() {
    let stage = Stage::new();
    let tap = open(&stage).await;
    let host = address(&tap).to_string();
    let mut client = client(&tap).await;
    let json = br#"{"data":[{"event_name":"Purchase"}]}"#.to_vec();
    let path = "/v26.0/123/events?x=1";
    let (status, body) = client.send(post(&host, path, "application/json", json.clone())).await;
    assert_eq!((status.as_u16(), &body[..]), (200, &b"kept /v26.0/123/events"[..]));
    let mut zipped = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped.write_all(&json).expect("in memory");
    let mut coded = post(&host, path, "application/json", zipped.finish().expect("in memory"));
    coded.headers_mut().insert("content-encoding", HeaderValue::from_static("deflate"));
    client.send(coded).await;

    let kept = stage.capture().exchanges;
    assert_eq!(kept.len(), 2);
    for exchange in &kept {
        assert_eq!((exchange.door, exchange.channel), (Door::BaseUrl, Channel::Server));
        assert_eq!(exchange.session, None);
        assert_eq!(exchange.request.url, format!("{}/v26.0/123/events?x=1", tap.base_url()));
        assert_eq!(exchange.request.body, json);
    }
    let seen = tap.witness().look(Clone::clone);
    assert_eq!((seen.recorded, seen.sightings.len(), seen.open), (2, 2, 0));
}

/// Bytes on the wire as the clients of different languages send them.
#[tokio::test]
async fn every_framing_that_clients_use_is_understood() {
    let stage = Stage::new();
    let tap = open(&stage).await;
    let chunked = "POST /v1/1/events HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndata\r\n3;x=y\r\n=[]\r\n0\r\n\r\n";
    let mut stream = TcpStream::connect(address(&tap)).await.expect("connects");
    // Two on one connection, the second one pipelined behind the first.
    stream.write_all(format!("{chunked}{chunked}").as_bytes()).await.expect("writes");
    for _ in 0..2 {
        assert!(head_of(&mut stream).await.starts_with("HTTP/1.1 200"));
        let mut body = [0; 17];
        stream.read_exact(&mut body).await.expect("reads");
    }

    let expecting = "POST /v1/1/events HTTP/1.1\r\nHost: t\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(expecting.as_bytes()).await.expect("writes");
    assert!(head_of(&mut stream).await.starts_with("HTTP/1.1 100"), "before the body is sent");
    stream.write_all(b"data=[]").await.expect("writes");
    assert!(head_of(&mut stream).await.starts_with("HTTP/1.1 200"));
    stream.read_exact(&mut [0; 17]).await.expect("reads");

    let closing = "POST /v1/1/events HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 7\r\n\r\ndata=[]";
    stream.write_all(closing.as_bytes()).await.expect("writes");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.expect("closed in order");
    assert!(rest.starts_with("HTTP/1.1 200") && rest.to_lowercase().contains("connection: close"));

    let old = "POST /v1/1/events HTTP/1.0\r\nContent-Length: 7\r\nHost: t\r\n\r\ndata=[]";
    let mut stream = TcpStream::connect(address(&tap)).await.expect("connects");
    stream.write_all(old.as_bytes()).await.expect("writes");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.expect("closed in order");
    assert!(rest.starts_with("HTTP/1.0 200") && rest.ends_with("kept /v1/1/events"), "{rest}");

    let kept = stage.capture().exchanges;
    assert_eq!(kept.len(), 5);
    assert!(kept.iter().all(|one| one.request.body == b"data=[]"));
}

#[tokio::test]
async fn reqwest_reaches_the_platform_through_the_proxy() {
    // Another test may have been first; all of them name the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let stage = Stage::new();
    let tap = open(&stage).await;
    let root = reqwest::Certificate::from_pem(stage.authority.pem().as_bytes()).expect("PEM");
    let client = reqwest::Client::builder()
        .proxy(reqwest::Proxy::all(tap.proxy_url()).expect("an address"))
        .tls_certs_only([root])
        .build()
        .expect("a client");
    for number in 0..3 {
        let url = format!("https://{PLATFORM}/v26.0/1/events?n={number}");
        let form = [("data", "[{\"a\":1}]"), ("access_token", "SECRET")];
        let answer = client.post(url).form(&form).send().await.expect("an answer");
        assert_eq!(answer.text().await.expect("text"), "kept /v26.0/1/events");
    }
    let kept = stage.capture().exchanges;
    assert_eq!(kept.len(), 3);
    assert_eq!(kept[2].request.url, format!("https://{PLATFORM}/v26.0/1/events?n=2"));
    assert_eq!(kept[2].door, Door::ForwardProxy);
    let body = String::from_utf8(kept[2].request.body.clone()).expect("text");
    assert!(body.starts_with("data=%5B%7B%22a%22%3A1%7D%5D") && !body.contains("SECRET"), "{body}");
}

#[tokio::test]
async fn a_tunnel_asked_for_in_the_old_version_works() {
    let stage = Stage::new();
    let tap = open(&stage).await;
    // Python's http.client asks in HTTP/1.0.
    let tunnel = connect(address(&tap), &format!("{PLATFORM}:443"), "HTTP/1.0").await;
    let mut client = one(secure(&stage.authority, tunnel, PLATFORM, "http/1.1").await).await;
    for _ in 0..2 {
        let call = post(PLATFORM, "/v1/1/events", "application/json", "{}");
        assert_eq!(client.send(call).await.0.as_u16(), 200);
    }
    assert_eq!(tap.witness().look(|seen| seen.recorded), 2);
}

#[tokio::test]
async fn tls_without_connect_is_taken_by_name_on_both_ports() {
    let stage = Stage::new();
    let tap = open(&stage).await;
    for port in [tap.tls_address().expect("asked for"), address(&tap)] {
        let stream = TcpStream::connect(port).await.expect("connects");
        let mut client = one(secure(&stage.authority, stream, PLATFORM, "http/1.1").await).await;
        let call = post(PLATFORM, "/v1/1/events", "application/json", "{}");
        assert_eq!(client.send(call).await.0.as_u16(), 200);
    }
    // With an address in place of a name it is the base URL, in TLS.
    let own = address(&tap);
    let stream = TcpStream::connect(own).await.expect("connects");
    let mut client = one(secure(&stage.authority, stream, "127.0.0.1", "http/1.1").await).await;
    let call = post(&own.to_string(), "/v1/1/events", "application/json", "{}");
    assert_eq!(client.send(call).await.0.as_u16(), 200);
    let kept = stage.capture().exchanges;
    let doors: Vec<Door> = kept.iter().map(|one| one.door).collect();
    assert_eq!(doors, [Door::Tls, Door::Tls, Door::BaseUrl]);
    assert_eq!(kept[0].request.url, format!("https://{PLATFORM}/v1/1/events"));
    assert_eq!(kept[2].request.url, format!("https://{own}/v1/1/events"));
}

#[tokio::test]
async fn tls_of_other_hosts_is_tunnelled_unopened() {
    let stage = Stage::new();
    let tap = open(&stage).await;
    // The other host has an authority of its own: were TLS opened here, it would show.
    let elsewhere = Stage::new();
    let other = open(&elsewhere).await;
    let wanted = format!("localhost:{}", address(&other).port());
    let tunnel = connect(address(&tap), &wanted, "HTTP/1.1").await;
    let mut client = one(secure(&elsewhere.authority, tunnel, "localhost", "http/1.1").await).await;
    let call = post(&wanted, "/v1/1/events", "application/json", "{}");
    assert_eq!(client.send(call).await.0.as_u16(), 200);
    assert_eq!(elsewhere.capture().exchanges.len(), 1);
    assert!(stage.capture().exchanges.is_empty());
    assert_eq!(tap.witness().look(|seen| seen.last), None, "no activity of the platform's");
    until(&other.witness(), |seen| seen.open == 0).await;
    tap.close().await;
    let late = client.0.send_request(get(&wanted, "/v1/1/events")).await;
    assert!(late.is_err(), "tunnels end with the tap");
}

#[tokio::test]
async fn plain_requests_for_other_hosts_pass_through() {
    let stage = Stage::new();
    let tap = open(&stage).await;
    let site = TestSite::open().await;
    let mut client = client(&tap).await;
    let mut request = post("x", "/pay?a=b", "text/plain", &b"\xffbody"[..]);
    *request.uri_mut() = format!("{}/pay?a=b", site.origin()).parse().expect("uri");
    request.headers_mut().insert("proxy-authorization", HeaderValue::from_static("Basic x"));
    let told = Told::read(&client.send(request).await.1);
    assert_eq!((told.line(), told.body()), ("POST /pay", b"\xffbody".to_vec()));
    assert_eq!(told.header("host"), [site.address.to_string()]);
    assert!(told.header("proxy-authorization").is_empty(), "it was meant for this hop");
    assert!(told.header("x-forwarded-for").is_empty(), "no visitor stands behind a server");
    let mut request = get("x", "/");
    *request.uri_mut() = format!("http://{}/", nobody().await).parse().expect("uri");
    let (status, body) = client.send(request).await;
    assert_eq!(status.as_u16(), 502);
    assert!(String::from_utf8_lossy(&body).contains("refused"));
}

#[tokio::test]
async fn what_is_not_claimed_never_reaches_a_platform() {
    let stage = Stage::new();
    let mut config = config(&stage);
    config.claims = Arc::new(|_, url| url.contains("/events"));
    let tap = ServerTap::open(config).await.expect("a tap");
    let host = address(&tap).to_string();
    let tunnel = connect(address(&tap), &format!("{PLATFORM}:443"), "HTTP/1.1").await;
    let mut inside = one(secure(&stage.authority, tunnel, PLATFORM, "http/1.1").await).await;
    let plain = connect(address(&tap), &format!("{PLATFORM}:80"), "HTTP/1.1").await;
    let mut plain = one(plain).await;
    let mut base = client(&tap).await;
    let mut absolute = get(PLATFORM, "/me");
    *absolute.uri_mut() = format!("http://{PLATFORM}/me?access_token=SECRET").parse().expect("uri");
    for (status, body) in [
        base.get(&host, "/me?access_token=SECRET").await,
        base.send(absolute).await,
        inside.get(PLATFORM, "/me?access_token=SECRET").await,
        plain.get(PLATFORM, "/left/events").await,
    ] {
        let error: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        let message = error["error"]["message"].as_str().expect("a message");
        assert_eq!(status.as_u16(), 404);
        assert!(message.contains("server tap") && !message.contains("SECRET"), "{message}");
    }
    assert_eq!(tap.witness().look(|seen| (seen.recorded, seen.open)), (0, 0));
}

#[tokio::test]
async fn a_base_url_asked_for_through_the_proxy_is_still_the_base_url() {
    let stage = Stage::new();
    let tap = open(&stage).await;
    let mut client = client(&tap).await;
    let mut request = post("x", "/", "application/json", "{}");
    let url = format!("{}/v1/1/events", tap.base_url());
    *request.uri_mut() = url.parse().expect("uri");
    assert_eq!(client.send(request).await.0.as_u16(), 200);
    let kept = stage.capture().exchanges;
    assert_eq!((kept[0].door, kept[0].request.url.as_str()), (Door::BaseUrl, url.as_str()));
}

#[tokio::test]
async fn hosts_out_of_reach_fail_the_tunnel_with_the_cause() {
    let stage = Stage::new();
    let tap = open(&stage).await;
    let mut stream = TcpStream::connect(address(&tap)).await.expect("connects");
    let wanted = nobody().await;
    let head = format!("CONNECT {wanted} HTTP/1.1\r\nHost: {wanted}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("writes");
    assert!(head_of(&mut stream).await.starts_with("HTTP/1.1 502"));
}

#[tokio::test]
async fn both_ports_are_named_when_taken() {
    let stage = Stage::new();
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let port = taken.local_addr().expect("bound");
    for (bind, tls_bind) in [(port, None), (SocketAddr::from(([127, 0, 0, 1], 0)), Some(port))] {
        let config = ServerTapConfig { bind, tls_bind, ..config(&stage) };
        let error = ServerTap::open(config).await.err().expect("taken").to_string();
        assert!(error.contains(&port.to_string()) && error.contains("server tap"), "{error}");
    }
    let config = ServerTapConfig { tls_bind: None, ..config(&stage) };
    assert_eq!(ServerTap::open(config).await.expect("a tap").tls_address(), None);
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_authority_is_told_of() {
    let stage = Stage::new();
    let tap = open(&stage).await;
    let stranger = Stage::new();
    let tunnel = connect(address(&tap), &format!("{PLATFORM}:443"), "HTTP/1.0").await;
    let connector = tokio_rustls::TlsConnector::from(client_config(&stranger.authority, "h2"));
    let name = rustls::pki_types::ServerName::try_from(PLATFORM).expect("a name");
    assert!(connector.connect(name, tunnel).await.is_err());
    until(&tap.witness(), |seen| seen.troubles.iter().any(|one| one.contains(PLATFORM))).await;
    let told = tap.witness().look(|seen| seen.troubles.join("\n"));
    assert!(told.contains("NODE_EXTRA_CA_CERTS") && told.contains("REQUESTS_CA_BUNDLE"), "{told}");
}

fn fault(answer: FaultAnswer, call: u32, delay: Option<u64>) -> ServerFault {
    let place = Place { line: call, column: 1 };
    ServerFault { answer, event: None, first: call, last: call, delay, place }
}

/// Calls one after the other, the first four met by faults of the only open session.
#[tokio::test]
async fn faults_meet_their_calls_and_stand_on_the_tape() {
    let stage = Stage::new();
    let refuse: crate::session::Refuse = Arc::new(|_, injected| {
        let refused = injected.answer == FaultAnswer::Failing;
        refused.then(|| Answer::new(500, "application/json", "{}"))
    });
    let faults = Faults::new(refuse);
    let tap = ServerTap::open(ServerTapConfig { faults: Some(faults.clone()), ..config(&stage) });
    let tap = tap.await.expect("a tap");
    let slow = Duration::from_millis(300);
    let all = [
        fault(FaultAnswer::Failing, 1, None),
        fault(FaultAnswer::Reset, 2, None),
        fault(FaultAnswer::Timeout, 3, Some(200)),
        fault(FaultAnswer::Slow, 4, Some(300)),
    ];
    faults.open(8, &[], Witness::default(), &all);
    let call = || post("t", "/v1/1/events", "application/json", "{}");
    let mut failing = client(&tap).await;
    assert_eq!(failing.send(call()).await.0.as_u16(), 500);
    for _ in 0..2 {
        let mut broken = client(&tap).await;
        assert!(broken.0.send_request(call()).await.is_err(), "there is no answer");
    }
    let began = Instant::now();
    let mut client = client(&tap).await;
    assert_eq!(client.send(call()).await.0.as_u16(), 200);
    assert!(began.elapsed() >= slow, "{:?}", began.elapsed());
    assert_eq!(client.send(call()).await.0.as_u16(), 200, "the fifth meets none");

    let kept = stage.capture().exchanges;
    let words: Vec<Option<FaultAnswer>> =
        kept.iter().map(|one| one.injected.as_ref().map(|injected| injected.answer)).collect();
    let met = all.iter().map(|fault| Some(fault.answer));
    assert_eq!(words, met.chain([None]).collect::<Vec<_>>());
    let statuses: Vec<u16> = kept.iter().map(|one| one.answer.status).collect();
    assert_eq!(statuses, [500, 0, 0, 200, 200]);
    assert!(kept[0].injected.as_ref().is_some_and(|one| (one.session, one.line) == (8, 1)));
    let seen = tap.witness().look(|seen| (seen.recorded, seen.sightings.len(), seen.open));
    assert_eq!(seen, (5, 2, 0), "only what was taken is awaited");
}

#[tokio::test]
async fn an_answer_that_is_held_back_does_not_hold_up_the_end() {
    let stage = Stage::new();
    let faults = Faults::new(Arc::new(|_, _| None));
    let tap = ServerTap::open(ServerTapConfig { faults: Some(faults.clone()), ..config(&stage) });
    let tap = tap.await.expect("a tap");
    faults.open(1, &[], Witness::default(), &[fault(FaultAnswer::Timeout, 1, Some(600_000))]);
    let mut client = client(&tap).await;
    let call = post("t", "/v1/1/events", "application/json", "{}");
    let answer = tokio::spawn(async move { client.0.send_request(call).await.is_err() });
    until(&tap.witness(), |seen| seen.recorded == 1).await;
    let began = Instant::now();
    tap.close().await;
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    assert!(answer.await.expect("joined"));
}
