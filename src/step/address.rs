//! Addresses that a scenario may open.

use super::target::Flaw;

/// Refuses what a browser would take for something else than was meant.
pub(super) fn check(address: &str) -> Result<(), Flaw> {
    if address.is_empty() {
        return Err(Flaw::new("the address is empty").hint("write `/` for the home page"));
    }
    if let Some(at) = address.chars().position(|c| c.is_whitespace() || c.is_control()) {
        return Err(Flaw::new("an address cannot hold white space")
            .at(at)
            .hint("write `%20` for a space"));
    }
    let relative = address.starts_with(['/', '?', '#']) || address.starts_with("${");
    if relative {
        return Ok(());
    }
    let scheme: &str = address.split([':', '/', '?', '#']).next().unwrap_or(address);
    if let Some(rest) = address.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")) {
        return if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
            Err(Flaw::new(format!("`{scheme}` is no scheme of a web page"))
                .hint("use http or https"))
        } else if rest.is_empty() || rest.starts_with(['/', '?', '#', ':']) {
            Err(Flaw::new("the address has no host"))
        } else {
            Ok(())
        };
    }
    let flaw = Flaw::new("an address begins with `/` or with `https://`");
    Err(if address.contains('.') && !address.contains(['(', ')']) {
        flaw.hint(format!("did you mean `https://{address}` or `/{address}`?"))
    } else {
        flaw.hint(format!("did you mean `/{address}`?"))
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn paths_queries_and_web_addresses_pass() {
        for good in [
            "/",
            "/a?b=c#d",
            "?x=1",
            "#top",
            "https://shop.test/x",
            "HTTP://shop.test",
            "${persona.click_id}",
            "/?fbclid=${persona.click_id}",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_a_way_out() {
        for bad in
            ["", "cart", "shop.test/cart", "ftp://shop.test", "https://", "https:///x", "/a b"]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
        let hint = check("shop.test/cart").expect_err("no scheme").hint.expect("a hint");
        assert!(hint.contains("https://shop.test/cart"));
        assert_eq!(check("/a b").expect_err("a space").at, Some(2));
    }
}
