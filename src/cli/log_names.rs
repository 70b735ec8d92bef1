//! What `countonce.toml` says of the names in logs, made into what the reader of logs takes.
//!
//! Every word that means nothing to it is an error with a place and a suggestion.

use super::{Streams, WRONG_INPUT};
use crate::audit::{Form, Layout, Layouts, field_names, form_names, takes_field};
use crate::scenario::{Config, LogNames, ScenarioError};
use crate::step::nearest;

/// Names of columns and fields by side; all faults are told at once.
pub(super) fn layouts(config: &Config, streams: &Streams) -> Result<Layouts, u8> {
    let mut faults = Vec::new();
    let audit = &config.audit;
    let layouts = Layouts {
        browser: layout(&audit.browser, config, &mut faults),
        server: layout(&audit.server, config, &mut faults),
        orders: layout(&audit.orders, config, &mut faults),
    };
    if faults.is_empty() {
        return Ok(layouts);
    }
    for fault in faults {
        streams.err(&format!("error: {fault}"));
    }
    Err(WRONG_INPUT)
}

fn layout(names: &LogNames, config: &Config, faults: &mut Vec<ScenarioError>) -> Layout {
    if let Some(form) = names.form.as_ref().filter(|form| Form::from_name(&form.text).is_none()) {
        let hint = suggestion(&form.text, form_names());
        faults.push(config.error(&form.value, &format!("there is no form `{}`", form.text), hint));
    }
    for (name, entry) in names.fields.iter().filter(|(name, _)| !takes_field(name)) {
        let hint = nearest(name, field_names()).map_or_else(
            || "write `custom_data.NAME` for a parameter of your own, `user_data.NAME` for a match key".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let what = format!("the platform has no field `{name}`");
        faults.push(config.error(&entry.key, &what, Some(hint)));
    }
    let texts = |entries: &std::collections::BTreeMap<String, crate::scenario::Entry>| {
        entries.iter().map(|(name, entry)| (name.clone(), entry.text.clone())).collect()
    };
    Layout {
        form: names.form.as_ref().map(|form| form.text.clone()),
        roles: texts(&names.roles),
        fields: texts(&names.fields),
    }
}

fn suggestion(word: &str, known: Vec<&'static str>) -> Option<String> {
    Some(match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", known.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use crate::audit::{ORDER_ROLES, ROLES};
    use crate::scenario::config_schema;

    #[test]
    fn the_configuration_knows_the_roles_that_logs_and_orders_have() {
        let schema = config_schema();
        for (side, roles, others) in [
            ("browser", ROLES, &["fields", "form"][..]),
            ("server", ROLES, &["fields", "form"]),
            ("orders", ORDER_ROLES, &["form"]),
        ] {
            let keys = &schema["properties"]["audit"]["properties"][side]["properties"];
            let mut keys: Vec<&str> =
                keys.as_object().expect("a table").keys().map(String::as_str).collect();
            let mut wanted: Vec<&str> =
                roles.iter().map(|(name, _)| *name).chain(others.iter().copied()).collect();
            keys.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(keys, wanted, "{side}");
        }
    }
}
