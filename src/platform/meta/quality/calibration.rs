//! Sets the estimate right by real scores, as far as they reach.
//!
//! The API tells, beside each score, how many events carried some of the keys. What it says
//! nothing of is unknown, not nought: those keys are taken as the run carries them, so that
//! only the keys it names make a difference between the scored events and the run's. With
//! three or more event types whose figures lie apart, a straight line is fitted (least
//! squares, its slope kept within bounds); with fewer only the mean difference is taken,
//! within bounds too. An event type with a score of its own starts from that score, and the
//! slope carries it over to the keys of the run. A type that the run has not is left out.
//! Never certain: a calibrated estimate is still an estimate.

use std::collections::{BTreeMap, BTreeSet};

use super::{CLUES, Clue, Quality};
use crate::event::{MatchKey, Score, Scores};

/// Event types from which a slope can be told. An engineering choice: through two points
/// there is always a line.
const FEWEST_FOR_A_LINE: usize = 3;
/// Figures nearer together than this say nothing about a slope.
const LEAST_SPREAD: f64 = 1.0;
/// Slopes beyond these are more likely chance than truth.
const SLOPES: (f64, f64) = (0.3, 2.0);

/// Points by which a type without a score of its own is moved at most (assumed): scores of
/// other types say little about it.
const MOST_SHIFT: f64 = 2.0;

/// An event type as the run has it.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnFigure {
    /// The estimate, without calibration.
    pub estimate: f64,
    /// Share of its events that carry each key, and a good one, 0 to 1.
    pub coverage: BTreeMap<MatchKey, f64>,
}

/// What real scores teach about the estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    slope: f64,
    offset: f64,
    own: BTreeMap<String, (f64, f64)>,
    fitted: bool,
    /// Keys that the scores say something of.
    named: BTreeSet<MatchKey>,
}

impl Calibration {
    /// Learns from real scores of event types that the run has; `own` is what it has of one.
    pub fn new(scores: &Scores, own: impl Fn(&str) -> Option<OwnFigure>) -> Option<Calibration> {
        let points: Vec<(&Score, f64)> = scores
            .events
            .iter()
            .filter_map(|score| Some((score, scored(score, &own(&score.event)?))))
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
            named: points.iter().flat_map(|(score, _)| score.coverage.keys().copied()).collect(),
        })
    }

    /// The estimate of an event type, set right; the band is moved and scaled with it.
    pub fn apply(&self, event: &str, quality: Quality) -> Quality {
        let shift = match self.own.get(event) {
            Some((model, score)) => score - self.slope * model,
            // How far the line would move it, held within bounds.
            None => {
                let by = self.offset + (self.slope - 1.0) * quality.estimate;
                self.offset - by + by.clamp(-MOST_SHIFT, MOST_SHIFT)
            }
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
        let keys: Vec<&str> = self.named.iter().map(|key| key.name()).collect();
        let rests = if keys.is_empty() {
            "it names no shares of keys, so all are taken as the run carries them".to_owned()
        } else {
            format!(
                "it names the shares of {}, other keys are taken as the run carries them",
                keys.join(", ")
            )
        };
        format!(
            "set right by {how} the real scores of {count} {types} in {file}; {rests}; types without a score of their own are moved by {MOST_SHIFT:.1} at most"
        )
    }
}

/// What the estimate would be for the events that were scored: the run's own, moved by what
/// the keys make of it whose shares the API told.
fn scored(score: &Score, own: &OwnFigure) -> f64 {
    let mut told = own.coverage.clone();
    told.extend(&score.coverage);
    (own.estimate + model(&told) - model(&own.coverage)).clamp(0.0, 10.0)
}

