//! Plays scenarios: opens the taps and the tape, hands every session what it needs,
//! and closes everything in order.
//!
//! What the taps answer comes from the platforms, as plain functions, so that the
//! session room stays ignorant of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use tokio::sync::watch;

use crate::capture::{End, Line, Opening, TAPE_FORMAT, TapeWriter, Trouble};
use crate::event::Channel;
use crate::platform::{CONSENT_COOKIES, PLATFORMS, PixelScript};
use crate::scenario::{Scenario, SiteCommand};
use crate::session::filters::Filters;
use crate::session::tap::{
    Authority, BrowserTap, BrowserTapConfig, Forwarding, Mapping, Network, ServerTap,
    ServerTapConfig,
};
use crate::session::{
    BrowserOptions, Deadlines, Doors, Faults, LOG, Outcome, Progress, START, SiteOrder,
    SiteProcess, Stage, Watch, Witness,
};
use crate::visitor::Circumstances;

use super::answers::{
    browser_responder, calls_a_platform, claims, cookie_marks, is_a_platforms,
    is_a_platforms_page_host, is_a_view, refuse, server_responder,
};
use super::casting::{Casting, unit};
use super::rounds;
use super::{Error, Shard, TAPE, TOOL, folder};

/// How a run is to be made.
pub struct Plan {
    /// Short name of the run.
    pub name: String,
    /// Folder that holds the folders of runs.
    pub out: PathBuf,
    /// Script that pages get as the platform's own.
    pub script: PixelScript,
    /// Sessions at a time.
    pub jobs: usize,
    /// How often a scenario is played again that broke or in which an error was found.
    pub retries: u32,
    /// How often each combination is played, to see whether it always goes the same way.
    pub repeat: u32,
    /// The user's own profiles.
    pub profiles: BTreeMap<String, Circumstances>,
    /// What visitors with an ad blocker block by.
    pub filters: Option<Arc<Filters>>,
    /// Whether to stop at the first broken one.
    pub fail_fast: bool,
    /// What browsers are started with; `None` where nothing is played.
    pub browser: Option<BrowserOptions>,
    /// Address that browser taps listen on; loopback unless browsers are elsewhere.
    pub listen: IpAddr,
    /// Host under which browsers find their taps, where it is another than that address.
    pub proxy_host: Option<String>,
    /// Further hosts whose requests are a platform's, lower case.
    pub hosts: Vec<String>,
    /// The part of the suite that is played here; all of it where there is none.
    pub shard: Option<Shard>,
    /// Name and version of the browser, for the report.
    pub browser_name: String,
    /// How long a step waits for its element, where not the default.
    pub element: Option<Duration>,
    /// How long to wait for late events, where not the default.
    pub settle: Option<Duration>,
    /// Where the server tap listens.
    pub server: Doorway,
    /// Address of the site, for the report.
    pub site: String,
    /// Whether the pages that a visitor comes to are pictured.
    pub pictures: bool,
}

/// Where a server tap listens; port 0 is any that is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doorway {
    /// Address of both ports.
    pub address: IpAddr,
    /// Base URL and forward proxy.
    pub port: u16,
    /// TLS for redirected names.
    pub tls_port: u16,
}

impl Default for Doorway {
    fn default() -> Doorway {
        Doorway { address: Ipv4Addr::LOCALHOST.into(), port: 0, tls_port: 0 }
    }
}

/// Where a scenario's site is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Address under which the browser visits it.
    pub public: String,
    /// Name and local address, for a site on this machine.
    pub mapping: Option<(String, String)>,
}

/// A run with its taps open.
pub struct Run {
    /// Folder of the run.
    pub folder: PathBuf,
    /// When it began, Unix milliseconds.
    pub started: i64,
    plan: Plan,
    tape: Arc<TapeWriter>,
    authority: Arc<Authority>,
    server: ServerTap,
    faults: Faults,
}

/// Says from the tape so far in which sessions errors were found.
pub type Failed<'a> = dyn Fn(&Path) -> Result<BTreeSet<u32>, Error> + Sync + 'a;

/// Test people set aside for each millisecond, so that runs that begin one after the other
/// share none.
const SESSIONS: u64 = 1 << 14;

/// The clock, Unix milliseconds.
pub(super) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

impl Run {
    /// Makes the folder and the tape and opens the server tap.
    pub async fn open(plan: Plan) -> Result<Run, Error> {
        let started = now();
        let folder = folder(&plan.out, started, &plan.name)?;
        let opening = Opening {
            countonce_tape: TAPE_FORMAT,
            tool: TOOL.to_owned(),
            started,
            pixel_script: plan.script.name(),
            browser: plan.browser_name.clone(),
            site: plan.site.clone(),
            filter_lists: plan.filters.as_ref().map(|filters| filters.name()).unwrap_or_default(),
        };
        let tape = Arc::new(TapeWriter::create(&folder.join(TAPE), &opening)?);
        let authority = Arc::new(Authority::new()?);
        // Others address it by whatever name leads them here.
        let beyond = !plan.server.address.is_loopback();
        let mut config = ServerTapConfig::new(
            Arc::clone(&authority),
            Arc::new(is_a_platforms),
            Arc::new(move |_, url| calls_a_platform(url, beyond)),
            server_responder(),
            Arc::clone(&tape),
        );
        let Doorway { address, port, tls_port } = plan.server;
        config.bind = SocketAddr::from((address, port));
        config.tls_bind = Some(SocketAddr::from((address, tls_port)));
        let faults = Faults::new(refuse());
        config.faults = Some(faults.clone());
        let server = ServerTap::open(config).await?;
        Ok(Run { folder, started, plan, tape, authority, server, faults })
    }

