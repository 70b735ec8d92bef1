//! Templates to HTML, and the pixel snippet with what it has to fire.
//! Never who may be tracked; that is decided before.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::Value as Shown;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::{Map, Value};

use super::tracking::PixelCall;

/// Name and text of every template.
const TEMPLATES: &[(&str, &str)] = &[
    ("layout.html", include_str!("pages/layout.html")),
    ("pixel.html", include_str!("pages/pixel.html")),
    ("parts.html", include_str!("pages/parts.html")),
    ("home.html", include_str!("pages/home.html")),
    ("search.html", include_str!("pages/search.html")),
    ("product.html", include_str!("pages/product.html")),
    ("cart.html", include_str!("pages/cart.html")),
    ("checkout.html", include_str!("pages/checkout.html")),
    ("payment.html", include_str!("pages/payment.html")),
    ("thank_you.html", include_str!("pages/thank_you.html")),
    ("newsletter.html", include_str!("pages/newsletter.html")),
    ("welcome.html", include_str!("pages/welcome.html")),
    ("privacy.html", include_str!("pages/privacy.html")),
    ("missing.html", include_str!("pages/missing.html")),
];

/// The style sheet.
pub(super) const STYLE: &str = include_str!("pages/shop.css");

/// The shop's own script.
pub(super) const SCRIPT: &str = include_str!("pages/shop.js");

/// What a page tells the pixel.
pub(super) struct Pixel<'a> {
    /// Pixel ID.
    pub(super) id: &'a str,
    /// Advanced matching, in plain text.
    pub(super) matching: Map<String, Value>,
    /// Calls to print.
    pub(super) calls: Vec<PixelCall>,
    /// Planted: the image outside of `noscript`.
    pub(super) image_for_all: bool,
    /// Planted: the image without an event ID.
    pub(super) image_without_id: bool,
    /// Planted: what the script has not sent soon is sent by image.
    pub(super) impatient: bool,
    /// Planted: a cookie that a script sets.
    pub(super) fbp_by_script: Option<String>,
    /// Planted: a plug-in with a second copy of the pixel.
    pub(super) plug_in: bool,
    /// Planted: product pages that change their address without loading.
    pub(super) route_change: bool,
    /// Planted: another name for the option of the event ID.
    pub(super) id_option: Option<&'static str>,
    /// Planted: an address that the page calls.
    pub(super) token_call: Option<String>,
}

/// Every page of the shop.
#[derive(Debug)]
pub(super) struct Pages(Environment<'static>);

impl Pages {
    /// Reads the templates.
    pub(super) fn new() -> Result<Pages, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, text) in TEMPLATES {
            environment.add_template(name, text)?;
        }
        Ok(Pages(environment))
    }

    /// The HTML of a page; `None` for the pixel leaves it out.
    pub(super) fn render(
        &self,
        template: &str,
        mut data: Value,
        pixel: Option<Pixel>,
    ) -> Result<String, minijinja::Error> {
        data["pixel"] = pixel.map_or(Value::Null, |pixel| pixel.to_json());
        self.0.get_template(template)?.render(shown(&data))
    }
}

impl Pixel<'_> {
    fn to_json(&self) -> Value {
        let calls: Vec<String> = self
            .calls
            .iter()
            .map(|call| {
                format!(
                    "{}({}, {}, {})",
                    if call.again { "trackAgain" } else { "track" },
                    in_script(&Value::String(call.name.clone())),
                    in_script(&Value::Object(call.params.clone())),
                    in_script(&call.id),
                )
            })
            .collect();
        let page_view = self.calls.iter().find(|call| call.name == "PageView");
        serde_json::json!({
            "id": self.id,
            "matching": in_script(&Value::Object(self.matching.clone())),
            "calls": calls,
            "page_view": page_view.and_then(|call| call.id.as_str()).unwrap_or_default(),
            "image_for_all": self.image_for_all,
            "image_without_id": self.image_without_id,
            "impatient": self.impatient,
            "cookie": self.fbp_by_script.as_ref().map(|text| in_script(&Value::String(text.clone()))),
            "second_pixel": self.plug_in,
            "route_change": self.route_change,
            "id_option": self.id_option,
            "token_call": self.token_call.as_ref().map(|url| in_script(&Value::String(url.clone()))),
        })
    }
}

/// JSON that can stand in a script element: what could end the element, or a line
/// of an old script engine, is written as an escape.
fn in_script(value: &Value) -> String {
    value.to_string().chars().fold(String::new(), |mut text, c| {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            _ => text.push(c),
        }
        text
    })
}

/// Data in the template engine's own values.
fn shown(value: &Value) -> Shown {
    match value {
        Value::Null => Shown::from(()),
        Value::Bool(truth) => Shown::from(*truth),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Shown::from(number.as_f64().unwrap_or_default()), Shown::from),
        Value::String(text) => Shown::from(Arc::<str>::from(text.as_str())),
        Value::Array(items) => items.iter().map(shown).collect(),
        Value::Object(fields) => {
            let fields: BTreeMap<String, Shown> =
                fields.iter().map(|(name, value)| (name.clone(), shown(value))).collect();
            Shown::from(fields)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn data_cannot_break_out_of_a_script() {
        let text = in_script(&json!({ "q": "</script><b>&\u{2028}" }));
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        let back: Value = serde_json::from_str(&text).expect("still JSON");
        assert_eq!(back["q"], "</script><b>&\u{2028}");
    }

    #[test]
    fn every_template_is_readable() {
        Pages::new().expect("readable");
    }
}
