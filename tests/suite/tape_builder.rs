//! Makes tapes for tests: complete, clean hits and calls with single things changed.
//!
//! The events are those of a shop with both channels in order; a case sets or drops
//! what it is about. Times count from a fixed start, so that tapes never change by
//! themselves.

mod sent;

use std::collections::BTreeMap;
use std::path::Path;

use countonce::capture::{
    End, Exchange, Line, Opening, SessionEnd, SessionStart, SessionStatus, ShardRecord, StepRecord,
    TAPE_FORMAT, TapeWriter, TwistMark,
};
use countonce::event::{Channel, Expectation, Order, Place};

use sent::exchange;
pub use sent::{Sent, call, hit};

/// 2026-03-02 12:00:00 UTC in milliseconds.
pub const START: i64 = 1_772_452_800_000;
pub const PIXEL: &str = "1234567890";
pub const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
/// SHA-256 of the persona's normalised data.
pub const EM: &str = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";
pub const PH: &str = "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176";
pub const FBP: &str = "fb.1.1772452790000.1098115397";
pub const FBC: &str =
    "fb.1.1772452790000.IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk";
pub const IP: &str = "73.162.41.9";

/// A tape in the making.
#[derive(Default)]
pub struct Tape {
    sessions: Vec<SessionStart>,
    sent: Vec<Sent>,
    steps: Vec<StepRecord>,
    orders: Vec<Order>,
    shard: Option<ShardRecord>,
}

impl Tape {
    pub fn new() -> Tape {
        Tape::default()
    }

    /// Adds a session that expects these events once each on both channels.
    pub fn session(mut self, expect: &[&str]) -> Tape {
        let number = self.sessions.len() as u32 + 1;
        self.sessions.push(SessionStart {
            session: number,
            at: START + i64::from(number - 1) * 1_000_000,
            scenario: if number == 1 {
                "Guest checkout".into()
            } else {
                format!("Guest checkout {number}")
            },
            file: "scenarios/guest-checkout.yaml".into(),
            profile: "clean".into(),
            variant: String::new(),
            circumstances: None,
            repeat: 0,
            untold: vec![],
            attempt: 1,
            expect: expect.iter().map(|event| expected(event)).collect(),
            server_faults: Vec::new(),
            never: vec![],
            persona: BTreeMap::from([
                ("email".into(), "john_smith@gmail.com".into()),
                ("phone".into(), "+16505551212".into()),
                ("click_id".into(), FBC.rsplit('.').next().expect("four parts").into()),
                ("ip".into(), IP.into()),
            ]),
            marks: vec![format!("em:{EM}"), format!("ph:{PH}")],
        });
        self
    }

    /// Adds an order of the shop's books, made that many milliseconds after the start.
    pub fn order(mut self, id: &str, after: i64) -> Tape {
        self.orders.push(Order {
            id: id.to_owned(),
            at: Some(START + after),
            value: None,
            currency: None,
            event: "Purchase".to_owned(),
        });
        self
    }

    /// Makes it the tape of a shard of a suite with that digest.
    pub fn shard(mut self, number: u32, of: u32, suite: &str) -> Tape {
        self.shard = Some(ShardRecord { number, of, units: 4, suite: suite.to_owned() });
        self
    }

    /// Changes the last session.
    pub fn with(mut self, change: impl FnOnce(&mut SessionStart)) -> Tape {
        change(self.sessions.last_mut().expect("a session"));
        self
    }

    /// Makes the last session the variant of the first one's scenario.
    pub fn variant(self, name: &str) -> Tape {
        self.with(|session| {
            session.scenario = "Guest checkout".into();
            session.variant = name.to_owned();
        })
    }

    /// Notes what a profile or variant had the visitor of the last session do, that many
    /// milliseconds after the start of the tape.
    pub fn twist(mut self, after: i64, twist: TwistMark) -> Tape {
        self.steps.push(StepRecord {
            session: self.sessions.len() as u32,
            at: START + after,
            line: 0,
            text: "the visitor".into(),
            millis: 5,
            page: "https://shop.test/thank-you".into(),
            error: None,
            twist: Some(twist),
            cookies: Vec::new(),
        });
        self
    }

    /// Changes the last session's expectation for an event.
    pub fn expecting(self, event: &str, change: impl FnOnce(&mut Expectation)) -> Tape {
        self.with(|session| {
            change(
                session
                    .expect
                    .iter_mut()
                    .find(|expected| expected.event == event)
                    .expect("expected"),
            );
        })
    }

    /// Adds something sent.
    pub fn send(mut self, sent: Sent) -> Tape {
        self.sent.push(sent);
        self
    }

    /// One purchase, told by both sides under these event ids.
    pub fn purchase(browser: &str, server: &str) -> Tape {
        Tape::new()
            .session(&["Purchase"])
            .send(hit("Purchase", browser))
            .send(call("Purchase", server))
    }

    /// Adds both halves of an event.
    pub fn pair(self, name: &str, id: &str) -> Tape {
        self.send(hit(name, id)).send(call(name, id))
    }

    /// Writes the tape.
    pub fn write(self, path: &Path) {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        let opening = Opening {
            countonce_tape: TAPE_FORMAT,
            tool: "countonce tests".into(),
            started: START,
            pixel_script: "stand-in".into(),
            browser: String::new(),
            site: "https://shop.test".into(),
            filter_lists: String::new(),
        };
        let writer = TapeWriter::create(path, &opening).expect("writable");
        let put = |line| writer.write(line).expect("written");
        if let Some(shard) = self.shard {
            put(Line::Shard(shard));
        }
        for session in &self.sessions {
            put(Line::Session(session.clone()));
        }
        let mut exchanges: Vec<Exchange> = self.sent.into_iter().map(exchange).collect();
        exchanges.sort_by_key(|exchange| exchange.at);
        let last = exchanges.last().map_or(START, |exchange| exchange.at);
        for step in self.steps {
            put(Line::Step(step));
        }
        for order in self.orders {
            put(Line::Order(order));
        }
        for exchange in exchanges {
            put(Line::Exchange(exchange));
        }
        for session in &self.sessions {
            put(Line::SessionEnd(SessionEnd {
                session: session.session,
                at: (session.at + 900_000).max(last.min(session.at + 900_000)),
                status: SessionStatus::Played,
                error: None,
                screenshot: None,
                site_answers: 5,
                millis: 2_000,
                browser_millis: 1_900,
            }));
        }
        put(Line::End(End { at: last.max(START + 900_000), stopped: false }));
    }
}

/// An expectation of one event on both channels.
pub fn expected(event: &str) -> Expectation {
    Expectation {
        event: event.to_owned(),
        count: 1,
        channels: Channel::ALL.to_vec(),
        value: None,
        currency: None,
        keys: BTreeMap::new(),
        open: false,
        place: Place { line: 12, column: 5 },
    }
}
