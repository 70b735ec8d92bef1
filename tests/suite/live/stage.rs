//! What a live test needs around a session: a small site, a pixel that counts, a tape
//! to read afterwards, and a browser, or a visible line that says that there is none.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::env;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{Html, IntoResponse, Response};
use countonce::capture::{self, Answer, Capture, Opening, Reply, Request, Sighting, TapeWriter};
use countonce::event::{Channel, Expectation, Place};
use countonce::scenario::{Scenario, Step};
use countonce::session::setup::{self, Found};
use countonce::session::tap::{Authority, Forwarding, Mapping, Network};
use countonce::session::{
    Before, Bound, BrowserOptions, BrowserSource, Deadlines, Faults, Outcome, Part, Progress,
    Stage, Watch, Witness, play,
};
use countonce::step::Action;
use hyper::body::{Bytes, Incoming};
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// Makes missing browsers an error instead of a skipped test.
const REQUIRED: &str = "COUNTONCE_REQUIRE_BROWSER";

/// The browser to test with; `None` where there is none and none is required.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub(super) fn browser() -> Option<Found> {
    match setup::find() {
        Ok(found) => Some(found),
        Err(cause) => {
            assert!(env::var_os(REQUIRED).is_none_or(|set| set != "1"), "{REQUIRED}=1 but {cause}");
            eprintln!("SKIPPED, no browser: {cause}");
            None
        }
    }
}

/// Pages by path. A page that begins with `!` is served only from the second request on.
pub(super) type Pages = &'static [(&'static str, &'static str)];

/// Everything around the sessions of one test.
pub(super) struct Live {
    pub(super) stage: Stage,
    pub(super) stop: watch::Sender<bool>,
    pub(super) server: Witness,
    pub(super) progress: Arc<Mutex<Vec<Progress>>>,
    pub(super) origin: String,
    folder: tempfile::TempDir,
}

/// Given to every page: sends an event to the pixel host.
const SCRIPT: &str = "<!doctype html><meta charset=utf-8><link rel=icon href=data:,>\
    <script>window.hit = name => { new Image().src = 'https://pixel.test/tr?ev=' + encodeURIComponent(name); };</script>";

impl Live {
    /// A site with these pages, and a stage around it.
    pub(super) async fn new(found: Found, pages: Pages) -> Live {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let requests: Arc<AtomicU64> = Arc::default();
        let app = Router::new().fallback(serve).with_state((pages, requests));
        tokio::spawn(async move { axum::serve(listener, app).await.expect("serves") });
        let folder = tempfile::tempdir().expect("a folder");
        let opening = Opening {
            countonce_tape: capture::TAPE_FORMAT,
            tool: "test".to_owned(),
            started: 0,
            pixel_script: "stand-in".to_owned(),
            browser: found.browser.version.clone(),
            site: "https://shop.test".to_owned(),
            filter_lists: String::new(),
        };
        let tape = TapeWriter::create(&folder.path().join("tape.jsonl"), &opening).expect("a tape");
        let authority = Arc::new(Authority::new().expect("an authority"));
        let server = Witness::default();
        let (stop, stopped) = watch::channel(false);
        let mut browser = BrowserOptions::new(BrowserSource::Installed(found));
        browser.trusted_keys = vec![authority.spki_sha256_base64().to_owned()];
        let stage = Stage {
            jobs: 1,
            retries: 0,
            fail_fast: false,
            browser: Arc::new(browser),
            deadlines: Deadlines::default(),
            tape: Arc::new(tape),
            authority,
            claims: Arc::new(|_, address| address.starts_with("https://pixel.test/")),
            responder: Arc::new(|request| Some(answer(request))),
            watch: Watch::default(),
            network: Network::default(),
            forwarding: Forwarding::default(),
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            proxy_host: None,
            server: Some(server.clone()),
            faults: Faults::new(Arc::new(|_, _| None)),
            artefacts: folder.path().join("screenshots"),
            pictures: false,
            stop: stopped,
            next_session: AtomicU32::new(1),
            filters: None,
            hosts: Arc::new(|_| false),
            is_view: Arc::new(|_| false),
        };
        Live { stage, stop, server, progress: Arc::default(), origin, folder }
    }

