//! The browser tap: an intercepting proxy, one listener per session.
//!
//! A platform's requests are answered here and kept; the site's go to the local site
//! as from a load balancer; the browser's own background noise is answered at once;
//! everything else goes to the network. Never knows which requests are a platform's:
//! the caller's predicate says so.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use hyper::body::{Body as _, Incoming};
use hyper_util::rt::TokioIo;
use tokio::time::Instant;

use super::TapError;
use super::authority::Authority;
use super::background::{BROWSER_BACKGROUND, Background};
use super::body::{Body, Held, Open, streamed};
use super::connection::{Came, Carries, Handler, House, look};
use super::forward::{forward, is_endless};
use super::headers::{Target, host_and_port, page, target};
use super::lens::{Lens, LensConfig, Look};
use super::listener::{Listener, Tasks};
use super::note_trouble;
use super::recorder::{Outcome, Recorder};
use super::site::{Forwarding, Mapping, Site, find};
use super::upstream::{Network, Unreachable, Upstream};
use super::wire::Rewound;
use crate::capture::{Door, Responder, TapeWriter};
use crate::event::{Channel, mask_url};
use crate::session::Witness;

/// How long closing waits for requests that are open.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says from method and absolute address whether a request is put to the responder.
///
/// Claimed requests are read whole; all others stream.
pub type Claims = Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

/// What a browser tap is to do.
#[derive(Clone)]
pub struct BrowserTapConfig {
    /// Where to listen; port 0 for any that is free.
    pub bind: SocketAddr,
    /// The session whose browser uses it; `None` for a browser of the user's own.
    pub session: Option<u32>,
    /// Signs in the name of every host.
    pub authority: Arc<Authority>,
    /// Which requests are a platform's.
    pub claims: Claims,
    /// Answers them.
    pub responder: Responder,
    /// Keeps them.
    pub tape: Arc<TapeWriter>,
    /// Names that lead to the site under test.
    pub mappings: Vec<Mapping>,
    /// What the site is told about the visitor.
    pub forwarding: Forwarding,
    /// Hosts that are answered 504 at once and counted nowhere, with all names below
    /// them; as in [`BROWSER_BACKGROUND`].
    pub background: Vec<String>,
    /// How other hosts are reached.
    pub network: Network,
    /// What stands between the visitor and the network.
    pub lens: LensConfig,
}

impl BrowserTapConfig {
    /// A tap on loopback, any free port, with no site mapped and the known background hosts.
    pub fn new(
        session: u32,
        authority: Arc<Authority>,
        claims: Claims,
        responder: Responder,
        tape: Arc<TapeWriter>,
    ) -> BrowserTapConfig {
        BrowserTapConfig {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            session: Some(session),
            authority,
            claims,
            responder,
            tape,
            mappings: Vec::new(),
            forwarding: Forwarding::default(),
            background: BROWSER_BACKGROUND.iter().map(|&host| host.to_owned()).collect(),
            network: Network::default(),
            lens: LensConfig::clear(),
        }
    }
}

/// The proxy of one session's browser. Dropping it ends it at once.
pub struct BrowserTap {
    listener: Listener,
    witness: Witness,
    lens: Arc<Lens>,
}

impl BrowserTap {
    /// Starts to listen.
    pub async fn open(config: BrowserTapConfig) -> Result<BrowserTap, TapError> {
        let witness = Witness::default();
        let tasks = Tasks::new(witness.clone());
        let sites = config.mappings.iter().map(Site::new).collect::<Result<Vec<_>, _>>()?;
        let upstream = Upstream::new(config.network);
        upstream.set_sites(sites.clone());
        // Sessions count from 1; where a person browses there is none, and no profile either.
        let session = config.session.unwrap_or_default();
        let lens = Arc::new(Lens::new(config.lens, session, Arc::clone(&config.tape)));
        let gate = Arc::new(Gate {
            lens: Arc::clone(&lens),
            sites,
            forwarded: config.forwarding.headers()?,
            background: config.background.iter().map(|text| Background::new(text)).collect(),
            claims: config.claims,
            recorder: Arc::new(Recorder {
                channel: Channel::Browser,
                session: config.session,
                responder: config.responder,
                tape: config.tape,
                witness: witness.clone(),
                faults: None,
            }),
            upstream: upstream.clone(),
            authority: config.authority,
            tasks: tasks.clone(),
            witness: witness.clone(),
        });
        let listener = Listener::open(config.bind, tasks, move |stream, _| {
            let house = gate.house();
            let came = Came { door: Door::Browser, secure: false, wanted: None, agent: None };
            async move { house.serve(stream, false, came).await }
        })
        .await
        .map_err(|source| TapError::Bind {
            tap: "browser tap",
            address: config.bind,
            source,
        })?;
        upstream.set_own(vec![listener.address()]);
        Ok(BrowserTap { listener, witness, lens })
    }

