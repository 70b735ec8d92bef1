//! One connection of a tap: what it carries, TLS in the tap's own name, HTTP over
//! either, and tunnels for all that is not to be looked into.
//! Never decides what is looked into; the two taps do.

use std::io;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::AlertDescription;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio_rustls::TlsAcceptor;

use super::authority::Authority;
use super::body::Body;
use super::lens::Cut;
use super::listener::Tasks;
use super::recorder::Disturbed;
use super::stacks::advice;
use super::wire::Io;
use super::{MOST_TROUBLES, note_trouble};
use crate::capture::Door;
use crate::session::Witness;

/// The longest client hello that is read to find a name: a TLS record is 16 KiB at
/// most (RFC 8446, 5.1), and hellos with post-quantum shares stay below two.
const LONGEST_HELLO: usize = 40 * 1024;

/// Sites keep large cookies; the engine's own limit, 16 KiB, is below what servers take.
const LARGEST_HEAD: u32 = 256 * 1024;

/// A page that is left cancels what it has just sent, all at once. The engine takes more
/// than twenty such for an attack and ends the connection, and the hits with it.
const MOST_RESETS: usize = 100_000;

/// How the requests of a connection came to be here.
#[derive(Debug, Clone)]
pub(super) struct Came {
    /// The door that its requests are recorded under.
    pub(super) door: Door,
    /// True inside TLS.
    pub(super) secure: bool,
    /// `host:port` that the client wanted, where it did not speak to the tap itself.
    pub(super) wanted: Option<String>,
    /// What the client calls itself when it asks for a tunnel.
    pub(super) agent: Option<String>,
}

/// Why a connection ends without an answer: a scenario or a visitor's profile wants it.
#[derive(Debug, thiserror::Error)]
#[error("broken off on purpose")]
struct BrokenOff;

/// Answers the requests of a connection.
pub(super) trait Handler: Send + Sync + 'static {
    /// Called as soon as the head of a request is there. What is done before the
    /// future is handed back is done even when the connection dies at that moment.
    fn handle(
        self: &Arc<Self>,
        request: Request<Incoming>,
        came: &Arc<Came>,
    ) -> BoxFuture<'static, Response<Body>>;
}

/// What a connection needs from the tap that it belongs to.
pub(super) struct House<H> {
    pub(super) handler: Arc<H>,
    pub(super) authority: Arc<Authority>,
    pub(super) tasks: Tasks,
    pub(super) witness: Witness,
}

impl<H> Clone for House<H> {
    fn clone(&self) -> House<H> {
        House {
            handler: Arc::clone(&self.handler),
            authority: Arc::clone(&self.authority),
            tasks: self.tasks.clone(),
            witness: self.witness.clone(),
        }
    }
}

impl<H: Handler> House<H> {
    /// Serves HTTP until the client is done or the tap closes.
    ///
    /// How a connection ends is no news: clients break off as they like, and what came
    /// in completely has been dealt with by then.
    pub(super) async fn serve(&self, io: impl Io + 'static, http2: bool, came: Came) {
        let came = Arc::new(came);
        let handler = Arc::clone(&self.handler);
        let service = service_fn(move |request| {
            let answer = handler.handle(request, &came);
            async move {
                let answer = answer.await;
                // An answer that is none: the engine closes the stream, and with HTTP/1 the
                // connection.
                let said = answer.extensions();
                let silent = said.get::<Disturbed>().is_some_and(|disturbed| disturbed.silent);
                if silent || said.get::<Cut>().is_some() { Err(BrokenOff) } else { Ok(answer) }
            }
        });
        if http2 {
            let connection = http2::Builder::new(self.tasks.clone())
                .initial_stream_window_size(1024 * 1024)
                .initial_connection_window_size(4 * 1024 * 1024)
                .max_header_list_size(LARGEST_HEAD)
                .max_pending_accept_reset_streams(MOST_RESETS)
                .serve_connection(TokioIo::new(io), service);
            let mut connection = std::pin::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => return,
                () = self.tasks.closing() => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        } else {
            // With half-open connections allowed, the end of a client that has sent its
            // beacon and gone does not cancel the handling of that beacon.
            let connection = http1::Builder::new()
                .half_close(true)
                .serve_connection(TokioIo::new(io), service)
                .with_upgrades();
            let mut connection = std::pin::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => return,
                () = self.tasks.closing() => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        }
    }

