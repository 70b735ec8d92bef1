//! stub
use super::{Format, Look};
use crate::report::Report;

pub(super) const FORMAT: Format =
    Format { name: "terminal", file: None, summary: "for people, in a terminal", render };

fn render(report: &Report, _look: &Look) -> String {
    report.headline()
}
