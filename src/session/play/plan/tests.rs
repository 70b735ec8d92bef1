use std::path::Path;

use super::*;
use crate::event::Channel;
use crate::scenario::{Environment, parse};
use crate::visitor::VARIANTS;

const FLOW: &str = r##"
name: Flow
consent: { accept: "#yes", refuse: "#no" }
steps:
  - visit: /?fbclid=abc&store=de
  - click: "#yes"
  - click: "#add"
  - wait: { visible: "#added" }
  - click: "#cart"
  - fill: { "#card": "42" }
  - click: "#pay"
  - wait: { url: /thanks }
expect:
  - event: PageView
    count: 4
  - event: AddToCart
  - event: Purchase
never: [Lead]
"##;

fn scenario() -> Scenario {
    let environment = Environment::new(&|_| None);
    parse(Path::new("flow.yaml"), FLOW, &environment).expect("a scenario")
}

fn learnt() -> Learnt {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let shop = "https://shop.test";
    Learnt {
        events: vec![
            set(&["PageView"]),
            set(&["PageView"]),
            set(&["AddToCart"]),
            set(&[]),
            set(&["PageView"]),
            set(&[]),
            set(&["PageView", "Purchase"]),
            set(&[]),
        ],
        took: Vec::new(),
        pages: ["/", "/", "/", "/", "/pay", "/pay", "/thanks", "/thanks"]
            .map(|path| format!("{shop}{path}"))
            .to_vec(),
    }
}

fn plan_of(profile: &str, variant: &str, last_only: bool) -> Result<Plan, String> {
    plan_with(profile, variant, last_only, &learnt())
}

fn plan_with(
    profile: &str,
    variant: &str,
    last_only: bool,
    learnt: &Learnt,
) -> Result<Plan, String> {
    let scenario = scenario();
    let circumstances = Circumstances::of_profile(profile);
    let ground = Ground {
        scenario: &scenario,
        steps: &scenario.steps,
        circumstances: &circumstances,
        variant: Variant::of(variant),
        learnt,
        is_view: &|event| event == "PageView",
        last_only,
    };
    ground.plan()
}

