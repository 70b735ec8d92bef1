//! Finds and reads the policy: a flag, the configuration, or the default.

use std::fs;
use std::path::Path;

use super::{Streams, WRONG_INPUT};
use crate::event::Scores;
use crate::gate::{Policy, Preset};
use crate::platform::meta::quality::scores;
use crate::run::known_rules;
use crate::scenario::Config;

/// The policy that a command judges by: `--policy` (a preset's name or a file), else the
/// configuration's `[policy]`, else `fallback`, else the recommended preset.
pub(super) fn read(
    flag: Option<&str>,
    config: &Config,
    fallback: Option<Preset>,
    streams: &Streams,
) -> Result<Policy, u8> {
    let mut policy = weights(flag, config, fallback, streams)?;
    let millis = |length: Option<u64>| length.and_then(|length| i64::try_from(length).ok());
    policy.settings.dedup_window = millis(config.counting.dedup_window);
    policy.settings.browser_preference = millis(config.counting.browser_preference);
    policy.settings.scores = scores(config, streams)?;
    policy.traffic.clone_from(&config.traffic);
    Ok(policy)
}

/// Real scores of match quality, where the configuration names a file with some.
fn scores(config: &Config, streams: &Streams) -> Result<Option<Scores>, u8> {
    let Some(named) = &config.calibration else { return Ok(None) };
    let path = config.file.parent().unwrap_or(Path::new("")).join(named);
    let shown = path.display();
    let complain = |text: String| {
        streams.err(&format!("error: {text}"));
        WRONG_INPUT
    };
    let text = fs::read_to_string(&path).map_err(|cause| {
        complain(format!(
            "{shown}: {cause}\n  named by `calibration` under [match_quality] in {}",
            config.file.display()
        ))
    })?;
    let scores = scores::read(&shown.to_string(), &text)
        .map_err(|error| complain(format!("{shown}:{error}\n  {}", scores::HINT)))?;
    if !scores.unknown.is_empty() {
        streams.err(&format!(
            "warning: {shown}: unknown match keys, left out of account: {}",
            scores.unknown.join(", ")
        ));
    }
    Ok(Some(scores))
}

fn weights(
    flag: Option<&str>,
    config: &Config,
    fallback: Option<Preset>,
    streams: &Streams,
) -> Result<Policy, u8> {
    let rules = known_rules();
    let complain = |text: String| {
        streams.err(&format!("error: {text}"));
        WRONG_INPUT
    };
    if let Some(flag) = flag {
        if let Some(preset) = Preset::from_name(flag) {
            return Ok(Policy::new(preset, &rules));
        }
        let path = Path::new(flag);
        let text = fs::read_to_string(path).map_err(|cause| {
            let presets = Preset::ALL.map(Preset::name).join(", ");
            complain(format!(
                "{flag}: {cause}\n  --policy takes a file or one of the presets: {presets}"
            ))
        })?;
        return Policy::from_file(&text, path, &rules).map_err(|error| complain(error.to_string()));
    }
    if config.policy.is_none() {
        return Ok(Policy::new(fallback.unwrap_or_default(), &rules));
    }
    Policy::from_config(&config.text, &config.file, &rules)
        .map_err(|error| complain(error.to_string()))
}
