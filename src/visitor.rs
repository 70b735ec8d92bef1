//! Visitors: the circumstances in which a scenario is played, and the twists of its flow.
//!
//! A profile is plain data: what it does to the browser, to its tap and to cookies. What
//! is to be expected of a visit follows from that data, so that absence is a result and
//! not a failure. To add a profile or a variant: one file, one line in its list.
//! Never a browser, never a platform's field names, never good or bad.

mod circumstances;
mod profile;
mod variant;

pub use circumstances::{Blocks, Circumstances, Decision};
pub use profile::{PROFILES, Profile};
pub use variant::{Aim, Twist, VARIANTS, Variant};

/// Name of the profile that a scenario has unless it says otherwise.
pub const CLEAN: &str = "clean";

/// What the flow as written is called where variants are named.
pub const AS_WRITTEN: &str = "as written";

/// The manual page of a source file: its header as Markdown.
pub(crate) fn manual_of(source: &str) -> String {
    let header: Vec<&str> = source
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or(""))
        .collect();
    header.join("\n").trim().to_owned()
}

/// Profiles and variants as one Markdown document: `docs/profiles.md`.
pub fn handbook() -> String {
    let mut text = String::from(HANDBOOK_HEAD);
    text.push_str("\n## Profiles\n");
    for profile in PROFILES {
        text.push_str(&format!(
            "\n### {}\n\n*{}*\n\n{}\n",
            profile.name,
            profile.summary,
            profile.manual()
        ));
    }
    text.push_str("\n## Variants\n");
    for variant in VARIANTS {
        let rules: Vec<String> = variant.rules.iter().map(|rule| format!("`{rule}`")).collect();
        text.push_str(&format!(
            "\n### {}\n\n*{}* Judged by {}.\n\n{}\n",
            variant.name,
            variant.summary,
            rules.join(", "),
            variant.manual()
        ));
    }
    text
}

const HANDBOOK_HEAD: &str = include_str!("visitor/handbook.md");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_entry_has_a_manual_page() {
        let mut names: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
        names.extend(VARIANTS.iter().map(|variant| variant.name));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        for (name, manual) in PROFILES
            .iter()
            .map(|profile| (profile.name, profile.manual()))
            .chain(VARIANTS.iter().map(|variant| (variant.name, variant.manual())))
        {
            assert!(manual.contains("#### What it does"), "{name}");
            assert!(manual.contains("#### What it cannot do"), "{name}");
        }
        assert_eq!(PROFILES[0].name, CLEAN);
    }
}
