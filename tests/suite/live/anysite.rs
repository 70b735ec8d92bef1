//! Sites that nobody here wrote: whatever a page is made of, its hits are caught, once
//! each, and its bytes come through as they were sent.
//!
//! One site with many pages, on HTTPS with a certificate of its own, so that a single
//! browser session walks through all of them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use countonce::capture::{Attempt, SessionStatus};
use countonce::event::Channel;
use countonce::session::tap::Mapping;
use countonce::session::{Bound, Part};
use countonce::step::{Action, Condition, Target};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sha2::{Digest as _, Sha384};

use super::stage::{Live, browser, events, expected, secure};

type Body = http_body_util::combinators::BoxBody<Bytes, Infallible>;

/// A script whose every byte counts: the page has its digest.
const SHIELDED: &str = "hit('Shielded');\u{a0}/* \u{feff}ünïcödé \r\n\t */ ";

/// A page of a site, which tells an event by an image.
fn page(body: &str) -> String {
    format!(
        "<!doctype html><meta charset=utf-8><link rel=icon href=data:,><script>\
         window.hit = name => {{ new Image().src = 'https://pixel.test/tr?ev=' + name; }};\
         </script>{body}"
    )
}

fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed()
}

/// Bytes that no proxy may touch: every value, twice.
fn every_byte() -> Vec<u8> {
    (0..=255).chain((0..=255).rev()).collect()
}

async fn answer(mut request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let html = |text: String| {
        Response::builder().header("content-type", "text/html").body(whole(text)).expect("right")
    };
    let script = |text: &str| {
        Response::builder()
            .header("content-type", "text/javascript")
            .body(whole(text.to_owned()))
            .expect("right")
    };
    let path = request.uri().path().to_owned();
    Ok(match path.as_str() {
        "/frame" => html(page("<iframe src='/inner'></iframe>")),
        "/inner" => html(page("<script>hit('Frame')</script>")),
        "/worker" => html(page("<script>new Worker('/worker.js')</script>")),
        "/worker.js" => {
            script("fetch('https://pixel.test/tr?ev=Worker', { mode: 'no-cors', keepalive: true })")
        }
        "/service" => html(page(
            "<script>navigator.serviceWorker.register('/service.js').then(() => \
             navigator.serviceWorker.ready).then(() => document.title = 'ready')</script>",
        )),
        "/service.js" => script(
            "addEventListener('activate', event => event.waitUntil(\
             fetch('https://pixel.test/tr?ev=Service', { mode: 'no-cors' })))",
        ),
        "/popup" => html(page(
            "<button onclick=\"open('/opened', '_blank', 'width=300,height=300')\">Open</button>",
        )),
        "/opened" => html(page("<script>hit('Popup')</script>")),
        "/tab" => html(page("<a href='/second' target='_blank' rel='noopener'>Second</a>")),
        "/second" => html(page("<script>hit('SecondTab')</script>")),
        "/moved" => Response::builder()
            .status(302)
            .header("location", "/moved-again")
            .body(whole(""))
            .expect("right"),
        "/moved-again" => Response::builder()
            .status(307)
            .header("location", "/there")
            .body(whole(""))
            .expect("right"),
        "/there" => html(page("<script>hit('Redirected')</script>")),
        "/shielded" => {
            let digest = STANDARD.encode(Sha384::digest(SHIELDED.as_bytes()));
            let text =
                page(&format!("<script src=/shielded.js integrity=sha384-{digest}></script>"));
            let policy = "default-src 'self'; script-src 'self' 'unsafe-inline'; \
                          img-src https://pixel.test; require-trusted-types-for 'script'";
            Response::builder()
                .header("content-type", "text/html")
                .header("content-security-policy", policy)
                .header("strict-transport-security", "max-age=63072000")
                .body(whole(text))
                .expect("right")
        }
        "/shielded.js" => script(SHIELDED),
        "/forbidden" => Response::builder()
            .header("content-type", "text/html")
            .header("content-security-policy", "img-src 'self'")
            .body(whole(page("<script>hit('Forbidden')</script>")))
            .expect("right"),
        "/application" | "/application/cart" | "/application/done" => html(page(
            "<a id=cart href='/application/cart'>Cart</a><script>\
             document.getElementById('cart').onclick = event => {\
               event.preventDefault(); history.pushState({}, '', '/application/cart'); hit('Route');\
               setTimeout(() => { history.pushState({}, '', '/application/done'); hit('Done'); }, 20);\
             };</script>",
        )),
        "/socket" if request.headers().contains_key("upgrade") => socket(&mut request),
        "/socket" => html(page(
            "<script>const socket = new WebSocket('wss://' + location.host + '/socket');\
             socket.onopen = () => socket.send('hello');\
             socket.onmessage = message => hit('Socket-' + message.data);</script>",
        )),
        "/stream" => html(page(
            "<script>new EventSource('/events').onmessage = event => hit('Stream-' + event.data);\
             fetch('/chunks').then(answer => answer.text()).then(text => hit('Chunks-' + text.length));\
             </script>",
        )),
        "/events" => {
            let first = Frame::data(Bytes::from_static(b"data: one\n\n"));
            let frames = futures::stream::iter([Ok(first)]);
            // The stream stays open, as such streams do.
            let open = futures::StreamExt::chain(frames, futures::stream::pending());
            let body: Body = http_body_util::BodyExt::boxed(StreamBody::new(open));
            Response::builder()
                .header("content-type", "text/event-stream")
                .body(body)
                .expect("right")
        }
        "/chunks" => {
            let frames = (0..10).map(|_| Ok(Frame::data(Bytes::from_static(b"0123456789"))));
            Response::new(StreamBody::new(futures::stream::iter(frames)).boxed())
        }
        "/bytes" => html(page(
            "<script>fetch('/every-byte').then(answer => answer.arrayBuffer())\
             .then(found => crypto.subtle.digest('SHA-384', found))\
             .then(found => hit('Bytes-' + Array.from(new Uint8Array(found).slice(0, 8), \
               byte => byte.toString(16).padStart(2, '0')).join('')));</script>",
        )),
        "/every-byte" => Response::builder()
            .header("content-type", "application/octet-stream")
            .body(whole(every_byte()))
            .expect("right"),
        _ => html(page("<h1>Shop</h1>")),
    })
}

