//! What stands around a played run: the site's address, the demo shop, the runtime, Ctrl-C.

use tokio::sync::watch;

use super::{NO_RUN, Streams};
use crate::demo::{Fault, Shop, ShopConfig};
use crate::run::{Run, Site};

/// Word for the demo shop in a scenario's `site`.
pub(super) const DEMO: &str = "demo";
/// The demo shop's name.
const SHOP_NAME: &str = "shop.test";
/// Dataset of the demo shop.
const DEMO_PIXEL: &str = "1234567890123456";

/// Carries out what needs the network.
pub(super) fn with_runtime<T>(
    streams: &Streams,
    work: impl Future<Output = Result<T, u8>>,
) -> Result<T, u8> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|cause| {
            streams.err(&format!("error: cannot start: {cause}"));
            NO_RUN
        })?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

/// A site on this machine is visited over HTTPS under a name; any other as it is.
pub(super) fn site(address: &str, name: &str, shop: Option<&Shop>) -> Site {
    if address == DEMO
        && let Some(shop) = shop
    {
        return Site {
            public: format!("https://{SHOP_NAME}"),
            mapping: Some((SHOP_NAME.to_owned(), format!("http://{}", shop.address()))),
        };
    }
    let Ok(url) = url::Url::parse(address) else {
        return Site { public: address.to_owned(), mapping: None };
    };
    let origin = url.origin().ascii_serialization();
    if is_here(&url) {
        return Site {
            public: format!("https://{name}"),
            mapping: Some((name.to_owned(), origin)),
        };
    }
    // Mapped onto itself, so that the tap knows which answers are the site's.
    let host = url.authority().rsplit('@').next().unwrap_or_default().to_owned();
    Site { public: address.trim_end_matches('/').to_owned(), mapping: Some((host, origin)) }
}

fn is_here(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        None => false,
    }
}

pub(super) async fn open_shop(
    run: &Run,
    faults: &[&'static Fault],
    streams: &Streams,
) -> Result<Shop, u8> {
    let config = ShopConfig {
        graph_base_url: run.base_url(),
        pixel_id: DEMO_PIXEL.to_owned(),
        access_token: "demo-access-token".to_owned(),
        api_version: "v25.0".to_owned(),
        faults: faults.to_vec(),
    };
    Shop::start(config).await.map_err(|error| {
        streams.err(&format!("error: {error}"));
        NO_RUN
    })
}

pub(super) async fn close_shop(shop: Shop, streams: &Streams) {
    match shop.stop().await {
        Ok(delivery) if delivery.given_up > 0 => {
            streams.err(&format!(
                "warning: the demo shop gave up {} server events",
                delivery.given_up
            ));
        }
        Ok(_) => {}
        Err(error) => {
            streams.err(&format!("warning: the demo shop did not close in order: {error}"));
        }
    }
}

/// The first Ctrl-C stops the run in order; what was caught is still reported.
pub(super) fn stop_on_ctrl_c(streams: &Streams) -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    let streams = streams.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            streams.err("Stopping; what was caught so far will be reported.");
            let _ = sender.send(true);
        }
        // The channel must outlive the run, or its readers would see it closed.
        std::future::pending::<()>().await;
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_on_this_machine_gets_a_name_and_others_keep_theirs() {
        let here = site("http://127.0.0.1:8000/shop", "site.test", None);
        assert_eq!(here.public, "https://site.test");
        assert_eq!(here.mapping, Some(("site.test".into(), "http://127.0.0.1:8000".into())));
        let secure = site("https://localhost:8443", "site.test", None);
        assert_eq!(secure.mapping, Some(("site.test".into(), "https://localhost:8443".into())));
        let away = site("https://staging.example.com/", "site.test", None);
        assert_eq!(away.public, "https://staging.example.com");
        assert_eq!(
            away.mapping,
            Some(("staging.example.com".into(), "https://staging.example.com".into()))
        );
    }
}
