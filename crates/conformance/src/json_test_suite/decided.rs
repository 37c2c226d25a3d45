//! What we do where the suite leaves it open, and the clause for each.

/// Read: file, canonical form of what is read, clause.
pub(super) const READ: &[(&str, &str, &str)] = &[
    ("i_number_double_huge_neg_exp", "[0]", "RFC 8259 §6: the nearest double"),
    ("i_number_real_underflow", "[0]", "RFC 8259 §6: the nearest double"),
    ("number_1.0", "[1]", "RFC 8785 §3.2.2.3"),
    ("number_1.000000000000000005", "[1]", "RFC 8259 §6: the nearest double"),
    ("number_1000000000000000", "[1000000000000000]", "RFC 7493 §2.2: an integer below 2^53"),
    ("number_1e-999", "[0]", "RFC 8259 §6: the nearest double"),
    ("number_1e6", "[1000000]", "RFC 8785 §3.2.2.3"),
    (
        "object_key_nfc_nfd",
        "{\"e\u{301}\":\"NFD\",\"\u{e9}\":\"NFC\"}",
        "RFC 8259 §8.3: names are not normalised",
    ),
    (
        "object_key_nfd_nfc",
        "{\"e\u{301}\":\"NFD\",\"\u{e9}\":\"NFC\"}",
        "RFC 8259 §8.3: names are not normalised",
    ),
    ("string_with_escaped_NULL", "[\"A\\u0000B\"]", "RFC 8259 §7: an escaped control character"),
];

/// Refused: clause, files.
pub(super) const REFUSED: &[(&str, &[&str])] = &[
    (
        "RFC 7493 §2.2: a number beyond the doubles",
        &[
            "i_number_huge_exp",
            "i_number_neg_int_huge_exp",
            "i_number_pos_double_huge_exp",
            "i_number_real_neg_overflow",
            "i_number_real_pos_overflow",
        ],
    ),
    (
        "RFC 7493 §2.2: an integer beyond 2^53",
        &[
            "i_number_too_big_neg_int",
            "i_number_too_big_pos_int",
            "i_number_very_big_negative_int",
            "number_-9223372036854775808",
            "number_-9223372036854775809",
            "number_10000000000000000999",
            "number_9223372036854775807",
            "number_9223372036854775808",
        ],
    ),
    (
        "RFC 7493 §2.1: a surrogate without its other half",
        &[
            "i_object_key_lone_2nd_surrogate",
            "i_string_1st_surrogate_but_2nd_missing",
            "i_string_1st_valid_surrogate_2nd_invalid",
            "i_string_incomplete_surrogate_and_escape_valid",
            "i_string_incomplete_surrogate_pair",
            "i_string_incomplete_surrogates_escape_valid",
            "i_string_invalid_lonely_surrogate",
            "i_string_invalid_surrogate",
            "i_string_inverted_surrogates_U+1D11E",
            "i_string_lone_second_surrogate",
            "string_1_escaped_invalid_codepoint",
            "string_2_escaped_invalid_codepoints",
            "string_3_escaped_invalid_codepoints",
        ],
    ),
    (
        "RFC 8259 §8.1: not UTF-8",
        &[
            "i_string_UTF-16LE_with_BOM",
            "i_string_UTF-8_invalid_sequence",
            "i_string_UTF8_surrogate_U+D800",
            "i_string_invalid_utf-8",
            "i_string_iso_latin_1",
            "i_string_lone_utf8_continuation_byte",
            "i_string_not_in_unicode_range",
            "i_string_overlong_sequence_2_bytes",
            "i_string_overlong_sequence_6_bytes",
            "i_string_overlong_sequence_6_bytes_null",
            "i_string_truncated-utf-8",
            "i_string_utf16BE_no_BOM",
            "i_string_utf16LE_no_BOM",
            "string_1_invalid_codepoint",
            "string_2_invalid_codepoints",
            "string_3_invalid_codepoints",
        ],
    ),
    ("RFC 8259 §8.1: a byte order mark may be treated as an error", &["i_structure_UTF-8_BOM_empty_object"]),
    ("RFC 8259 §9: a parser may limit the depth; ours is 64", &["i_structure_500_nested_arrays"]),
    (
        "RFC 7493 §2.3: an object must not name a member twice",
        &["object_same_key_different_values", "object_same_key_same_value", "object_same_key_unclear_values"],
    ),
];
