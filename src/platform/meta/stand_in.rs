//! Our own pixel script, for runs without the real one.
//!
//! Written from the documented and recorded wire format; plain ES2017, kept in parts
//! that share one function scope and are joined here. Tests hold it against
//! recordings of the real script, call by call.
//! Never a line of Meta's.

use std::sync::LazyLock;

use super::normalise::{COUNTRIES, STATES};

const PARTS: [&str; 8] = [
    include_str!("stand_in/head.js"),
    include_str!("stand_in/digest.js"),
    include_str!("stand_in/people.js"),
    include_str!("stand_in/cookies.js"),
    include_str!("stand_in/hit.js"),
    include_str!("stand_in/transports.js"),
    include_str!("stand_in/commands.js"),
    include_str!("stand_in/start.js"),
];

static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let names = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let body = PARTS
        .concat()
        .replace("@STATES@", &names(STATES))
        .replace("@COUNTRIES@", &names(COUNTRIES));
    format!("(function (window, document) {{\n'use strict';\n{body}}})(window, document);\n")
});

/// The script as it is served.
pub(super) fn script() -> &'static str {
    &SCRIPT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_whole_and_names_itself() {
        let script = script();
        assert!(!script.contains("@STATES@") && !script.contains("@COUNTRIES@"));
        assert!(script.contains("california ca") && script.contains("unitedkingdom gb"));
        assert!(script.contains("-standin'"));
    }
}
