//! A Selenium Grid, or any other `WebDriver` server: whether it is there, how many
//! sessions it takes, and waiting until it has room.
//!
//! Never a session.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::browser::Engine;

/// Pause before a grid without room is asked again: it tells no one when there is some.
const AGAIN: Duration = Duration::from_secs(1);

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(5);

/// What a `WebDriver` server says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// A driver that does not count its sessions, ready for one.
    Driver,
    /// A grid with slots for the engine's browsers.
    Grid {
        /// Slots that nobody uses.
        free: usize,
        /// All slots.
        all: usize,
    },
}

/// Why there is nowhere to play.
#[derive(Debug, thiserror::Error)]
pub enum GridError {
    /// Nobody answers there.
    #[error(
        "nobody answers at {address} ({what}); start the WebDriver server, or mend --webdriver"
    )]
    Away {
        /// The address.
        address: String,
        /// What happened.
        what: String,
    },
    /// It answers something else than a `WebDriver` server would.
    #[error(
        "{address} is no WebDriver server: {what}; --webdriver takes the address of a driver or of a grid's hub"
    )]
    Foreign {
        /// The address.
        address: String,
        /// What it said.
        what: String,
    },
    /// It has no room.
    #[error(
        "the grid at {address} has no room: {what}; free a slot, add a node for this browser, or wait longer with --webdriver-wait"
    )]
    Full {
        /// The address.
        address: String,
        /// What it said.
        what: String,
    },
}

/// Waits until the server has room for a session of this engine, and says how much.
///
/// `tell` hears, once for each change, what is waited for.
pub async fn room(
    address: &str,
    engine: &Engine,
    patience: Duration,
    tell: &mut (dyn FnMut(&str) + Send),
) -> Result<Room, GridError> {
    let deadline = Instant::now() + patience;
    // An error means that somebody has installed one already, which does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().timeout(ANSWER).build();
    let client = client.map_err(|cause| GridError::Away {
        address: address.to_owned(),
        what: cause.to_string(),
    })?;
    let mut told = String::new();
    loop {
        let error = match status(&client, address).await {
            Ok(status) => match look(&status, engine) {
                Ok(room) => return Ok(room),
                Err(what) => GridError::Full { address: address.to_owned(), what },
            },
            // An address that answers otherwise will not answer better later.
            Err(error @ GridError::Foreign { .. }) => return Err(error),
            Err(error) => error,
        };
        if Instant::now() >= deadline {
            return Err(error);
        }
        let what = match &error {
            GridError::Full { what, .. } => format!("Waiting for the grid: {what}"),
            _ => format!("Waiting for {address} to answer"),
        };
        if what != told {
            tell(&what);
            told = what;
        }
        tokio::time::sleep(AGAIN.min(deadline.saturating_duration_since(Instant::now()))).await;
    }
}

async fn status(client: &reqwest::Client, address: &str) -> Result<Value, GridError> {
    let url = format!("{}/status", address.trim_end_matches('/'));
    let answer = client.get(&url).send().await.map_err(|cause| GridError::Away {
        address: address.to_owned(),
        what: innermost(&cause),
    })?;
    let foreign = |what: String| GridError::Foreign { address: address.to_owned(), what };
    let code = answer.status();
    let text = answer.text().await.map_err(|cause| foreign(innermost(&cause)))?;
    let status: Value = serde_json::from_str(&text)
        .map_err(|_| foreign(format!("its status is {code} and no JSON")))?;
    match status.get("value") {
        Some(value) if value.get("ready").is_some() => Ok(value.clone()),
        _ => Err(foreign("its status does not say whether it is ready".to_owned())),
    }
}

