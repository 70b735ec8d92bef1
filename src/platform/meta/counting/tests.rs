//! The documented cases, and what must hold for any copies at all.

use rand::prelude::*;
use rand::rngs::StdRng;

use super::*;
use Channel::{Browser, Server};

const MINUTE: i64 = 60 * SECOND;

fn copy(channel: Channel, received: i64, id: &str) -> Copy {
    Copy {
        received,
        channel,
        id: Some(id.to_owned()),
        fbp: None,
        external_ids: Vec::new(),
        accepted: true,
    }
}

fn nameless(channel: Channel, received: i64, fbp: Option<&str>, external_id: Option<&str>) -> Copy {
    Copy {
        id: None,
        fbp: fbp.map(str::to_owned),
        external_ids: external_id.into_iter().map(str::to_owned).collect(),
        ..copy(channel, received, "")
    }
}

#[track_caller]
fn check(copies: &[Copy], expected: &[(&[usize], usize, Why)]) {
    let found = groups(copies, PUBLISHED);
    let shown: Vec<_> =
        found.iter().map(|group| (&group.copies[..], group.kept, group.why)).collect();
    assert_eq!(shown, expected);
}

#[test]
fn the_first_copy_is_kept_unless_a_browser_copy_follows_soon() {
    check(&[copy(Browser, 0, "a"), copy(Server, 1, "a")], &[(&[0, 1], 0, Why::FirstOfId)]);
    check(
        &[copy(Server, 0, "a"), copy(Browser, 5 * MINUTE, "a")],
        &[(&[0, 1], 1, Why::BrowserOfId)],
    );
    check(
        &[copy(Server, 0, "a"), copy(Browser, 5 * MINUTE + 1, "a")],
        &[(&[0, 1], 0, Why::FirstOfId)],
    );
    check(&[copy(Server, 0, "a")], &[(&[0], 0, Why::Alone)]);
}

#[test]
fn copies_further_apart_than_the_window_are_counted_twice() {
    check(&[copy(Browser, 0, "a"), copy(Server, WINDOW, "a")], &[(&[0, 1], 0, Why::FirstOfId)]);
    check(
        &[copy(Browser, 0, "a"), copy(Server, WINDOW + 1, "a"), copy(Server, WINDOW + 2, "a")],
        &[(&[0], 0, Why::Alone), (&[1, 2], 1, Why::FirstOfId)],
    );
}

#[test]
fn ids_are_compared_exactly() {
    let copies = ["a", "A", " a", "a "].map(|id| copy(Browser, 0, id));
    assert_eq!(groups(&copies, PUBLISHED).len(), 4);
}

#[test]
fn refused_copies_are_not_counted() {
    let refused = Copy { accepted: false, ..copy(Server, 0, "a") };
    check(&[refused.clone(), copy(Browser, 1, "a")], &[(&[1], 1, Why::Alone)]);
    assert!(groups(&[refused], PUBLISHED).is_empty());
}

#[test]
fn without_ids_only_a_server_event_after_its_browser_event_is_dropped() {
    let (fbp, id) = (Some("fb.1.2.3"), Some("u1"));
    check(
        &[nameless(Browser, 0, fbp, None), nameless(Server, 1, fbp, id)],
        &[(&[0, 1], 0, Why::BrowserFirstByFbp)],
    );
    check(
        &[nameless(Browser, 0, None, id), nameless(Server, 1, fbp, id)],
        &[(&[0, 1], 0, Why::BrowserFirstByExternalId)],
    );
    // The server first, another visitor, nothing to compare, too late, an id on one side.
    for copies in [
        [nameless(Server, 0, fbp, id), nameless(Browser, 1, fbp, id)],
        [nameless(Browser, 0, fbp, None), nameless(Server, 1, Some("fb.1.2.4"), None)],
        [nameless(Browser, 0, None, None), nameless(Server, 1, None, None)],
        [nameless(Browser, 0, Some(""), None), nameless(Server, 1, Some(""), None)],
        [nameless(Browser, 0, fbp, id), nameless(Server, WINDOW + 1, fbp, id)],
        [
            Copy { fbp: fbp.map(str::to_owned), ..copy(Browser, 0, "x") },
            nameless(Server, 1, fbp, id),
        ],
    ] {
        assert_eq!(groups(&copies, PUBLISHED).len(), 2, "{copies:?}");
    }
}