    /// Ends TLS in the name of `host` (or of the name asked for) and serves HTTP in it.
    pub(super) async fn serve_tls(&self, io: impl Io + 'static, host: &str, came: Came) {
        let config = match self.authority.server_config(host) {
            Ok(config) => config,
            Err(cause) => return note_trouble(&self.witness, cause.to_string()),
        };
        let accepted = tokio::select! {
            accepted = TlsAcceptor::from(config).accept(io) => accepted,
            () = self.tasks.closing() => return,
        };
        match accepted {
            Ok(stream) => {
                let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                self.serve(stream, http2, came).await;
            }
            Err(cause) => {
                if let Some(alert) = distrust(&cause) {
                    let advice = match came.door {
                        Door::Browser => "the browser has to trust the run's authority".to_owned(),
                        _ => advice(came.agent.as_deref()),
                    };
                    let text = format!(
                        "a client refused the tap's certificate for {host} ({alert:?}); {advice}"
                    );
                    self.witness.note(|seen| {
                        if seen.distrusted.len() < MOST_TROUBLES && !seen.distrusted.contains(&text)
                        {
                            seen.distrusted.push(text.clone());
                        }
                    });
                    note_trouble(&self.witness, text);
                }
            }
        }
    }

    /// Joins two streams until both are done or the tap closes.
    pub(super) async fn join(&self, one: &mut impl Io, other: &mut impl Io) {
        join(one, other, &self.tasks).await;
    }
}

/// Joins two streams until both are done or the tap closes.
pub(super) async fn join<A, B>(one: &mut A, other: &mut B, tasks: &Tasks)
where
    A: AsyncRead + AsyncWrite + Unpin,
    B: AsyncRead + AsyncWrite + Unpin,
{
    tokio::select! {
        // Either end may break off; that is how most tunnels end.
        _ = tokio::io::copy_bidirectional(one, other) => {}
        () = tasks.closing() => {}
    }
}

/// The alert of a client that does not know the authority, or knows another one of the
/// same name (then the signature does not fit, and the alert says so).
fn distrust(cause: &io::Error) -> Option<AlertDescription> {
    match cause.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::AlertReceived(
            alert @ (AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::DecryptError),
        ) => Some(*alert),
        _ => None,
    }
}

/// What a connection carries, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carries {
    Tls,
    Http,
    Other,
}

/// Reads as much as is needed to see what a connection carries; `None` at its end.
pub(super) async fn look(
    io: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<(Carries, Vec<u8>)>> {
    let mut first = Vec::with_capacity(4096);
    loop {
        if io.read_buf(&mut first).await? == 0 {
            return Ok((!first.is_empty()).then_some((Carries::Other, first)));
        }
        if let Some(carries) = carried_by(&first) {
            return Ok(Some((carries, first)));
        }
    }
}

/// `None` while the bytes could still become either.
fn carried_by(first: &[u8]) -> Option<Carries> {
    /// The record type of a handshake (RFC 8446, 5.1).
    const HANDSHAKE: u8 = 0x16;
    const METHODS: [&[u8]; 8] =
        [b"GET ", b"POST ", b"HEAD ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"CONNECT "];
    match first.first() {
        None => None,
        Some(&HANDSHAKE) => Some(Carries::Tls),
        Some(_) if METHODS.iter().any(|method| first.starts_with(method)) => Some(Carries::Http),
        Some(_) if METHODS.iter().any(|method| method.starts_with(first)) => None,
        Some(_) => Some(Carries::Other),
    }
}

/// Reads a client hello whole and finds the name in it.
///
/// The bytes read come back in any case. No name: an address was asked for, or it is no TLS.
pub(super) async fn name_asked_for(
    io: &mut (impl AsyncRead + Unpin),
    mut first: Vec<u8>,
) -> io::Result<(Option<String>, Vec<u8>)> {
    let mut acceptor = Acceptor::default();
    let mut fed = 0;
    loop {
        while fed < first.len() {
            fed += acceptor.read_tls(&mut &first[fed..])?;
            match acceptor.accept() {
                Ok(None) => {}
                Ok(Some(accepted)) => {
                    let name = accepted.client_hello().server_name().map(str::to_ascii_lowercase);
                    return Ok((name, first));
                }
                Err(_) => return Ok((None, first)),
            }
        }
        if first.len() > LONGEST_HELLO || io.read_buf(&mut first).await? == 0 {
            return Ok((None, first));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_say_what_a_connection_carries() {
        for (first, carries) in [
            (&b"\x16\x03\x01"[..], Some(Carries::Tls)),
            (b"GET / HTTP/1.1", Some(Carries::Http)),
            (b"GE", None),
            (b"OPTIONS", None),
            (b"SSH-2.0-x", Some(Carries::Other)),
            (b"PRI * HTTP/2.0", Some(Carries::Other)),
            (b"", None),
        ] {
            assert_eq!(carried_by(first), carries, "{:?}", String::from_utf8_lossy(first));
        }
    }

    #[tokio::test]
    async fn a_hello_that_is_no_tls_comes_back_as_it_was() {
        let mut rest = &b" and more"[..];
        let (name, bytes) =
            name_asked_for(&mut rest, b"\x16nonsense".to_vec()).await.expect("reads");
        assert_eq!(name, None);
        assert!(bytes.starts_with(b"\x16nonsense"));
    }
}
