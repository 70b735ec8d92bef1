//! A listening socket, the tasks that serve its connections, and their orderly end.
//!
//! Every task that a tap starts is kept here, so that closing a tap waits for what
//! is open and leaves nothing behind. Never looks into what the connections carry.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::rt::Executor;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::note_trouble;
use crate::session::Witness;

/// How long `accept` pauses when the process has run out of file descriptors.
const BREATHER: Duration = Duration::from_millis(20);

/// The tasks of one tap, and the word that it is closing.
#[derive(Clone)]
pub(super) struct Tasks {
    set: Arc<Mutex<JoinSet<()>>>,
    closing: watch::Sender<bool>,
    witness: Witness,
}

impl Tasks {
    pub(super) fn new(witness: Witness) -> Tasks {
        Tasks { set: Arc::default(), closing: watch::Sender::new(false), witness }
    }

    /// Starts a task that closing waits for, and that ends with the tap at the latest.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut set = self.lock();
        while let Some(ended) = set.try_join_next() {
            self.judge(ended);
        }
        set.spawn(task);
    }

    /// Comes back when the tap begins to close.
    pub(super) async fn closing(&self) {
        let mut closing = self.closing.subscribe();
        // An error means that every sender is gone, and this is one of them.
        let _ = closing.wait_for(|closing| *closing).await;
    }

    /// Announces the end, waits for open work until the deadline, then ends the rest.
    pub(super) async fn close(&self, deadline: Instant) {
        self.closing.send_replace(true);
        loop {
            let mut set = std::mem::take(&mut *self.lock());
            if set.is_empty() {
                return;
            }
            loop {
                match tokio::time::timeout_at(deadline, set.join_next()).await {
                    Ok(Some(ended)) => self.judge(ended),
                    Ok(None) => break,
                    Err(_) => {
                        set.abort_all();
                        self.lock().abort_all();
                        return;
                    }
                }
            }
        }
    }

    /// Ends everything at once.
    fn abort(&self) {
        self.closing.send_replace(true);
        self.lock().abort_all();
    }

    fn judge(&self, ended: Result<(), JoinError>) {
        if let Err(failure) = ended
            && failure.is_panic()
        {
            note_trouble(&self.witness, format!("a connection was given up, a bug: {failure}"));
        }
    }

    fn lock(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the HTTP/2 engine start its streams as tasks of the tap.
impl<F> Executor<F> for Tasks
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, task: F) {
        self.spawn(async move {
            task.await;
        });
    }
}

/// A socket that is listened on until it is closed or dropped.
pub(super) struct Listener {
    address: SocketAddr,
    tasks: Tasks,
}

impl Listener {
    /// Binds and starts to accept; each connection is served in a task of its own.
    pub(super) async fn open<S, F>(bind: SocketAddr, tasks: Tasks, serve: S) -> io::Result<Listener>
    where
        S: Fn(TcpStream, SocketAddr) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let socket = TcpListener::bind(bind).await?;
        let address = socket.local_addr()?;
        let accepting = tasks.clone();
        tasks.spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = socket.accept() => accepted,
                    () = accepting.closing() => return,
                };
                match accepted {
                    Ok((stream, _)) => {
                        // Without it the last, short segment of a handshake waits for a
                        // delayed acknowledgement: 40 ms for each connection. A socket
                        // that refuses the option is already dead, and reading says so.
                        let _ = stream.set_nodelay(true);
                        accepting.spawn(serve(stream, address));
                    }
                    // Out of descriptors, or the peer has gone: neither ends the tap.
                    Err(cause) => {
                        let text = format!("connections to {address} are not accepted: {cause}");
                        note_trouble(&accepting.witness, text);
                        tokio::time::sleep(BREATHER).await;
                    }
                }
            }
        });
        Ok(Listener { address, tasks })
    }

    /// Stops accepting, waits for open work until the deadline, then ends the rest.
    pub(super) async fn close(&self, deadline: Instant) {
        self.tasks.close(deadline).await;
    }

    /// Where it listens, with the port that was given to it.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.tasks.abort();
    }
}
