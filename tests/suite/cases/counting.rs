//! Tapes of the counting rules.

use super::Case;
use crate::tape_builder::Tape;

pub fn cases() -> Vec<Case> {
    vec![Case {
        rule: "nothing-captured",
        clean: || Tape::new().session(&[]).with(|session| session.never = vec!["Purchase".into()]),
        broken: || Tape::new().session(&["Purchase"]),
    }]
}
