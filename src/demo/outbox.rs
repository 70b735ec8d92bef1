//! The queue between the shop's request handlers and the Conversions API.
//!
//! Handlers post and go on; a worker sends what has gathered, several events in a
//! request. A request is written once, so that a retry repeats it to the letter:
//! same event IDs, same times.
//! Never what an event means.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use super::fault::{Planted, Site};
use super::{Error, ShopConfig};

/// Meta, Conversions API best practices: the client's time limit.
const TIME_LIMIT: Duration = Duration::from_millis(1500);

/// Tries of one request in all.
const TRIES: u32 = 4;

/// Wait before the second try; doubled before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Most events in one request. Meta allows 1000; small requests lose less when one
/// bad event makes Meta refuse the whole of it.
const BATCH: usize = 50;

/// Posts that wait at most; beyond that the shop drops events rather than memory.
const WAITING: usize = 10_000;

/// Requests under way at the same time.
const PARALLEL: usize = 4;

/// Notes kept about requests that failed.
const NOTES: usize = 100;

/// What became of the events that were posted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Events in requests that were accepted.
    pub accepted: usize,
    /// Events in requests that were refused.
    pub refused: usize,
    /// Events that no try brought through, or that found the queue full.
    pub given_up: usize,
    /// One line per request that was refused or given up; personal data and tokens never.
    pub notes: Vec<String>,
}

/// The handlers' end of the queue.
#[derive(Debug)]
pub(super) struct Outbox {
    queue: mpsc::Sender<Vec<Value>>,
    lost: std::sync::atomic::AtomicUsize,
}

/// The running worker.
#[derive(Debug)]
pub(super) struct Worker {
    finish: oneshot::Sender<()>,
    task: JoinHandle<Delivery>,
}

/// Everything that sending needs.
struct Sender {
    client: reqwest::Client,
    url: String,
    token: String,
    planted: Planted,
}

/// How one request ended.
enum End {
    Accepted,
    Refused(String),
    GivenUp(String),
}

impl Outbox {
    /// Opens the queue and starts its worker.
    pub(super) fn open(config: &ShopConfig, planted: Planted) -> Result<(Outbox, Worker), Error> {
        // A second installation in the same process is refused and means nothing.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let mut client = reqwest::Client::builder().timeout(TIME_LIMIT).no_proxy();
        if config.graph_base_url.starts_with("http://") {
            // Reading the machine's certificates takes long, and a bare container has none.
            client = client.tls_certs_only([]);
        }
        let client = client.build().map_err(Error::Client)?;
        let version = planted.api_version().unwrap_or(&config.api_version);
        let pixel = planted.dataset().unwrap_or(&config.pixel_id);
        let sender = Arc::new(Sender {
            client,
            url: format!(
                "{}/{version}/{pixel}/events{}",
                config.graph_base_url.trim_end_matches('/'),
                if planted.site(Site::TokenInQuery) {
                    format!("?access_token={}", config.access_token)
                } else {
                    String::new()
                }
            ),
            token: config.access_token.clone(),
            planted,
        });
        let (queue, waiting) = mpsc::channel(WAITING);
        let (finish, finished) = oneshot::channel();
        let task = tokio::spawn(work(sender, waiting, finished));
        Ok((Outbox { queue, lost: 0.into() }, Worker { finish, task }))
    }

    /// Hands the events of one visitor's action over. Never waits.
    pub(super) fn post(&self, events: Vec<Value>) {
        let count = events.len();
        if count > 0 && self.queue.try_send(events).is_err() {
            self.lost.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
        }
    }

    /// Events that found the queue full or closed.
    pub(super) fn lost(&self) -> usize {
        self.lost.load(std::sync::atomic::Ordering::Relaxed)
    }
}

impl Worker {
    /// Sends what is still waiting and ends.
    pub(super) async fn drain(self) -> Result<Delivery, Error> {
        // A worker that has ended by itself has closed its end; its result tells why.
        let _ended = self.finish.send(());
        self.task.await.map_err(Error::Worker)
    }
}

