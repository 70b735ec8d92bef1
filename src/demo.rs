//! The demo shop: a small, real site with pixel and Conversions API, and the
//! faults that can be planted in it.
//!
//! It is a stand-in for the sites of users, so it knows nothing of taps, sessions
//! or rules: it gets the address of a Graph API and a pixel ID, as any shop does.
//! Never a rule, never a report.

mod catalogue;
mod checkout;
mod cookies;
mod customer;
mod desk;
mod fault;
mod outbox;
mod page;
mod routes;
#[cfg(test)]
mod tests;
mod tracking;
mod visit;
mod visitor;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use fault::{FAULTS, Fault, Showing, circumstances, find};
pub use outbox::Delivery;

/// How long open connections may take to end when the shop is stopped.
const CLOSING_TIME: Duration = Duration::from_secs(2);

/// What a shop needs to know.
#[derive(Debug, Clone)]
pub struct ShopConfig {
    /// Where the Graph API is: scheme, host, port; no path.
    pub graph_base_url: String,
    /// Pixel ID, the same for both channels.
    pub pixel_id: String,
    /// The server's access token.
    pub access_token: String,
    /// Version of the Graph API (`v25.0`).
    pub api_version: String,
    /// Faults to switch on.
    pub faults: Vec<&'static Fault>,
}

/// Why a shop could not open, or not close properly.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No port.
    #[error("the demo shop found no free port on 127.0.0.1: {0}")]
    Port(#[source] std::io::Error),
    /// A template is broken.
    #[error("the demo shop's page templates cannot be read: {0}")]
    Templates(#[from] minijinja::Error),
    /// No HTTP client.
    #[error("the demo shop's HTTP client cannot be built: {0}")]
    Client(#[source] reqwest::Error),
    /// The queue's worker did not end by itself.
    #[error("the demo shop's Conversions API queue broke: {0}")]
    Worker(#[source] tokio::task::JoinError),
}

/// A running shop.
#[derive(Debug)]
pub struct Shop {
    address: SocketAddr,
    desk: Arc<desk::Desk>,
    worker: outbox::Worker,
    close: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Shop {
    /// Opens the shop on a free loopback port.
    pub async fn start(config: ShopConfig) -> Result<Shop, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(Error::Port)?;
        let address = listener.local_addr().map_err(Error::Port)?;
        let pages = page::Pages::new()?;
        let planted = fault::Planted::new(&config.faults);
        let (outbox, worker) = outbox::Outbox::open(&config, planted)?;
        let desk = Arc::new(desk::Desk::new(config, outbox, pages));
        let router = routes::router(Arc::clone(&desk));
        let (close, closed) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            let closing = async move {
                // A dropped shop closes like a stopped one.
                let _either = closed.await;
            };
            axum::serve(listener, router).with_graceful_shutdown(closing).await
        });
        Ok(Shop { address, desk, worker, close, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the shop and sends what its queue still holds.
    pub async fn stop(mut self) -> Result<Delivery, Error> {
        // A server that has ended by itself needs no word.
        let _ended = self.close.send(());
        if tokio::time::timeout(CLOSING_TIME, &mut self.server).await.is_err() {
            self.server.abort();
        }
        let mut delivery = self.worker.drain().await?;
        delivery.given_up += self.desk.outbox.lost();
        Ok(delivery)
    }
}
