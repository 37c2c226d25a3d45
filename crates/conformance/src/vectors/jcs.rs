//! Canonical JSON, and JSON that has no canonical form. The expected texts are those of RFC 8785.

use super::case::Case;
use anyhow::Result;
use serde_json::json;

/// Name, section, rules, text, canonical text.
const ACCEPTED: [(&str, &str, &str, &str, &str); 5] = [
    (
        "literals-numbers-and-strings",
        "RFC 8785 §3.2.2",
        "JSON-06",
        r#"{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
 "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#,
        r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#,
    ),
    (
        "members-sorted-by-utf-16",
        "RFC 8785 §3.2.3",
        "JSON-01",
        r#"{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
 "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}"#,
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
         \"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\
         \"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}",
    ),
    (
        "numbers",
        "RFC 8785 appendix B",
        "JSON-02",
        "[-0, 5e-324, 1.7976931348623157e308, -9007199254740992, 9007199254740992, 9.999999999999997e22,
 1e23, 1e21, 0.000001, 333333333.33333325]",
        "[0,5e-324,1.7976931348623157e+308,-9007199254740992,9007199254740992,9.999999999999997e+22,\
         1e+23,1e+21,0.000001,333333333.33333325]",
    ),
    (
        "unicode-is-not-normalised",
        "RFC 8785 §3.1",
        "JSON-06",
        r#"{"name": "\u1112\u1161\u11ab", "이름": "한"}"#,
        "{\"name\":\"\u{1112}\u{1161}\u{11ab}\",\"이름\":\"한\"}",
    ),
    ("64-levels", "RFC 8785 §3.2.1", "JSON-03", DEEPEST, DEEPEST),
];

const DEEPEST: &str = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\
                       ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]";

/// Name, section, rule, text.
const REFUSED: [(&str, &str, &str, &str); 8] = [
    ("member-named-twice", "RFC 8785 §3.1; RFC 7493 §2.3", "JSON-01", r#"{"a": 1, "b": {"c": 1, "c": 2}}"#),
    (
        "member-named-twice-by-escape",
        "RFC 8785 §3.1; RFC 7493 §2.3",
        "JSON-01",
        r#"{"admin": false, "\u0061dmin": true}"#,
    ),
    ("integer-beyond-2-to-the-53", "RFC 7493 §2.2", "JSON-02", "[9007199254740993]"),
    ("integer-below-minus-2-to-the-53", "RFC 7493 §2.2", "JSON-02", "[-9007199254740993]"),
    ("lone-surrogate", "RFC 8785 §3.2.2.2; RFC 7493 §2.1", "JSON-06", r#"["\ud83d"]"#),
    ("not-a-number", "RFC 8785 §3.2.2.3", "JSON-06", "[NaN]"),
    ("trailing-comma", "RFC 8259 §5", "JSON-06", "[1,]"),
    ("text-after-the-value", "RFC 8259 §2", "JSON-06", "{} {}"),
];

#[expect(clippy::unnecessary_wraps, reason = "most builders can fail, and all are called alike")]
pub(super) fn cases() -> Result<Vec<Case>> {
    let accept = |(name, source, rule, input, canonical): (_, _, _, &str, &str)| {
        Case::accepted((name, &[rule], source), json!({}), input.to_owned(), canonical)
    };
    let refuse = |(name, source, rule, input): (_, _, _, &str)| {
        Case::refused((name, rule, source), json!({}), input.to_owned())
    };
    let mut cases: Vec<_> = ACCEPTED.into_iter().map(accept).collect();
    cases.extend(REFUSED.into_iter().map(refuse));
    cases.push(Case::refused(("65-levels", "JSON-03", "policy"), json!({}), format!("[{DEEPEST}]")));
    Ok(cases)
}
