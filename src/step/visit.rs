//! Opens an address of the site, or any other.

use super::{Action, Arg, StepError, StepKind, address};

pub(super) const STEP: StepKind = StepKind {
    keyword: "visit",
    summary: "Opens an address: a path of the site, or a full `https://` address",
    example: "visit: /?fbclid=${persona.click_id}",
    parse,
    schema: || {
        serde_json::json!({
            "type": "string",
            "pattern": r"^(/|\?|#|\$\{|[hH][tT][tT][pP][sS]?://[^/?#:])\S*$",
            "description": "A path of the site (/cart?x=1), or a full http or https address",
        })
    },
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    let text = arg.text("an address")?;
    address::check(text).map_err(|flaw| StepError::flaw(arg, flaw))?;
    Ok(vec![Action::Visit(text.to_owned())])
}

#[cfg(test)]
mod tests {
    use super::super::read::testing::*;
    use super::*;

    #[test]
    fn an_address_is_opened_as_written() {
        let actions = good(&STEP, &text("/a?b=${persona.click_id}"));
        assert_eq!(actions, [Action::Visit("/a?b=${persona.click_id}".to_owned())]);
    }

    #[test]
    fn a_bare_host_and_a_missing_address_are_refused() {
        assert!(bad(&STEP, &text("shop.test")).hint.is_some_and(|hint| hint.contains("https://")));
        assert!(bad(&STEP, &none()).what.contains("missing"));
    }
}
