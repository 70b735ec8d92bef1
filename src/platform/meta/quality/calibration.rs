//! Sets the estimate right by real scores, as far as they reach.
//!
//! The API tells, beside each score, how many events carried each key. The model's own
//! figure for just these shares is held against the score. With three or more event types
//! whose figures lie apart, a straight line is fitted (least squares, its slope kept within
//! bounds); with fewer only the mean difference is taken. An event type with a score of
//! its own starts from that score, and the slope carries it over to the keys of the run.
//! Never certain: a calibrated estimate is still an estimate.

use std::collections::BTreeMap;

use super::{CLUES, Clue, Quality};
use crate::event::{MatchKey, Score, Scores};

/// Event types from which a slope can be told. An engineering choice: through two points
/// there is always a line.
const FEWEST_FOR_A_LINE: usize = 3;
/// Figures nearer together than this say nothing about a slope.
const LEAST_SPREAD: f64 = 1.0;
/// Slopes beyond these are more likely chance than truth.
const SLOPES: (f64, f64) = (0.3, 2.0);

/// What real scores teach about the estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    slope: f64,
    offset: f64,
    own: BTreeMap<String, (f64, f64)>,
    fitted: bool,
}

impl Calibration {
    /// Learns from real scores. `own` is the estimate of the run for an event type; it
    /// stands in where the API did not tell the shares of keys.
    pub fn new(scores: &Scores, own: impl Fn(&str) -> Option<f64>) -> Option<Calibration> {
        let points: Vec<(&Score, f64)> = scores
            .events
            .iter()
            .filter_map(|score| {
                let model =
                    if score.coverage.is_empty() { own(&score.event)? } else { model(score) };
                Some((score, model))
            })
            .collect();
        if points.is_empty() {
            return None;
        }
        let count = points.len() as f64;
        let mean_model = points.iter().map(|(_, model)| model).sum::<f64>() / count;
        let mean_score = points.iter().map(|(score, _)| score.score).sum::<f64>() / count;
        let spread: f64 = points.iter().map(|(_, model)| (model - mean_model).powi(2)).sum();
        let both: f64 = points
            .iter()
            .map(|(score, model)| (model - mean_model) * (score.score - mean_score))
            .sum();
        let figures = || points.iter().map(|(_, model)| *model);
        let apart = figures().fold(f64::MIN, f64::max) - figures().fold(f64::MAX, f64::min);
        let fitted = points.len() >= FEWEST_FOR_A_LINE && apart >= LEAST_SPREAD;
        let slope = if fitted { (both / spread).clamp(SLOPES.0, SLOPES.1) } else { 1.0 };
        Some(Calibration {
            slope,
            offset: mean_score - slope * mean_model,
            own: points
                .iter()
                .map(|(score, model)| (score.event.clone(), (*model, score.score)))
                .collect(),
            fitted,
        })
    }

    /// The estimate of an event type, set right; the band is moved and scaled with it.
    pub fn apply(&self, event: &str, quality: Quality) -> Quality {
        let shift = match self.own.get(event) {
            Some((model, score)) => score - self.slope * model,
            None => self.offset,
        };
        let moved = |figure: f64| (shift + self.slope * figure).clamp(0.0, 10.0);
        Quality {
            estimate: moved(quality.estimate),
            low: moved(quality.low),
            high: moved(quality.high),
        }
    }

    /// By how much a gain of the model counts.
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// True where the event type has a real score of its own.
    pub fn knows(&self, event: &str) -> bool {
        self.own.contains_key(event)
    }

    /// How it was done, in a sentence.
    pub fn method(&self, file: &str) -> String {
        let count = self.own.len();
        let types = if count == 1 { "event type" } else { "event types" };
        let how = if self.fitted {
            format!("a straight line (slope {:.2}) through", self.slope)
        } else {
            "the difference to".to_owned()
        };
        format!(
            "set right by {how} the real scores of {count} {types} in {file}; types without a score of their own take the mean difference"
        )
    }
}

/// The model's figure where each key is on that share of the events, keys taken as
/// independent but those of one clue as found together.
fn model(score: &Score) -> f64 {
    let share = |clue: &Clue| {
        clue.keys
            .iter()
            .map(|key: &MatchKey| score.coverage.get(key).copied().unwrap_or(0.0))
            .fold(1.0, f64::min)
    };
    let missed: f64 = CLUES.iter().map(|clue| 1.0 - clue.chance * share(clue)).product();
    10.0 * (1.0 - missed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(event: &str, score: f64, coverage: &[(MatchKey, f64)]) -> Score {
        Score { event: event.to_owned(), score, coverage: coverage.iter().copied().collect() }
    }

    fn scores(events: Vec<Score>) -> Scores {
        Scores { file: "emq.json".into(), events, unknown: vec![] }
    }

    fn quality(estimate: f64) -> Quality {
        Quality { estimate, low: estimate - 1.0, high: estimate + 1.0 }
    }

    #[test]
    fn an_event_with_a_score_of_its_own_takes_it_over_at_the_same_keys() {
        let all = [(MatchKey::Email, 1.0), (MatchKey::ClientIp, 1.0)];
        let one = scores(vec![score("Purchase", 4.0, &all)]);
        let calibration = Calibration::new(&one, |_| None).expect("a score");
        let same = model(&one.events[0]);
        let found = calibration.apply("Purchase", quality(same));
        assert!((found.estimate - 4.0).abs() < 1e-9);
        assert!((found.high - found.low - 2.0).abs() < 1e-9);
        let other = calibration.apply("Lead", quality(same + 1.0));
        assert!((other.estimate - 5.0).abs() < 1e-9, "the mean difference: {other:?}");
        assert!(calibration.knows("Purchase") && !calibration.knows("Lead"));
        assert!(calibration.method("emq.json").contains("the difference to the real scores of 1"));
    }

    #[test]
    fn from_three_types_that_lie_apart_on_a_line_is_fitted() {
        let points = scores(
            [("A", 0.0), ("B", 0.5), ("C", 1.0)]
                .into_iter()
                .map(|(event, share)| {
                    let mut one = score(event, 0.0, &[(MatchKey::Email, share)]);
                    one.score = 1.0 + 0.5 * model(&one);
                    one
                })
                .collect(),
        );
        let calibration = Calibration::new(&points, |_| None).expect("scores");
        assert!((calibration.slope() - 0.5).abs() < 1e-9);
        assert!((calibration.apply("D", quality(4.0)).estimate - 3.0).abs() < 1e-9);
        assert!(calibration.method("f").contains("slope 0.50"));
    }

    #[test]
    fn a_score_without_shares_is_held_against_the_run_itself() {
        let bare = scores(vec![score("Lead", 7.0, &[])]);
        let calibration =
            Calibration::new(&bare, |event| (event == "Lead").then_some(6.0)).expect("one");
        assert!((calibration.apply("Lead", quality(6.0)).estimate - 7.0).abs() < 1e-9);
        assert_eq!(Calibration::new(&bare, |_| None), None);
    }

    #[test]
    fn a_calibrated_estimate_stays_between_none_and_ten() {
        let high = scores(vec![score("Lead", 10.0, &[(MatchKey::Email, 0.1)])]);
        let calibration = Calibration::new(&high, |_| None).expect("one");
        assert!(calibration.apply("Lead", quality(9.0)).high <= 10.0);
    }
}
