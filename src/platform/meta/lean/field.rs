//! What a name in an event means to the quick reader, told once and kept.
//!
//! A [`Field`] is small and holds no text, so that whoever sees the same names in line
//! after line looks them up once. Never a value.

use super::hash::Hash;
use crate::event::MatchKey;
use crate::platform::meta::graph::KNOWN_USER_DATA;

/// A field of an event, of its `user_data` or of its `custom_data`.
#[derive(Debug, Clone, Copy)]
pub enum Field {
    /// `event_name`.
    Name,
    /// `event_id`.
    Id,
    /// `event_time`.
    Time,
    /// `event_source_url`.
    Page,
    /// `action_source`.
    Source,
    /// One that rules or refusals look at as it stands.
    AsItStands(Named),
    /// One that nothing looks at but for its being there.
    Passed(Named),
    /// One that nothing looks at.
    Ignored,
    /// A match key.
    Key(MatchKey),
    /// A parameter.
    Parameter(Named),
}

impl Field {
    /// A field of the event itself; `None` for `user_data`, `custom_data` and for everything
    /// that is unknown to the platform or seldom, and which rules print.
    pub fn of_event(name: &str) -> Option<Field> {
        Some(match name {
            "event_name" => Field::Name,
            "event_id" => Field::Id,
            "event_time" => Field::Time,
            "event_source_url" => Field::Page,
            "action_source" => Field::Source,
            // Rules look at the options, refusals at the data of apps.
            "data_processing_options"
            | "data_processing_options_country"
            | "data_processing_options_state"
            | "app_data" => Field::AsItStands(Named::new(name)),
            "opt_out" | "referrer_url" => Field::Passed(Named::new(name)),
            _ => return None,
        })
    }

    /// A field of `user_data`; `None` for those that the platform does not know.
    pub fn of_user(name: &str) -> Option<Field> {
        if KNOWN_USER_DATA.contains(&name) {
            return Some(Field::Ignored);
        }
        MatchKey::from_name(name).map(Field::Key)
    }

    /// A field of `custom_data`; `None` for names under which an id is no event id: which of
    /// them comes first decides, so they are left to the full decoder.
    pub fn of_custom(name: &str) -> Option<Field> {
        const MISPLACED: &[&str] = &["event_id", "eventID", "eventId", "eventid", "eid"];
        (!MISPLACED.contains(&name)).then(|| Field::Parameter(Named::new(name)))
    }
}

/// What the value of a parameter is looked at for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Value,
    Currency,
    Order,
    /// Another amount of money.
    Amount,
    Contents,
    ContentIds,
    /// Of few values, and rules look at each.
    Word,
    Other,
}

/// The name of a parameter, as it goes into hashes.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    pub(super) begun: Hash,
    pub(super) kind: Kind,
}

impl Named {
    pub(super) fn new(name: &str) -> Named {
        let mut begun = Hash::new();
        begun.text(name);
        let kind = match name {
            "value" => Kind::Value,
            "currency" => Kind::Currency,
            "order_id" => Kind::Order,
            "predicted_ltv" | "net_revenue" => Kind::Amount,
            "contents" => Kind::Contents,
            "content_ids" => Kind::ContentIds,
            "content_type" | "delivery_category" => Kind::Word,
            _ => Kind::Other,
        };
        Named { begun, kind }
    }
}