    /// Time zone of the browsers: it stands in their environment and so tells them apart
    /// from those of other tests.
    pub(super) fn marked(mut self, timezone: &str) -> Live {
        let options = BrowserOptions {
            timezone: timezone.to_owned(),
            ..BrowserOptions::clone(&self.stage.browser)
        };
        self.stage.browser = Arc::new(options);
        self
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Stage)) -> Live {
        change(&mut self.stage);
        self
    }

    /// A part that plays these steps on the site.
    pub(super) fn part(&self, name: &str, steps: Vec<Action>) -> Part {
        part(name, steps, &self.origin, Vec::new())
    }

    /// The same with expectations.
    pub(super) fn expecting(&self, steps: Vec<Action>, expect: Vec<Expectation>) -> Part {
        part("expecting", steps, &self.origin, expect)
    }

    /// Plays the parts and reads the tape.
    pub(super) async fn play(self, parts: Vec<Part>) -> (Vec<Outcome>, Capture) {
        let (outcomes, capture, _) = self.play_and_keep(parts).await;
        (outcomes, capture)
    }

    /// The same, with the folder that holds the screenshots.
    pub(super) async fn play_and_keep(
        self,
        parts: Vec<Part>,
    ) -> (Vec<Outcome>, Capture, tempfile::TempDir) {
        let Live { stage, stop, folder, progress, .. } = self;
        let outcomes = play(
            Arc::new(stage),
            parts,
            Arc::new(move |one| progress.lock().expect("whole").push(one)),
        )
        .await;
        drop(stop);
        let (capture, damage) =
            capture::read(&folder.path().join("tape.jsonl")).expect("the tape opens");
        assert!(damage.is_none(), "{damage:?}");
        (outcomes, capture, folder)
    }
}

fn part(name: &str, steps: Vec<Action>, origin: &str, expect: Vec<Expectation>) -> Part {
    let scenario = Scenario {
        file: PathBuf::from("live.yaml"),
        name: name.to_owned(),
        tags: Vec::new(),
        site: None,
        persona: "us_shopper".to_owned(),
        variants: Vec::new(),
        consent: Default::default(),
        profiles: vec!["clean".to_owned()],
        steps: Vec::new(),
        expect,
        never: Vec::new(),
        server_faults: Vec::new(),
        settle: None,
        warnings: Vec::new(),
    };
    let line = |at: usize| u32::try_from(at + 2).expect("few lines");
    let steps: Vec<Step> = steps
        .into_iter()
        .enumerate()
        .map(|(at, action)| Step {
            keyword: "step",
            place: Place { line: line(at), column: 5 },
            text: format!("- {action:?}"),
            actions: vec![action],
        })
        .collect();
    let mappings = vec![Mapping::new("shop.test", origin)];
    Part {
        scenario: Arc::new(scenario),
        profile: "clean".to_owned(),
        circumstances: Default::default(),
        variant: None,
        repeat: 0,
        lesson: Default::default(),
        teaches: false,
        before: Before::default(),
        bind: Arc::new(move |session| Bound {
            steps: steps.clone(),
            site: "https://shop.test".to_owned(),
            mappings: mappings.clone(),
            visitor: None,
            device: None,
            persona: BTreeMap::from([("external_id".to_owned(), format!("visitor-{session}"))]),
            marks: vec![format!("visitor-{session}")],
        }),
    }
}

