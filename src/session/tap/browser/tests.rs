//! The browser tap over real sockets.

use std::collections::BTreeSet;
use std::io::Write as _;

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use super::super::stage::{
    PLATFORM, Stage, TestSite, Told, connect, get, head_of, nobody, one, post, root, secure, until,
};
use super::*;

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
    first.get(PLATFORM, "/script.js").await;

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
async fn the_site_is_spoken_to_as_by_a_load_balancer() {
    let stage = Stage::new();
    let site = TestSite::open().await;
    let tap =
        BrowserTap::open(mapped(stage.browser_config(1), &site.origin())).await.expect("a tap");
    let mut client = stage.two(tap.address(), "shop.test").await;
    let request = Request::post("https://shop.test/pay?a=%20b")
        .header("cookie", "_fbp=1")
        .header("cookie", "_fbc=2")
        .header("x-forwarded-for", "6.6.6.6")
        .header("content-type", "text/plain")
        .body(super::super::body::whole(&b"a\xffb"[..]))
        .expect("a request");
    let (status, body) = client.send(request).await;
    let told = Told::read(&body);
    assert_eq!((status.as_u16(), told.line()), (200, "POST /pay"));
    assert_eq!(told.header("host"), ["shop.test"]);
    assert_eq!(told.header("x-forwarded-for"), ["203.0.113.9"], "the visitor cannot set it");
    assert_eq!(told.header("x-forwarded-proto"), ["https"]);
    assert_eq!(told.header("cookie"), ["_fbp=1; _fbc=2"]);
    assert_eq!(told.header("content-length"), ["3"]);
    assert_eq!(told.body(), b"a\xffb");

    // Plain HTTP by absolute form is the same site with the other scheme.
    let mut plain = one(TcpStream::connect(tap.address()).await.expect("connects")).await;
    let mut request = get("shop.test", "/");
    *request.uri_mut() = Uri::from_static("http://shop.test/");
    let told = Told::read(&plain.send(request).await.1);
    assert_eq!(told.header("x-forwarded-proto"), ["http"]);
    let seen = tap.witness().look(Clone::clone);
    assert_eq!((seen.site_answers, seen.recorded, seen.open), (2, 0, 0));
    assert!(stage.capture().exchanges.is_empty());
}

#[tokio::test]
async fn forwarding_headers_can_be_switched_off() {
    let stage = Stage::new();
    let site = TestSite::open().await;
    let mut config = mapped(stage.browser_config(1), &site.origin());
    config.forwarding.address_header = None;
    config.forwarding.scheme_header = None;
    let tap = BrowserTap::open(config).await.expect("a tap");
    let mut client = stage.one(tap.address(), "shop.test").await;
    let told = Told::read(&client.get("shop.test", "/").await.1);
    assert!(
        told.header("x-forwarded-for").is_empty() && told.header("x-forwarded-proto").is_empty()
    );
}

#[tokio::test]
async fn redirects_and_cookies_of_the_site_come_through_unchanged() {
    let stage = Stage::new();
    let site = TestSite::open().await;
    let tap =
        BrowserTap::open(mapped(stage.browser_config(1), &site.origin())).await.expect("a tap");
    let mut client = stage.one(tap.address(), "shop.test").await;
    let response = client.0.send_request(get("shop.test", "/moved")).await.expect("an answer");
    assert_eq!(response.status().as_u16(), 302);
    assert_eq!(response.headers()["location"], "https://shop.test/there");
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Path=/", "b=2; Path=/"]);
    drop(response);
    client.0.ready().await.expect("ready");
    let response = client.0.send_request(get("shop.test", "/")).await.expect("an answer");
    assert_eq!(response.headers()["x-site"], "yes");
    assert!(!response.headers().contains_key("x-hop"), "it ended with the hop");
}

#[tokio::test]
async fn an_answer_streams_through_frame_by_frame() {
    let stage = Stage::new();
    let mut site = TestSite::open().await;
    let tap =
        BrowserTap::open(mapped(stage.browser_config(1), &site.origin())).await.expect("a tap");
    let mut client = stage.two(tap.address(), "shop.test").await;
    let request = Request::get("https://shop.test/stream").body(super::super::body::whole(""));
    let answer = client.0.send_request(request.expect("a request"));
    site.frames.send(Bytes::from_static(b"first \xff")).await.expect("open");
    let mut body = answer.await.expect("a head before the body's end").into_body();
    let frame = body.frame().await.expect("a frame").expect("sound");
    assert_eq!(frame.into_data().expect("data"), &b"first \xff"[..]);
    // The second frame is sent only after the first has arrived: nothing is held back.
    assert_eq!(tap.witness().look(|seen| seen.open), 1);
    site.frames.send(Bytes::from_static(b"second")).await.expect("open");
    site.frames.close_channel();
    let rest = body.collect().await.expect("a rest").to_bytes();
    assert_eq!(rest, &b"second"[..]);
    until(&tap.witness(), |seen| seen.open == 0).await;
}

