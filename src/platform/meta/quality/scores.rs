//! Reads an answer of Meta's Dataset Quality API: the real score of each event type, and
//! how many of its events carried each key.
//!
//! The shape is that of `GET /{version}/dataset_quality` with
//! `fields=web{event_name,event_match_quality{composite_score,match_key_feedback{identifier,coverage{percentage}}}}`
//! (Meta, Dataset Quality API, as of September 2026). Other fields are left alone.
//! Never a file, never what is made of the scores.

use std::collections::BTreeMap;

use serde::de::Unexpected;
use serde::{Deserialize, Deserializer};

use crate::event::{MatchKey, Score, Scores};

/// What is wrong with an answer, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {what}")]
pub struct ScoresError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

/// What to write instead.
pub const HINT: &str = "save the answer of the Dataset Quality API as it is: {\"web\": [{\"event_name\": …, \"event_match_quality\": {\"composite_score\": …, \"match_key_feedback\": […]}}]}";

/// Names of the API for match keys that are not our own. `email`, `ip_address`, `user_agent`
/// and `external_id` stand in Meta's samples, the others are inferred.
const IDENTIFIERS: &[(&str, MatchKey)] = &[
    ("email", MatchKey::Email),
    ("phone", MatchKey::Phone),
    ("phone_number", MatchKey::Phone),
    ("first_name", MatchKey::FirstName),
    ("last_name", MatchKey::LastName),
    ("gender", MatchKey::Gender),
    ("date_of_birth", MatchKey::BirthDate),
    ("city", MatchKey::City),
    ("state", MatchKey::State),
    ("zip", MatchKey::Zip),
    ("zip_code", MatchKey::Zip),
    ("ip_address", MatchKey::ClientIp),
    ("user_agent", MatchKey::ClientUserAgent),
    ("click_id", MatchKey::ClickId),
    ("browser_id", MatchKey::BrowserId),
    ("fb_login_id", MatchKey::LoginId),
];

#[derive(Deserialize)]
struct Answer {
    web: Vec<WebEvent>,
}

#[derive(Deserialize)]
struct WebEvent {
    event_name: String,
    event_match_quality: Option<Quality>,
}

#[derive(Deserialize)]
struct Quality {
    #[serde(default, deserialize_with = "score")]
    composite_score: Option<f64>,
    #[serde(default)]
    match_key_feedback: Vec<Feedback>,
}

#[derive(Deserialize)]
struct Feedback {
    identifier: String,
    coverage: Option<Coverage>,
}

#[derive(Deserialize)]
struct Coverage {
    #[serde(deserialize_with = "per_cent")]
    percentage: f64,
}

/// Reads an answer. `file` is how the user writes its name.
pub fn read(file: &str, text: &str) -> Result<Scores, ScoresError> {
    let answer: Answer = serde_json::from_str(text).map_err(|error| {
        let what = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        ScoresError {
            line: error.line().max(1),
            column: error.column().max(1),
            what: what.replacen(&place, "", 1),
        }
    })?;
    let mut scores = Scores { file: file.to_owned(), ..Scores::default() };
    for event in answer.web {
        let Some(quality) = event.event_match_quality else { continue };
        let Some(score) = quality.composite_score else { continue };
        let mut coverage = BTreeMap::new();
        for feedback in quality.match_key_feedback {
            let Some(share) = feedback.coverage.map(|coverage| coverage.percentage / 100.0) else {
                continue;
            };
            match key(&feedback.identifier) {
                Some(key) => {
                    coverage.insert(key, share);
                }
                None if scores.unknown.contains(&feedback.identifier) => {}
                None => scores.unknown.push(feedback.identifier),
            }
        }
        scores.events.push(Score { event: event.event_name, score, coverage });
    }
    if scores.events.is_empty() {
        let what = "no event of `web` has a composite_score".to_owned();
        return Err(ScoresError { line: 1, column: 1, what });
    }
    Ok(scores)
}

fn key(identifier: &str) -> Option<MatchKey> {
    let name = identifier.to_lowercase();
    IDENTIFIERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, key)| *key)
        .or_else(|| MatchKey::from_name(&name))
}

fn score<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Option::<f64>::deserialize(from)?
        .map(|figure| within(figure, 10.0, &"a score from 0 to 10"))
        .transpose()
}

fn per_cent<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    within(f64::deserialize(from)?, 100.0, &"a percentage from 0 to 100")
}

fn within<E: serde::de::Error>(figure: f64, most: f64, wanted: &&'static str) -> Result<f64, E> {
    if (0.0..=most).contains(&figure) {
        return Ok(figure);
    }
    Err(E::invalid_value(Unexpected::Float(figure), wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the shape of Meta's sample answer, with figures of our own.
    const SAMPLE: &str = r#"{"web": [
      {"event_name": "Purchase", "event_match_quality": {"composite_score": 6.2,
        "match_key_feedback": [
          {"identifier": "email", "coverage": {"percentage": 58.96, "description": "x"}},
          {"identifier": "ip_address", "coverage": {"percentage": 100}},
          {"identifier": "shoe_size", "coverage": {"percentage": 1}}]}},
      {"event_name": "Lead", "event_match_quality": {"composite_score": 4}},
      {"event_name": "PageView"}
    ], "paging": {}}"#;

    #[test]
    fn an_answer_of_the_api_is_read() {
        let scores = read("emq.json", SAMPLE).expect("scores");
        let names: Vec<&str> = scores.events.iter().map(|score| score.event.as_str()).collect();
        assert_eq!(names, ["Purchase", "Lead"]);
        assert!((scores.events[0].coverage[&MatchKey::Email] - 0.5896).abs() < 1e-9);
        assert!(scores.events[1].coverage.is_empty());
        assert_eq!(scores.unknown, ["shoe_size"]);
    }

    #[test]
    fn what_is_no_answer_is_refused_with_its_place() {
        let place = |text: &str| {
            let error = read("emq.json", text).expect_err(text);
            (error.line, error.column, error.what)
        };
        assert_eq!(place("{\n  \"web\": [,]\n}").0, 2);
        assert!(place("{}").2.contains("missing field `web`"));
        assert!(place("{\"web\": []}").2.contains("composite_score"));
        let (line, _, what) = place(&SAMPLE.replace("6.2", "62"));
        assert_eq!((line, what.contains("a score from 0 to 10")), (2, true), "{what}");
        let (line, _, what) = place(&SAMPLE.replace("58.96", "\"many\""));
        assert_eq!((line, what.contains("expected f64")), (4, true), "{what}");
        assert!(!what.contains("line"), "the place stands in front: {what}");
    }
}