async fn work(
    sender: Arc<Sender>,
    mut waiting: mpsc::Receiver<Vec<Value>>,
    mut finished: oneshot::Receiver<()>,
) -> Delivery {
    let slots = Arc::new(Semaphore::new(PARALLEL));
    let mut under_way = JoinSet::new();
    let mut delivery = Delivery::default();
    let mut closing = false;
    loop {
        let mut posts = Vec::new();
        let count = tokio::select! {
            count = waiting.recv_many(&mut posts, BATCH) => count,
            _ = &mut finished, if !closing => {
                closing = true;
                waiting.close();
                continue;
            }
        };
        if count == 0 {
            break;
        }
        let events: Vec<Value> = posts.into_iter().flatten().collect();
        for batch in events.chunks(BATCH) {
            let slot = Arc::clone(&slots)
                .acquire_owned()
                .await
                .expect("the semaphore lives as long as this loop and is never closed");
            let (sender, batch) = (Arc::clone(&sender), batch.to_vec());
            under_way.spawn(async move {
                let end = sender.deliver(&batch).await;
                drop(slot);
                (batch.len(), end)
            });
        }
        while let Some(ended) = under_way.try_join_next() {
            delivery.add(ended);
        }
    }
    while let Some(ended) = under_way.join_next().await {
        delivery.add(ended);
    }
    delivery
}

impl Delivery {
    fn add(&mut self, ended: Result<(usize, End), tokio::task::JoinError>) {
        let note = match ended {
            Ok((count, End::Accepted)) => {
                self.accepted += count;
                return;
            }
            Ok((count, End::Refused(why))) => {
                self.refused += count;
                format!("a request with {count} events was refused: {why}")
            }
            Ok((count, End::GivenUp(why))) => {
                self.given_up += count;
                format!("a request with {count} events was given up: {why}")
            }
            Err(panic) => format!("a request ended in a panic: {panic}"),
        };
        if self.notes.len() < NOTES {
            self.notes.push(note);
        }
    }
}

impl Sender {
    async fn deliver(&self, events: &[Value]) -> End {
        if let Some(wait) = self.planted.wait(events) {
            tokio::time::sleep(wait).await;
        }
        let end = self.send(events).await;
        if let (End::Accepted, Some(again)) = (&end, self.planted.sent_again(events)) {
            return self.send(&again).await;
        }
        end
    }

    async fn send(&self, events: &[Value]) -> End {
        let mut body = json!({ "data": events, "access_token": self.token });
        if self.planted.site(Site::TokenInQuery) {
            body = json!({ "data": events });
        }
        let mut body = body.to_string();
        self.planted.request(&mut body, events);
        let mut pause = FIRST_PAUSE;
        let mut why = String::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(pause).await;
                pause *= 2;
                if let Some(again) = self.planted.tried_again(events) {
                    body = json!({ "data": again, "access_token": self.token }).to_string();
                }
            }
            let answer = self
                .client
                .post(&self.url)
                .header("content-type", "application/json")
                .body(body.clone())
                .send()
                .await;
            match answer {
                Ok(answer) if answer.status().is_success() => return End::Accepted,
                Ok(answer) if answer.status().is_client_error() => {
                    return End::Refused(reason(answer).await);
                }
                Ok(answer) => why = format!("the API answered {}", answer.status()),
                Err(error) => why = error.without_url().to_string(),
            }
        }
        End::GivenUp(format!("{why}, {TRIES} tries"))
    }
}

/// What Meta says about a refused request, without the parts that may quote data.
async fn reason(answer: reqwest::Response) -> String {
    let status = answer.status();
    let body: Value = match answer.text().await {
        Ok(text) => serde_json::from_str(&text).unwrap_or_default(),
        Err(error) => return format!("{status}, answer unreadable: {}", error.without_url()),
    };
    let error = &body["error"];
    format!("{status}, code {}, subcode {}", error["code"], error["error_subcode"])
}
