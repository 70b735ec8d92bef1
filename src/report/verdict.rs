//! What the gate decided, criterion by criterion.
//!
//! Never how it decides.

/// The end of a run, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    /// Every criterion is met.
    Passed,
    /// The site, or a figure of it, does not meet the policy.
    Failed,
    /// Nothing was caught, so nothing is proven.
    #[default]
    Empty,
    /// Some scenario was not played to the end, and what was played has no error.
    Incomplete,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 4] =
        [Outcome::Passed, Outcome::Failed, Outcome::Empty, Outcome::Incomplete];

    /// The word users see.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Empty => "empty",
            Outcome::Incomplete => "incomplete",
        }
    }
}

/// What kind of number a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// A whole number of things.
    #[default]
    Count,
    /// A share, 0 to 1.
    Rate,
    /// A score, 0 to 10.
    Score,
}

impl Unit {
    /// All of them.
    pub const ALL: [Unit; 3] = [Unit::Count, Unit::Rate, Unit::Score];

    /// The word in machine formats.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Count => "count",
            Unit::Rate => "rate",
            Unit::Score => "score",
        }
    }

    /// A figure in this unit. Rates are rounded down, so that what falls short of a
    /// limit never looks as if it met it.
    pub fn show(self, figure: f64) -> String {
        match self {
            Unit::Count => format!("{figure:.0}"),
            Unit::Rate => {
                // A ratio such as 0.29 times 100 lies a hair below 29.
                let tenths = (figure * 1000.0 + 1e-9).floor() / 10.0;
                if tenths.fract() == 0.0 {
                    format!("{tenths:.0} %")
                } else {
                    format!("{tenths:.1} %")
                }
            }
            Unit::Score => format!("{:.1}", (figure * 10.0 + 1e-9).floor() / 10.0),
        }
    }
}

/// One thing the gate looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Criterion {
    /// Its name: `errors`, `warnings`, or the figure as the policy writes it.
    pub name: String,
    /// The figure; `None` where the run has nothing to compute it from.
    pub figure: Option<f64>,
    /// What kind of number it is.
    pub unit: Unit,
    /// The limit: `<= 0`, `>= 0.99`.
    pub limit: String,
    /// Whether the figure keeps the limit.
    pub passed: bool,
}

impl Criterion {
    /// The figure as a reader wants it.
    pub fn shown(&self) -> String {
        self.figure.map_or_else(|| "no data".to_owned(), |figure| self.unit.show(figure))
    }
}

/// What the gate decided.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Verdict {
    /// The end of it.
    pub outcome: Outcome,
    /// What it looked at.
    pub criteria: Vec<Criterion>,
}

impl Verdict {
    /// Criteria that were not met.
    pub fn missed(&self) -> impl Iterator<Item = &Criterion> {
        self.criteria.iter().filter(|criterion| !criterion.passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_below_its_limit_never_looks_as_if_it_met_it() {
        assert_eq!(Unit::Rate.show(0.9996), "99.9 %");
        assert_eq!(Unit::Rate.show(0.29), "29 %");
        assert_eq!(Unit::Rate.show(1.0), "100 %");
        assert_eq!(Unit::Score.show(6.99), "6.9");
    }
}
