//! The server tap: where the site's own calls to a platform end up.
//!
//! One port is base URL, forward proxy and TLS endpoint at once, told apart by how a
//! client speaks to it; a second one takes TLS alone, for names that are redirected
//! to it. What is no platform's goes through untouched. Never decodes a call.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use http::{Method, Request, Response, StatusCode, Uri};
use hyper::body::{Body as _, Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::TapError;
use super::authority::Authority;
use super::body::{Body, Held, Open, streamed, whole};
use super::browser::Claims;
use super::connection::{Came, Carries, Handler, House, look, name_asked_for};
use super::forward::forward;
use super::headers::{Target, host_and_port, is_this_machine, page, plain, target};
use super::listener::{Listener, Tasks};
use super::note_trouble;
use super::recorder::{Disturbed, Outcome, Recorder};
use super::site::reachable;
use super::upstream::{Network, Upstream};
use super::wire::Rewound;
use crate::capture::{Door, Responder, TapeWriter};
use crate::event::{Channel, mask_url};
use crate::session::{Faults, Witness};

/// How long closing waits for calls that are open.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says of a host name whether the tap answers in its name.
pub type Intercepts = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What the server tap is to do.
#[derive(Clone)]
pub struct ServerTapConfig {
    /// Where to listen for base URL and proxy; port 0 for any that is free.
    pub bind: SocketAddr,
    /// Where to listen for TLS without CONNECT, if anywhere.
    pub tls_bind: Option<SocketAddr>,
    /// Signs in the name of intercepted hosts.
    pub authority: Arc<Authority>,
    /// Which hosts are a platform's; TLS to all others is passed through unopened.
    pub intercepts: Intercepts,
    /// Which requests are put to the responder. For the base URL the address is the
    /// tap's own, as the client wrote it.
    pub claims: Claims,
    /// Answers them.
    pub responder: Responder,
    /// Keeps them.
    pub tape: Arc<TapeWriter>,
    /// How other hosts are reached.
    pub network: Network,
    /// What scenarios have it do to calls.
    pub faults: Option<Faults>,
}

impl ServerTapConfig {
    /// A tap on loopback: one free port for base URL and proxy, one for TLS alone.
    pub fn new(
        authority: Arc<Authority>,
        intercepts: Intercepts,
        claims: Claims,
        responder: Responder,
        tape: Arc<TapeWriter>,
    ) -> ServerTapConfig {
        let bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        ServerTapConfig {
            bind,
            tls_bind: Some(bind),
            authority,
            intercepts,
            claims,
            responder,
            tape,
            network: Network::default(),
            faults: None,
        }
    }
}

/// The stand-in for a platform's API. Dropping it ends it at once.
pub struct ServerTap {
    listener: Listener,
    tls: Option<Listener>,
    witness: Witness,
}

impl ServerTap {
    /// Starts to listen.
    pub async fn open(config: ServerTapConfig) -> Result<ServerTap, TapError> {
        let witness = Witness::default();
        let tasks = Tasks::new(witness.clone());
        let upstream = Upstream::new(config.network);
        let desk = Arc::new(Desk {
            intercepts: config.intercepts,
            claims: config.claims,
            recorder: Arc::new(Recorder {
                channel: Channel::Server,
                session: None,
                responder: config.responder,
                tape: config.tape,
                witness: witness.clone(),
                faults: config.faults,
            }),
            upstream: upstream.clone(),
            authority: config.authority,
            tasks: tasks.clone(),
            witness: witness.clone(),
        });
        let bound = |address| move |source| TapError::Bind { tap: "server tap", address, source };
        let first = Arc::clone(&desk);
        let listener = Listener::open(config.bind, tasks.clone(), move |stream, address| {
            Arc::clone(&first).welcome(stream, address)
        })
        .await
        .map_err(bound(config.bind))?;
        let tls = match config.tls_bind {
            None => None,
            Some(bind) => {
                let second = Arc::clone(&desk);
                let serve = move |stream, address| Arc::clone(&second).welcome(stream, address);
                Some(Listener::open(bind, tasks, serve).await.map_err(bound(bind))?)
            }
        };
        let own = [Some(&listener), tls.as_ref()].into_iter().flatten();
        upstream.set_own(own.map(Listener::address).collect());
        Ok(ServerTap { listener, tls, witness })
    }

    /// The address that a client is given in place of the platform's API, without a
    /// slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}", reachable(self.listener.address()))
    }

    /// The value for `HTTPS_PROXY` and `HTTP_PROXY`.
    pub fn proxy_url(&self) -> String {
        self.base_url()
    }

    /// Where TLS without CONNECT is taken, if it was asked for.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.tls.as_ref().map(|tls| reachable(tls.address()))
    }

    /// What the tap has seen, and waiting for it.
    pub fn witness(&self) -> Witness {
        self.witness.clone()
    }

    /// Stops listening, lets open calls end, and gives up on those that do not.
    pub async fn close(self) {
        // Both listeners share their tasks.
        self.listener.close(Instant::now() + PATIENCE).await;
    }
}

