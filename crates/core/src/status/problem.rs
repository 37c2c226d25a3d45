//! Our rules in the words of Bitstring Status List 1.0.

/// The processing error of Bitstring Status List 1.0 [§3.5] that a broken rule is: the end of an RFC 9457 problem type.
///
/// `code` is what a `code()` of the refusal returned. A rule that is not of lists, such as that of a signature, is
/// `STATUS_VERIFICATION_ERROR`.
pub fn bitstring_problem(code: &str) -> &'static str {
    match code {
        // Nothing came, or what came is too old to be told.
        "VP-12" | "VP-13" | "STS-09" | "STS-10" | "STS-11" => "STATUS_RETRIEVAL_ERROR",
        "STL-05" => "STATUS_LIST_LENGTH_ERROR",
        "STS-01" => "RANGE_ERROR",
        "STS-02" | "STS-03" | "STS-04" | "STS-05" | "STS-06" | "STS-07" | "STS-08" | "STL-03" => {
            "MALFORMED_VALUE_ERROR"
        }
        _ if code.starts_with("VCJ-") || code.starts_with("VCM-") => "MALFORMED_VALUE_ERROR",
        _ => "STATUS_VERIFICATION_ERROR",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{StatusList, StatusListError, StatusSize};

    #[test]
    fn each_refusal_has_the_name_of_the_specification() {
        // What the catalogue of attacks (STA-02, STA-03, STA-04, STA-07) asks for.
        let malformed = StatusList::from_encoded_list(StatusSize::ONE, "uAA").unwrap_err();
        assert_eq!(bitstring_problem(malformed.code()), "MALFORMED_VALUE_ERROR");
        assert_eq!(bitstring_problem(StatusListError::TooLong.code()), "MALFORMED_VALUE_ERROR");
        assert_eq!(bitstring_problem(StatusListError::Range.code()), "RANGE_ERROR");
        for (code, name) in [
            ("STL-05", "STATUS_LIST_LENGTH_ERROR"),
            ("STL-04", "STATUS_VERIFICATION_ERROR"),
            ("STL-02", "STATUS_VERIFICATION_ERROR"),
            ("JWS-10", "STATUS_VERIFICATION_ERROR"),
            ("DI-03", "STATUS_VERIFICATION_ERROR"),
            ("VP-12", "STATUS_RETRIEVAL_ERROR"),
            ("VCJ-05", "MALFORMED_VALUE_ERROR"),
            ("no such rule", "STATUS_VERIFICATION_ERROR"),
        ] {
            assert_eq!(bitstring_problem(code), name, "{code}");
        }
    }
}
