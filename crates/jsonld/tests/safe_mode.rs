//! What safe mode refuses, where, and the twin that it accepts.
#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};
use sinpyo_jsonld::{Contexts, JsonLdError, RegisterContextError, to_rdf};
use sinpyo_rdf::Dataset;

fn statements(document: &Value) -> Result<Dataset, JsonLdError> {
    to_rdf(document.as_object().unwrap(), &Contexts::bundled())
}

/// A document with a context in which `p`, `q`, `r` and `l` are defined.
fn with_terms(members: Value) -> Value {
    let mut document = json!({"@context": {
        "@version": 1.1,
        "ex": "urn:ex:",
        "p": "ex:p",
        "q": {"@id": "ex:q", "@type": "@id"},
        "v": {"@id": "ex:v", "@type": "@vocab"},
        "l": {"@id": "ex:l", "@container": "@list"},
        "g": {"@id": "ex:g", "@container": "@graph"},
        "m": {"@id": "ex:m", "@container": "@language"},
        "i": {"@id": "ex:i", "@container": "@id"},
        "none": null,
    }});
    let Value::Object(members) = members else { unreachable!() };
    document.as_object_mut().unwrap().extend(members);
    document
}

/// Each case is refused with the rule at the place; the twin is accepted.
fn check(rule: &str, cases: &[(&str, Value, Value)]) {
    for (path, refused, twin) in cases {
        let error = statements(&with_terms(refused.clone())).unwrap_err();
        assert_eq!((error.code(), error.path()), (rule, *path), "{refused}: {error}");
        let accepted = statements(&with_terms(twin.clone()));
        assert!(accepted.as_ref().is_ok_and(|dataset| !dataset.is_empty()), "{twin}: {accepted:?}");
    }
}

#[test]
fn a_context_outside_the_set_is_refused_by_name_and_never_fetched() {
    let document = |url: &str| json!({"@context": [url], "id": "urn:a", "type": "VerifiableCredential"});
    let error = statements(&document("https://www.w3.org/ns/credentials/v3")).unwrap_err();
    assert_eq!((error.code(), error.path()), ("JLD-01", "/@context/0"));
    assert!(error.to_string().contains("https://www.w3.org/ns/credentials/v3"));
    assert_eq!(error.json_ld_code(), Some("loading remote context failed"));
    assert!(statements(&document("https://www.w3.org/ns/credentials/v2")).is_ok());
    for near in ["http://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/v2/", "v2", ""] {
        assert_eq!(statements(&document(near)).unwrap_err().code(), "JLD-01", "{near}");
    }
}

#[test]
fn a_property_that_no_context_defines_is_refused() {
    check(
        "JLD-04",
        &[
            ("/undefined", json!({"undefined": 1}), json!({"p": 1})),
            ("/none", json!({"none": 1}), json!({"ex:none": 1})),
            ("/p/deep", json!({"p": {"deep": 1}}), json!({"p": {"p": 1}})),
            ("/l/1/a~1b", json!({"l": [1, {"a/b": null}]}), json!({"l": [1, {"p": null}]})),
            ("/@container", json!({"@container": "@set", "p": 1}), json!({"@index": "i", "p": 1})),
        ],
    );
}

#[test]
fn a_relative_reference_is_refused() {
    check(
        "JLD-05",
        &[
            ("/@id", json!({"@id": "a", "p": 1}), json!({"@id": "urn:a", "p": 1})),
            ("/@id", json!({"@id": "https ://a", "p": 1}), json!({"@id": "https://a", "p": 1})),
            ("/@id", json!({"@id": "_:a b", "p": 1}), json!({"@id": "_:a", "p": 1})),
            ("/@type/1", json!({"@type": ["ex:T", "T"]}), json!({"@type": ["ex:T", "urn:T"]})),
            ("/q", json!({"q": "a"}), json!({"q": "ex:a"})),
            ("/v/0", json!({"v": ["undefined"]}), json!({"v": ["p"]})),
            ("/i/a", json!({"i": {"a": {"p": 1}}}), json!({"i": {"urn:a": {"p": 1}}})),
        ],
    );
}

#[test]
fn a_value_that_would_be_dropped_is_refused() {
    check(
        "JLD-06",
        &[
            ("", json!({}), json!({"p": 1})),
            ("", json!({"@id": "urn:a"}), json!({"@id": "urn:a", "p": 1})),
            ("", json!({"@value": "a"}), json!({"p": {"@value": "a"}})),
            ("/@graph/1", json!({"@graph": [{"p": 1}, {"@id": "urn:a"}]}), json!({"@graph": [{"p": 1}]})),
            ("/@graph/0", json!({"@graph": ["free"]}), json!({"@graph": [{"p": "bound"}]})),
            ("/g", json!({"g": "urn:a"}), json!({"g": {"p": 1}})),
            ("/g/0", json!({"g": [{"@id": "urn:a"}]}), json!({"g": [{"@id": "urn:a", "p": 1}]})),
            ("/p", json!({"p": {"@value": null}}), json!({"p": {"@value": "null"}})),
            (
                "/p/@language",
                json!({"p": {"@language": "en"}}),
                json!({"p": {"@language": "en", "@value": "a"}}),
            ),
        ],
    );
}

