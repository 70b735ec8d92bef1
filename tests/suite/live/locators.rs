//! Every way of naming an element finds it on a real page, and says so when it cannot.

use countonce::capture::SessionStatus;
use countonce::step::{Action, Condition, Target};

use super::stage::{Live, Pages, browser, events};

const PAGES: Pages = &[(
    "/",
    r##"<title>Locators</title>
    <button id="css" onclick="hit('css')">By css</button>
    <p>A <b>blue mug</b> and more</p>
    <button onclick="hit('longer')">Add to cart later</button>
    <button onclick="hit('exact')">Add  <span>to
      cart</span></button>
    <button onclick="hit('loud')" style="text-transform: uppercase">Shout it</button>
    <input type="submit" value="Send order" onclick="hit('submit')">
    <a href="#basket" onclick="hit('labelled link')" aria-label="Open basket">icon</a>
    <button aria-labelledby="one two" onclick="hit('labelled by')">x</button><i id="one">Pay</i><i id="two">later</i>
    <div role="button" tabindex="0" onclick="hit('given role')">Custom</div>
    <a href="#pic" onclick="hit('image link')"><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="Red cup" width="20" height="20"></a>
    <button style="display: none" onclick="hit('hidden twin')">Twin</button>
    <button onclick="hit('visible twin')">Twin</button>
    <button data-testid="pay-now" onclick="hit('test id')">Id</button>
    <label for="mail">E-mail <small>required</small></label><input id="mail" onfocus="hit('label')">
    <label>Inside <input type="checkbox" onclick="hit('wrapping label')"></label>
    <ul><li><a href="#deep" onclick="hit('xpath')">Deep</a></li></ul>
    <my-box></my-box>
    <iframe srcdoc="<button onclick=&quot;parent.hit('frame')&quot;>In the frame</button>"></iframe>
    <script>
      customElements.define('my-box', class extends HTMLElement {
        connectedCallback() {
          this.attachShadow({ mode: 'open' }).innerHTML =
            `<button class="inner" onclick="hit('shadow css')">Shadow</button>
             <button onclick="hit('shadow text')">Within the shadow</button>`;
        }
      });
    </script>"##,
)];

fn css(selector: &str) -> Target {
    Target::Css(selector.to_owned())
}

fn text(text: &str) -> Target {
    Target::Text(text.to_owned())
}