/// The cause at the end of the chain, which is the one that says something.
fn innermost(cause: &dyn std::error::Error) -> String {
    let mut cause = cause;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// What a status says; the error is why there is no room.
///
/// Source: W3C `WebDriver`, "Status"; Selenium Grid 4, "Status endpoint".
fn look(status: &Value, engine: &Engine) -> Result<Room, String> {
    let ready = status.get("ready") == Some(&Value::Bool(true));
    let Some(nodes) = status.get("nodes").and_then(Value::as_array) else {
        let said = status.get("message").and_then(Value::as_str).unwrap_or("it is not ready");
        return if ready { Ok(Room::Driver) } else { Err(said.to_owned()) };
    };
    let up = nodes.iter().filter(|node| {
        node.get("availability").and_then(Value::as_str).is_none_or(|word| word == "UP")
    });
    let (mut free, mut all) = (0, 0);
    for node in up {
        let slots = node.get("slots").and_then(Value::as_array).into_iter().flatten();
        let fitting: Vec<&Value> = slots.filter(|slot| fits(slot, engine)).collect();
        let busy = fitting.iter().filter(|slot| !slot["session"].is_null()).count();
        // A node may have more slots than it runs sessions at a time.
        let limit = node.get("maxSessions").and_then(Value::as_u64);
        let most = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let usable = fitting.len().min(most);
        all += usable;
        free += usable.saturating_sub(busy);
    }
    match (free, all) {
        (_, 0) => Err(format!("it has no slot for {}", engine.title)),
        (0, all) => Err(format!("all {all} slots for {} are busy", engine.title)),
        _ => Ok(Room::Grid { free, all }),
    }
}

fn fits(slot: &Value, engine: &Engine) -> bool {
    let name = slot["stereotype"].get("browserName").and_then(Value::as_str);
    name.is_some_and(|name| name.eq_ignore_ascii_case(engine.remote))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::session::ENGINES;

    fn slot(browser: &str, busy: bool) -> Value {
        let session = if busy { json!({"sessionId": "x"}) } else { Value::Null };
        json!({"stereotype": {"browserName": browser}, "session": session})
    }

    #[test]
    fn only_free_slots_of_the_engine_on_nodes_that_are_up_count() {
        let grid = |nodes: Value| look(&json!({"ready": true, "nodes": nodes}), ENGINES[0]);
        let two = json!([
            {"availability": "UP", "maxSessions": 2, "slots": [slot("chrome", true), slot("chrome", false), slot("firefox", false)]},
            {"availability": "UP", "maxSessions": 1, "slots": [slot("chrome", false), slot("chrome", false)]},
            {"availability": "DRAINING", "maxSessions": 9, "slots": [slot("chrome", false)]},
        ]);
        assert_eq!(grid(two), Ok(Room::Grid { free: 2, all: 3 }));
        let full = grid(json!([{"maxSessions": 1, "slots": [slot("chrome", true)]}]));
        assert_eq!(full, Err("all 1 slots for Chromium are busy".to_owned()));
        let other = grid(json!([{"maxSessions": 1, "slots": [slot("firefox", false)]}]));
        assert_eq!(other, Err("it has no slot for Chromium".to_owned()));
        assert_eq!(look(&json!({"ready": true, "message": "x"}), ENGINES[0]), Ok(Room::Driver));
    }

    /// Answers with the statuses in turn, the last one for ever.
    async fn server(answers: Vec<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(async move {
            let mut turn = 0;
            loop {
                let (mut io, _) = listener.accept().await.expect("accepts");
                let mut head = [0; 2048];
                let _ = io.read(&mut head).await.expect("reads");
                let body = &answers[turn.min(answers.len() - 1)];
                turn += 1;
                let text = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                io.write_all(text.as_bytes()).await.expect("writes");
            }
        });
        address
    }

    #[tokio::test]
    async fn a_full_grid_is_waited_for_and_what_is_waited_for_is_told_once() {
        let status = |busy: bool| {
            json!({"value": {"ready": true, "nodes": [{"maxSessions": 1, "slots": [slot("chrome", busy)]}]}})
                .to_string()
        };
        let address = server(vec![status(true), status(true), status(false)]).await;
        let mut told = Vec::new();
        let mut tell = |text: &str| told.push(text.to_owned());
        let found = room(&address, ENGINES[0], Duration::from_secs(20), &mut tell).await;
        assert_eq!(found.expect("room"), Room::Grid { free: 1, all: 1 });
        assert_eq!(told, ["Waiting for the grid: all 1 slots for Chromium are busy"]);
    }

    #[tokio::test]
    async fn a_grid_that_stays_full_or_away_or_is_none_says_so_with_what_to_do() {
        let full = json!({"value": {"ready": false, "nodes": []}}).to_string();
        let full = server(vec![full]).await;
        let foreign = server(vec!["<h1>Welcome</h1>".to_owned()]).await;
        let gone = "http://127.0.0.1:9".to_owned();
        let wait = Duration::from_millis(10);
        for (address, words) in [
            (full, "has no room: it has no slot for Chromium"),
            (foreign, "is no WebDriver server"),
            (gone, "nobody answers at"),
        ] {
            let error = room(&address, ENGINES[0], wait, &mut |_| {}).await;
            let error = error.expect_err(words).to_string();
            assert!(error.contains(words) && error.contains("--webdriver"), "{error}");
        }
    }
}
