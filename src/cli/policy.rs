//! Finds and reads the policy: a flag, the configuration, or the default.

use std::fs;
use std::path::Path;

use super::{Streams, WRONG_INPUT};
use crate::gate::{Policy, Preset};
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
    let mut policy = read_rules(flag, config, fallback, streams)?;
    policy.traffic.clone_from(&config.traffic);
    Ok(policy)
}

fn read_rules(
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
