//! Match keys: the platform can recognise the person.

pub(super) mod low_match_key_coverage;
pub(super) mod unhashed_personal_data;
