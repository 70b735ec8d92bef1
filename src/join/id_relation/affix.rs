//! One text as a part of another: something added at its front or end, or its end cut off.
//!
//! What goes on with another figure is another number, so not every common beginning is a
//! relation: order 1001 is no part of order 10010.
//! Never looks at spelling.

use super::Step;
use crate::join::id_health::IdScheme;

/// Shortest common part where a sign or a change from letters to figures sets it off,
/// in characters.
const SHORTEST_CORE: usize = 4;
/// Shortest common part where nothing does.
const SHORTEST_UNSET: usize = 8;
/// Longest addition that still counts as a prefix or suffix, in characters.
const LONGEST_AFFIX: usize = 40;

/// Which part of the longer text the shorter is, and how many characters it has.
pub(super) fn part(left: &str, right: &str) -> Option<(Step, usize)> {
    let (long, short) = if left.len() >= right.len() { (left, right) } else { (right, left) };
    let core = short.chars().count();
    if long == short || core < SHORTEST_CORE {
        return None;
    }
    // Parts of a random text are alike by chance unless they are long.
    let random = matches!(IdScheme::of(long), IdScheme::Uuid | IdScheme::Random)
        || long.len() >= 32 && long.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(rest) = long.strip_prefix(short) {
        return ending(long, short, rest, random).map(|step| (step, core));
    }
    let front = long.strip_suffix(short)?;
    let seam = Seam::between(front.chars().next_back()?, short.chars().next()?);
    let believable = match seam {
        _ if random && core < SHORTEST_UNSET => false,
        Seam::Sign | Seam::Change => true,
        Seam::Letters => core >= SHORTEST_UNSET,
        Seam::Figures => false,
    };
    (believable && front.chars().count() <= LONGEST_AFFIX).then_some((Step::Prefix, core))
}

/// What a rest at the end is: an addition, or what a cut took.
fn ending(long: &str, short: &str, rest: &str, random: bool) -> Option<Step> {
    let core = short.chars().count();
    let seam = Seam::between(short.chars().next_back()?, rest.chars().next()?);
    let added = match seam {
        _ if random => false,
        Seam::Sign => !rest.starts_with(char::is_alphanumeric),
        Seam::Change => rest.chars().all(char::is_alphabetic),
        Seam::Letters | Seam::Figures => false,
    };
    if added && rest.chars().count() <= LONGEST_AFFIX {
        return Some(Step::Suffix);
    }
    let another_number =
        seam == Seam::Figures && !random && IdScheme::of(long) != IdScheme::Timestamp;
    (core >= SHORTEST_UNSET && !another_number).then_some(Step::Truncated)
}

/// What stands on the two sides of the place where the common part ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seam {
    /// A sign on one of them at least.
    Sign,
    /// A letter and a figure.
    Change,
    /// Two letters.
    Letters,
    /// Two figures.
    Figures,
}

impl Seam {
    fn between(left: char, right: char) -> Seam {
        if !left.is_alphanumeric() || !right.is_alphanumeric() {
            return Seam::Sign;
        }
        match (left.is_numeric(), right.is_numeric()) {
            (true, true) => Seam::Figures,
            (false, false) => Seam::Letters,
            _ => Seam::Change,
        }
    }
}
