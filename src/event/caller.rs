//! Who caused an event: the place in a page's scripts, and the tool that it belongs to.
//!
//! Tools are known by the addresses of their scripts, which are public.
//! Never a browser's words for a stack.

use std::fmt;

use super::mask_url;

/// The place in a page's scripts that caused an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caller {
    /// Address of the script, or of the page for a script that stands in it.
    pub url: String,
    /// Name of the function; empty where it has none.
    pub function: String,
    /// Line, from 1; 0 where it is not known.
    pub line: u32,
    /// Address and line of the outermost script, where it is another place: many sites send
    /// all events through one function of theirs, and only what called it differs.
    pub from: Option<(String, u32)>,
    /// The tool that it belongs to, or that inserted it.
    pub tool: Option<String>,
}

/// Scripts by a part of their address, and whose they are. The part is followed by the name
/// of the container, where one is given.
///
/// Source: each vendor's own installation guide.
const TOOLS: &[(&str, &str)] = &[
    ("googletagmanager.com/gtm.js?id=", "Google Tag Manager container"),
    ("googletagmanager.com/gtag/js?id=", "Google tag"),
    ("/wp-content/plugins/", "WordPress plugin"),
    ("/wp-content/themes/", "WordPress theme"),
    ("tags.tiqcdn.com/utag/", "Tealium profile"),
    ("assets.adobedtm.com/", "Adobe tags"),
    ("cdn.segment.com/", "Segment"),
    ("cdn.shopify.com/", "Shopify"),
    ("/modules/ps_", "PrestaShop module ps_"),
    ("/sites/all/modules/", "Drupal module"),
    ("/static/version", "Magento"),
];

impl Caller {
    /// The innermost of some places, given as address, function and line from the inside
    /// out; `None` where there are none.
    pub fn of<'a>(mut places: impl Iterator<Item = (&'a str, &'a str, u32)>) -> Option<Caller> {
        let (url, function, line) = places.next()?;
        let mut tool = tool_of(url);
        let mut from = None;
        for (url, _, line) in places {
            tool = tool.or_else(|| tool_of(url));
            from = Some((url.to_owned(), line));
        }
        let from = from.filter(|(outer, at)| outer != url || *at != line);
        Some(Caller { url: url.to_owned(), function: function.to_owned(), line, from, tool })
    }
}

/// The tool that a script's address names.
fn tool_of(url: &str) -> Option<String> {
    TOOLS.iter().find_map(|(part, name)| {
        let (_, rest) = url.split_once(part)?;
        let end = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
        let which = rest.split(end).next().unwrap_or_default();
        let named = part.ends_with(['=', '/', '_']) && !which.is_empty() && has_containers(name);
        Some(match named {
            true if name.ends_with('_') => format!("{name}{which}"),
            true => format!("{name} {which}"),
            false => (*name).to_owned(),
        })
    })
}

/// True for tools whose addresses go on with the name of one of many.
fn has_containers(name: &str) -> bool {
    ["container", "tag", "plugin", "theme", "profile", "module", "ps_"]
        .iter()
        .any(|end| name.ends_with(end))
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_url(&self.url))?;
        if self.line > 0 {
            write!(f, " line {}", self.line)?;
        }
        if !self.function.is_empty() {
            write!(f, " in {}()", self.function)?;
        }
        if let Some((url, line)) = &self.from {
            write!(f, ", called from {} line {line}", mask_url(url))?;
        }
        if let Some(tool) = &self.tool {
            write!(f, ", {tool}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_known_by_the_addresses_of_their_scripts() {
        for (url, tool) in [
            (
                "https://www.googletagmanager.com/gtm.js?id=GTM-AB12&l=x",
                "Google Tag Manager container GTM-AB12",
            ),
            ("https://www.googletagmanager.com/gtag/js?id=G-1", "Google tag G-1"),
            (
                "https://shop.test/wp-content/plugins/pixelyoursite/dist/a.js?v=1",
                "WordPress plugin pixelyoursite",
            ),
            ("https://shop.test/wp-content/themes/storefront/a.js", "WordPress theme storefront"),
            ("https://shop.test/modules/ps_facebook/views/a.js", "PrestaShop module ps_facebook"),
            ("https://cdn.segment.com/analytics.js/v1/x/a.js", "Segment"),
        ] {
            assert_eq!(tool_of(url).as_deref(), Some(tool), "{url}");
        }
        assert_eq!(tool_of("https://shop.test/app.js"), None);
    }

    #[test]
    fn a_tag_that_a_container_inserted_names_the_container() {
        let container = "https://www.googletagmanager.com/gtm.js?id=GTM-AB12";
        let places = [("https://shop.test/?email=a@b.c", "", 7), (container, "x", 1)];
        let text = Caller::of(places.into_iter()).expect("a place").to_string();
        assert!(text.contains(" line 7, called from https://www.googletagmanager.com/"), "{text}");
        assert!(text.ends_with("line 1, Google Tag Manager container GTM-AB12"), "{text}");
        assert!(!text.contains("a@b.c"), "{text}");
    }
}
