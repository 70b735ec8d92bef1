//! The formats: every sample report through every format.

use countonce::format::{FORMATS, Look, find};
use countonce::report::Report;

use super::sample;

fn render(format: &str, report: &Report, width: usize, colour: bool) -> String {
    let format = find(format).expect("a format of that name");
    (format.render)(report, &Look { width, colour })
}

#[test]
fn show() {
    for (name, report) in sample::all() {
        for width in [80, 160] {
            println!("===== {name} {width}\n{}", render("terminal", &report, width, false));
        }
    }
    let _ = FORMATS;
}
