//! Copies that a gateway of the platform makes of the browser's events and sends from the
//! server's side, under ids of its own where the page gave none.
//!
//! Never whether a gateway should run beside the site's own server.

use crate::event::{Channel, Event};

/// Prefixes of ids that Meta's gateways make: Conversions API Gateway and Signals Gateway
/// (meta-facts 1.7, 1.12; read in the script's code).
const GATEWAY_PREFIXES: [&str; 2] = ["ob3_plugin-set_", "sgwpixel_plugin-set_"];

/// True for a server event that a gateway made under an id of its own.
pub fn is_gateway_copy(event: &Event) -> bool {
    event.channel == Channel::Server && event.id.as_deref().is_some_and(is_gateway_id)
}

/// True for an id that a gateway made.
pub(super) fn is_gateway_id(id: &str) -> bool {
    GATEWAY_PREFIXES.iter().any(|prefix| id.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateways_copy_is_known_by_its_id_and_its_side() {
        let event = |channel: Channel, id: &str| {
            let mut event = Event::new(channel, 1, "1");
            event.id = Some(id.to_owned());
            event
        };
        assert!(is_gateway_copy(&event(Channel::Server, "ob3_plugin-set_0f4a")));
        assert!(is_gateway_copy(&event(Channel::Server, "sgwpixel_plugin-set_0f4a")));
        assert!(!is_gateway_copy(&event(Channel::Browser, "ob3_plugin-set_0f4a")), "the origin");
        assert!(!is_gateway_copy(&event(Channel::Server, "order-1")));
    }
}