fn role(role: &str, name: Option<&str>) -> Target {
    Target::Role { role: role.to_owned(), name: name.map(str::to_owned) }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_locator_finds_its_element() {
    let Some(found) = browser() else { return };
    let live = Live::new(found, PAGES).await;
    let targets = [
        (css("#css"), "css"),
        (text("Add to cart"), "exact"),
        (text("to cart later"), "longer"),
        (text("SHOUT IT"), "loud"),
        (text("Send order"), "submit"),
        (role("link", Some("Open basket")), "labelled link"),
        (role("button", Some("Pay later")), "labelled by"),
        (role("button", Some("Custom")), "given role"),
        (role("link", Some("Red cup")), "image link"),
        (text("Twin"), "visible twin"),
        (Target::TestId("pay-now".to_owned()), "test id"),
        (Target::Label("E-mail required".to_owned()), "label"),
        (Target::Label("Inside".to_owned()), "wrapping label"),
        (Target::XPath("//li/a".to_owned()), "xpath"),
        (css(".inner"), "shadow css"),
        (text("Within the shadow"), "shadow text"),
        (text("In the frame"), "frame"),
        // After a frame the page itself is the place to look again.
        (css("#css"), "css"),
    ];
    let mut steps = vec![Action::Visit("/".to_owned())];
    let wanted: Vec<&str> = targets.iter().map(|(_, hit)| *hit).collect();
    steps.extend(targets.iter().map(|(target, _)| Action::Click(target.clone())));
    let part = live.part("locators", steps);
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    assert_eq!(events(&capture), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_element_that_is_not_usable_is_named_with_the_reason() {
    let Some(found) = browser() else { return };
    let pages: Pages = &[(
        "/",
        r#"<button id="off" disabled>Off</button>
        <button id="gone" style="visibility: hidden">Gone</button>
        <div style="position: relative"><button id="under">Under</button>
          <div class="veil" style="position: absolute; inset: 0"></div></div>
        <input id="fixed" readonly value="x"><input id="day" type="date">
        <select id="size"><option>Small</option><option>Large</option></select>
        <p id="plain">Text</p>
        <button>Pay later</button>"#,
    )];
    let fill =
        |selector: &str, text: &str| Action::Fill { target: css(selector), text: text.to_owned() };
    let live = Live::new(found, pages).await.with(|stage| {
        stage.deadlines.element = std::time::Duration::from_millis(300);
    });
    let cases = [
        (Action::Click(css("#off")), "`#off` is disabled"),
        (Action::Click(css("#gone")), "not visible"),
        (Action::Click(css("#under")), "covered by <div class=\"veil\">"),
        (Action::Click(css("#[")), "cannot be looked for"),
        (Action::Click(role("button", Some("Pay now"))), "`role=button[name='Pay later']`"),
        (Action::Click(role("buton", None)), "did you mean `button`"),
        (fill("#fixed", "y"), "read-only"),
        (fill("#day", "31.1.2026"), "takes the form 2026-01-31"),
        (fill("#plain", "y"), "no field"),
        (
            Action::Select { target: css("#size"), option: "Huge".to_owned() },
            "it has: `Small`, `Large`",
        ),
        (Action::Check { target: css("#plain"), on: true }, "neither a checkbox"),
        (Action::Evaluate("throw new Error('boom')".to_owned()), "boom"),
        (Action::Press { target: None, keys: "Entre".to_owned() }, "did you mean `Enter`"),
        (
            Action::Wait { condition: Condition::Url("/thanks".to_owned()), within: None },
            "does not contain `/thanks`",
        ),
        (
            Action::Wait { condition: Condition::Hidden(css("#plain")), within: Some(200) },
            "still visible",
        ),
        (
            Action::Wait { condition: Condition::Script("window.ready".to_owned()), within: None },
            "did not become true",
        ),
    ];
    let parts = cases
        .iter()
        .map(|(action, _)| {
            live.part("unusable", vec![Action::Visit("/".to_owned()), action.clone()])
        })
        .collect();
    let (outcomes, capture) = live.play(parts).await;
    for (outcome, (action, why)) in outcomes.iter().zip(&cases) {
        let error = outcome.error.as_deref().unwrap_or("no error at all");
        assert!(error.starts_with("live.yaml:3:5: "), "{error}");
        assert!(error.contains(why), "{action:?}: {error}");
    }
    assert_eq!(capture.ends.len(), cases.len());
    assert!(capture.ends.iter().all(|end| end.status == SessionStatus::Broken));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_element_in_a_frame_of_another_origin_is_found() {
    let Some(found) = browser() else { return };
    let pages: Pages = &[
        ("/", r#"<iframe src="https://pay.test/frame" width="300" height="100"></iframe>"#),
        (
            "/frame",
            r#"<label>Card <input id="card" oninput="if (this.value === '4242') hit('card')"></label>"#,
        ),
    ];
    let live = Live::new(found, pages).await;
    let origin = live.origin.clone();
    let mut part = live.part(
        "frame",
        vec![
            Action::Visit("/".to_owned()),
            Action::Fill { target: Target::Label("Card".to_owned()), text: "4242".to_owned() },
        ],
    );
    let bind = part.bind.clone();
    part.bind = std::sync::Arc::new(move |session| {
        let mut bound = bind(session);
        bound.mappings.push(countonce::session::tap::Mapping::new("pay.test", &origin));
        bound
    });
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    assert_eq!(events(&capture), ["card"]);
}