/// The model's figure where each key is on that share of the events, keys taken as
/// independent but those of one clue as found together.
fn model(coverage: &BTreeMap<MatchKey, f64>) -> f64 {
    let share = |clue: &Clue| {
        clue.keys
            .iter()
            .map(|key: &MatchKey| coverage.get(key).copied().unwrap_or(0.0))
            .fold(1.0, f64::min)
    };
    let missed: f64 = CLUES.iter().map(|clue| 1.0 - clue.chance * share(clue)).product();
    10.0 * (1.0 - missed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coverage(shares: &[(MatchKey, f64)]) -> BTreeMap<MatchKey, f64> {
        shares.iter().copied().collect()
    }

    fn score(event: &str, score: f64, shares: &[(MatchKey, f64)]) -> Score {
        Score { event: event.to_owned(), score, coverage: coverage(shares) }
    }

    fn scores(events: Vec<Score>) -> Scores {
        Scores { file: "emq.json".into(), events, unknown: vec![] }
    }

    fn quality(estimate: f64) -> Quality {
        Quality { estimate, low: estimate - 1.0, high: estimate + 1.0 }
    }

    fn own(shares: &[(MatchKey, f64)]) -> OwnFigure {
        let coverage = coverage(shares);
        OwnFigure { estimate: model(&coverage), coverage }
    }

    /// The keys of a usual run, all of them on every event.
    const ALL: [(MatchKey, f64); 5] = [
        (MatchKey::Email, 1.0),
        (MatchKey::Phone, 1.0),
        (MatchKey::BrowserId, 1.0),
        (MatchKey::ClientIp, 1.0),
        (MatchKey::ClientUserAgent, 1.0),
    ];

    #[test]
    fn keys_that_the_answer_does_not_name_are_unknown_and_not_nought() {
        let one = scores(vec![score("Purchase", 6.2, &[(MatchKey::Email, 0.9)])]);
        let run = own(&ALL);
        let calibration = Calibration::new(&one, |_| Some(run.clone())).expect("a score");
        let found = calibration.apply("Purchase", quality(run.estimate)).estimate;
        // The run has e-mail on all events instead of nine in ten: a little more, not four points.
        assert!(found > 6.2 && found < 6.7, "{found}");
        let text = calibration.method("emq.json");
        assert!(text.contains("it names the shares of em, other keys"), "{text}");
    }

    #[test]
    fn an_event_with_a_score_of_its_own_takes_it_over_at_the_same_keys() {
        let one = scores(vec![score("Purchase", 4.0, &ALL)]);
        let run = own(&ALL);
        let calibration =
            Calibration::new(&one, |name| (name == "Purchase").then(|| run.clone())).expect("one");
        let found = calibration.apply("Purchase", quality(run.estimate));
        assert!((found.estimate - 4.0).abs() < 1e-9);
        assert!((found.high - found.low - 2.0).abs() < 1e-9);
        assert!(calibration.knows("Purchase") && !calibration.knows("Lead"));
        assert!(calibration.method("emq.json").contains("the difference to the real scores of 1"));
    }

    #[test]
    fn a_type_without_a_score_is_moved_within_bounds() {
        let run = own(&ALL);
        let of = |score_of_purchase: f64| {
            let one = scores(vec![score("Purchase", score_of_purchase, &ALL)]);
            let own = |name: &str| (name == "Purchase").then(|| run.clone());
            let calibration = Calibration::new(&one, own).expect("one");
            calibration.apply("Lead", quality(5.0)).estimate
        };
        assert!((of(run.estimate - 0.5) - 4.5).abs() < 1e-9);
        assert!((of(0.0) - 3.0).abs() < 1e-9, "{}", of(0.0));
    }

    #[test]
    fn from_three_types_that_lie_apart_on_a_line_is_fitted() {
        let shares = |share: f64| [(MatchKey::Email, share)];
        let types = [("A", 0.0), ("B", 0.5), ("C", 1.0)];
        let points = scores(
            types
                .iter()
                .map(|(event, share)| {
                    let model = own(&shares(*share)).estimate;
                    score(event, 1.0 + 0.5 * model, &shares(*share))
                })
                .collect(),
        );
        let run = |name: &str| {
            let (_, share) = types.iter().find(|(event, _)| *event == name)?;
            Some(own(&shares(*share)))
        };
        let calibration = Calibration::new(&points, run).expect("scores");
        assert!((calibration.slope() - 0.5).abs() < 1e-9);
        assert!((calibration.apply("D", quality(4.0)).estimate - 3.0).abs() < 1e-9);
        assert!(calibration.method("f").contains("slope 0.50"));
    }

    #[test]
    fn a_score_without_shares_is_held_against_the_run_itself() {
        let bare = scores(vec![score("Lead", 7.0, &[])]);
        let calibration = Calibration::new(&bare, |event| {
            (event == "Lead").then(|| OwnFigure { estimate: 6.0, coverage: BTreeMap::new() })
        })
        .expect("one");
        assert!((calibration.apply("Lead", quality(6.0)).estimate - 7.0).abs() < 1e-9);
        assert!(calibration.method("f").contains("names no shares"));
        assert_eq!(Calibration::new(&bare, |_| None), None);
    }

    #[test]
    fn a_calibrated_estimate_stays_between_none_and_ten() {
        let high = scores(vec![score("Lead", 10.0, &[(MatchKey::Email, 0.1)])]);
        let calibration = Calibration::new(&high, |_| Some(own(&ALL))).expect("one");
        assert!(calibration.apply("Lead", quality(9.0)).high <= 10.0);
    }
}