#[tokio::test]
async fn an_answer_without_an_end_does_not_keep_a_session_busy() {
    let stage = Stage::new();
    let mut site = TestSite::open().await;
    let tap =
        BrowserTap::open(mapped(stage.browser_config(1), &site.origin())).await.expect("a tap");
    let mut client = stage.one(tap.address(), "shop.test").await;
    let answer = client.0.send_request(get("shop.test", "/events-stream"));
    site.frames.send(Bytes::from_static(b"data: 1\n\n")).await.expect("open");
    let mut body = answer.await.expect("a head").into_body();
    assert!(body.frame().await.expect("a frame").is_ok());
    assert_eq!(tap.witness().look(|seen| seen.open), 0);
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
        Ok::<_, std::convert::Infallible>(hyper::body::Frame::data(Bytes::from_static(&[0; 65536])))
    });
    *request.body_mut() = streamed(http_body_util::StreamBody::new(endless));
    let answer = client.0.send_request(request).await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 413);
    until(&tap.witness(), |seen| seen.troubles.iter().any(|one| one.contains("16 MiB"))).await;
    assert!(stage.capture().exchanges.is_empty());
}

#[tokio::test]
async fn web_sockets_pass_inside_tls_and_without() {
    let stage = Stage::new();
    let site = TestSite::open().await;
    let tap =
        BrowserTap::open(mapped(stage.browser_config(1), &site.origin())).await.expect("a tap");
    let tls = stage.tunnel(tap.address(), "shop.test", "http/1.1").await;
    let (mut socket, _) =
        tokio_tungstenite::client_async("wss://shop.test/socket", tls).await.expect("a socket");
    socket.send(Message::text("there")).await.expect("sends");
    let back = socket.next().await.expect("a message").expect("sound");
    assert_eq!(back.into_text().expect("text").as_str(), "there");
    // Browsers ask for a tunnel for ws:// too, and speak plain HTTP in it.
    let tunnel = connect(tap.address(), "shop.test:80", "HTTP/1.1").await;
    let (mut plain, _) =
        tokio_tungstenite::client_async("ws://shop.test/socket", tunnel).await.expect("a socket");
    plain.send(Message::binary(vec![0, 255])).await.expect("sends");
    let back = plain.next().await.expect("a message").expect("sound");
    assert_eq!(back.into_data(), vec![0, 255]);
    until(&tap.witness(), |seen| seen.open == 0 && seen.site_answers == 2).await;
    tap.close().await;
    assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))), "tunnels end with the tap");
}

#[tokio::test]
async fn what_is_neither_tls_nor_http_is_tunnelled_unseen() {
    let stage = Stage::new();
    let echo = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let port = echo.local_addr().expect("bound").port();
    tokio::spawn(async move {
        let (mut io, _) = echo.accept().await.expect("accepts");
        let (mut read, mut write) = io.split();
        tokio::io::copy(&mut read, &mut write).await.expect("echoes");
    });
    let tap = stage.browser(1).await;
    let mut tunnel = connect(tap.address(), &format!("127.0.0.1:{port}"), "HTTP/1.1").await;
    tunnel.write_all(b"\x00\x01raw").await.expect("writes");
    let mut back = [0; 5];
    tunnel.read_exact(&mut back).await.expect("reads");
    assert_eq!(&back, b"\x00\x01raw");
}