/// Says back what it hears.
fn socket(request: &mut Request<Incoming>) -> Response<Body> {
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::{handshake, protocol::Role};
    let key = request.headers().get("sec-websocket-key").expect("a key").clone();
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let io = TokioIo::new(upgrade.await.expect("upgraded"));
        let socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
        let (sink, stream) = futures::StreamExt::split(socket);
        let _ended = futures::StreamExt::forward(stream, sink).await;
    });
    Response::builder()
        .status(101)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-accept", handshake::derive_accept_key(key.as_bytes()))
        .body(whole(""))
        .expect("right")
}

fn visit(path: &str) -> Action {
    Action::Visit(path.to_owned())
}

fn click(text: &str) -> Action {
    Action::Click(Target::Text(text.to_owned()))
}

fn caught(event: &str) -> Action {
    let condition = Condition::Event { event: event.to_owned(), channel: Channel::Browser };
    Action::Wait { condition, within: Some(8_000) }
}

/// The same part, on another site.
fn on(part: Part, origin: &str) -> Part {
    let (bind, origin) = (Arc::clone(&part.bind), origin.to_owned());
    let bind = move |session| Bound {
        mappings: vec![Mapping::new("shop.test", origin.clone())],
        ..bind(session)
    };
    Part { bind: Arc::new(bind), ..part }
}

#[tokio::test(flavor = "multi_thread")]
async fn live_whatever_a_page_is_made_of_its_hits_are_caught_once_each() {
    let Some(found) = browser() else { return };
    let origin = secure(service_fn(answer)).await;
    let live = Live::new(found, &[]).await;
    let digest = Sha384::digest(every_byte());
    let bytes = format!(
        "Bytes-{}",
        digest[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    );
    let mut steps = Vec::new();
    let mut wanted = Vec::new();
    let mut walk = |path: &str, then: Vec<Action>, events: &[&str]| {
        steps.push(visit(path));
        steps.extend(then);
        steps.extend(events.iter().map(|event| caught(event)));
        wanted.extend(events.iter().map(|event| (*event).to_owned()));
    };
    walk("/frame", vec![], &["Frame"]);
    walk("/worker", vec![], &["Worker"]);
    walk("/service", vec![], &["Service"]);
    walk("/popup", vec![click("Open")], &["Popup"]);
    walk("/tab", vec![click("Second")], &["SecondTab"]);
    walk("/moved", vec![], &["Redirected"]);
    walk("/shielded", vec![], &["Shielded"]);
    walk("/application", vec![click("Cart")], &["Route", "Done"]);
    walk("/socket", vec![], &["Socket-hello"]);
    walk("/stream", vec![], &["Stream-one", "Chunks-100"]);
    walk("/bytes", vec![], &[bytes.as_str()]);
    walk("/forbidden", vec![], &[]);
    let part = on(live.expecting(steps, vec![expected(&bytes, 1, &[Channel::Browser])]), &origin);
    let live = live.with(|stage| stage.deadlines.element = Duration::from_secs(8));
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    let mut caught = events(&capture);
    caught.sort();
    wanted.sort();
    assert_eq!(caught, wanted);
    assert!(capture.exchanges.iter().all(|exchange| exchange.session == Some(1)));
    // What the page's own policy forbade never left the browser, and the tape says so.
    let forbidden = |attempt: &&Attempt| attempt.url.contains("ev=Forbidden");
    let attempts: Vec<&Attempt> = capture.attempts.iter().filter(forbidden).collect();
    let [attempt] = attempts[..] else { panic!("one attempt: {:?}", capture.attempts) };
    let why = attempt.error.as_deref();
    assert_eq!(why, Some("the page's content security policy (img-src)"), "{attempt:?}");
}
