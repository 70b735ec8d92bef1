//! The shop driven over HTTP without a browser, with a sink in the place of the
//! Graph API. Everything is judged after the shop has stopped and its queue is
//! empty, so nothing here waits for time to pass.

mod browser;
mod faults;
mod flows;
mod proofs;
mod sink;
mod tour;

use super::{Delivery, Fault, Shop, ShopConfig};
use browser::Browser;
use serde_json::Value;
use sink::{Call, Sink};

/// The pixel ID of these tests.
const PIXEL: &str = "1234567890123456";

/// The access token of these tests.
const TOKEN: &str = "EAATestsOnly";

/// A shop with its sink.
struct Stage {
    shop: Shop,
    sink: Sink,
}

/// What was sent by the time the shop had stopped.
struct Sent {
    calls: Vec<Call>,
    events: Vec<Value>,
    delivery: Delivery,
}

impl Stage {
    /// Opens a shop with some faults; the sink's first answers are these statuses.
    async fn open(faults: &[&'static Fault], answers: &[u16]) -> Stage {
        let sink = Sink::open(answers).await;
        let shop = Shop::start(ShopConfig {
            graph_base_url: sink.base_url(),
            pixel_id: PIXEL.into(),
            access_token: TOKEN.into(),
            api_version: "v25.0".into(),
            faults: faults.to_vec(),
        })
        .await
        .expect("a shop");
        Stage { shop, sink }
    }

    /// Somebody at the shop's door.
    fn browser(&self) -> Browser {
        Browser::new(self.shop.address())
    }

    /// Closes the shop and hands over what it sent.
    async fn close(self) -> Sent {
        let delivery = self.shop.stop().await.expect("the queue ends");
        let calls = self.sink.calls();
        let events = calls
            .iter()
            .filter(|call| call.status == 200)
            .filter_map(|call| serde_json::from_str::<Value>(&call.body).ok())
            .flat_map(|body| body["data"].as_array().cloned().unwrap_or_default())
            .collect();
        Sent { calls, events, delivery }
    }
}

impl Sent {
    /// The only server event of that name.
    #[track_caller]
    fn only(&self, name: &str) -> &Value {
        let found: Vec<&Value> = self.named(name).collect();
        assert_eq!(found.len(), 1, "server events named {name}");
        found[0]
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Value> {
        let name = name.to_owned();
        self.events.iter().filter(move |event| event["event_name"] == name.as_str())
    }
}
