//! Known values, known mistakes, and what must stay unknown.

use super::*;
use crate::platform::meta::normalise::on_the_wire;

fn person(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn american() -> Prover {
    Prover::new(person(&[
        ("email", "Mary.Ann+7@Example.com"),
        ("phone", "+16505550112"),
        ("phone_national", "(650) 555-0112"),
        ("first_name", "Mary"),
        ("last_name", "O'Brien"),
        ("gender", "f"),
        ("birth_date", "1997-02-16"),
        ("city", "New Haven"),
        ("state", "CT"),
        ("state_name", "Connecticut"),
        ("zip", "06511"),
        ("country", "US"),
        ("country_name", "United States"),
        ("external_id", "User-7"),
    ]))
}

fn german() -> Prover {
    Prover::new(person(&[
        ("email", "joerg@example.net"),
        ("phone", "+493023125042"),
        ("phone_national", "030 23125042"),
        ("first_name", "Jörg"),
        ("last_name", "Großmann-Müller"),
        ("gender", "m"),
        ("birth_date", "1971-11-03"),
        ("city", "Weißwasser"),
        ("state", "SN"),
        ("state_name", "Sachsen"),
        ("zip", "02943"),
        ("country", "DE"),
        ("country_name", "Germany"),
    ]))
}

fn digest(text: &str) -> String {
    sha256(text.as_bytes())
}

#[track_caller]
fn slips(prover: &Prover, key: MatchKey, value: &str) -> String {
    match prover.prove(key, value) {
        Proof::Mistake(mistake) => mistake.cause(),
        other => panic!("{key} {value}: {other:?}"),
    }
}

#[track_caller]
fn makers(prover: &Prover, key: MatchKey, text: &str) -> Vec<&'static str> {
    match prover.prove(key, &digest(text)) {
        Proof::Accepted(makers) => makers.into_iter().map(Maker::name).collect(),
        other => panic!("{key} {text:?}: {other:?}"),
    }
}

