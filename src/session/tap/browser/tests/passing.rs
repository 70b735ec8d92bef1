//! What the browser tap passes on: to the site, to the network, and unopened.

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use super::super::super::stage::{
    Stage, TestSite, Told, connect, get, head_of, nobody, one, post, root, secure, until,
};
use super::super::*;
use super::mapped;

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
        .body(super::super::super::body::whole(&b"a\xffb"[..]))
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
async fn a_site_that_speaks_only_http2_is_spoken_to_in_http2() {
    let stage = Stage::new();
    let mut site = TestSite::open_secure(&["h2"]).await;
    let tap =
        BrowserTap::open(mapped(stage.browser_config(1), &site.origin())).await.expect("a tap");
    let mut two = stage.two(tap.address(), "shop.test").await;
    let mut one = stage.one(tap.address(), "shop.test").await;
    for text in ["", "all of it"] {
        let request = Request::post("https://shop.test/pay?a=%20b")
            .header("cookie", "_fbp=1")
            .header("cookie", "_fbc=2");
        let body = super::super::super::body::whole(text.as_bytes().to_vec());
        let (status, body) = two.send(request.body(body).expect("a request")).await;
        let told = Told::read(&body);
        assert_eq!((status.as_u16(), told.line(), told.version()), (200, "POST /pay", "HTTP/2.0"));
        assert_eq!((told.authority(), told.header("host")), (Some("shop.test"), vec![]));
        assert_eq!(told.header("cookie"), ["_fbp=1; _fbc=2"]);
        assert_eq!(told.header("x-forwarded-proto"), ["https"]);
        assert_eq!(told.body(), text.as_bytes());
    }
    for _ in 0..3 {
        let (status, body) = one.get("shop.test", "/cart").await;
        let told = Told::read(&body);
        assert_eq!((status.as_u16(), told.line(), told.version()), (200, "GET /cart", "HTTP/2.0"));
    }
    // It streams as any other site does.
    let answer = one.0.send_request(get("shop.test", "/stream"));
    site.frames.send(Bytes::from_static(b"first")).await.expect("open");
    let mut body = answer.await.expect("a head").into_body();
    let frame = body.frame().await.expect("a frame").expect("sound");
    assert_eq!(frame.into_data().expect("data"), &b"first"[..]);
    site.frames.close_channel();
    assert!(body.collect().await.expect("a rest").to_bytes().is_empty());
    until(&tap.witness(), |seen| seen.open == 0 && seen.site_answers == 6).await;
    assert_eq!(tap.witness().look(|seen| seen.troubles.clone()), Vec::<String>::new());
}

#[tokio::test]
async fn a_site_chooses_the_protocol_and_web_sockets_stay_with_http1() {
    let stage = Stage::new();
    for (spoken, version, host) in [
        (&["h2", "http/1.1"][..], "HTTP/2.0", vec![]),
        (&["http/1.1"][..], "HTTP/1.1", vec!["shop.test"]),
        // A server that knows nothing of the choice speaks HTTP/1.1.
        (&[][..], "HTTP/1.1", vec!["shop.test"]),
    ] {
        let site = TestSite::open_secure(spoken).await;
        let tap =
            BrowserTap::open(mapped(stage.browser_config(1), &site.origin())).await.expect("a tap");
        let mut client = stage.two(tap.address(), "shop.test").await;
        let request = Request::get("https://shop.test/").body(super::super::super::body::whole(""));
        let told = Told::read(&client.send(request.expect("a request")).await.1);
        assert_eq!((told.version(), told.header("host")), (version, host));
        let tls = stage.tunnel(tap.address(), "shop.test", "http/1.1").await;
        let (mut socket, _) =
            tokio_tungstenite::client_async("wss://shop.test/socket", tls).await.expect("a socket");
        socket.send(Message::text("there")).await.expect("sends");
        let back = socket.next().await.expect("a message").expect("sound");
        assert_eq!(back.into_text().expect("text").as_str(), "there");
    }
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
    let request =
        Request::get("https://shop.test/stream").body(super::super::super::body::whole(""));
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
async fn sites_of_the_old_kind_are_understood() {
    let stage = Stage::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        // The end of the body is the end of the connection.
        let (mut io, _) = listener.accept().await.expect("accepts");
        head_of(&mut io).await;
        io.write_all(b"HTTP/1.0 200 OK\r\n\r\nold").await.expect("writes");
        drop(io);
        let (mut io, _) = listener.accept().await.expect("accepts");
        assert!(head_of(&mut io).await.starts_with("HEAD /b "));
        io.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").await.expect("writes");
        drop(io);
        let (mut io, _) = listener.accept().await.expect("accepts");
        head_of(&mut io).await;
        io.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await.expect("writes");
    });
    let tap = BrowserTap::open(mapped(stage.browser_config(1), &origin)).await.expect("a tap");
    let mut client = stage.one(tap.address(), "shop.test").await;
    assert_eq!(&client.get("shop.test", "/a").await.1[..], b"old");
    let mut head = get("shop.test", "/b");
    *head.method_mut() = Method::HEAD;
    client.0.ready().await.expect("ready");
    let answer = client.0.send_request(head).await.expect("an answer");
    assert_eq!(answer.headers()["content-length"], "9");
    drop(answer);
    client.0.ready().await.expect("ready");
    let answer = client.0.send_request(get("shop.test", "/c?em=secret")).await.expect("a head");
    assert!(answer.into_body().collect().await.is_err(), "what broke off does not look whole");
    until(&tap.witness(), |seen| seen.troubles.len() == 1 && seen.open == 0).await;
    let trouble = tap.witness().look(|seen| seen.troubles[0].clone());
    assert!(trouble.contains("/c") && !trouble.contains("secret"), "{trouble}");
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