/// Where each call goes.
struct Desk {
    intercepts: Intercepts,
    claims: Claims,
    recorder: Arc<Recorder>,
    upstream: Upstream,
    authority: Arc<Authority>,
    tasks: Tasks,
    witness: Witness,
}

impl Handler for Desk {
    fn handle(
        self: &Arc<Self>,
        request: Request<Incoming>,
        came: &Arc<Came>,
    ) -> BoxFuture<'static, Response<Body>> {
        if request.method() == Method::CONNECT {
            return self.connect(request);
        }
        let target = match target(&request, came.secure, came.wanted.as_deref()) {
            Ok(target) => target,
            Err(what) => {
                let text = format!("countonce: {what}\n");
                return ready(page(StatusCode::BAD_REQUEST, &text)).boxed();
            }
        };
        // In absolute form it is a proxy that is spoken to, unless a client with a
        // proxy set was given this very tap as its base URL.
        let by_proxy = came.wanted.is_none()
            && request.uri().authority().is_some()
            && !self.upstream.is_own(&target.host, target.port);
        let door = if by_proxy { Door::ForwardProxy } else { came.door };
        let claimed = (self.claims)(request.method().as_str(), &target.url);
        let desk = Arc::clone(self);
        if !claimed {
            if by_proxy && !(self.intercepts)(&target.host) {
                return async move { desk.pass(request.map(streamed), &target).await }.boxed();
            }
            return ready(nothing_here(request.method(), &target)).boxed();
        }
        let open = Open::begin(&self.witness);
        let (parts, body) = request.into_parts();
        let url = target.url.clone();
        if body.is_end_stream() {
            let outcome = self.recorder.take_bare(parts, url, door);
            return async move { held(desk.settle(outcome, &target, by_proxy).await, open) }
                .boxed();
        }
        async move {
            let recorder = Arc::clone(&desk.recorder);
            let outcome = recorder.take(parts, body, url, door, &desk.tasks).await;
            held(desk.settle(outcome, &target, by_proxy).await, open)
        }
        .boxed()
    }
}

impl Desk {
    fn house(self: &Arc<Self>) -> House<Desk> {
        House {
            handler: Arc::clone(self),
            authority: Arc::clone(&self.authority),
            tasks: self.tasks.clone(),
            witness: self.witness.clone(),
        }
    }

    /// Takes a connection on either port and sees what it carries.
    async fn welcome(self: Arc<Self>, mut stream: TcpStream, address: SocketAddr) {
        let looked = tokio::select! {
            looked = look(&mut stream) => looked,
            () = self.tasks.closing() => return,
        };
        // A client that goes without a word wanted nothing.
        let Ok(Some((carries, first))) = looked else { return };
        match carries {
            Carries::Tls => self.direct_tls(stream, first, address).await,
            Carries::Http | Carries::Other => {
                // What is no HTTP is told so by the HTTP engine.
                let came = Came { door: Door::BaseUrl, secure: false, wanted: None, agent: None };
                self.house().serve(Rewound::new(first, stream), false, came).await;
            }
        }
    }

    /// TLS that was not announced by CONNECT: for a redirected name, or for the base
    /// URL with `https`.
    async fn direct_tls(self: Arc<Self>, mut stream: TcpStream, first: Vec<u8>, at: SocketAddr) {
        let asked = tokio::select! {
            asked = name_asked_for(&mut stream, first) => asked,
            () = self.tasks.closing() => return,
        };
        let Ok((name, first)) = asked else { return };
        let mut io = Rewound::new(first, stream);
        let house = self.house();
        match name {
            Some(name) if (self.intercepts)(&name) => {
                let wanted = Some(format!("{name}:443"));
                house
                    .serve_tls(
                        io,
                        &name,
                        Came { door: Door::Tls, secure: true, wanted, agent: None },
                    )
                    .await;
            }
            Some(name) if !is_this_machine(&name) => {
                match self.upstream.dial_elsewhere(&name, 443).await {
                    Ok(mut other) => house.join(&mut io, &mut other).await,
                    Err(cause) => {
                        let text = format!(
                            "TLS for {name} came to the server tap and could not be passed on: {cause}"
                        );
                        note_trouble(&self.witness, text);
                    }
                }
            }
            _ => {
                let local = reachable(at).ip().to_string();
                let came = Came { door: Door::BaseUrl, secure: true, wanted: None, agent: None };
                house.serve_tls(io, &local, came).await;
            }
        }
    }

