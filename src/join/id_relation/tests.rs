use super::*;

fn name(left: &str, right: &str) -> Option<String> {
    relate(left, right).map(|relation| relation.name())
}

#[test]
fn each_cause_is_told_from_the_others() {
    let cases = [
        ("abc-1", "ABC-1", "case"),
        (" abc-1 ", "abc-1", "white space"),
        ("abc\u{a0}d", "abcd", "white space"),
        ("abc\u{200b}d", "abcd", "invisible characters"),
        ("gr\u{f6}\u{df}e-1", "gro\u{308}\u{df}e-1", "Unicode form"),
        ("00123", "123", "number format"),
        ("7", "007", "number format"),
        ("order-007", "order-7", "number format"),
        ("1234.0", "1234", "number format"),
        ("1,234", "1234", "number format"),
        ("1.2345E+5", "123450", "number format"),
        ("1.23457E+12", "1234567890123", "number format"),
        ("order/17", "order%2F17", "encoding"),
        ("o/1001", "o%252F1001", "encoding"),
        ("order+1", "order 1", "encoding"),
        ("a&b-17", "a&amp;b-17", "encoding"),
        ("o&1001", "o&amp;amp;1001", "encoding"),
        ("o#1001&#x27;", "o#1001'", "encoding"),
        ("gr\u{f6}\u{df}e-1", "gr%C3%B6%C3%9Fe-1", "encoding"),
        ("order-1001", "b3JkZXItMTAwMQ==", "Base64"),
        ("order-1001", "b3JkZXItMTAwMQ", "Base64"),
        ("purchase.1001", "1001", "prefix"),
        ("1001", "gid://shop/Order/1001", "prefix"),
        ("ORD1001", "1001", "prefix"),
        ("1001", "1001_capi", "suffix"),
        ("1001", "1001capi", "suffix"),
        ("3f2b8c1e-0f4a-4a7e-9a51-6b1f0c2d3e4f", "3f2b8c1e-0f4a-4a7e", "truncated"),
        ("3f2b8c1e0f4a4a7e9a516b1f0c2d3e4f", "3f2b8c1e0f4a4a7e9a51", "truncated"),
        ("abcdefghijkl", "abcdefgh", "truncated"),
        ("1772452800123", "1772452800", "truncated"),
        ("order-1001", "order1001", "punctuation"),
        ("\"o-1001\"", "o-1001", "punctuation"),
    ];
    for (left, right, cause) in cases {
        assert_eq!(name(left, right).as_deref(), Some(cause), "{left} / {right}");
        assert_eq!(name(right, left).as_deref(), Some(cause), "{right} / {left}");
    }
    let hashed = digest("order-1001");
    assert_eq!(name("order-1001", &hashed).as_deref(), Some("digest"));
    assert_eq!(name("ORDER-1001", &hashed).as_deref(), Some("case and digest"));
}

#[test]
fn several_causes_at_once_are_all_named_and_no_more() {
    let cases = [
        (
            "3f2b8c1e-0f4a-4a7e-9a51-6b1f0c2d3e4f",
            "3F2B8C1E0F4A4A7E9A516B1F0C2D3E4F",
            "case and punctuation",
        ),
        ("Purchase_ABC1", "abc1", "case and prefix"),
        (" ORDER-1", "order-1", "case and white space"),
        ("order-1001\n", "purchase_ORDER-1001", "case, white space and prefix"),
        (" 00123", "123", "white space and number format"),
        ("ORDER%2F17", "order/17", "case and encoding"),
        ("ORDER-1001", "b3JkZXItMTAwMQ==", "case and Base64"),
        ("o\u{200b}rder-1 ", "order-1", "white space and invisible characters"),
    ];
    for (left, right, cause) in cases {
        assert_eq!(name(left, right).as_deref(), Some(cause), "{left} / {right}");
        assert_eq!(name(right, left).as_deref(), Some(cause), "{right} / {left}");
    }
}

#[test]
fn unlike_texts_have_no_relation() {
    for (left, right) in [
        ("abc", "abc"),
        ("", "abc"),
        ("17", "99917"),
        ("one-id", "other-id"),
        ("a", "ab"),
        ("1001", "10010"),
        ("1001", "991001"),
        ("order-100", "order-1001"),
        ("order-2024-100", "order-2024-1001"),
        ("ev_1772452800", "ev_1772452801"),
        ("1001", "3f2b8c1e-0f4a-4a7e-9a51-6b1f0c2d1001"),
        ("add-102", "add-99"),
        ("---", "***"),
        ("1.5E+5", "150001"),
    ] {
        assert_eq!(relate(left, right), None, "{left} / {right}");
    }
}

#[test]
fn a_short_common_part_is_weak_evidence_and_another_spelling_strong() {
    let strong = |left: &str, right: &str| relate(left, right).map(|it| it.is_strong());
    assert_eq!(strong("purchase.1001", "1001"), Some(false));
    assert_eq!(strong("purchase.order-1001", "order-1001"), Some(true));
    assert_eq!(strong("abc", "ABC"), Some(true));
}

#[test]
fn one_spelling_in_another_has_the_same_fold() {
    let uuid = "3f2b8c1e-0f4a-4a7e-9a51-6b1f0c2d3e4f";
    assert_eq!(fold_id(uuid), fold_id(&uuid.to_uppercase().replace('-', "")));
    assert_eq!(fold_id("Order-17"), fold_id("ORDER17 "));
    assert_ne!(fold_id("order-17"), fold_id("order-18"));
    for id in [uuid, "0f3c0000-9ea0-4f67-8066-dae1bdcec6b5", "order-17", "17", "täglich"] {
        assert_eq!(fold_and_scheme(id), (fold_id(id), IdScheme::of(id)), "{id}");
    }
    let zero = "0f3c0000-9ea0-4f67-8066-dae1bdcec6b5";
    assert_eq!(fold_id(zero), fold_id(zero.trim_start_matches('0')));
}
