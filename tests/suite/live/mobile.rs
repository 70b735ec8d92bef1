//! The telephone that browsers pass for: what a page sees of it, and what its requests say.
//!
//! What an engine cannot do is pinned, too, so that the manual stays true.

use std::collections::BTreeMap;
use std::sync::Arc;

use countonce::capture::{Capture, SessionStatus};
use countonce::session::{Bound, Device, Engine, Part, setup};
use countonce::step::Action;

use super::stage::{Live, Pages};
use crate::engines::required;

/// Tells what scripts and styles see, as the name of an event.
const PAGES: Pages = &[(
    "/",
    "<meta name=viewport content='width=device-width,initial-scale=1'><h1>Shop</h1><script>
     addEventListener('load', () => hit(new URLSearchParams({
       width: innerWidth, screen: screen.width, scale: devicePixelRatio,
       points: navigator.maxTouchPoints, handler: 'ontouchstart' in window,
       coarse: matchMedia('(pointer: coarse)').matches,
       narrow: matchMedia('(max-width: 500px)').matches,
       agent: navigator.userAgent, mobile: navigator.userAgentData?.mobile,
     }).toString()));</script>",
)];

/// What a page saw, and the user agent of its request.
struct Seen {
    page: BTreeMap<String, String>,
    agent: String,
}

fn seen(capture: &Capture) -> Seen {
    let [exchange] = &capture.exchanges[..] else { panic!("one hit: {:?}", capture.exchanges) };
    let url = url::Url::parse(&exchange.request.url).expect("an address");
    let (_, told) = url.query_pairs().find(|(name, _)| name == "ev").expect("an event");
    let page = url::form_urlencoded::parse(told.as_bytes()).into_owned().collect();
    let mut headers = exchange.request.headers.iter();
    let agent = headers.find(|(name, _)| name == "user-agent").expect("an agent").1.clone();
    Seen { page, agent }
}

/// Visits the page with a telephone; `None` where the engine is not installed.
async fn visit(engine: &str) -> Option<Seen> {
    let engine = Engine::named(engine).expect("an engine");
    let found = match setup::find_of(engine) {
        Ok(found) => found,
        Err(missing) => {
            assert!(!required(engine.name), "{missing}");
            eprintln!("SKIPPED, no {}: {missing}", engine.title);
            return None;
        }
    };
    let live = Live::new(found, PAGES).await;
    let part = live.part("telephone", vec![Action::Visit("/".to_owned())]);
    let bind = Arc::clone(&part.bind);
    let bind = move |session| Bound { device: Some(Device::phone()), ..bind(session) };
    let (outcomes, capture) = live.play(vec![Part { bind: Arc::new(bind), ..part }]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    Some(seen(&capture))
}

#[track_caller]
fn says(seen: &Seen, wanted: &[(&str, &str)]) {
    for (name, value) in wanted {
        let found = seen.page.get(*name).map(String::as_str);
        assert_eq!(found, Some(*value), "{name} in {:?}", seen.page);
    }
    assert_eq!(seen.page["agent"], seen.agent, "scripts and the server are told the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn live_chromium_passes_for_a_telephone_in_every_respect() {
    let Some(seen) = visit("chromium").await else { return };
    says(
        &seen,
        &[
            ("width", "412"),
            ("screen", "412"),
            ("scale", "2.625"),
            ("handler", "true"),
            ("coarse", "true"),
            ("narrow", "true"),
            ("mobile", "true"),
        ],
    );
    assert_ne!(seen.page["points"], "0");
    assert!(seen.agent.contains("Android") && seen.agent.contains("Mobile"), "{}", seen.agent);
}

#[tokio::test(flavor = "multi_thread")]
async fn live_firefox_passes_for_a_telephone_but_for_touch() {
    let Some(seen) = visit("firefox").await else { return };
    let size = [("width", "412"), ("screen", "412"), ("scale", "2.625"), ("narrow", "true")];
    says(&seen, &size);
    assert!(seen.agent.contains("Android") && seen.agent.contains("Mobile"), "{}", seen.agent);
    // No command of this engine's gives it a touch screen.
    says(&seen, &[("points", "0"), ("coarse", "false")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn live_webkit_passes_for_a_telephone_by_name_and_a_narrow_window() {
    let Some(seen) = visit("webkit").await else { return };
    assert!(seen.agent.contains("iPhone") && seen.agent.contains("Mobile"), "{}", seen.agent);
    // Its window has a least width of its own, a little above that of a telephone.
    says(&seen, &[("narrow", "true"), ("points", "0")]);
    let width: u32 = seen.page["width"].parse().expect("a number");
    assert!((412..500).contains(&width), "{width}");
}
