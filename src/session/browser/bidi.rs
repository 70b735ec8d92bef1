//! `WebDriver BiDi`, as much of it as sessions need: commands and their results over one socket.
//!
//! Used for what the classic protocol cannot do: a fresh profile with its own proxy
//! inside a running browser. Events go to the one who was named when connecting.
//! Never fantoccini, never a step.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::stream::SplitSink;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long one command may take before the connection counts as dead.
const PATIENCE: Duration = Duration::from_secs(30);

/// Told of every event, by its method, in the order of arrival; must be quick.
pub(crate) type Hear = Box<dyn Fn(&str, &Value) + Send + Sync>;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Waiting = HashMap<u64, oneshot::Sender<Result<Value, String>>>;

/// A connection to one browser. Clones share it.
#[derive(Clone)]
pub(crate) struct Bidi {
    inner: Arc<Inner>,
}

struct Inner {
    sink: tokio::sync::Mutex<SplitSink<Socket, Message>>,
    /// `None` once the connection is gone.
    waiting: Mutex<Option<Waiting>>,
    next: AtomicU64,
}

impl Inner {
    fn waiting(&self) -> MutexGuard<'_, Option<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bidi {
    /// Connects to the address that the driver gave as `webSocketUrl`.
    pub(crate) async fn connect(address: &str, hear: Hear) -> Result<Bidi, String> {
        let connecting = tokio::time::timeout(PATIENCE, connect_async(address));
        let (socket, _) = connecting
            .await
            .map_err(|_| format!("no answer from {address}"))?
            .map_err(|cause| format!("cannot connect to {address}: {cause}"))?;
        let (sink, mut stream) = socket.split();
        let inner = Arc::new(Inner {
            sink: tokio::sync::Mutex::new(sink),
            waiting: Mutex::new(Some(Waiting::new())),
            next: AtomicU64::new(1),
        });
        let reader = Arc::downgrade(&inner);
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let Some(inner) = reader.upgrade() else { return };
                if let Message::Text(text) = message {
                    settle(&inner, &text, &hear);
                }
            }
            // Dropping the senders tells everyone who waits.
            if let Some(inner) = reader.upgrade() {
                inner.waiting().take();
            }
        });
        Ok(Bidi { inner })
    }

    /// Sends a command and waits for its result; the error is the browser's own text.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Result<Value, String> {
        let id = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        match self.inner.waiting().as_mut() {
            Some(waiting) => waiting.insert(id, sender),
            None => return Err(format!("{method}: the connection to the browser is closed")),
        };
        let text = json!({"id": id, "method": method, "params": params}).to_string();
        self.inner
            .sink
            .lock()
            .await
            .send(Message::text(text))
            .await
            .map_err(|cause| format!("{method}: {cause}"))?;
        match tokio::time::timeout(PATIENCE, receiver).await {
            Ok(Ok(result)) => result.map_err(|what| format!("{method}: {what}")),
            Ok(Err(_)) => Err(format!("{method}: the browser closed the connection")),
            Err(_) => {
                if let Some(waiting) = self.inner.waiting().as_mut() {
                    waiting.remove(&id);
                }
                Err(format!("{method}: no answer within {} s", PATIENCE.as_secs()))
            }
        }
    }
}

/// Hands a result to the one who waits for it, and an event to the one who hears them.
fn settle(inner: &Inner, text: &str, hear: &Hear) {
    let Ok(mut message) = serde_json::from_str::<Value>(text) else { return };
    if let Some(method) = message.get("method").and_then(Value::as_str) {
        hear(method, &message["params"]);
        return;
    }
    let Some(id) = message.get("id").and_then(Value::as_u64) else { return };
    let Some(sender) = inner.waiting().as_mut().and_then(|waiting| waiting.remove(&id)) else {
        return;
    };
    let result = match message.get("error").and_then(Value::as_str) {
        None => Ok(message["result"].take()),
        Some(error) => {
            let detail = message.get("message").and_then(Value::as_str).unwrap_or_default();
            Err(format!("{error}: {detail}"))
        }
    };
    // The one who waited may have given up.
    let _ = sender.send(result);
}
