//! The browser tap over real sockets: what it keeps, and how it begins and ends.

use std::collections::BTreeSet;
use std::io::Write as _;

use bytes::Bytes;
use futures::SinkExt as _;
use http_body_util::BodyExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::super::stage::{PLATFORM, Stage, TestSite, connect, get, one, post, until};
use super::*;

mod passing;

fn mapped(mut config: BrowserTapConfig, origin: &str) -> BrowserTapConfig {
    config.mappings = vec![Mapping::new("shop.test", origin)];
    config.forwarding.visitor = Some("203.0.113.9".parse().expect("an address"));
    config
}

#[tokio::test]
async fn a_hit_is_answered_and_on_the_tape_over_both_protocols() {
    let stage = Stage::new();
    let tap = stage.browser(7).await;
    let mut first = stage.one(tap.address(), PLATFORM).await;
    let (status, body) = first.get(PLATFORM, "/tr/?id=1&cd[value]=4.5&dl=https%3A%2F%2Fa").await;
    assert_eq!((status.as_u16(), &body[..]), (200, &b"kept /tr/"[..]));
    let mut second = stage.two(tap.address(), PLATFORM).await;
    let request =
        Request::get(format!("https://{PLATFORM}/tr/?id=2")).body(super::super::body::whole(""));
    let (status, body) = second.send(request.expect("a request")).await;
    assert_eq!((status.as_u16(), &body[..]), (200, &b"kept /tr/"[..]));
    first.get(PLATFORM, "/script").await;

    let capture = stage.capture();
    let urls: Vec<&str> = capture.exchanges.iter().map(|one| one.request.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "https://hits.example/tr/?id=1&cd[value]=4.5&dl=https%3A%2F%2Fa",
            "https://hits.example/tr/?id=2"
        ],
        "verbatim, and the script is not kept"
    );
    for exchange in &capture.exchanges {
        assert_eq!((exchange.door, exchange.channel), (Door::Browser, Channel::Browser));
        assert_eq!(exchange.session, Some(7));
        assert_eq!(exchange.request.header("host"), Some(PLATFORM));
        assert_eq!(exchange.answer.body, b"kept /tr/");
    }
    let seen = tap.witness().look(Clone::clone);
    assert_eq!((seen.recorded, seen.site_answers, seen.open), (2, 0, 0));
    let marks: Vec<_> = seen.sightings.iter().flat_map(|one| &one.marks).collect();
    assert_eq!(marks, ["id=1&cd[value]=4.5&dl=https%3A%2F%2Fa", "id=2"]);
    assert_eq!(seen.troubles, Vec::<String>::new());
}

