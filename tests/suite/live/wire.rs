//! Nothing that a page sends is lost: not while it unloads, not in a flood.

use std::collections::BTreeSet;

use countonce::capture::SessionStatus;
use countonce::event::Channel;
use countonce::step::Action;

use super::stage::{Live, Pages, browser, events, expected};

#[tokio::test(flavor = "multi_thread")]
async fn a_beacon_of_a_page_that_unloads_is_caught() {
    let Some(found) = browser() else { return };
    let pages: Pages = &[(
        "/",
        "<script>addEventListener('pagehide', () => {
          const data = new FormData(); data.append('ev', 'Last');
          navigator.sendBeacon('https://pixel.test/tr?ev=Last', data);
        });</script>",
    )];
    let live = Live::new(found, pages).await;
    let part = live.part("beacon", vec![Action::Visit("/".to_owned())]);
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    assert_eq!(events(&capture), ["Last"]);
    assert!(!capture.exchanges[0].request.body.is_empty());
    let end = capture.end_of(1).expect("the session ended");
    assert!(end.site_answers >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_beacons_during_unload_are_all_on_the_tape() {
    let Some(found) = browser() else { return };
    let pages: Pages = &[(
        "/",
        "<script>addEventListener('pagehide', () => {
          for (let i = 0; i < 200; i++) navigator.sendBeacon('https://pixel.test/tr?ev=' + i, 'n=' + i);
        });</script>",
    )];
    let live = Live::new(found, pages).await;
    let part = live.part("beacons", vec![Action::Visit("/".to_owned())]);
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    assert_eq!(capture.exchanges.len(), 200);
    assert_eq!(events(&capture).into_iter().collect::<BTreeSet<_>>().len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_hits_within_a_second_are_all_on_the_tape() {
    let Some(found) = browser() else { return };
    let pages: Pages = &[(
        "/",
        "<button onclick='flood()'>Flood</button><script>
          function flood() { for (let i = 0; i < 1000; i++) hit('Hit ' + i); }
        </script>",
    )];
    let live = Live::new(found, pages).await;
    let button = countonce::step::Target::Text("Flood".to_owned());
    let steps = vec![Action::Visit("/".to_owned()), Action::Click(button)];
    let part = live.expecting(steps, vec![expected("Hit 999", 1, &[Channel::Browser])]);
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    let names: BTreeSet<String> = events(&capture).into_iter().collect();
    assert_eq!((capture.exchanges.len(), names.len()), (1000, 1000));
}
