//! Profiles and variants on a site of a few lines: answers to a banner given as cookies, and
//! twists that a flow does not bear.

use std::sync::Arc;
use std::time::Duration;

use countonce::capture::{Capture, SessionStatus};
use countonce::event::Channel;
use countonce::scenario::{Answer, Consent, Scenario};
use countonce::session::{Lesson, Part};
use countonce::step::{Action, Target};
use countonce::visitor::{Circumstances, Variant};

use super::stage::{Live, Pages, browser, events, expected};

const PAGES: Pages = &[
    (
        "/",
        "<script>hit(document.cookie.includes('answer=no') ? 'Quiet' : 'Open')</script>\
         <a href='/second'>Second</a>",
    ),
    (
        "/second",
        "<script>hit(document.cookie.includes('answer=yes') ? 'Agreed' : 'Undecided')</script>\
         <a href='/third'>Third</a>",
    ),
    ("/third", "<script>hit(document.cookie.includes('answer=yes') ? 'Told' : 'Untold')</script>"),
    (
        "/form",
        // Each under an address of its own, since equal images are fetched once.
        "<script>const send = () => {\
           new Image().src = 'https://pixel.test/tr?ev=Lead&n=' + Math.random();\
           document.querySelector('#next').hidden = false;\
         }</script>\
         <button onclick='send()'>Send</button> <a id='next' href='/third' hidden>Next</a>",
    ),
];

fn click(text: &str) -> Action {
    Action::Click(Target::Text(text.to_owned()))
}

fn visit(path: &str) -> Action {
    Action::Visit(path.to_owned())
}

fn cookies(answer: &str) -> Option<Answer> {
    Some(Answer::Cookies(vec![("answer".to_owned(), answer.to_owned())]))
}

/// The part as visitors of a profile play it, with a banner that cookies answer.
fn by(profile: &str, part: Part) -> Part {
    let consent = Consent { accept: cookies("yes"), refuse: cookies("no"), ..Consent::default() };
    let scenario = Scenario { consent, ..(*part.scenario).clone() };
    Part {
        scenario: Arc::new(scenario),
        profile: profile.to_owned(),
        circumstances: Circumstances::of_profile(profile),
        ..part
    }
}

fn of_session(capture: &Capture, number: u32) -> Vec<String> {
    let mut own = capture.clone();
    own.exchanges.retain(|exchange| exchange.session == Some(number));
    events(&own)
}

#[tokio::test(flavor = "multi_thread")]
async fn live_cookies_answer_a_banner_before_the_first_page_or_on_the_second() {
    let Some(found) = browser() else { return };
    let live = Live::new(found, PAGES).await;
    let steps = || vec![visit("/"), click("Second"), click("Third")];
    let parts = vec![
        by("clean", live.part("as written", steps())),
        by("consent-refused", live.part("refuses", steps())),
        by("consent-granted-late", live.part("agrees late", steps())),
    ];
    let (outcomes, capture) = live.play(parts).await;
    for outcome in &outcomes {
        assert_eq!(outcome.status, Some(SessionStatus::Played), "{:?}", outcome.error);
    }
    assert_eq!(of_session(&capture, 1), ["Open", "Undecided", "Untold"]);
    assert_eq!(of_session(&capture, 2), ["Quiet", "Undecided", "Untold"]);
    assert_eq!(of_session(&capture, 3), ["Open", "Undecided", "Told"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn live_a_twist_that_the_flow_does_not_bear_is_named_with_its_step_and_soon() {
    let Some(found) = browser() else { return };
    let live = Live::new(found, PAGES).await;
    let steps = vec![visit("/form"), click("Send"), click("Next")];
    let lead = expected("Lead", 1, &[Channel::Browser]);
    let lesson = Arc::new(Lesson::default());
    let written = live.expecting(steps, vec![lead]);
    let written = Part { lesson: Arc::clone(&lesson), teaches: true, ..written };
    let twisted = |name: &str| {
        let variant = Variant::of(name);
        assert!(variant.is_some(), "{name}");
        Part { variant, teaches: false, ..written.clone() }
    };
    let parts = vec![written.clone(), twisted("reload"), twisted("double-click")];
    let (outcomes, capture) = live.play(parts).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    // The page that is loaded again has forgotten that the form was sent.
    assert_eq!(outcomes[1].status, Some(SessionStatus::NotApplicable));
    let why = outcomes[1].error.as_deref().unwrap_or_default();
    assert!(why.starts_with("live.yaml:4:5: ") && why.contains("Next"), "{why}");
    assert!(outcomes[1].times.whole < Duration::from_secs(8), "{:?}", outcomes[1].times);
    let shown = capture.ends.iter().filter(|end| end.status == SessionStatus::NotApplicable);
    assert_eq!(shown.count(), 1, "{:?}", capture.ends);
    assert_eq!(outcomes[2].status, Some(SessionStatus::Played), "{:?}", outcomes[2].error);
    let doubled = outcomes[2].session.expect("played");
    assert_eq!(of_session(&capture, doubled), ["Lead", "Lead", "Untold"]);
}
