//! Faults that give away what must stay private, or ignore what the visitor said.

use serde_json::json;

use super::{Bite, Fault, Site};

/// The address of the payment page carries the buyer's e-mail address.
pub(super) const EMAIL_IN_URL: Fault = Fault {
    name: "email-in-url",
    rule: "personal-data-in-url",
    also: &[],
    summary: "The address of the payment page carries the buyer's e-mail address.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::EmailInUrl),
};

/// The purchase carries the buyer's e-mail address among its parameters.
pub(super) const EMAIL_IN_PARAMETERS: Fault = Fault {
    name: "email-in-parameters",
    rule: "personal-data-in-custom-data",
    also: &["unhashed-personal-data", "unknown-parameter"],
    summary: "The purchase carries the buyer's e-mail address among its parameters.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Both(|moment| {
        moment.params.insert("customer_email".into(), json!(moment.who.customer.email));
    }),
};

/// The page loads the pixel although the visitor refused.
pub(super) const PIXEL_IGNORES_REFUSAL: Fault = Fault {
    name: "pixel-ignores-refusal",
    rule: "event-without-consent",
    also: &["unexpected-event", "missing-server-event"],
    summary: "The page loads the pixel although the visitor refused.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::PixelIgnoresRefusal),
};

/// The server goes on reporting although the visitor refused.
pub(super) const SERVER_IGNORES_REFUSAL: Fault = Fault {
    name: "server-ignores-refusal",
    rule: "event-without-consent",
    also: &["unexpected-event", "missing-browser-event"],
    summary: "The server goes on reporting although the visitor refused.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::ServerIgnoresRefusal),
};

/// The page opens a connection of its own to the Conversions API, with the server's access token.
pub(super) const TOKEN_IN_PAGE: Fault = Fault {
    name: "token-in-page",
    rule: "access-token-in-browser",
    also: &["access-token-in-url"],
    summary: "The page opens a connection of its own to the Conversions API, with the server's access token.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::TokenInPage),
};

/// The code of the test tool is still in every request of the server.
pub(super) const TEST_CODE: Fault = Fault {
    name: "test-code-left-on",
    rule: "test-event-code-left-on",
    also: &[],
    summary: "The code of the test tool is still in every request of the server.",
    exit: 1,
    event: "*",
    bite: Bite::Request(|body| {
        *body = body.replacen('{', r#"{"test_event_code":"TEST31415","#, 1);
    }),
};