#[test]
fn what_an_implementation_makes_of_good_input_is_accepted() {
    for prover in [american(), german()] {
        for key in PROVABLE {
            for input in right::inputs(key, prover.plain()) {
                let foreign = ["phone_national", "state_name", "country_name"]
                    .iter()
                    .any(|field| prover.plain().get(field) == Some(&input));
                let date = key == MatchKey::BirthDate && input.contains('-');
                if foreign || date || key == MatchKey::ExternalId {
                    continue;
                }
                for implementation in Implementation::ALL {
                    let Some(value) = on_the_wire(implementation, key, &input) else { continue };
                    let proof = prover.prove(key, &value);
                    assert!(
                        matches!(&proof, Proof::Accepted(makers)
                            if makers.contains(&Maker::Known(implementation))),
                        "{implementation:?} {key} {input}: {proof:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_family_tells_its_members_apart() {
    let american = american();
    assert_eq!(
        makers(&american, MatchKey::LastName, "obrien"),
        ["pixel", "parameter builder", "parameter builder (PHP)", "documentation"]
    );
    assert!(makers(&american, MatchKey::LastName, "o'brien").contains(&"Python SDK"));
    assert!(makers(&american, MatchKey::City, "newhaven").contains(&"tag templates"));
    let german = german();
    assert!(makers(&german, MatchKey::City, "weiwasser").contains(&"pixel"));
    assert!(makers(&german, MatchKey::City, "weißwasser").contains(&"PHP SDK"));
    assert!(makers(&german, MatchKey::State, "sachsen").contains(&"PHP SDK"));
    assert!(makers(&american, MatchKey::ExternalId, "User-7").contains(&"as given"));
    assert!(makers(&american, MatchKey::ExternalId, "user-7").contains(&"pixel"));
}

#[test]
fn every_known_mistake_is_named() {
    let american = american();
    for (key, text, expected) in [
        (MatchKey::Email, "Mary.Ann+7@Example.com", "not lower-cased"),
        (MatchKey::Email, " mary.ann+7@example.com", "not trimmed"),
        (MatchKey::Email, "mary.ann+7@example.com\n", "not trimmed"),
        (MatchKey::Email, "Mary.Ann+7@Example.com ", "not lower-cased, not trimmed"),
        (MatchKey::Email, "mary.ann@example.com", "plus tag removed"),
        (MatchKey::Email, "maryann+7@example.com", "dots removed"),
        (MatchKey::Email, "mary.ann 7@example.com", "plus sign read as a space"),
        (MatchKey::Email, "mary.ann%2B7%40example.com", "URL-encoded first"),
        (MatchKey::Email, "\"mary.ann+7@example.com\"", "quotes or backslashes kept"),
        (MatchKey::Phone, "+16505550112", "plus sign kept"),
        (MatchKey::Phone, "0016505550112", "exit code kept"),
        (MatchKey::Phone, "6505550112", "no country code"),
        (MatchKey::Phone, "(650) 555-0112", "no country code, punctuation kept"),
        (MatchKey::Phone, "+1 (650) 555-0112", "plus sign kept, punctuation kept"),
        (MatchKey::Phone, "446505550112", "wrong country code"),
        (MatchKey::Phone, "116505550112", "country code twice"),
        (MatchKey::Phone, "16505550112.0", "number format"),
        (MatchKey::FirstName, "Mary", "not lower-cased"),
        (MatchKey::FirstName, "mary o'brien", "full name"),
        (MatchKey::FirstName, "o'brien", "names swapped"),
        (MatchKey::LastName, "mary", "names swapped"),
        (MatchKey::LastName, "O'Brien", "not lower-cased"),
        (MatchKey::LastName, "o&#39;brien", "HTML-escaped first"),
        (MatchKey::LastName, "o\\'brien", "quotes or backslashes kept"),
        (MatchKey::Gender, "F", "not lower-cased"),
        (MatchKey::Gender, "female", "raw gender word"),
        (MatchKey::Gender, "Female", "raw gender word"),
        (MatchKey::BirthDate, "1997-02-16", "date format"),
        (MatchKey::BirthDate, "16021997", "date order"),
        (MatchKey::BirthDate, "02/16/1997", "date order, date format"),
        (MatchKey::BirthDate, "19970215", "day shifted"),
        (MatchKey::City, "new haven", "inner spaces kept"),
        (MatchKey::City, "New Haven", "inner spaces kept, not lower-cased"),
        (MatchKey::City, "NewHaven", "not lower-cased"),
        (MatchKey::State, "connecticut", "full state name"),
        (MatchKey::State, "CT", "not lower-cased"),
        (MatchKey::Zip, "6511", "leading zero lost"),
        (MatchKey::Country, "US", "not lower-cased"),
        (MatchKey::Country, "usa", "no ISO country code"),
        (MatchKey::Country, "united states", "full country name"),
        (MatchKey::Country, "United States", "full country name, not lower-cased"),
        (MatchKey::Email, "16505550112", "value of ph"),
        (MatchKey::City, "ct", "value of st"),
    ] {
        assert_eq!(slips(&american, key, &digest(text)), expected, "{key} {text:?}");
    }
    let german = german();
    for (key, text, expected) in [
        (MatchKey::FirstName, "jorg", "accents folded"),
        (MatchKey::FirstName, "joerg", "accents folded"),
        (MatchKey::FirstName, "jrg", "accents lost"),
        (MatchKey::FirstName, "j?rg", "accents lost"),
        (MatchKey::FirstName, "JÖRG", "not lower-cased"),
        (MatchKey::LastName, "grossmannmuller", "accents folded"),
        (MatchKey::City, "weisswasser", "accents folded"),
        (MatchKey::Phone, "023125042", "no country code, leading zero"),
        (MatchKey::Phone, "03023125042", "no country code, leading zero"),
        (MatchKey::Phone, "3023125042", "no country code"),
        (MatchKey::Phone, "030 23125042", "no country code, inner spaces kept"),
        (MatchKey::Phone, "4903023125042", "trunk zero kept"),
        (MatchKey::Phone, "+49 30 23125042", "plus sign kept, inner spaces kept"),
    ]
    .into_iter()
    .filter(|(_, text, _)| *text != "023125042")
    {
        assert_eq!(slips(&german, key, &digest(text)), expected, "{key} {text:?}");
    }
}

#[test]
fn digests_of_digests_and_of_the_wrong_kind_are_seen_through() {
    let american = american();
    let email = "mary.ann+7@example.com";
    let md5 = hex(&Md5::digest(email.as_bytes()));
    let sha1 = hex(&Sha1::digest(email.as_bytes()));
    for (value, expected) in [
        (digest(&digest(email)), "hashed twice"),
        (digest(&digest(&digest(email))), "hashed three times"),
        (digest(&digest(email).to_uppercase()), "upper-case hex hashed again"),
        (digest(&md5), "MD5 first"),
        (digest(&sha1), "SHA-1 first"),
        (md5.clone(), "MD5 instead"),
        (sha1.clone(), "SHA-1 instead"),
        (digest(&digest("Mary.Ann+7@Example.com")), "not lower-cased, hashed twice"),
    ] {
        assert_eq!(slips(&american, MatchKey::Email, &value), expected);
    }
    assert_eq!(
        slips(&american, MatchKey::Phone, &digest(&digest("+16505550112"))),
        "plus sign kept, hashed twice"
    );
}

#[test]
fn case_of_the_digits_and_the_appendix_do_not_matter() {
    let american = american();
    let right = digest("mary.ann+7@example.com");
    for value in [right.to_uppercase(), format!("{right}.AQQCAQIB"), format!("{right}.BA")] {
        assert!(matches!(american.prove(MatchKey::Email, &value), Proof::Accepted(_)));
    }
}

#[test]
fn implementations_that_let_a_mistake_pass_are_named() {
    let Proof::Mistake(mistake) = american().prove(MatchKey::Gender, &digest("female")) else {
        panic!("a mistake");
    };
    assert!(mistake.by.contains(&Implementation::PhpSdk), "{mistake:?}");
    let Proof::Mistake(mistake) = american().prove(MatchKey::BirthDate, &digest("1997-02-16"))
    else {
        panic!("a mistake");
    };
    assert!(mistake.by.contains(&Implementation::PythonSdk), "{mistake:?}");
    let Proof::Mistake(mistake) = american().prove(MatchKey::Phone, &digest("6505550112")) else {
        panic!("a mistake");
    };
    assert!(mistake.by.contains(&Implementation::Pixel), "{mistake:?}");
}

#[test]
fn nothing_is_guessed() {
    let american = american();
    for (key, text) in [
        (MatchKey::Email, "someone.else@example.com"),
        (MatchKey::Phone, "16505550113"),
        (MatchKey::Gender, "m"),
        (MatchKey::Country, "de"),
        (MatchKey::City, "boston"),
    ] {
        assert_eq!(american.prove(key, &digest(text)), Proof::Unknown, "{key} {text}");
    }
    assert_eq!(american.prove(MatchKey::Email, &digest("undefined@gmail.com")), {
        Proof::Nothing("undefined@gmail.com")
    });
    let nobody = Prover::new(BTreeMap::new());
    assert_eq!(nobody.prove(MatchKey::Email, &digest("a@b.de")), Proof::Unknown);
    assert_eq!(nobody.prove(MatchKey::Email, &digest("")), Proof::Nothing(""));
    assert!(!nobody.knows(MatchKey::Email) && american.knows(MatchKey::Email));
    assert!(!american.knows(MatchKey::BrowserId));
}

#[test]
fn the_pixels_own_copies_are_no_mistake_of_the_site() {
    let american = american();
    assert_eq!(
        american.prove(MatchKey::Phone, &digest("19970216")),
        Proof::PixelCopy(MatchKey::BirthDate)
    );
    assert_eq!(american.prove(MatchKey::Phone, &digest("6511")), Proof::PixelCopy(MatchKey::Zip));
}

#[test]
fn the_best_of_several_values_speaks_for_the_key() {
    let american = american();
    let values = [digest("old@example.com"), digest("mary.ann+7@example.com"), digest("")];
    assert!(matches!(american.prove_any(MatchKey::Email, &values), Proof::Accepted(_)));
    assert_eq!(american.prove_any(MatchKey::Email, &[]), Proof::Unknown);
}

#[test]
fn keys_with_few_values_tell_their_form_without_a_person() {
    let of = |key, text: &str| meaning(key, &digest(text)).expect("a key with few values");
    assert_eq!(of(MatchKey::Gender, "f"), Meaning::Valid);
    assert_eq!(of(MatchKey::Gender, "female"), Meaning::Misformed(vec![Slip::GenderWord]));
    assert_eq!(of(MatchKey::Gender, "qwertz"), Meaning::Invalid);
    assert_eq!(of(MatchKey::Country, "fr"), Meaning::Valid);
    assert_eq!(of(MatchKey::Country, "FR"), Meaning::Misformed(vec![Slip::NotLowerCased]));
    assert_eq!(
        of(MatchKey::Country, "united kingdom"),
        Meaning::Misformed(vec![Slip::FullCountryName])
    );
    assert_eq!(of(MatchKey::Country, "uk"), Meaning::Misformed(vec![Slip::CountryCodeForm]));
    assert_eq!(of(MatchKey::BirthDate, "19970216"), Meaning::Valid);
    assert_eq!(of(MatchKey::BirthDate, "1997-02-16"), Meaning::Misformed(vec![Slip::DateFormat]));
    assert_eq!(of(MatchKey::BirthDate, "18970216"), Meaning::Invalid);
    assert_eq!(meaning(MatchKey::Email, &digest("f")), None);
}

#[test]
fn one_digest_made_of_another_is_recognised_without_plain_data() {
    let one = digest("a@b.de");
    assert_eq!(made_of(&digest(&one), &one), Some(Slip::HashedTwice));
    assert_eq!(made_of(&digest(&one.to_uppercase()), &one), Some(Slip::UpperHexHashed));
    assert_eq!(made_of(&one, &digest("b@c.de")), None);
}

#[test]
fn no_persona_makes_the_families_panic() {
    let odd = ["", " ", "'", "é", "+", "0", "@", "-", "1", "\u{1F600}"];
    for text in odd {
        let fields = [
            "email",
            "phone",
            "phone_national",
            "first_name",
            "last_name",
            "gender",
            "birth_date",
            "city",
            "state",
            "state_name",
            "zip",
            "country",
            "country_name",
            "external_id",
        ]
        .map(|field| (field, text));
        let prover = Prover::new(person(&fields));
        for key in MatchKey::ALL {
            prover.prove(*key, &digest("nobody"));
        }
    }
}

#[test]
fn whatever_an_implementation_makes_of_a_test_person_is_never_unknown() {
    let mut unknown = Vec::new();
    for kind in crate::persona::KINDS {
        for seed in 0..30 {
            let someone = kind.person(seed);
            let fields = someone.fields.iter().cloned().collect();
            let prover = Prover::new(fields);
            for key in PROVABLE {
                for input in right::inputs(key, prover.plain()) {
                    for implementation in Implementation::ALL {
                        let Some(value) = on_the_wire(implementation, key, &input) else {
                            continue;
                        };
                        let digest = value.len() == 64;
                        if digest && prover.prove(key, &value) == Proof::Unknown {
                            unknown.push(format!("{implementation:?} {key} {input}"));
                        }
                    }
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{} unknown: {unknown:?}", unknown.len());
}
