//! Visitors and variants against the demo shop, in a real browser: the clean shop passes,
//! and each fault that shows only for some visitors or in a twisted flow is found there.

use countonce::demo::{FAULTS, Fault, Showing, circumstances};
use countonce::visitor::{CLEAN, PROFILES, VARIANTS};

use crate::cli::countonce;
use crate::demo::{all_found, browser, play_all, report, show};

/// Plays the purchase with these profiles and variants; each combination must pass.
fn all_pass(profiles: &str, variants: &str, combinations: usize) {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let words = [
        "demo",
        "--filter",
        "name:\"Guest checkout\"",
        "--profile",
        profiles,
        "--variant",
        variants,
    ];
    let said = countonce(folder.path(), &words);
    assert_eq!(said.code, 0, "{}", show(&said));
    let played = report(folder.path());
    let runs = played["scenarios"].as_array().expect("a list");
    assert_eq!(runs.len(), combinations);
    let junit = std::fs::read_to_string(folder.path().join("reports/latest/junit.xml"));
    let junit = junit.expect("a report");
    for run in runs.iter().filter(|run| run["status"] != "not-applicable") {
        assert_eq!(run["status"], "passed", "{run:#}");
        let words = [&run["profile"], &run["variant"]];
        for word in words.into_iter().filter_map(|word| word.as_str()) {
            assert!(junit.contains(word), "JUnit does not name {word}");
        }
    }
}

#[test]
fn live_the_clean_shop_passes_for_visitors_with_peculiarities() {
    all_pass("clean,adblock,itp,consent-refused", "reload,server-late", 12);
}

#[test]
#[ignore = "plays every profile in every variant; takes minutes"]
fn live_the_clean_shop_passes_in_every_combination() {
    all_pass("all", "all", PROFILES.len() * (VARIANTS.len() + 1));
}

#[test]
fn every_profile_but_the_plain_one_and_every_variant_has_a_fault() {
    let planted: Vec<Showing> = FAULTS.iter().copied().filter_map(circumstances).collect();
    for variant in VARIANTS {
        let shows = planted.iter().any(|showing| showing.variant == variant.name);
        assert!(shows, "no fault shows in {}", variant.name);
    }
    for profile in PROFILES.iter().filter(|profile| profile.name != CLEAN) {
        let shows = planted.iter().any(|showing| showing.profile == profile.name);
        assert!(shows, "no fault shows for {}", profile.name);
    }
}

#[test]
fn live_faults_of_some_visitors_are_found_there() {
    if !browser() {
        return;
    }
    let names = ["fires-anew-on-reload", "server-waits-for-pixel", "server-waits-for-thank-you"];
    let faults: Vec<&'static Fault> =
        names.iter().map(|name| countonce::demo::find(name).expect("a fault")).collect();
    all_found(&play_all(&faults));
}

#[test]
#[ignore = "plays every fault of the family in a browser; takes minutes"]
fn live_every_fault_of_some_visitors_is_found_there() {
    if !browser() {
        return;
    }
    let faults: Vec<&'static Fault> =
        FAULTS.iter().copied().filter(|fault| circumstances(fault).is_some()).collect();
    all_found(&play_all(&faults));
}
