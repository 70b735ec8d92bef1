//! One action of a visitor and what both channels say about it.
//!
//! An action is made once, with one event ID and one time; the pixel call and the
//! server event are two views of it. That is the whole secret of deduplication.
//! Never HTTP, never pages.

use serde_json::{Map, Value, json};

use super::customer::{Customer, digests};

/// Something a visitor did.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// Standard event name.
    pub(super) name: String,
    /// Event ID, the same on both channels.
    pub(super) id: String,
    /// Unix milliseconds.
    pub(super) time: i64,
    /// Event parameters.
    pub(super) params: Map<String, Value>,
    /// Address of the page it happened on.
    pub(super) page: String,
    /// Who did it.
    pub(super) who: Who,
}

/// Who did something, as far as the shop knows.
#[derive(Debug, Clone)]
pub(super) struct Who {
    /// The shop's own id of the visitor, stable for years.
    pub(super) external_id: String,
    /// Public address.
    pub(super) ip: Option<String>,
    /// Browser.
    pub(super) user_agent: Option<String>,
    /// `_fbp` cookie.
    pub(super) fbp: String,
    /// `_fbc` cookie.
    pub(super) fbc: Option<String>,
    /// What the visitor typed.
    pub(super) customer: Customer,
}

/// A call of the pixel, as the page prints it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PixelCall {
    /// Event name.
    pub(super) name: String,
    /// Event parameters.
    pub(super) params: Map<String, Value>,
    /// Event ID; `Null` where the page gives none.
    pub(super) id: Value,
    /// True when an earlier answer has printed it already; the page then fires it
    /// only if it has not done so.
    pub(super) again: bool,
}

impl Who {
    /// Everything known in plain text, as `fbq('init', …)` takes it.
    pub(super) fn matching(&self) -> Map<String, Value> {
        let mut keys = self.customer.matching();
        keys.insert("external_id".into(), json!(self.external_id));
        keys
    }
}

impl Moment {
    /// The browser's view.
    pub(super) fn pixel_call(&self) -> PixelCall {
        PixelCall {
            name: self.name.clone(),
            params: self.params.clone(),
            id: json!(self.id),
            again: false,
        }
    }

    /// The server's view: one entry of `data` in a Conversions API request.
    pub(super) fn server_event(&self) -> Value {
        let mut user_data = digests(&self.who.matching());
        user_data.insert("fbp".into(), json!(self.who.fbp));
        for (key, text) in [
            ("fbc", &self.who.fbc),
            ("client_ip_address", &self.who.ip),
            ("client_user_agent", &self.who.user_agent),
        ] {
            if let Some(text) = text {
                user_data.insert(key.into(), json!(text));
            }
        }
        let mut event = json!({
            "event_name": self.name,
            "event_time": self.time / 1000,
            "event_id": self.id,
            "event_source_url": self.page,
            "action_source": "website",
            "user_data": user_data,
        });
        if !self.params.is_empty() {
            event["custom_data"] = Value::Object(self.params.clone());
        }
        event
    }
}

impl PixelCall {
    /// The call as data for a script: name, parameters, id.
    pub(super) fn to_json(&self) -> Value {
        json!({ "name": self.name, "params": self.params, "id": self.id, "again": self.again })
    }
}
