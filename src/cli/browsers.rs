//! Which browsers a run plays in, from flags and configuration: the engine, where its
//! browsers come from, and where they find their proxies.

use std::net::{IpAddr, Ipv4Addr};

use super::args::BrowserFlags;
use super::{Streams, WRONG_INPUT, setup};
use crate::scenario::BrowserConfig;
use crate::session::{BrowserOptions, BrowserSource, ENGINES, Engine};
use crate::step::nearest;

/// The browsers of a run.
pub(super) struct Browsers {
    /// What they are started with.
    pub(super) options: BrowserOptions,
    /// Name and version, for the report.
    pub(super) name: String,
    /// Address that their proxies listen on.
    pub(super) listen: IpAddr,
    /// Host under which they find their proxies, where it is another than that address.
    pub(super) host: Option<String>,
}

/// The engine of that name; an unknown one is the user's error.
pub(super) fn engine(name: &str, streams: &Streams) -> Result<&'static Engine, u8> {
    if let Some(engine) = Engine::named(name) {
        return Ok(engine);
    }
    let names = || ENGINES.iter().map(|engine| engine.name);
    let hint = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", names().collect::<Vec<_>>().join(", ")),
    };
    streams.err(&format!("error: there is no browser `{name}`; {hint}"));
    Err(WRONG_INPUT)
}

/// Finds the browsers; flags win over the configuration.
///
/// With `install` a missing one is installed without asking.
pub(super) fn browsers(
    flags: &BrowserFlags,
    config: &BrowserConfig,
    install: bool,
    streams: &Streams,
) -> Result<Browsers, u8> {
    let named = flags.browser.as_deref().or(config.name.as_deref());
    let engine = engine(named.unwrap_or(ENGINES[0].name), streams)?;
    let bind = flags.proxy_bind.or(config.proxy_bind);
    let host = flags.proxy_host.clone().or_else(|| config.proxy_host.clone());
    let listen = bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    if listen.is_unspecified() && host.is_none() {
        streams.err(&format!(
            "error: --proxy-bind {listen} is every address of this machine; name the one that browsers use with --proxy-host HOST"
        ));
        return Err(WRONG_INPUT);
    }
    let (source, name) = match flags.webdriver.as_ref().or(config.webdriver.as_ref()) {
        Some(address) => {
            let named = format!("{} by WebDriver", engine.title);
            (BrowserSource::WebDriver(address.trim_end_matches('/').to_owned()), named)
        }
        None => {
            let found = setup::ready(engine, install, streams)?;
            let name = found.title();
            (BrowserSource::Installed(found), name)
        }
    };
    let mut options = BrowserOptions::new(source);
    options.engine = engine;
    options.headed = flags.headed;
    Ok(Browsers { options, name, listen, host })
}