async fn serve(State((pages, requests)): State<(Pages, Arc<AtomicU64>)>, uri: Uri) -> Response {
    let before = requests.fetch_add(1, Ordering::Relaxed);
    match pages.iter().find(|(path, _)| *path == uri.path()) {
        Some((_, body)) => match body.strip_prefix('!') {
            Some(_) if before == 0 => Html(format!("{SCRIPT}<p>Not yet")).into_response(),
            Some(rest) => Html(format!("{SCRIPT}{rest}")).into_response(),
            None => Html(format!("{SCRIPT}{body}")).into_response(),
        },
        None => (axum::http::StatusCode::NOT_FOUND, Html("<h1>No such page</h1>")).into_response(),
    }
}

/// Serves on HTTPS, HTTP/2 or not, with a certificate that the site signed itself; returns its
/// origin.
pub(super) async fn secure<S, B>(service: S) -> String
where
    S: Service<hyper::Request<Incoming>, Response = hyper::Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let _ = rustls::crypto::ring::default_provider().install_default();
    let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("signed");
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(signed.signing_key.serialize_der().into());
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .expect("a certificate");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        loop {
            let (io, _) = listener.accept().await.expect("accepts");
            // Small frames would wait for an acknowledgement; a dead socket says so later.
            let _ = io.set_nodelay(true);
            let (acceptor, service) = (acceptor.clone(), service.clone());
            tokio::spawn(async move {
                let Ok(io) = acceptor.accept(io).await else { return };
                let server = auto::Builder::new(TokioExecutor::new());
                let _ended = server.serve_connection_with_upgrades(TokioIo::new(io), service).await;
            });
        }
    });
    format!("https://localhost:{port}")
}

/// Keeps every request to the pixel; its event is named by `ev`, its mark by `id`.
fn answer(request: &Request) -> Reply {
    let pairs: BTreeMap<String, String> = url::Url::parse(&request.url)
        .map(|url| url.query_pairs().into_owned().collect())
        .unwrap_or_default();
    let event = pairs.get("ev").cloned().unwrap_or_default();
    let marks = pairs.get("id").cloned().into_iter().collect();
    Reply {
        answer: Answer::new(200, "image/gif", "GIF89a")
            .with("access-control-allow-origin", "*")
            .with("cache-control", "no-store"),
        record: true,
        sightings: vec![Sighting { event, marks }],
    }
}

/// Names of the events on a tape, in order of arrival.
pub(super) fn events(capture: &Capture) -> Vec<String> {
    capture
        .exchanges
        .iter()
        .filter_map(|exchange| {
            let url = url::Url::parse(&exchange.request.url).ok()?;
            url.query_pairs().find(|(name, _)| name == "ev").map(|(_, value)| value.into_owned())
        })
        .collect()
}

/// An event that a scenario says will come.
pub(super) fn expected(event: &str, count: u32, channels: &[Channel]) -> Expectation {
    Expectation {
        event: event.to_owned(),
        count,
        channels: channels.to_vec(),
        value: None,
        currency: None,
        keys: BTreeMap::new(),
        open: false,
        place: Place::default(),
    }
}

/// A time zone that no other test and no other run has; browsers take it for UTC.
pub(super) fn zone(name: &str) -> String {
    format!("Countonce-{name}-{}", std::process::id())
}

/// Processes that run with this time zone in their environment.
pub(super) fn processes_in(timezone: &str) -> Vec<(i32, String)> {
    let wanted = format!("TZ={timezone}");
    let mut found = Vec::new();
    for entry in Path::new("/proc").read_dir().expect("a process table").flatten() {
        let Ok(number) = entry.file_name().to_string_lossy().parse::<i32>() else { continue };
        // A process may end while its files are read.
        let Ok(environ) = std::fs::read(entry.path().join("environ")) else { continue };
        if environ.split(|byte| *byte == 0).any(|one| one == wanted.as_bytes()) {
            let name = std::fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            found.push((number, name.trim().to_owned()));
        }
    }
    found
}

/// Waits until a condition holds; panics with the text when it does not in time.
pub(super) async fn until(what: &str, condition: impl Fn() -> bool) {
    let mut turn = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..3000 {
        if condition() {
            return;
        }
        turn.tick().await;
    }
    panic!("{what} did not come about");
}