    fn connect(
        self: &Arc<Self>,
        mut request: Request<Incoming>,
    ) -> BoxFuture<'static, Response<Body>> {
        let wanted = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let Some((host, port)) = host_and_port(&wanted) else {
            let text = "countonce: CONNECT needs host:port\n";
            return ready(page(StatusCode::BAD_REQUEST, text)).boxed();
        };
        let agent = request.headers().get(http::header::USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok()).map(str::to_owned);
        let desk = Arc::clone(self);
        let upgrade = hyper::upgrade::on(&mut request);
        if (self.intercepts)(&host) {
            self.tasks.spawn(async move {
                // A client that has gone before the tunnel stood wanted nothing.
                let Ok(upgraded) = upgrade.await else { return };
                desk.open_tunnel(TokioIo::new(upgraded), &host, wanted, agent).await;
            });
            return ready(Response::new(whole(""))).boxed();
        }
        async move {
            match desk.upstream.dial(&host, port).await {
                Ok(mut other) => {
                    let tasks = desk.tasks.clone();
                    tasks.spawn(async move {
                        let Ok(upgraded) = upgrade.await else { return };
                        desk.house().join(&mut TokioIo::new(upgraded), &mut other).await;
                    });
                    Response::new(whole(""))
                }
                Err(cause) => page(StatusCode::BAD_GATEWAY, &format!("countonce: {cause}\n")),
            }
        }
        .boxed()
    }

    /// Looks into a tunnel to a host that the tap answers for.
    async fn open_tunnel(
        self: Arc<Self>,
        mut io: TokioIo<hyper::upgrade::Upgraded>,
        host: &str,
        wanted: String,
        agent: Option<String>,
    ) {
        let looked = tokio::select! {
            looked = look(&mut io) => looked,
            () = self.tasks.closing() => return,
        };
        let Ok(Some((carries, first))) = looked else { return };
        let io = Rewound::new(first, io);
        let house = self.house();
        let door = Door::ForwardProxy;
        match carries {
            Carries::Tls => {
                let came = Came { door, secure: true, wanted: Some(wanted), agent };
                house.serve_tls(io, host, came).await;
            }
            // Whatever else is meant for a platform must not reach it.
            Carries::Http | Carries::Other => {
                let came = Came { door, secure: false, wanted: Some(wanted), agent: None };
                house.serve(io, false, came).await;
            }
        }
    }

    async fn settle(&self, outcome: Outcome, target: &Target, by_proxy: bool) -> Response<Body> {
        match outcome {
            Outcome::Answered(response) => self.hold_back(response).await,
            Outcome::Left(parts, body) if by_proxy && !(self.intercepts)(&target.host) => {
                self.pass(Request::from_parts(parts, body), target).await
            }
            Outcome::Left(parts, _) => nothing_here(&parts.method, target),
        }
    }

    /// Waits as long as a fault wants an answer to take.
    async fn hold_back(&self, response: Response<Body>) -> Response<Body> {
        let Some(disturbed) = response.extensions().get::<Disturbed>() else { return response };
        tokio::select! {
            () = tokio::time::sleep(disturbed.delay) => {}
            () = self.tasks.closing() => {}
        }
        response
    }

    async fn pass(&self, request: Request<Body>, target: &Target) -> Response<Body> {
        let uri: Uri = match target.url.parse() {
            Ok(uri) => uri,
            Err(cause) => {
                let text = format!("countonce: this address cannot be passed on: {cause}\n");
                return page(StatusCode::BAD_REQUEST, &text);
            }
        };
        match forward(&self.upstream, request, uri, &self.tasks).await {
            Ok(response) => response,
            Err(cause) => page(StatusCode::BAD_GATEWAY, &format!("countonce: {cause}\n")),
        }
    }
}

fn held(response: Response<Body>, open: Open) -> Response<Body> {
    response.map(|body| streamed(Held::new(body, open, None)))
}

/// Clients of such APIs expect an error as a JSON object and show its message.
fn nothing_here(method: &Method, target: &Target) -> Response<Body> {
    let message = format!(
        "this is countonce's server tap, which stands in for a platform's API; it has no answer to {method} {}",
        mask_url(&target.url)
    );
    let error = serde_json::json!({
        "error": { "message": message, "type": "CountonceServerTap", "code": 404 }
    });
    plain(StatusCode::NOT_FOUND, "application/json", &error.to_string())
}

#[cfg(test)]
mod tests;
