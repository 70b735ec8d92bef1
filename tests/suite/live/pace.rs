//! How long sessions take, and how much of that is this program's own doing.

use std::time::{Duration, Instant};

use countonce::capture::SessionStatus;
use countonce::event::Channel;
use countonce::step::{Action, Condition, Target};

use super::stage::{Live, Pages, browser, expected};

const SHOP: Pages = &[
    ("/", "<h1>Shop</h1><a href='/mug'>Blue mug</a><script>hit('PageView')</script>"),
    (
        "/mug",
        "<h1>Blue mug</h1><button onclick=\"hit('AddToCart'); document.getElementById('cart').hidden = false\">Add</button>
         <a id=cart hidden href='/checkout'>Cart</a><script>hit('ViewContent')</script>",
    ),
    (
        "/checkout",
        "<form action='/thanks'><label>Name <input name=a></label><label>E-mail <input name=b type=email></label>
         <label>Phone <input name=c></label><label>Street <input name=d></label><label>City <input name=e></label>
         <button>Pay now</button></form><script>hit('InitiateCheckout')</script>",
    ),
    ("/thanks", "<h1>Thank you</h1><script>hit('Purchase')</script>"),
];

/// The steps of a purchase; a visitor of the same shop in Playwright does the same.
fn purchase() -> Vec<Action> {
    let click = |text: &str| Action::Click(Target::Text(text.to_owned()));
    let fill = |label: &str, text: &str| Action::Fill {
        target: Target::Label(label.to_owned()),
        text: text.to_owned(),
    };
    vec![
        Action::Visit("/?fbclid=abc".to_owned()),
        click("Blue mug"),
        click("Add"),
        click("Cart"),
        fill("Name", "Ann Lee"),
        fill("E-mail", "ann.lee.17@example.com"),
        fill("Phone", "+1 202 555 0143"),
        fill("Street", "12 Long Street"),
        fill("City", "Springfield"),
        Action::Click(Target::Role { role: "button".to_owned(), name: Some("Pay now".to_owned()) }),
        Action::Wait { condition: Condition::Url("/thanks".to_owned()), within: None },
    ]
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "the figures are what the test is for")]
async fn a_suite_takes_little_more_than_the_browsers_own_time() {
    let Some(found) = browser() else { return };
    let live = Live::new(found, SHOP).await.with(|stage| stage.jobs = 2);
    let expect = vec![expected("Purchase", 1, &[Channel::Browser])];
    let parts = (0..6).map(|_| live.expecting(purchase(), expect.clone())).collect();
    let begun = Instant::now();
    let (outcomes, capture) = live.play(parts).await;
    let took = begun.elapsed();
    let (mut whole, mut own) = (Duration::ZERO, Duration::ZERO);
    for outcome in &outcomes {
        assert_eq!(outcome.status, Some(SessionStatus::Played), "{:?}", outcome.error);
        let times = outcome.times;
        whole += times.whole;
        own += times.own();
        eprintln!("{times:?}, own {:?}", times.own());
    }
    eprintln!("6 sessions, 2 jobs: {took:?}; own work {own:?} of {whole:?}");
    assert_eq!(capture.exchanges.len(), 6 * 5);
    // Generous, for machines that build something else meanwhile.
    assert!(took < Duration::from_mins(1), "{took:?}");
    assert!(own * 10 < whole, "{own:?} of {whole:?} is more than a tenth");
}