#[tokio::test]
async fn bodies_are_kept_byte_for_byte() {
    let stage = Stage::new();
    let tap = stage.browser(1).await;
    let mut client = stage.one(tap.address(), PLATFORM).await;
    let form = b"id=1&ev=Purchase&cd%5Bvalue%5D=4&x=%00".to_vec();
    let mut multipart = b"--b\r\nContent-Disposition: form-data; name=\"ev\"\r\n\r\n".to_vec();
    multipart.extend([0xff, 0x00, b'\r', b'\n', 0x80]);
    multipart.extend(b"\r\n--b--\r\n");
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped.write_all(&form).expect("in memory");
    let zipped = zipped.finish().expect("in memory");

    client.send(post(PLATFORM, "/form", "application/x-www-form-urlencoded", form.clone())).await;
    client
        .send(post(PLATFORM, "/parts", "multipart/form-data; boundary=b", multipart.clone()))
        .await;
    let mut coded = post(PLATFORM, "/zipped", "application/x-www-form-urlencoded", zipped);
    coded.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    client.send(coded).await;
    let mut lie = post(PLATFORM, "/lie", "text/plain", "not gzip at all");
    lie.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    client.send(lie).await;

    let kept: Vec<_> = stage.capture().exchanges;
    assert_eq!(kept[0].request.body, form);
    assert_eq!(kept[0].request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(kept[1].request.body, multipart);
    assert_eq!(kept[2].request.body, form, "without its coding");
    assert_eq!(kept[2].request.header("content-encoding"), None);
    assert_eq!(kept[3].request.body, b"not gzip at all");
    assert_eq!(kept[3].request.header("content-encoding"), Some("gzip"), "so a rule can see it");
}

#[tokio::test]
async fn sessions_are_never_mixed_up() {
    let stage = Stage::new();
    let taps = [stage.browser(1).await, stage.browser(2).await];
    let sending = taps.iter().enumerate().map(|(index, tap)| {
        let stage = &stage;
        async move {
            let mut client = stage.one(tap.address(), PLATFORM).await;
            for number in 0..50 {
                client.get(PLATFORM, &format!("/tr/?session={}&n={number}", index + 1)).await;
            }
        }
    });
    futures::future::join_all(sending).await;
    let capture = stage.capture();
    assert_eq!(capture.exchanges.len(), 100);
    for exchange in &capture.exchanges {
        let session = exchange.session.expect("known");
        assert!(exchange.request.url.contains(&format!("session={session}&")), "{exchange}");
    }
    for (index, tap) in taps.iter().enumerate() {
        let seen = tap.witness().look(Clone::clone);
        assert_eq!(seen.recorded, 50);
        let own = format!("session={}&", index + 1);
        assert!(seen.sightings.iter().all(|one| one.marks[0].starts_with(&own)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_hits_on_ten_connections_are_all_on_the_tape() {
    let stage = Stage::new();
    let tap = stage.browser(1).await;
    let sending = (0..10).map(|connection| {
        let stage = &stage;
        let proxy = tap.address();
        async move {
            if connection % 2 == 0 {
                let mut client = stage.one(proxy, PLATFORM).await;
                for number in 0..100 {
                    let path = format!("/tr/?n={}", connection * 100 + number);
                    let (status, _) = client.send(post(PLATFORM, &path, "text/plain", "x")).await;
                    assert_eq!(status.as_u16(), 200);
                }
            } else {
                let client = stage.two(proxy, PLATFORM).await;
                let hits = (0..100).map(|number| {
                    let mut client = client.0.clone();
                    async move {
                        let url = format!("https://{PLATFORM}/tr/?n={}", connection * 100 + number);
                        let request = Request::get(url).body(super::super::body::whole(""));
                        client.ready().await.expect("ready");
                        let answer = client.send_request(request.expect("a request")).await;
                        assert_eq!(answer.expect("an answer").status().as_u16(), 200);
                    }
                });
                futures::future::join_all(hits).await;
            }
        }
    });
    futures::future::join_all(sending).await;
    let capture = stage.capture();
    let numbers: BTreeSet<u64> = capture.exchanges.iter().map(|one| one.number).collect();
    let urls: BTreeSet<&str> =
        capture.exchanges.iter().map(|one| one.request.url.as_str()).collect();
    assert_eq!((numbers.len(), urls.len(), capture.exchanges.len()), (1000, 1000, 1000));
    assert_eq!(tap.witness().look(|seen| (seen.recorded, seen.open)), (1000, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_completely_is_kept_though_the_client_is_gone() {
    let stage = Stage::new();
    let tap = stage.browser(1).await;
    let body = "ev=Purchase&".repeat(300);
    for number in 0..60 {
        let mut tls = stage.tunnel(tap.address(), PLATFORM, "http/1.1").await;
        let bare = number % 3 == 0;
        let request = if bare {
            format!("GET /tr/?n={number} HTTP/1.1\r\nHost: {PLATFORM}\r\n\r\n")
        } else {
            let length = body.len();
            format!(
                "POST /tr/?n={number} HTTP/1.1\r\nHost: {PLATFORM}\r\nContent-Length: {length}\r\n\r\n{body}"
            )
        };
        tls.write_all(request.as_bytes()).await.expect("writes");
        tls.flush().await.expect("writes");
        if number % 2 == 0 {
            // The process was killed: a reset in place of an orderly end.
            tls.get_ref().0.set_zero_linger().expect("set");
        }
        drop(tls);
    }
    let mut last = stage.two(tap.address(), PLATFORM).await;
    let request = Request::post(format!("https://{PLATFORM}/tr/?n=60"))
        .body(super::super::body::whole(body))
        .expect("a request");
    let answer = last.0.send_request(request);
    drop(last);
    until(&tap.witness(), |seen| seen.recorded >= 60).await;
    drop(answer);
    until(&tap.witness(), |seen| seen.open == 0).await;
    let urls: BTreeSet<String> =
        stage.capture().exchanges.into_iter().map(|one| one.request.url).collect();
    for number in 0..60 {
        assert!(urls.contains(&format!("https://{PLATFORM}/tr/?n={number}")), "hit {number}");
    }
}

/// A frame of HTTP/2 (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

#[tokio::test]
async fn hits_that_a_leaving_page_cancels_at_once_are_kept() {
    const SETTINGS: u8 = 4;
    const HEADERS: u8 = 1;
    const RESET: u8 = 3;
    const ENDS: u8 = 0x1 | 0x4;
    const CANCEL: [u8; 4] = [0, 0, 0, 8];
    let stage = Stage::new();
    let tap = stage.browser(1).await;
    let mut tls = stage.tunnel(tap.address(), PLATFORM, "h2").await;
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    for number in 0..150_u32 {
        let path = format!("/tr/?n={number}");
        // GET and https by their index, then two literals (RFC 7541, 6.1 and 6.2.2).
        let mut head = vec![0x82, 0x87, 0x04, path.len() as u8];
        head.extend(path.as_bytes());
        head.extend([0x01, PLATFORM.len() as u8]);
        head.extend(PLATFORM.as_bytes());
        bytes.extend(frame(HEADERS, ENDS, 2 * number + 1, &head));
        bytes.extend(frame(RESET, 0, 2 * number + 1, &CANCEL));
    }
    tls.write_all(&bytes).await.expect("writes");
    tls.flush().await.expect("writes");
    until(&tap.witness(), |seen| seen.recorded == 150 && seen.open == 0).await;
}

#[tokio::test]
async fn a_body_that_was_cut_off_is_a_trouble_and_no_hit() {
    let stage = Stage::new();
    let tap = stage.browser(1).await;
    let mut tls = stage.tunnel(tap.address(), PLATFORM, "http/1.1").await;
    let head = format!(
        "POST /tr/?em=secret HTTP/1.1\r\nHost: {PLATFORM}\r\nContent-Length: 9\r\n\r\nhalf"
    );
    tls.write_all(head.as_bytes()).await.expect("writes");
    tls.flush().await.expect("writes");
    drop(tls);
    until(&tap.witness(), |seen| seen.troubles.len() == 1 && seen.open == 0).await;
    let trouble = tap.witness().look(|seen| seen.troubles[0].clone());
    assert!(trouble.contains("cut off") && !trouble.contains("secret"), "{trouble}");
    assert!(stage.capture().exchanges.is_empty());
}

#[tokio::test]
async fn a_body_past_the_limit_is_refused() {
    let stage = Stage::new();
    let tap = stage.browser(1).await;
    let mut client = stage.one(tap.address(), PLATFORM).await;
    let mut request = post(PLATFORM, "/tr/", "text/plain", "x");
    request.headers_mut().insert("content-length", HeaderValue::from_static("16777217"));
    let endless = futures::stream::repeat_with(|| {
        Ok::<_, std::convert::Infallible>(hyper::body::Frame::data(Bytes::from(vec![0; 65536])))
    });
    *request.body_mut() = streamed(http_body_util::StreamBody::new(endless));
    let answer = client.0.send_request(request).await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 413);
    until(&tap.witness(), |seen| seen.troubles.iter().any(|one| one.contains("16 MiB"))).await;
    assert!(stage.capture().exchanges.is_empty());
}

#[tokio::test]
async fn an_unwritable_answer_is_a_trouble_and_the_hit_is_kept() {
    let stage = Stage::new();
    let mut config = stage.browser_config(1);
    config.responder = Arc::new(|_| {
        let answer = crate::capture::Answer::new(20, "text/plain", "x");
        Some(crate::capture::Reply { answer, record: true, sightings: Vec::new() })
    });
    let tap = BrowserTap::open(config).await.expect("a tap");
    let mut client = stage.one(tap.address(), PLATFORM).await;
    assert_eq!(client.get(PLATFORM, "/tr/").await.0.as_u16(), 500);
    let seen = tap.witness().look(Clone::clone);
    assert_eq!((seen.recorded, seen.troubles.len()), (1, 1));
}

#[tokio::test]
async fn a_responder_that_panics_leaves_a_trouble() {
    let stage = Stage::new();
    let mut config = stage.browser_config(1);
    config.responder = Arc::new(|_| panic!("a decoder's bug"));
    let tap = BrowserTap::open(config).await.expect("a tap");
    let mut client = stage.one(tap.address(), PLATFORM).await;
    assert_eq!(client.send(post(PLATFORM, "/tr/", "text/plain", "x")).await.0.as_u16(), 500);
    assert_eq!(client.get(PLATFORM, "/tr/").await.0.as_u16(), 500);
    let troubles = tap.witness().look(|seen| seen.troubles.clone());
    assert!(troubles.iter().any(|one| one.contains("a decoder's bug")), "{troubles:?}");
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_authority_is_told_of() {
    let stage = Stage::new();
    let tap = stage.browser(1).await;
    let stranger = Stage::new();
    let tunnel = connect(tap.address(), "shop.test:443", "HTTP/1.1").await;
    let config = super::super::stage::client_config(&stranger.authority, "h2");
    let name = rustls::pki_types::ServerName::try_from("shop.test").expect("a name");
    assert!(tokio_rustls::TlsConnector::from(config).connect(name, tunnel).await.is_err());
    until(&tap.witness(), |seen| seen.troubles.iter().any(|one| one.contains("shop.test"))).await;
}

#[tokio::test]
async fn a_tap_addressed_as_a_server_says_what_it_is() {
    let stage = Stage::new();
    let tap = stage.browser(1).await;
    let mut client = one(TcpStream::connect(tap.address()).await.expect("connects")).await;
    let (status, body) = client.get("127.0.0.1", "/").await;
    assert_eq!(status.as_u16(), 400);
    assert!(String::from_utf8_lossy(&body).contains("browser tap"));
    // Asked for itself as a proxy it must not go round in circles.
    let mut request = get("x", "/");
    *request.uri_mut() = format!("http://{}/", tap.address()).parse().expect("uri");
    assert_eq!(client.send(request).await.0.as_u16(), 504);
}

#[tokio::test]
async fn a_taken_port_and_a_wrong_mapping_say_what_to_do() {
    let stage = Stage::new();
    let tap = stage.browser(1).await;
    let mut config = stage.browser_config(2);
    config.bind = tap.address();
    let error = BrowserTap::open(config).await.err().expect("taken").to_string();
    assert!(error.contains(&tap.address().to_string()) && error.contains("port 0"), "{error}");
    let wrong = mapped(stage.browser_config(2), "127.0.0.1:1");
    let error = BrowserTap::open(wrong).await.err().expect("wrong").to_string();
    assert!(error.contains("shop.test") && error.contains("http://HOST:PORT"), "{error}");
}

#[tokio::test]
async fn closing_waits_for_what_is_open_and_frees_the_port() {
    let stage = Stage::new();
    let mut site = TestSite::open().await;
    let tap =
        BrowserTap::open(mapped(stage.browser_config(1), &site.origin())).await.expect("a tap");
    let address = tap.address();
    let mut client = stage.one(address, "shop.test").await;
    let answer = client.0.send_request(get("shop.test", "/stream"));
    site.frames.send(Bytes::from_static(b"a")).await.expect("open");
    let body = answer.await.expect("a head").into_body();
    let closing = tokio::spawn(tap.close());
    site.frames.send(Bytes::from_static(b"b")).await.expect("open");
    site.frames.close_channel();
    assert_eq!(body.collect().await.expect("whole").to_bytes(), &b"ab"[..]);
    closing.await.expect("closed");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn closing_gives_up_on_what_does_not_end() {
    let stage = Stage::new();
    let site = TestSite::open().await;
    let tap =
        BrowserTap::open(mapped(stage.browser_config(1), &site.origin())).await.expect("a tap");
    let mut client = stage.one(tap.address(), "shop.test").await;
    let answer = client.0.send_request(get("shop.test", "/stream")).await.expect("a head");
    assert_eq!(tap.witness().look(|seen| seen.open), 1);
    tap.listener.close(Instant::now() + Duration::from_millis(30)).await;
    let cut = answer.into_body().collect().await;
    assert!(cut.is_err(), "the connection was ended");
}