    /// Base URL for servers that can be told where the platform's API is.
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// Proxy address for servers that honour `HTTPS_PROXY`.
    pub fn proxy_url(&self) -> String {
        self.server.proxy_url()
    }

    /// Certificate that such servers have to trust, as PEM.
    pub fn certificate(&self) -> &str {
        self.authority.pem()
    }

    /// The doors of the server tap, for whoever has to be led to them.
    pub fn doors(&self) -> Doors {
        Doors {
            base_url: self.base_url(),
            proxy_url: self.proxy_url(),
            tls: self.server.tls_address().map(|address| address.to_string()),
            hosts: PLATFORMS
                .iter()
                .flat_map(|platform| platform.hosts.iter().map(|host| (*host).to_owned()))
                .collect(),
            authority: self.certificate().to_owned(),
        }
    }

    /// Starts the site, its calls led to the server tap, and waits until it is ready.
    /// Its output is kept in the run's folder.
    pub async fn start_site(
        &self,
        command: &SiteCommand,
        base: &Path,
        url: &str,
        patience: Option<Duration>,
    ) -> Result<SiteProcess, Error> {
        let order = SiteOrder {
            command,
            base,
            url,
            patience: patience.unwrap_or(START),
            doors: &self.doors(),
            log: &self.folder.join(LOG),
        };
        Ok(SiteProcess::start(order).await?)
    }

    /// What the server tap sees.
    pub fn server_witness(&self) -> Witness {
        self.server.witness()
    }

    /// Opens a browser tap for a browser of the user's own. What it catches belongs to no
    /// session.
    pub async fn open_browser_tap(
        &self,
        bind: SocketAddr,
        site: Option<&Site>,
    ) -> Result<BrowserTap, Error> {
        let mut config = BrowserTapConfig::new(
            0,
            Arc::clone(&self.authority),
            claims(self.plan.hosts.clone()),
            browser_responder(self.plan.script.clone(), self.plan.hosts.clone()),
            Arc::clone(&self.tape),
        );
        config.session = None;
        config.bind = bind;
        let mapping = site.and_then(|site| site.mapping.as_ref());
        config.mappings =
            mapping.map(|(name, origin)| Mapping::new(name, origin)).into_iter().collect();
        Ok(BrowserTap::open(config).await?)
    }

    /// Base64 of the SHA-256 of the authority's public key, as Chromium wants it.
    pub fn authority_key(&self) -> &str {
        self.authority.spki_sha256_base64()
    }

    /// Plays the scenarios, each against its site; those that are no good by the tape so
    /// far once more, as often as the plan allows.
    pub async fn play(
        &self,
        parts: Vec<(Scenario, Site)>,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
        stop: watch::Receiver<bool>,
        failed: &Failed<'_>,
    ) -> Result<Vec<Outcome>, Error> {
        let defaults = Deadlines::default();
        let deadlines = Deadlines {
            element: self.plan.element.unwrap_or(defaults.element),
            settle: self.plan.settle.unwrap_or(defaults.settle),
            ..defaults
        };
        let Some(mut browser) = self.plan.browser.clone() else { return Ok(Vec::new()) };
        browser.trusted_keys.push(self.authority.spki_sha256_base64().to_owned());
        let stage = Stage {
            jobs: self.plan.jobs,
            retries: self.plan.retries,
            fail_fast: self.plan.fail_fast,
            browser: Arc::new(browser),
            deadlines,
            tape: Arc::clone(&self.tape),
            authority: Arc::clone(&self.authority),
            claims: claims(self.plan.hosts.clone()),
            responder: browser_responder(self.plan.script.clone(), self.plan.hosts.clone()),
            watch: Watch {
                scripts: PLATFORMS.iter().map(|platform| platform.watch).collect(),
                cookies: PLATFORMS.iter().flat_map(|platform| platform.cookies).copied().collect(),
                presences: CONSENT_COOKIES.to_vec(),
                marks: Some(cookie_marks),
            },
            network: Network::default(),
            forwarding: Forwarding::default(),
            listen: self.plan.listen,
            proxy_host: self.plan.proxy_host.clone(),
            server: Some(self.server.witness()),
            faults: self.faults.clone(),
            artefacts: self.folder.clone(),
            pictures: self.plan.pictures,
            stop,
            next_session: AtomicU32::new(1),
            filters: self.plan.filters.clone(),
            hosts: Arc::new(is_a_platforms_page_host),
            is_view: Arc::new(is_a_view),
        };
        // Runs that begin in the same moment on several machines have other people each.
        let shard = self.plan.shard.map_or(0, |shard| u64::from(shard.number));
        let seed = (self.started as u64).wrapping_mul(SESSIONS).wrapping_add(shard << 56);
        let casting = Casting { own: &self.plan.profiles, repeat: self.plan.repeat, seed };
        let parts = casting.parts(parts);
        let parts = match self.plan.shard {
            None => parts,
            Some(shard) => {
                let (parts, record) = shard.share(parts, unit)?;
                self.tape.write(Line::Shard(record))?;
                parts
            }
        };
        rounds::play(Arc::new(stage), parts, progress, failed).await
    }

    /// Closes the taps and the tape; returns the tape's path.
    pub async fn close(self, stopped: bool) -> Result<PathBuf, Error> {
        let Run { tape, server, .. } = self;
        let witness = server.witness();
        server.close().await;
        let seen = witness.look(Clone::clone);
        for what in seen.troubles {
            let distrust = seen.distrusted.contains(&what);
            tape.write(Line::Trouble(Trouble { channel: Channel::Server, what, distrust }))?;
        }
        tape.write(Line::End(End { at: now(), stopped }))?;
        Ok(tape.path().to_owned())
    }

    /// Path of the tape.
    pub fn tape(&self) -> &Path {
        self.tape.path()
    }
}