    /// Where the browser finds its proxy.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// What this session's tap has seen, and waiting for it.
    pub fn witness(&self) -> Witness {
        self.witness.clone()
    }

    /// Names of the cookies that the site has set itself, by `Set-Cookie`.
    pub fn served_cookies(&self) -> BTreeSet<String> {
        self.lens.served()
    }

    /// Stops listening, lets open requests end, and gives up on those that do not.
    pub async fn close(self) {
        self.listener.close(Instant::now() + PATIENCE).await;
    }
}

/// Where each request of the session goes.
struct Gate {
    lens: Arc<Lens>,
    sites: Vec<Site>,
    forwarded: Vec<(HeaderName, Option<HeaderValue>)>,
    background: Vec<Background>,
    claims: Claims,
    recorder: Arc<Recorder>,
    upstream: Upstream,
    authority: Arc<Authority>,
    tasks: Tasks,
    witness: Witness,
}

impl Handler for Gate {
    fn handle(
        self: &Arc<Self>,
        request: Request<Incoming>,
        came: &Arc<Came>,
    ) -> BoxFuture<'static, Response<Body>> {
        if request.method() == Method::CONNECT {
            return ready(self.connect(request)).boxed();
        }
        if came.wanted.is_none() && request.uri().authority().is_none() {
            let text =
                "countonce: this port is the browser tap, a proxy for one session's browser\n";
            return ready(page(StatusCode::BAD_REQUEST, text)).boxed();
        }
        let target = match target(&request, came.secure, came.wanted.as_deref()) {
            Ok(target) => target,
            Err(what) => {
                let text = format!("countonce: {what}\n");
                return ready(page(StatusCode::BAD_REQUEST, &text)).boxed();
            }
        };
        let path = request.uri().path();
        if self.background.iter().any(|noise| noise.is(&target.host, Some(path))) {
            return ready(left_out(&target.host)).boxed();
        }
        let open = Open::begin(&self.witness);
        let gate = Arc::clone(self);
        let claimed = (self.claims)(request.method().as_str(), &target.url);
        let mut request = request;
        if !self.lens.is_clear(&target.url) {
            let look = Look {
                method: request.method(),
                url: &target.url,
                host: &target.host,
                headers: request.headers(),
                claimed,
                own: find(&self.sites, &target.host, target.port).is_some(),
            };
            if let Some((answer, after)) = self.lens.answer(&look) {
                return async move {
                    tokio::time::sleep(after.unwrap_or_default()).await;
                    held(answer, open)
                }
                .boxed();
            }
            self.lens.on_the_way_out(request.headers_mut());
        }
        if !claimed {
            return async move { gate.pass(request.map(streamed), target, open).await }.boxed();
        }
        let door = came.door;
        let (parts, body) = request.into_parts();
        if self.lens.holds() && body.is_end_stream() {
            let url = target.url.clone();
            return async move {
                let request = Recorder::bare(&parts, url.clone());
                gate.lens.hold(&request, &gate.recorder.responder).await;
                match gate.recorder.take_bare(parts, url, door) {
                    Outcome::Answered(response) => held(response, open),
                    Outcome::Left(parts, body) => gate.pass_left(parts, body, target, open).await,
                }
            }
            .boxed();
        }
        if let (Some(latency), true) = (self.lens.latency(), body.is_end_stream()) {
            // The platform has it by then; only its answer comes late.
            let outcome = self.recorder.take_bare(parts, target.url.clone(), door);
            return async move {
                tokio::time::sleep(latency).await;
                match outcome {
                    Outcome::Answered(response) => held(response, open),
                    Outcome::Left(parts, body) => gate.pass_left(parts, body, target, open).await,
                }
            }
            .boxed();
        }
        if body.is_end_stream() {
            return match self.recorder.take_bare(parts, target.url.clone(), door) {
                Outcome::Answered(response) => ready(held(response, open)).boxed(),
                Outcome::Left(parts, body) => gate.pass_left(parts, body, target, open).boxed(),
            };
        }
        async move {
            let recorder = Arc::clone(&gate.recorder);
            let url = target.url.clone();
            match recorder.take(parts, body, url, door, &gate.tasks).await {
                Outcome::Answered(response) => held(response, open),
                Outcome::Left(parts, body) => gate.pass_left(parts, body, target, open).await,
            }
        }
        .boxed()
    }
}

impl Gate {
    fn house(self: &Arc<Self>) -> House<Gate> {
        House {
            handler: Arc::clone(self),
            authority: Arc::clone(&self.authority),
            tasks: self.tasks.clone(),
            witness: self.witness.clone(),
        }
    }

