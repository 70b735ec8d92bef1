//! Every action does on a real page what a visitor would do.

use countonce::capture::SessionStatus;
use countonce::step::{Action, Condition, ScrollTo, Target};
use serde_json::Value;

use super::stage::{Live, Pages, browser, events};

fn css(selector: &str) -> Target {
    Target::Css(selector.to_owned())
}

fn fill(selector: &str, text: &str) -> Action {
    Action::Fill { target: css(selector), text: text.to_owned() }
}

fn wait(condition: Condition) -> Action {
    Action::Wait { condition, within: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_filled_as_by_hand() {
    let Some(found) = browser() else { return };
    let pages: Pages = &[(
        "/",
        r#"<form onsubmit="send(event)">
        <input id="mail" type="email" value="old@example.com">
        <input id="tel" type="tel"><input id="count" type="number" value="1">
        <input id="day" type="date"><textarea id="note">before</textarea>
        <div id="rich" contenteditable>was here</div><input id="empty" value="something">
        <select id="land"><option value="">Choose</option><option value="de">Germany</option><option value="fr">France</option></select>
        <input id="terms" type="checkbox" style="position: absolute; opacity: 0; width: 0; height: 0"><label for="terms">I agree</label>
        <input id="news" type="checkbox" checked>
        <label><input name="ship" type="radio" value="slow" checked> Slow</label>
        <label><input name="ship" type="radio" value="fast"> Fast</label>
        <button>Send</button></form>
        <script>
          const told = {};
          for (const kind of ['keydown', 'input', 'change']) addEventListener(kind, event => {
            if (event.target.id) (told[event.target.id] ??= {})[kind] = (told[event.target.id][kind] || 0) + 1;
          }, true);
          function send(event) {
            event.preventDefault();
            const value = id => document.getElementById(id).value;
            const form = { mail: value('mail'), tel: value('tel'), count: value('count'), day: value('day'), note: value('note'),
              rich: document.getElementById('rich').textContent, empty: value('empty'), land: value('land'),
              terms: document.getElementById('terms').checked, news: document.getElementById('news').checked,
              ship: document.querySelector('[name=ship]:checked').value, told };
            fetch('https://pixel.test/tr?ev=form', { method: 'POST', body: JSON.stringify(form) });
          }
        </script>"#,
    )];
    let live = Live::new(found, pages).await;
    let part = live.part(
        "form",
        vec![
            Action::Visit("/".to_owned()),
            fill("#mail", "ann+1@example.com"),
            fill("#tel", "+49 30 123456"),
            fill("#count", "12"),
            fill("#day", "1990-02-28"),
            fill("#note", "Größe, 𝄞"),
            fill("#rich", "typed"),
            fill("#empty", ""),
            Action::Select { target: css("#land"), option: "Germany".to_owned() },
            Action::Select { target: css("#land"), option: "fr".to_owned() },
            Action::Check { target: css("#terms"), on: true },
            Action::Check { target: css("#news"), on: false },
            Action::Check { target: Target::Label("Fast".to_owned()), on: true },
            Action::Press { target: Some(css("#mail")), keys: "Enter".to_owned() },
        ],
    );
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    assert_eq!(events(&capture), ["form"]);
    let form: Value =
        serde_json::from_slice(&capture.exchanges[0].request.body).expect("the form as JSON");
    for (field, value) in [
        ("mail", "ann+1@example.com"),
        ("tel", "+49 30 123456"),
        ("count", "12"),
        ("day", "1990-02-28"),
        ("note", "Größe, 𝄞"),
        ("rich", "typed"),
        ("empty", ""),
        ("land", "fr"),
        ("ship", "fast"),
    ] {
        assert_eq!(form[field], value, "{field} in {form}");
    }
    assert_eq!((&form["terms"], &form["news"]), (&Value::Bool(true), &Value::Bool(false)));
    // A real key at least, and one change when the focus moves on.
    assert!(form["told"]["tel"]["keydown"].as_u64() >= Some(1), "{form}");
    for id in ["mail", "tel", "day", "note", "empty"] {
        assert_eq!(form["told"][id]["change"].as_u64(), Some(1), "{id} in {form}");
    }
    assert_eq!(form["told"]["land"]["change"].as_u64(), Some(2), "{form}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_waited_for_scrolled_reloaded_and_left() {
    let Some(found) = browser() else { return };
    let pages: Pages = &[
        (
            "/",
            r#"<a href="/two">On</a><div style="height: 4000px"></div><p id="end">End</p>
            <script>
              addEventListener('pageshow', () => hit('home'));
              addEventListener('scroll', () => hit(scrollY === 0 ? 'top' : scrollY + innerHeight >= document.documentElement.scrollHeight - 1 ? 'bottom' : 'between'));
            </script>"#,
        ),
        (
            "/two",
            r#"<p>Second</p><div id="spinner">Wait</div><script>
              hit('two');
              setTimeout(() => { document.getElementById('spinner').remove(); document.body.insertAdjacentHTML('beforeend', '<b id="late">Ready at last</b>'); window.ready = true; }, 150);
              setTimeout(() => history.pushState({}, '', '/three?step=3'), 200);
            </script>"#,
        ),
    ];
    let live = Live::new(found, pages).await;
    let part = live.part(
        "pages",
        vec![
            Action::Visit("/?email=ann%40example.com".to_owned()),
            Action::Scroll(ScrollTo::Bottom),
            Action::Scroll(ScrollTo::Top),
            Action::Reload,
            Action::Click(Target::Text("On".to_owned())),
            wait(Condition::Visible(css("#late"))),
            wait(Condition::Hidden(css("#spinner"))),
            wait(Condition::Text("Ready at last".to_owned())),
            wait(Condition::Script("window.ready".to_owned())),
            wait(Condition::Url("step=3".to_owned())),
            Action::Evaluate("hit('evaluated'); await Promise.resolve()".to_owned()),
            Action::Back,
            Action::Back,
            wait(Condition::Text("End".to_owned())),
            Action::Scroll(ScrollTo::Element(css("#end"))),
        ],
    );
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    let seen = events(&capture);
    assert_eq!(
        seen.iter().filter(|event| *event == "home").count(),
        3,
        "visit, reload and back: {seen:?}"
    );
    for event in ["bottom", "top", "two", "evaluated"] {
        assert!(seen.iter().any(|one| one == event), "{event} in {seen:?}");
    }
    assert_eq!(
        seen.last().map(String::as_str),
        Some("bottom"),
        "the end is at the bottom: {seen:?}"
    );
    let pages: Vec<&str> = capture.steps.iter().map(|step| step.page.as_str()).collect();
    assert_eq!(pages[0], "https://shop.test/?email=…");
    assert_eq!(pages[9], "https://shop.test/three?step=…");
    assert!(capture.steps.iter().all(|step| step.error.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_or_is_in_the_way_is_waited_for() {
    let Some(found) = browser() else { return };
    let pages: Pages = &[(
        "/",
        r#"<div id="veil" style="position: fixed; inset: 0; background: #fff8"></div>
        <button id="first" disabled onclick="hit('first'); setTimeout(swap, 100)">First</button>
        <div id="place"></div>
        <script>
          setTimeout(() => { document.getElementById('first').disabled = false; }, 100);
          setTimeout(() => document.getElementById('veil').remove(), 200);
          // The page is drawn anew again and again, as frameworks do.
          function swap() {
            let turn = 0;
            const timer = setInterval(() => {
              document.getElementById('place').innerHTML = '<button id="second" onclick="hit(\'second\')">Second</button>';
              if (++turn > 20) clearInterval(timer);
            }, 5);
          }
          setTimeout(() => { if (!location.search) location.replace('/?again'); }, 30);
        </script>"#,
    )];
    let live = Live::new(found, pages).await;
    let part = live.part(
        "late",
        vec![
            Action::Visit("/".to_owned()),
            wait(Condition::Url("?again".to_owned())),
            Action::Click(css("#first")),
            Action::Click(css("#second")),
        ],
    );
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    assert_eq!(events(&capture), ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn dialogs_are_confirmed_and_new_windows_belong_to_the_session() {
    let Some(found) = browser() else { return };
    let pages: Pages = &[
        (
            "/",
            r#"<button id="ask" onclick="if (confirm('Sure?')) hit('confirmed')">Ask</button>
            <a id="pop" href="/pop" target="_blank">Open</a>
            <button id="still" onclick="hit('still here')">Still</button>
            <script>
              addEventListener('beforeunload', event => event.preventDefault());
              addEventListener('pagehide', () => navigator.sendBeacon('https://pixel.test/tr?ev=left'));
            </script>"#,
        ),
        (
            "/pop",
            "<script>hit('new window'); addEventListener('pagehide', () => navigator.sendBeacon('https://pixel.test/tr?ev=window+left'));</script>",
        ),
    ];
    let live = Live::new(found, pages).await;
    let new_window = Action::Wait {
        condition: Condition::Event {
            event: "new window".to_owned(),
            channel: countonce::event::Channel::Browser,
        },
        within: None,
    };
    let part = live.part(
        "dialogs",
        vec![
            Action::Visit("/".to_owned()),
            Action::Click(css("#ask")),
            Action::Click(css("#pop")),
            new_window,
            Action::Click(css("#still")),
        ],
    );
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    let mut seen = events(&capture);
    seen[3..].sort();
    assert_eq!(seen, ["confirmed", "new window", "still here", "left", "window left"]);
}