#[test]
fn a_language_tag_that_is_none_is_refused() {
    check(
        "JLD-07",
        &[
            (
                "/p/@language",
                json!({"p": {"@value": "a", "@language": "en_US"}}),
                json!({"p": {"@value": "a", "@language": "en-US"}}),
            ),
            ("/m/a b", json!({"m": {"a b": "x"}}), json!({"m": {"ko": "x", "@none": "y"}})),
        ],
    );
    let document = |tag: &str| json!({"@context": {"@language": tag, "p": "urn:p"}, "p": "a"});
    assert_eq!(statements(&document("e n")).unwrap_err().code(), "JLD-07");
    assert!(statements(&document("en")).is_ok());
}

#[test]
fn a_blank_node_as_property_is_refused() {
    check("JLD-08", &[("/_:p", json!({"_:p": 1}), json!({"p": {"@id": "_:p"}}))]);
    let vocab = json!({"@context": {"@vocab": "_:"}, "a": 1});
    assert_eq!(statements(&vocab).unwrap_err().code(), "JLD-08");
}

#[test]
fn words_in_the_form_of_keywords_are_refused() {
    check(
        "JLD-09",
        &[
            ("/@foo", json!({"@foo": 1}), json!({"@foo1": 1, "@context": {"@foo1": "urn:foo"}})),
            ("/@id", json!({"@id": "@foo", "p": 1}), json!({"@id": "ex:@foo", "p": 1})),
        ],
    );
    let term = |name: &str, id: &str| json!({"@context": {name: {"@id": id}, "p": "urn:p"}, "p": 1});
    assert_eq!(statements(&term("@foo", "urn:a")).unwrap_err().code(), "JLD-09");
    assert_eq!(statements(&term("foo", "@foo")).unwrap_err().code(), "JLD-09");
    assert!(statements(&term("foo", "urn:a")).is_ok());
}

#[test]
fn protected_terms_keep_their_meaning() {
    let v2 = "https://www.w3.org/ns/credentials/v2";
    let document = |context: Value| json!({"@context": [v2, context], "type": "VerifiableCredential"});
    for (context, code) in [
        (json!({"name": "urn:x"}), "protected term redefinition"),
        (json!({"type": "urn:x"}), "protected term redefinition"),
        (Value::Null, "invalid context nullification"),
    ] {
        let error = statements(&document(context)).unwrap_err();
        assert_eq!((error.code(), error.json_ld_code()), ("JLD-11", Some(code)));
        assert_eq!(error.path(), "/@context/1");
    }
    assert!(statements(&document(json!({"mine": "urn:x"}))).is_ok());
    assert!(statements(&document(json!(v2))).is_ok(), "the same definitions again are no redefinition");
}

#[test]
fn the_direction_of_a_text_becomes_an_i18n_datatype() {
    let document = json!({
        "@context": {"@language": "ar", "@direction": "rtl", "p": "urn:p", "q": {"@id": "urn:q", "@direction": null}},
        "@id": "urn:a", "p": "1", "q": "2",
        "urn:r": {"@value": "3", "@direction": "ltr"}, "urn:s": {"@value": "4", "@language": "EN", "@direction": "ltr"},
    });
    let dataset = statements(&document).unwrap();
    let mut lines: Vec<_> =
        sinpyo_rdf::nquads::write_sorted(&dataset).unwrap().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "<urn:a> <urn:p> \"1\"^^<https://www.w3.org/ns/i18n#ar_rtl> .",
            "<urn:a> <urn:q> \"2\"@ar .",
            "<urn:a> <urn:r> \"3\"^^<https://www.w3.org/ns/i18n#_ltr> .",
            "<urn:a> <urn:s> \"4\"^^<https://www.w3.org/ns/i18n#en_ltr> .",
        ]
    );
}

#[test]
fn a_context_is_registered_once_and_for_good() {
    let url = "https://issuer.example/contexts/v1";
    let text = br#"{"@context": {"@protected": true, "grade": "https://issuer.example/#grade"}}"#;
    let contexts = Contexts::bundled().with(url, text).unwrap();
    let document = json!({"@context": url, "@id": "urn:a", "grade": 1});
    let document = document.as_object().unwrap();
    assert_eq!(to_rdf(document, &contexts).unwrap().len(), 1);
    assert_eq!(to_rdf(document, &Contexts::bundled()).unwrap_err().code(), "JLD-01");
    assert_eq!(contexts.get(url), Some(&text[..]));

    let refused = |url: &str, text: &[u8]| contexts.with(url, text).unwrap_err();
    assert!(contexts.with(url, text).is_ok());
    assert_eq!(refused(url, br#"{"@context": {}}"#), RegisterContextError::Taken);
    assert_eq!(refused("https://www.w3.org/ns/credentials/v2", text), RegisterContextError::Taken);
    assert_eq!(refused("contexts/v1", text), RegisterContextError::Url);
    assert_eq!(refused("urn:b", &vec![b' '; (1 << 20) + 1]), RegisterContextError::TooLong);
    for (text, code) in [
        (&br#"{"@context": {"a": "urn:a", "a": "urn:b"}}"#[..], "JSON-01"),
        (br#"{"@context": {"a": 1}}"#, "JLD-02"),
        (br#"{"context": {}}"#, "JLD-02"),
        (br#"{"@context": "https://elsewhere.example"}"#, "JLD-01"),
        (br#"{"@context": "urn:b"}"#, "JLD-02"),
    ] {
        assert_eq!(refused("urn:b", text).code(), code, "{}", String::from_utf8_lossy(text));
    }
}
