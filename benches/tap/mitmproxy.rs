//! mitmproxy from the Python package index, started with the same duty as the tap.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;

use crate::client::{Proxy, trusting};

/// Enough for a machine under load to start mitmproxy.
const START: Duration = Duration::from_secs(30);

/// mitmproxy with the same duty: answer the platform's host, keep every flow in a file.
pub(crate) struct Mitmproxy {
    child: Child,
    port: u16,
    dir: PathBuf,
}

/// Answers hits as the tap does; everything else is passed on.
const ADDON: &str = "\
from mitmproxy import http

GIF = bytes.fromhex('47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b')

def request(flow):
    if flow.request.pretty_host == 'hits.example':
        flow.response = http.Response.make(200, GIF, {'content-type': 'image/gif'})
";

impl Mitmproxy {
    pub(crate) fn start(mitmdump: &Path, dir: &Path) -> Mitmproxy {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port")
            .port();
        let addon = dir.join("answer.py");
        std::fs::write(&addon, ADDON).expect("written");
        let confdir = dir.join("mitmproxy");
        let child = Command::new(mitmdump)
            .args(["--quiet", "--listen-host", "127.0.0.1", "--listen-port", &port.to_string()])
            .arg("--set")
            .arg(format!("confdir={}", confdir.display()))
            .args(["--set", "connection_strategy=lazy"])
            .arg("--save-stream-file")
            .arg(dir.join("flows"))
            .arg("--scripts")
            .arg(&addon)
            .stdin(Stdio::null())
            .spawn()
            .expect("mitmdump starts");
        Mitmproxy { child, port, dir: confdir }
    }

    /// Waits until it listens and its certificate is there.
    pub(crate) async fn ready(&self, site: SocketAddr) -> Proxy {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let certificate = self.dir.join("mitmproxy-ca-cert.pem");
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        let pem = tokio::time::timeout(START, async {
            loop {
                ticks.tick().await;
                if TcpStream::connect(address).await.is_ok()
                    && let Ok(pem) = std::fs::read(&certificate)
                {
                    return pem;
                }
            }
        })
        .await
        .expect("mitmproxy listens");
        Proxy { address, tls: trusting(&pem), site: format!("http://{site}") }
    }
}

impl Drop for Mitmproxy {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
