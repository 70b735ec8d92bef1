//! Rounds: what was played to the end and is no good for what was found in it is played
//! again, as long as there are retries left.
//!
//! Every attempt stays on the tape, so that the report can say which of them passed.
//! Never what an error is; that is handed in.

use std::sync::Arc;

use super::Error;
use super::perform::Failed;
use crate::capture::SessionStatus;
use crate::session::{Outcome, Part, Progress, Stage, Tell, play as play_round};

/// Plays the parts, and again those in whose sessions errors are found.
pub(super) async fn play(
    stage: Arc<Stage>,
    parts: Vec<Part>,
    tell: Tell,
    failed: &Failed<'_>,
) -> Result<Vec<Outcome>, Error> {
    let mut outcomes = play_round(Arc::clone(&stage), parts.clone(), Arc::clone(&tell)).await;
    for _ in 0..stage.retries {
        let broken = |outcome: &Outcome| outcome.status == Some(SessionStatus::Broken);
        if *stage.stop.borrow() || (stage.fail_fast && outcomes.iter().any(broken)) {
            break;
        }
        // Judging takes the processor for a while; the taps go on beside it.
        let sessions = tokio::task::block_in_place(|| failed(stage.tape.path()))?;
        let no_good = |outcome: &Outcome| {
            let found = outcome.session.is_some_and(|session| sessions.contains(&session));
            found
                && outcome.status == Some(SessionStatus::Played)
                && outcome.played.retries < stage.retries
        };
        let again = with_pupils(&parts, &outcomes, no_good);
        if again.is_empty() {
            break;
        }
        let failed = again.iter().filter(|&&index| no_good(&outcomes[index])).count();
        let untaught = again.len() - failed;
        let mut round = Vec::new();
        for &index in &again {
            let mut part = parts[index].clone();
            part.before = outcomes[index].played;
            part.before.retries += u32::from(no_good(&outcomes[index]));
            if part.teaches {
                part.lesson.reopen();
            }
            round.push(part);
        }
        tell(Progress::Again { failed, untaught });
        let replayed = play_round(Arc::clone(&stage), round, Arc::clone(&tell)).await;
        for (index, outcome) in again.into_iter().zip(replayed) {
            // One that was never begun leaves what was there before.
            if outcome.session.is_some() {
                outcomes[index] = outcome;
            }
        }
    }
    Ok(outcomes)
}

/// Which parts are no good, and which could not be derived from one of those.
fn with_pupils(
    parts: &[Part],
    outcomes: &[Outcome],
    no_good: impl Fn(&Outcome) -> bool,
) -> Vec<usize> {
    let teachers: Vec<&Part> = parts
        .iter()
        .zip(outcomes)
        .filter(|(part, outcome)| part.teaches && no_good(outcome))
        .map(|(part, _)| part)
        .collect();
    let untaught = |part: &Part, outcome: &Outcome| {
        outcome.status == Some(SessionStatus::NotApplicable)
            && teachers.iter().any(|teacher| Arc::ptr_eq(&teacher.lesson, &part.lesson))
    };
    let mut both = parts.iter().zip(outcomes).enumerate().collect::<Vec<_>>();
    both.retain(|(_, (part, outcome))| no_good(outcome) || untaught(part, outcome));
    both.into_iter().map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::{Environment, parse};
    use crate::session::{Before, Bound, Lesson, Times};
    use crate::visitor::{Circumstances, Variant};

    const FLOW: &str =
        "name: Flow\nsteps:\n  - visit: /\nexpect:\n  - event: Lead\nvariants: [reload]\n";

    fn part(lesson: &Arc<Lesson>, variant: Option<&str>) -> Part {
        let scenario = parse(Path::new("flow.yaml"), FLOW, &Environment::new(&|_| None));
        Part {
            scenario: Arc::new(scenario.expect("a scenario")),
            profile: "clean".to_owned(),
            circumstances: Circumstances::default(),
            variant: variant.and_then(Variant::of),
            repeat: 0,
            lesson: Arc::clone(lesson),
            teaches: variant.is_none(),
            before: Before::default(),
            bind: Arc::new(|_| Bound {
                steps: Vec::new(),
                site: String::new(),
                mappings: Vec::new(),
                visitor: None,
                device: None,
                persona: Default::default(),
                marks: Vec::new(),
            }),
        }
    }

    fn outcome(part: &Part, session: u32, status: SessionStatus) -> Outcome {
        Outcome {
            scenario: Arc::clone(&part.scenario),
            profile: part.profile.clone(),
            variant: part.variant_name().to_owned(),
            session: Some(session),
            played: Before { attempts: 1, retries: 0 },
            status: Some(status),
            error: None,
            screenshot: None,
            times: Times::default(),
        }
    }

    #[test]
    fn what_could_not_be_derived_from_a_failed_flow_is_played_with_it() {
        let (one, other) = (Arc::new(Lesson::default()), Arc::new(Lesson::default()));
        let parts = [
            part(&one, None),
            part(&one, Some("reload")),
            part(&one, Some("back")),
            part(&other, None),
            part(&other, Some("reload")),
        ];
        let (played, inapplicable) = (SessionStatus::Played, SessionStatus::NotApplicable);
        let statuses = [played, inapplicable, played, played, inapplicable];
        let outcomes: Vec<Outcome> = parts
            .iter()
            .zip(1..)
            .zip(statuses)
            .map(|((part, session), status)| outcome(part, session, status))
            .collect();
        let failed = |numbers: &'static [u32]| {
            move |outcome: &Outcome| outcome.session.is_some_and(|it| numbers.contains(&it))
        };
        assert_eq!(with_pupils(&parts, &outcomes, failed(&[1])), [0, 1]);
        assert_eq!(with_pupils(&parts, &outcomes, failed(&[3])), [2]);
        assert_eq!(with_pupils(&parts, &outcomes, failed(&[])), Vec::<usize>::new());
    }
}