#[tokio::test]
async fn a_site_that_is_down_is_named_with_the_cause() {
    let stage = Stage::new();
    let origin = format!("http://{}", nobody().await);
    let tap = BrowserTap::open(mapped(stage.browser_config(1), &origin)).await.expect("a tap");
    let mut client = stage.one(tap.address(), "shop.test").await;
    for _ in 0..3 {
        let (status, body) = client.get("shop.test", "/cart").await;
        let text = String::from_utf8(body.to_vec()).expect("text");
        assert_eq!(status.as_u16(), 502);
        for part in ["shop.test", &origin, "refused", "is it started"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
    let seen = tap.witness().look(Clone::clone);
    assert_eq!(seen.troubles.len(), 1, "once, however often: {:?}", seen.troubles);
    assert_eq!((seen.site_answers, seen.open), (0, 0));
}

#[tokio::test]
async fn hosts_out_of_reach_and_background_noise_are_answered_quietly() {
    let stage = Stage::new();
    let tap = stage.browser(1).await;
    let address = nobody().await;
    let mut client = one(TcpStream::connect(tap.address()).await.expect("connects")).await;
    let mut request = get("x", "/");
    *request.uri_mut() = format!("http://{address}/").parse().expect("uri");
    assert_eq!(client.send(request).await.0.as_u16(), 504);
    until(&tap.witness(), |seen| seen.open == 0 && seen.last.is_some()).await;
    let before = tap.witness().look(|seen| seen.last);

    let mut noise = TcpStream::connect(tap.address()).await.expect("connects");
    let head = "CONNECT firefox.settings.services.mozilla.com:443 HTTP/1.1\r\nHost: x\r\n\r\n";
    noise.write_all(head.as_bytes()).await.expect("writes");
    assert!(head_of(&mut noise).await.starts_with("HTTP/1.1 504"));
    let host = "accounts.google.com";
    let mut client = stage.one(tap.address(), host).await;
    assert_eq!(client.get(host, "/ListAccounts?gpsia=1").await.0.as_u16(), 504);
    let seen = tap.witness().look(Clone::clone);
    assert_eq!(seen.last, before, "noise is no activity");
    assert_eq!(seen.troubles, Vec::<String>::new());
}

#[test]
fn background_entries_mean_names_below_them_and_paths_where_given() {
    let whole = Background::new("services.mozilla.com");
    assert!(whole.is("services.mozilla.com", None));
    assert!(whole.is("firefox.settings.Services.mozilla.com".to_lowercase().as_str(), Some("/")));
    assert!(!whole.is("otherservices.mozilla.com", None));
    let part = Background::new("accounts.google.com/ListAccounts");
    assert!(part.is("accounts.google.com", Some("/ListAccounts")));
    assert!(!part.is("accounts.google.com", Some("/gsi/client")));
    assert!(!part.is("accounts.google.com", None), "the tunnel itself must open");
}

#[tokio::test]
async fn hosts_of_the_network_are_verified_and_passed_through() {
    let stage = Stage::new();
    // A second tap plays an HTTPS server of the network, with an authority of its own.
    let elsewhere = Stage::new();
    let site = TestSite::open().await;
    let mut config = elsewhere.browser_config(1);
    config.mappings = vec![Mapping::new("localhost", site.origin())];
    let server = BrowserTap::open(config).await.expect("a tap");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let port = listener.local_addr().expect("bound").port();
    let inner = server.address();
    tokio::spawn(async move {
        loop {
            let (mut io, _) = listener.accept().await.expect("accepts");
            let mut tunnel = connect(inner, "localhost:443", "HTTP/1.1").await;
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut io, &mut tunnel).await });
        }
    });
    let wanted = format!("localhost:{port}");
    for (trusted, status) in [(true, 200), (false, 504)] {
        let mut config = stage.browser_config(1);
        if trusted {
            config.network.extra_roots = vec![root(&elsewhere.authority)];
        }
        let tap = BrowserTap::open(config).await.expect("a tap");
        let tunnel = connect(tap.address(), &wanted, "HTTP/1.1").await;
        let mut client = one(secure(&stage.authority, tunnel, "localhost", "http/1.1").await).await;
        let (got, body) = client.get(&wanted, "/x?y").await;
        assert_eq!(got.as_u16(), status, "{}", String::from_utf8_lossy(&body));
        if trusted {
            let told = Told::read(&body);
            assert_eq!((told.line(), told.header("host")), ("GET /x", vec![wanted.as_str()]));
        }
        assert_eq!(tap.witness().look(|seen| (seen.site_answers, seen.recorded)), (0, 0));
    }
}

#[tokio::test]
async fn a_pooled_connection_that_the_site_closed_costs_no_request() {
    let stage = Stage::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    // Answers one request a connection, invites to reuse it, and hangs up on the next.
    tokio::spawn(async move {
        loop {
            let (mut io, _) = listener.accept().await.expect("accepts");
            tokio::spawn(async move {
                head_of(&mut io).await;
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                io.write_all(answer).await.expect("writes");
                head_of(&mut io).await;
            });
        }
    });
    let tap = BrowserTap::open(mapped(stage.browser_config(1), &origin)).await.expect("a tap");
    let mut client = stage.one(tap.address(), "shop.test").await;
    for _ in 0..6 {
        assert_eq!(client.get("shop.test", "/").await.0.as_u16(), 200);
        assert_eq!(client.send(post("shop.test", "/", "text/plain", "")).await.0.as_u16(), 200);
    }
    assert_eq!(tap.witness().look(|seen| seen.troubles.clone()), Vec::<String>::new());
}

#[tokio::test]
async fn a_claimed_request_that_the_responder_leaves_goes_on_whole() {
    let stage = Stage::new();
    let site = TestSite::open().await;
    let mut config = mapped(stage.browser_config(1), &site.origin());
    config.claims = Arc::new(|_, _| true);
    let tap = BrowserTap::open(config).await.expect("a tap");
    let mut client = stage.one(tap.address(), "shop.test").await;
    let told =
        Told::read(&client.send(post("shop.test", "/left", "text/plain", "all of it")).await.1);
    assert_eq!((told.line(), told.body()), ("POST /left", b"all of it".to_vec()));
    let told = Told::read(&client.get("shop.test", "/left?x").await.1);
    assert_eq!(told.line(), "GET /left");
    assert_eq!(tap.witness().look(|seen| (seen.site_answers, seen.recorded)), (2, 0));
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
    let answer = client.0.send_request(get("shop.test", "/stream"));
    until(&tap.witness(), |seen| seen.open == 1).await;
    tap.listener.close(Instant::now() + Duration::from_millis(30)).await;
    let body = answer.await.expect("a head").into_body();
    assert!(body.collect().await.is_err(), "the connection was ended");
}
