//! Cookies as a browser lists them, in the classic protocol and in BiDi.
//!
//! Never which of them matter.

use serde_json::Value;

/// Cookies of one profile that are looked at: a page can set any number.
const MOST: usize = 300;

/// One cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) domain: String,
    /// Unix seconds; `None` where it ends with the browser session.
    pub(crate) expires: Option<i64>,
    pub(crate) http_only: bool,
}

/// The cookies of a list; what is no cookie is left out.
pub(super) fn listed(list: Option<&Value>) -> Vec<Cookie> {
    let cookies = list.and_then(Value::as_array).into_iter().flatten().take(MOST);
    cookies.filter_map(cookie).collect()
}

fn cookie(value: &Value) -> Option<Cookie> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    // BiDi wraps the value, since it may be no text.
    let content =
        text("value").or_else(|| value["value"].get("value")?.as_str().map(str::to_owned));
    let seconds = |value: &Value| value.as_i64().or_else(|| value.as_f64().map(|it| it as i64));
    Some(Cookie {
        name: text("name")?,
        value: content.unwrap_or_default(),
        domain: text("domain").unwrap_or_default(),
        expires: value.get("expiry").and_then(seconds).filter(|at| *at > 0),
        http_only: value.get("httpOnly").and_then(Value::as_bool).unwrap_or(false),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_protocols_list_the_same_cookie() {
        let classic = json!([{
            "name": "_fbp", "value": "fb.1.2.3", "domain": ".shop.test", "expiry": 5, "httpOnly": false,
        }]);
        let bidi = json!([{
            "name": "_fbp", "value": {"type": "string", "value": "fb.1.2.3"},
            "domain": ".shop.test", "expiry": 5, "httpOnly": false,
        }, 7]);
        let one = listed(Some(&classic));
        assert_eq!(one, listed(Some(&bidi)));
        assert_eq!((one[0].name.as_str(), one[0].expires), ("_fbp", Some(5)));
    }

    #[test]
    fn a_cookie_without_an_end_goes_with_the_session() {
        let list = json!([{"name": "a", "expiry": 17.5}, {"name": "b"}, {"value": 1}]);
        let ends: Vec<_> = listed(Some(&list)).iter().map(|cookie| cookie.expires).collect();
        assert_eq!(ends, [Some(17), None]);
    }
}
