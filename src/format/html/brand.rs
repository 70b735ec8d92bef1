//! The sender's looks: title, logo and colours, laid over the page's own.
//!
//! Colours decorate; no text depends on them, so that any brand stays readable.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Value;
use serde::Serialize;

use crate::report::{Brand, Colour, Report};

/// What the templates need of a brand.
#[derive(Serialize)]
pub(super) struct Shown {
    title: String,
    client: String,
    footer: String,
    logo: Option<Value>,
    /// Style on top of the common one.
    pub(super) style: String,
}

/// The brand of a report; the program's own where there is none.
pub(super) fn shown(report: &Report) -> Shown {
    let own = Brand::default();
    let brand = report.brand.as_ref().unwrap_or(&own);
    Shown {
        title: if brand.title.is_empty() {
            "Conversion report".to_owned()
        } else {
            brand.title.clone()
        },
        client: brand.client.clone(),
        footer: brand.footer.clone(),
        logo: brand.logo.as_ref().map(|logo| {
            let coded = STANDARD.encode(&logo.bytes);
            Value::from_safe_string(format!("data:{};base64,{coded}", logo.media_type))
        }),
        style: style(brand),
    }
}

fn style(brand: &Brand) -> String {
    let rule = |colour: Colour| format!("--brand:{colour};--on-brand:{}", on(colour));
    let mut style = String::new();
    if let Some(colour) = brand.colour {
        style.push_str(&format!(":root{{{}}}", rule(colour)));
    }
    if let Some(colour) = brand.colour_dark {
        let rule = rule(colour);
        style.push_str(&format!(
            "@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{rule}}}}}:root[data-theme=dark]{{{rule}}}"
        ));
    }
    style
}

/// Black or white, whichever is easier to read on a colour.
fn on(colour: Colour) -> &'static str {
    // Contrast with white and black is the same at this luminance. W3C, WCAG 2, relative luminance.
    const EVEN: f64 = 0.179;
    if colour.luminance() > EVEN { "#000" } else { "#fff" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_on_the_brand_is_readable_whatever_the_colour() {
        let colour = |text: &str| Colour::read(text).expect("a colour");
        assert_eq!(on(colour("#ffe600")), "#000");
        assert_eq!(on(colour("#0b3d91")), "#fff");
        let brand = Brand { colour: Some(colour("#abc")), ..Brand::default() };
        assert_eq!(style(&brand), ":root{--brand:#aabbcc;--on-brand:#000}");
        assert_eq!(style(&Brand::default()), "");
    }
}
