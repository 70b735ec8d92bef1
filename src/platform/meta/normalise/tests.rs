//! What the rules make of a few telling values.

use super::*;

#[test]
fn the_family_disagrees_where_the_facts_say_so() {
    let all = |key, input: &str| {
        Implementation::ALL
            .map(|one| normalise(one, key, input).unwrap_or_else(|| "nothing".into()))
    };
    assert_eq!(
        all(MatchKey::City, "São Paulo"),
        ["sopaulo", "sopaulo", "sopaulo", "sãopaulo", "sãopaulo", "sãopaulo"]
    );
    assert_eq!(
        all(MatchKey::Zip, "SW1A 1AA"),
        ["sw1a 1aa", "sw1a 1aa", "sw1a 1aa", "sw1a1aa", "sw1a1aa", "sw1a1aa"]
    );
    assert_eq!(all(MatchKey::Gender, "Female"), ["Female", "f", "f", "female", "female", "f"]);
    assert_eq!(
        all(MatchKey::Phone, "0044 20 7183 8750"),
        [
            "442071838750",
            "442071838750",
            "442071838750",
            "00442071838750",
            "442071838750",
            "442071838750"
        ]
    );
    // Keys that nobody hashes pass through.
    assert_eq!(all(MatchKey::BrowserId, "fb.1.2.3"), ["fb.1.2.3"; 6]);
}

#[test]
fn digests_are_the_ones_meta_prints() {
    assert_eq!(
        on_the_wire(Implementation::Pixel, MatchKey::Email, "John_Smith@gmail.com").as_deref(),
        Some("62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f")
    );
    assert_eq!(
        on_the_wire(Implementation::ParameterBuilder, MatchKey::Phone, "+1 (650) 555-1212")
            .as_deref(),
        Some("e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176")
    );
    assert_eq!(digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn no_text_makes_a_normaliser_panic() {
    for input in [
        "",
        "@",
        "a@",
        "@.",
        "-",
        "é",
        "\u{1F600}",
        "0",
        "+",
        "+00",
        "\0",
        "ß-",
        "999999999999999999999999/1/1",
    ] {
        for key in MatchKey::ALL {
            for implementation in Implementation::ALL {
                on_the_wire(implementation, *key, input);
            }
        }
    }
}