#[test]
fn without_ids_two_of_one_side_never_merge() {
    let fbp = Some("fb.1.2.3");
    check(
        &[
            nameless(Browser, 0, fbp, None),
            nameless(Server, 1, fbp, None),
            nameless(Server, 2, fbp, None),
        ],
        &[(&[0, 1], 0, Why::BrowserFirstByFbp), (&[2], 2, Why::Alone)],
    );
    check(
        &[
            nameless(Browser, 0, fbp, None),
            nameless(Browser, 1, fbp, None),
            nameless(Server, 2, fbp, None),
        ],
        &[(&[0], 0, Why::Alone), (&[1, 2], 1, Why::BrowserFirstByFbp)],
    );
}

#[test]
fn an_empty_id_is_no_id() {
    assert_eq!(groups(&[copy(Browser, 0, ""), copy(Browser, 1, "")], PUBLISHED).len(), 2);
}

/// Copies drawn from few ids, visitors and times, so that they collide.
fn some_copies(random: &mut StdRng) -> Vec<Copy> {
    let count = random.random_range(0..14);
    let maybe = |random: &mut StdRng, stem: &str| {
        random.random_bool(0.6).then(|| format!("{stem}{}", random.random_range(0..3)))
    };
    (0..count)
        .map(|_| Copy {
            received: random.random_range(0..8) * 13 * HOUR
                + random.random_range(0..3) * 4 * MINUTE,
            channel: if random.random_bool(0.5) { Browser } else { Server },
            id: maybe(random, "i"),
            fbp: maybe(random, "f"),
            external_ids: maybe(random, "x").into_iter().collect(),
            accepted: random.random_bool(0.9),
        })
        .collect()
}

fn contents(copies: &[Copy]) -> Vec<(Vec<Copy>, Copy, Why)> {
    groups(copies, PUBLISHED)
        .into_iter()
        .map(|group| {
            let members = group.copies.iter().map(|at| copies[*at].clone()).collect();
            (members, copies[group.kept].clone(), group.why)
        })
        .collect()
}

#[test]
fn whatever_comes_each_accepted_copy_is_in_one_group_and_order_does_not_matter() {
    let mut random = StdRng::seed_from_u64(11);
    for _ in 0..3_000 {
        let copies = some_copies(&mut random);
        let found = groups(&copies, PUBLISHED);
        let mut members: Vec<usize> = found.iter().flat_map(|group| group.copies.clone()).collect();
        members.sort_unstable();
        let accepted: Vec<usize> = (0..copies.len()).filter(|at| copies[*at].accepted).collect();
        assert_eq!(members, accepted);
        for group in &found {
            assert!(group.copies.contains(&group.kept));
            assert_eq!(group.why == Why::Alone, group.copies.len() == 1);
            let times: Vec<i64> = group.copies.iter().map(|at| copies[*at].received).collect();
            assert!(times.is_sorted() && times[times.len() - 1] - times[0] <= WINDOW);
            let ids: std::collections::BTreeSet<_> =
                group.copies.iter().map(|at| copies[*at].id()).collect();
            assert_eq!(ids.len(), 1);
            if group.copies.len() > 1 && ids.contains(&None) {
                let sides: Vec<Channel> =
                    group.copies.iter().map(|at| copies[*at].channel).collect();
                assert_eq!(sides, [Browser, Server]);
            }
        }
        let mut shuffled = copies.clone();
        shuffled.shuffle(&mut random);
        assert_eq!(contents(&copies), contents(&shuffled));
    }
}

#[test]
fn one_more_copy_adds_at_most_one_conversion() {
    let mut random = StdRng::seed_from_u64(12);
    for _ in 0..1_000 {
        let copies = some_copies(&mut random);
        for end in 1..=copies.len() {
            let (before, after) = (
                groups(&copies[..end - 1], PUBLISHED).len(),
                groups(&copies[..end], PUBLISHED).len(),
            );
            assert!(after <= before + 1 && after <= end);
        }
    }
}

#[test]
fn other_times_than_the_published_ones_are_counted_by() {
    let copies = [copy(Server, 0, "a"), copy(Browser, 2 * MINUTE, "a")];
    let hasty = Counting { dedup_window: MINUTE, browser_preference: MINUTE };
    assert_eq!(groups(&copies, hasty).len(), 2);
    let short = Counting { browser_preference: MINUTE, ..PUBLISHED };
    assert_eq!(groups(&copies, short)[0].kept, 0);
    assert!(Why::BrowserOfId.text(short).contains("within 1 min"));
}

#[test]
fn any_of_several_external_ids_merges() {
    let browser = nameless(Browser, 0, None, Some("u1"));
    let several = Copy {
        external_ids: vec!["x9".to_owned(), "u1".to_owned()],
        ..nameless(Server, 1, None, None)
    };
    check(&[browser, several], &[(&[0, 1], 0, Why::BrowserFirstByExternalId)]);
}
