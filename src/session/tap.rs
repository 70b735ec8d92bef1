//! The two taps: sockets that stand where a platform's servers would be.
//!
//! The browser tap is an intercepting proxy with one listener per session, so that
//! a hit belongs to its session by construction. The server tap is one port that is
//! base URL and forward proxy at once, and a second one for TLS without CONNECT.
//! Which requests are a platform's, and what to answer, is handed in by the caller.
//! Never reads a payload's meaning.

mod authority;
mod background;
mod body;
mod browser;
mod connection;
mod forward;
mod headers;
mod lens;
mod listener;
mod recorder;
mod server;
mod site;
mod stacks;
#[cfg(test)]
mod stage;
mod upstream;
mod wire;

pub use authority::Authority;
pub use background::BROWSER_BACKGROUND;
pub use browser::{BrowserTap, BrowserTapConfig, Claims};
pub(crate) use lens::{BLANK, without_click_ids};
pub use lens::{Hosts, LensConfig};
pub use server::{Intercepts, ServerTap, ServerTapConfig};
pub use site::{Forwarding, Mapping};
pub use stacks::{STACKS, Stack};
pub use upstream::Network;

use std::io;
use std::net::SocketAddr;

use super::Witness;

/// Past this many a list of troubles helps nobody, and a broken site makes thousands.
const MOST_TROUBLES: usize = 200;

/// Notes what the tap could not do; once, however often it happens.
fn note_trouble(witness: &Witness, text: String) {
    witness.note(|seen| {
        if seen.troubles.len() < MOST_TROUBLES && !seen.troubles.contains(&text) {
            seen.troubles.push(text);
        }
    });
}

/// Why a tap could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum TapError {
    /// The port is taken, or the address is not this machine's.
    #[error(
        "the {tap} cannot listen on {address}: {source}; give another address or port, or port 0 for any that is free"
    )]
    Bind {
        /// Which tap, as a user would name it.
        tap: &'static str,
        /// The address asked for.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A certificate could not be made.
    #[error("cannot make a certificate for {name}: {source}")]
    Certificate {
        /// Host name or address.
        name: String,
        /// The cause.
        #[source]
        source: rcgen::Error,
    },
    /// The TLS engine refused a key or a certificate.
    #[error("cannot set up TLS for {name}: {source}")]
    Tls {
        /// Host name or address.
        name: String,
        /// The cause.
        #[source]
        source: rustls::Error,
    },
    /// A mapping that leads nowhere.
    #[error(
        "cannot map {name} to `{origin}`: {what}; write it as http://HOST:PORT, without a path"
    )]
    Mapping {
        /// The name that was to be mapped.
        name: String,
        /// Where to.
        origin: String,
        /// What is wrong with it.
        what: String,
    },
    /// A header name that HTTP does not allow.
    #[error("`{name}` is not a header name; letters, digits and hyphens are")]
    Header {
        /// The name as given.
        name: String,
    },
}