    fn connect(self: &Arc<Self>, mut request: Request<Incoming>) -> Response<Body> {
        let wanted = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let Some((host, port)) = host_and_port(&wanted) else {
            let text = "countonce: CONNECT needs host:port\n";
            return page(StatusCode::BAD_REQUEST, text);
        };
        if self.background.iter().any(|noise| noise.is(&host, None)) {
            return left_out(&host);
        }
        let upgrade = hyper::upgrade::on(&mut request);
        let gate = Arc::clone(self);
        self.tasks.spawn(async move {
            // A browser that has gone before the tunnel stood wanted nothing.
            let Ok(upgraded) = upgrade.await else { return };
            gate.tunnel(TokioIo::new(upgraded), host, port, wanted).await;
        });
        Response::new(super::body::whole(""))
    }

    async fn tunnel(
        self: Arc<Self>,
        mut io: TokioIo<hyper::upgrade::Upgraded>,
        host: String,
        port: u16,
        wanted: String,
    ) {
        let looked = tokio::select! {
            looked = look(&mut io) => looked,
            () = self.tasks.closing() => return,
        };
        // Browsers open connections on suspicion and close them unused.
        let Ok(Some((carries, first))) = looked else { return };
        let mut io = Rewound::new(first, io);
        let house = self.house();
        let came = |secure| Came {
            door: Door::Browser,
            secure,
            wanted: Some(wanted.clone()),
            agent: None,
        };
        match carries {
            Carries::Tls => house.serve_tls(io, &host, came(true)).await,
            Carries::Http => house.serve(io, false, came(false)).await,
            Carries::Other => {
                let dialled = match find(&self.sites, &host, port) {
                    Some(site) => self.upstream.dial(&site.host, site.port).await,
                    None => self.upstream.dial(&host, port).await,
                };
                match dialled {
                    Ok(mut other) => house.join(&mut io, &mut other).await,
                    Err(cause) => self.trouble_with_site(&host, port, &cause),
                }
            }
        }
    }

    async fn pass_left(
        self: Arc<Self>,
        parts: Parts,
        body: Body,
        target: Target,
        open: Open,
    ) -> Response<Body> {
        self.pass(Request::from_parts(parts, body), target, open).await
    }

    async fn pass(&self, mut request: Request<Body>, target: Target, open: Open) -> Response<Body> {
        let site = find(&self.sites, &target.host, target.port);
        if site.is_some() {
            for (name, value) in &self.forwarded {
                let scheme = HeaderValue::from_static(target.scheme);
                request.headers_mut().insert(name, value.clone().unwrap_or(scheme));
            }
        }
        let uri: Uri = match target.url.parse() {
            Ok(uri) => uri,
            Err(cause) => {
                let text = format!("countonce: this address cannot be passed on: {cause}\n");
                return held(page(StatusCode::BAD_REQUEST, &text), open);
            }
        };
        if let (Some(latency), true) = (self.lens.latency(), site.is_some()) {
            tokio::time::sleep(latency).await;
        }
        match forward(&self.upstream, request, uri, &self.tasks).await {
            Ok(mut response) => {
                if site.is_some() {
                    self.lens.on_the_way_in(response.headers_mut());
                }
                let whose = site.map(|_| {
                    self.witness.note(|seen| seen.site_answers += 1);
                    format!("the answer to {}", mask_url(&target.url))
                });
                if is_endless(&response) {
                    return response;
                }
                response.map(|body| streamed(Held::new(body, open, whose)))
            }
            Err(cause) => {
                self.trouble_with_site(&target.host, target.port, &cause);
                held(no_answer(site, &target, &cause), open)
            }
        }
    }

    /// Only the site's absence is news: hosts of the network may be out of reach.
    fn trouble_with_site(&self, host: &str, port: u16, cause: &Unreachable) {
        if let Some(site) = find(&self.sites, host, port) {
            note_trouble(&self.witness, site_trouble(site, host, cause));
        }
    }
}

fn site_trouble(site: &Site, host: &str, cause: &Unreachable) -> String {
    let hint = match cause {
        Unreachable::Refused { .. } | Unreachable::Deadline { .. } => {
            "; is it started, on this port?"
        }
        Unreachable::Tls { .. } => "; is its certificate one that this machine trusts?",
        _ => "",
    };
    format!("the site {host} did not answer at {}: {cause}{hint}", site.origin)
}

fn no_answer(site: Option<&Site>, target: &Target, cause: &Unreachable) -> Response<Body> {
    match site {
        Some(site) => {
            let text = format!("countonce: {}\n", site_trouble(site, &target.host, cause));
            page(StatusCode::BAD_GATEWAY, &text)
        }
        None => page(StatusCode::GATEWAY_TIMEOUT, &format!("countonce: {cause}\n")),
    }
}

fn left_out(host: &str) -> Response<Body> {
    let text = format!("countonce: {host} is left out, as the browser's own business\n");
    page(StatusCode::GATEWAY_TIMEOUT, &text)
}

fn held(response: Response<Body>, open: Open) -> Response<Body> {
    response.map(|body| streamed(Held::new(body, open, None)))
}

#[cfg(test)]
mod tests;