/// The beats in a word each: the scenario's by their text, the others by what is done.
fn told(plan: &Plan) -> Vec<String> {
    plan.beats
        .iter()
        .map(|beat| match (&beat.origin, &beat.manner) {
            (Some(at), Manner::Plain) => at.to_string(),
            (Some(at), Manner::DoubleClick) => format!("{at} twice"),
            (Some(at), _) => format!("{at} cut"),
            (None, Manner::Plain) => "click".to_owned(),
            (None, Manner::Open(address)) => address.clone(),
            (None, other) => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn pages_after_conversions_are_twisted_and_forms_left_alone() {
    let plan = plan_of("clean", "reload", false).expect("a plan");
    assert_eq!(told(&plan), ["0", "1", "2", "3", "Reload", "4", "5", "6", "7", "Reload"]);
    let last = plan_of("clean", "reload", true).expect("a plan");
    assert_eq!(told(&last), ["0", "1", "2", "3", "4", "5", "6", "7", "Reload"]);
    // A conversion that typing sets off stands on a page whose form a reload would empty.
    let mut typed = learnt();
    typed.events[5].insert("AddToCart".to_owned());
    typed.events[2].clear();
    let plan = plan_with("clean", "second-tab", false, &typed).expect("a plan");
    assert_eq!(told(&plan).iter().filter(|beat| *beat == "SecondTab").count(), 1);
}

#[test]
fn clicks_that_set_conversions_off_are_doubled_and_no_others() {
    let plan = plan_of("clean", "double-click", false).expect("a plan");
    assert_eq!(told(&plan), ["0", "1", "2 twice", "3", "4", "5", "6 twice", "7"]);
}

#[test]
fn the_tab_is_closed_at_the_last_conversion_and_the_server_must_tell() {
    let plan = plan_of("clean", "closed-tab", false).expect("a plan");
    assert_eq!(told(&plan), ["0", "1", "2", "3", "4", "5", "6 cut"]);
    let purchase = plan.expect.iter().find(|one| one.event == "Purchase").expect("expected");
    assert_eq!((purchase.count, purchase.open), (1, false));
    assert_eq!(purchase.channels, [Channel::Server]);
}

#[test]
fn a_day_later_the_last_page_is_opened_again() {
    let plan = plan_of("clean", "revisit", false).expect("a plan");
    let told = told(&plan);
    assert_eq!(told[8..], ["Later { hours: 24 }", "OpenLast"]);
    assert_eq!(plan.beats[8].mark, Some(TwistMark::Clock(86_400_000)));
}

#[test]
fn a_crawler_opens_each_page_once_and_nothing_is_expected() {
    let plan = plan_of("clean", "crawler", false).expect("a plan");
    let shop = "https://shop.test";
    assert_eq!(told(&plan), [format!("{shop}/"), format!("{shop}/pay"), format!("{shop}/thanks")]);
    assert!(plan.expect.is_empty() && plan.never.is_empty());
}

#[test]
fn who_refuses_refuses_on_the_first_page_and_nothing_is_expected() {
    let plan = plan_of("consent-refused", "", false).expect("a plan");
    assert_eq!(told(&plan)[..3], ["0", "click", "2"]);
    assert_eq!(plan.beats[1].mark, Some(TwistMark::Refuses));
    assert!(plan.expect.is_empty());
    assert_eq!(plan.untold.len(), 3);
    assert!(plan.never.contains(&"Purchase".to_owned()) && plan.never.contains(&"Lead".to_owned()));
}

#[test]
fn who_agrees_late_does_so_on_the_second_page() {
    let plan = plan_of("consent-granted-late", "", false).expect("a plan");
    assert_eq!(told(&plan)[..4], ["0", "2", "3", "click"]);
    assert_eq!(plan.beats[3].mark, Some(TwistMark::Agrees));
    let view = plan.expect.iter().find(|one| one.event == "PageView").expect("expected");
    assert!(view.open && view.count == 0);
}

#[test]
fn who_returns_was_there_before_without_a_click_id() {
    let plan = plan_of("returning", "", false).expect("a plan");
    assert_eq!(told(&plan)[..3], ["/?store=de", "Later { hours: 72 }", "0"]);
}

#[test]
fn who_blocks_the_pixel_is_not_expected_to_tell_by_it() {
    let plan = plan_of("adblock", "", false).expect("a plan");
    assert!(plan.expect.iter().all(|one| one.channels == [Channel::Server]));
    assert_eq!(told(&plan), ["0", "1", "2", "3", "4", "5", "6", "7"]);
}

#[test]
fn what_cannot_be_derived_is_said() {
    let nothing = Learnt {
        events: vec![BTreeSet::new(); 8],
        pages: vec![String::new(); 8],
        ..Learnt::default()
    };
    for variant in VARIANTS.iter().filter(|variant| variant.twist.aim() != Aim::Session) {
        let why = plan_with("clean", variant.name, false, &nothing).expect_err(variant.name);
        assert!(!why.is_empty(), "{}", variant.name);
    }
    let why = plan_with("clean", "double-click", false, &nothing).expect_err("nothing told");
    assert!(why.contains("AddToCart, Purchase"), "{why}");
}

#[test]
fn an_answer_comes_late_but_before_the_flow_is_over() {
    let text = "name: Short\nconsent: { accept: '#yes' }\nsteps:\n  - visit: /\n  - click: '#yes'\n  - fill: { '#email': a }\n  - click: '#go'\n  - wait: { url: /welcome }\nexpect:\n  - event: Lead\n";
    let environment = Environment::new(&|_| None);
    let scenario = parse(Path::new("short.yaml"), text, &environment).expect("a scenario");
    let ground = Ground {
        scenario: &scenario,
        steps: &scenario.steps,
        circumstances: &Circumstances::of_profile("consent-granted-late"),
        variant: None,
        learnt: &Learnt::default(),
        is_view: &|event| event == "PageView",
        last_only: false,
    };
    assert_eq!(told(&ground.plan().expect("a plan")), ["0", "click", "2", "3", "4"]);
}
