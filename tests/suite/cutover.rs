//! The cutover board: which stage of the move to the server a recorded run bears.

use countonce::gate::{Policy, Preset};
use countonce::report::{Board, BoardRow, Stage};
use countonce::run::{conclude_tape, known_rules};

use super::tape_builder::{START, Tape, call, hit};

fn board_by(tape: Tape, policy: &Policy) -> Board {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape.jsonl");
    tape.write(&path);
    let report = conclude_tape(&path, false, policy).expect("judged");
    report.board.expect("a board")
}

fn purchase(tape: Tape) -> BoardRow {
    let board = board_by(tape, &Policy::new(Preset::default(), &known_rules()));
    board.rows.into_iter().find(|row| row.event == "Purchase").expect("a purchase")
}

fn policy(text: &str) -> Policy {
    Policy::from_file(text, "policy.toml".as_ref(), &known_rules()).expect("a policy")
}

/// Another visitor, whose pixel is blocked: the server alone tells the purchase.
fn blocked(tape: Tape, id: &str) -> Tape {
    let mark = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c";
    let session = tape.session(&["Purchase"]).with(|session| {
        session.profile = "adblock".into();
        session.marks = vec![format!("em:{mark}")];
        session.persona.clear();
        for expected in &mut session.expect {
            expected.channels.retain(|side| side.name() == "server");
        }
    });
    let sent = call("Purchase", id)
        .set("/event_time", START / 1000 + 1_001)
        .set("/user_data/em", mark)
        .set("/user_data/fbp", "fb.1.1772453790000.77110042")
        .without("/user_data/ph")
        .without("/user_data/fbc")
        .at(1_001_200);
    session.send(sent)
}

fn pair() -> Tape {
    Tape::purchase("order-1", "order-1")
}

#[track_caller]
fn stands(row: &BoardRow, stage: Stage, blocks: &[&str]) {
    assert_eq!(row.stage, stage, "{row:#?}");
    for part in blocks {
        assert!(row.blocks.iter().any(|block| block.contains(part)), "no `{part}`: {row:#?}");
    }
}

#[test]
fn each_stage_is_reached_by_its_own_evidence_and_the_next_names_what_blocks_it() {
    let pixel = Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1"));
    stands(&purchase(pixel), Stage::PixelOnly, &["shadow: server is 0 where >= 1 is asked"]);

    let shadow = Tape::purchase("order-1", "ORDER-1");
    stands(
        &purchase(shadow),
        Stage::Shadow,
        &[
            "dual: dedup_rate is 0 % where >= 99 % is asked",
            "dual: counted_per_conversion is 200 %",
        ],
    );

    stands(&purchase(pair()), Stage::Dual, &["server-leads: no profile shows"]);

    let leads = purchase(blocked(pair(), "order-2"));
    assert!(leads.stage >= Stage::ServerLeads, "{leads:#?}");
}

#[test]
fn a_server_that_loses_what_the_pixel_cannot_tell_does_not_lead() {
    let lost = pair().session(&["Purchase"]).with(|session| {
        session.profile = "adblock".into();
        session.scenario = "Guest checkout".into();
    });
    let row = board_by(lost, &policy("[cutover]\nstage = \"server-leads\"\n")).rows.remove(0);
    stands(
        &row,
        Stage::Shadow,
        &[
            "dual: counted_per_conversion is 50 %",
            "server-leads: server_per_conversion is 50 %",
            "server-leads: kept_without_pixel is 0 %",
        ],
    );
    assert!(!row.passed());
}

#[test]
fn a_refused_event_does_not_even_bear_the_shadow() {
    let refused = Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
        call("Purchase", "order-1").without("/action_source").refused(100, Some(2_804_008), "x"),
    );
    let row = purchase(refused);
    stands(&row, Stage::PixelOnly, &["shadow: refused is 1"]);
}

#[test]
fn the_policy_asks_for_stages_leaves_events_out_and_changes_criteria() {
    let tape = || pair().pair("Lead", "lead-1");
    let asked = policy("[cutover]\nstage = \"dual\"\n[cutover.events]\nLead = \"off\"\n");
    let board = board_by(tape(), &asked);
    let names: Vec<&str> = board.rows.iter().map(|row| row.event.as_str()).collect();
    assert_eq!(names, ["Purchase"]);
    assert_eq!(board.rows[0].asked, Some(Stage::Dual));
    assert!(board.rows[0].passed());

    let milder = policy(
        "[cutover.server-leads]\nkept_without_pixel = \"off\"\n[cutover.dual]\n\"server.coverage.ct\" = \">= 50 %\"\n",
    );
    let row = board_by(pair(), &milder).rows.remove(0);
    stands(&row, Stage::Shadow, &["dual: server.coverage.ct is 0 % where >= 50 % is asked"]);
    let milder = policy("[cutover.server-leads]\nkept_without_pixel = \"off\"\n");
    let row = board_by(pair(), &milder).rows.remove(0);
    assert!(row.stage >= Stage::ServerLeads, "{row:#?}");
}

#[test]
fn an_event_that_the_policy_names_and_nobody_sends_stands_at_the_beginning() {
    let policy = policy("[cutover.events]\nSubscribe = \"dual\"\n");
    let board = board_by(pair(), &policy);
    let row = board.rows.iter().find(|row| row.event == "Subscribe").expect("on the board");
    assert_eq!((row.stage, row.passed()), (Stage::PixelOnly, false));
}
