//! A stand-in for the Graph API that keeps what it is sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One request to the sink.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) path: String,
    pub(super) body: String,
    pub(super) status: u16,
}

#[derive(Default)]
struct Kept {
    calls: Vec<Call>,
    answers: VecDeque<u16>,
}

/// The sink; it ends with its value.
pub(super) struct Sink {
    port: u16,
    kept: Arc<Mutex<Kept>>,
    server: JoinHandle<()>,
}

impl Sink {
    pub(super) async fn open(answers: &[u16]) -> Sink {
        let kept = Arc::new(Mutex::new(Kept {
            calls: Vec::new(),
            answers: answers.iter().copied().collect(),
        }));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let router = Router::new().fallback(take).with_state(Arc::clone(&kept));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("the sink serves");
        });
        Sink { port, kept, server }
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.kept.lock().expect("no test panicked here").calls.clone()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(
    State(kept): State<Arc<Mutex<Kept>>>,
    uri: Uri,
    body: String,
) -> (StatusCode, String) {
    let mut kept = kept.lock().expect("no test panicked here");
    let status = kept.answers.pop_front().unwrap_or(200);
    let count = serde_json::from_str::<Value>(&body)
        .ok()
        .and_then(|body| body["data"].as_array().map(Vec::len))
        .unwrap_or_default();
    kept.calls.push(Call { path: uri.to_string(), body, status });
    let answer = if status == 200 {
        json!({ "events_received": count, "messages": [], "fbtrace_id": "A" })
    } else {
        json!({ "error": { "message": "no", "code": 100, "error_subcode": 2_804_009 } })
    };
    (StatusCode::from_u16(status).expect("a status"), answer.to_string())
}
