use super::*;
use crate::section::{SectionError, append_section};

const EMPTY: [u8; 8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

const CARDS: &str = r#"{"cards": [{"name": "first", "content": {"kind": "purchase", "system_code": 86, "region": 1,
    "user_no": 161, "card_no": 1, "key_version": 1, "purchase": {"meter_no": 1234, "count": 1, "quantity_wh": 100000,
    "alarm_wh": 0, "overdraft_wh": 0, "hoard_wh": 0, "limit_mode": 0, "capacity_w": 0, "preset_wh": 0,
    "date": {"year": 2026, "month": 11, "day": 22}}, "returned": null,
    "params": [{"name": "a", "value": {"int": -5}}, {"name": "b", "value": {"bytes": [1, 255]}}]},
    "before": "A21310", "image": "a21391"}]}"#;

const TOKENS: &str = r#"{"tokens": [{"name": "case 1", "key": "ab01", "request": {"order": {"credit": {"quantity_wh": 100}},
    "meter": {"meter_no": 0, "params": []}, "issued": {"year": 2004, "month": 3, "day": 1, "hour": 13, "minute": 0},
    "after": null, "chance": 5}, "token": {"digits": "5938", "identifier": 7}}]}"#;

#[test]
fn they_are_found_or_none() {
    let mut component = EMPTY.to_vec();
    assert!(Vectors::of(&component).unwrap().is_empty());
    append_section(&mut component, VECTORS_SECTION, br#"{"transcripts":[{"name":"a","text":"C probe"}]}"#);
    assert_eq!(Vectors::of(&component).unwrap().transcripts.len(), 1);
    append_section(&mut component, VECTORS_SECTION, b"{}");
    assert!(matches!(Vectors::of(&component), Err(VectorsError::Section(SectionError::Repeated(_)))));
}

#[test]
fn what_is_written_reads_back() {
    for text in [CARDS, TOKENS] {
        let read = Vectors::parse(text.as_bytes()).unwrap();
        assert_eq!(Vectors::parse(&serde_json::to_vec(&read).unwrap()).unwrap(), read);
    }
    let card = &Vectors::parse(CARDS.as_bytes()).unwrap().cards[0];
    assert_eq!(card.before, Some(Hexed(vec![0xA2, 0x13, 0x10])));
    assert_eq!(card.content.params[1].value, ParamValue::Bytes(vec![1, 255]));
}

/// The code and the English words of the error.
fn refused(text: &str) -> (String, String) {
    let notice = Vectors::parse(text.as_bytes()).unwrap_err().notice();
    assert!(!notice.zh.is_empty() && notice.zh != notice.en, "{notice}");
    (notice.code, notice.en)
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    for (from, to, code, place) in [
        ("\"count\": 1,", "", "vectors-missing", "cards[0].content.purchase.count (“first”): it is missing"),
        ("\"count\": 1,", "\"count\": null,", "vectors-missing", "cards[0].content.purchase.count"),
        ("\"count\": 1,", "\"count\": 1, \"count\": 2,", "vectors-twice", "cards[0].content.purchase.count"),
        ("\"count\": 1,", "\"count\": 1, \"dreams\": 2,", "vectors-unknown", "cards[0].content.purchase.dreams"),
        ("\"count\": 1,", "\"count\": -1,", "vectors-number", "from 0 to 4294967295"),
        ("\"count\": 1,", "\"count\": \"1\",", "vectors-number", "cards[0].content.purchase.count"),
        ("\"count\": 1,", "\"count\": 1.5,", "vectors-number", "cards[0].content.purchase.count"),
        ("\"kind\": \"purchase\"", "\"kind\": 1", "vectors-type", "cards[0].content.kind"),
        ("{\"int\": -5}", "{\"real\": 5}", "vectors-type", "cards[0].content.params[0].value"),
        ("{\"int\": -5}", "{\"int\": -5, \"text\": \"x\"}", "vectors-type", "cards[0].content.params[0].value"),
        ("[1, 255]", "[1, 256]", "vectors-number", "cards[0].content.params[1].value.bytes"),
        ("\"params\": [", "\"parms\": [", "vectors-missing", "cards[0].content.params"),
        ("\"a21391\"", "\"a2139\"", "vectors-hex", "cards[0].image"),
        ("\"a21391\"", "\"a21x91\"", "vectors-hex", "character 4"),
        ("\"A21310\"", "7", "vectors-type", "cards[0].before"),
        ("\"name\": \"first\", ", "", "vectors-missing", "cards[0].name"),
        ("\"cards\"", "\"crads\"", "vectors-unknown", "crads: nothing of this name is known; known are: cards, tokens"),
        ("{\"cards\"", "[{\"cards\"", "vectors-json", "line"),
    ] {
        let (found, words) = refused(&CARDS.replacen(from, to, 1));
        assert_eq!((found.as_str(), words.contains(place)), (code, true), "{to}: {words}");
    }
    for (from, to, code, place) in [
        ("\"credit\"", "\"debit\"", "vectors-type", "tokens[0].request.order"),
        ("\"quantity_wh\"", "\"amount\"", "vectors-missing", "tokens[0].request.order.credit.quantity_wh"),
        ("\"ab01\"", "\"\"", "vectors-length", "tokens[0].key"),
        ("\"5938\"", "\"5938 1\"", "vectors-digits", "character 5"),
        ("\"hour\": 13", "\"hour\": 256", "vectors-number", "tokens[0].request.issued.hour"),
        ("\"identifier\": 7", "\"identifier\": 7, \"more\": 1", "vectors-unknown", "tokens[0].token.more"),
    ] {
        let (found, words) = refused(&TOKENS.replacen(from, to, 1));
        assert_eq!((found.as_str(), words.contains(place)), (code, true), "{to}: {words}");
    }
    assert!(refused("[]").1.contains("at the top"));
    assert!(matches!(Vectors::parse(&vec![b' '; MAX_VECTORS_BYTES + 1]), Err(VectorsError::TooLarge(_))));
}

#[test]
fn they_fit_the_driver_or_not() {
    let (cards, tokens) = (Vectors::parse(CARDS.as_bytes()).unwrap(), Vectors::parse(TOKENS.as_bytes()).unwrap());
    assert_eq!(cards.fit(Shape::Cards { bytes: 3 }), Ok(()));
    assert_eq!(tokens.fit(Shape::Tokens { digits: 4, key_bytes: 2 }), Ok(()));
    let said = |outcome: Result<(), VectorsError>| outcome.unwrap_err().notice().en;
    assert_eq!(
        said(cards.fit(Shape::Cards { bytes: 256 })),
        "vectors, cards[0].before (“first”): it should have 256 bytes, and has 3"
    );
    assert!(
        said(tokens.fit(Shape::Tokens { digits: 20, key_bytes: 2 }))
            .contains("tokens[0].token.digits (“case 1”): it should have 20")
    );
    let key = said(tokens.fit(Shape::Tokens { digits: 4, key_bytes: 20 }));
    assert!(key.contains("tokens[0].key (“case 1”): it should have 20 bytes, and has 2"), "{key}");
    assert!(said(cards.fit(Shape::Tokens { digits: 20, key_bytes: 2 })).contains("cards: it does not belong here"));
    assert!(said(tokens.fit(Shape::Transcripts)).contains("tokens: it does not belong here"));
    let recorded = Recorded { name: "a".to_owned(), text: String::new() };
    let lines = Vectors { transcripts: vec![recorded], ..Vectors::default() };
    assert_eq!(lines.fit(Shape::Transcripts), Ok(()));
    assert!(said(lines.fit(Shape::Cards { bytes: 256 })).contains("transcripts: it does not belong here"));
}
