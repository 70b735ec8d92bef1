//! The templates, with the formatter that makes every text harmless, and the content
//! policy that lets nothing but this page's own style and script work.
//!
//! Never what stands on the page.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::text::escape;

/// Name and text of every template.
const TEMPLATES: &[(&str, &str)] = &[
    ("layout.html", include_str!("page/layout.html")),
    ("report.html", include_str!("page/report.html")),
    ("comparison.html", include_str!("page/comparison.html")),
    ("events.html", include_str!("page/events.html")),
    ("coverage.html", include_str!("page/coverage.html")),
    ("findings.html", include_str!("page/findings.html")),
    ("course.html", include_str!("page/course.html")),
    ("evidence.html", include_str!("page/evidence.html")),
    ("baseline.html", include_str!("page/baseline.html")),
    ("log.html", include_str!("page/log.html")),
    ("rest.html", include_str!("page/rest.html")),
];

/// The style of every page; a brand adds its colours.
const STYLE: &str = include_str!("page/report.css");

/// The script: filters, links, unfolds.
const SCRIPT: &str = include_str!("page/report.js");

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    pages.set_syntax(syntax.expect("the syntax is the usual one"));
    pages.set_formatter(|out, _, value| {
        if value.is_safe() {
            return out.write_str(value.as_str().unwrap_or_default()).map_err(Error::from);
        }
        match value.kind() {
            ValueKind::String => out.write_str(&escape(value.as_str().unwrap_or_default())),
            ValueKind::Number | ValueKind::Bool => write!(out, "{value}"),
            kind => {
                let what = format!("a page cannot show a value of kind {kind}");
                return Err(Error::new(ErrorKind::InvalidOperation, what));
            }
        }
        .map_err(Error::from)
    });
    for (name, text) in TEMPLATES {
        pages.add_template(name, text).expect("the templates are part of the program");
    }
    pages
});

/// A page from its template; `more` is style on top of the common one.
pub(super) fn render(template: &str, contents: &impl Serialize, more: &str) -> String {
    let style = format!("{STYLE}{more}");
    let policy = format!(
        "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        digest(&style),
        digest(SCRIPT)
    );
    PAGES
        .get_template(template)
        .and_then(|page| {
            page.render(context! {
                style => Value::from_safe_string(style),
                script => Value::from_safe_string(SCRIPT.to_owned()),
                policy,
                ..Value::from(Serde(contents))
            })
        })
        .expect("the templates and what they are given are part of the program")
}

/// Names an inline style or script in a content policy. W3C, Content Security Policy 3.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
