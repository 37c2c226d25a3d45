//! `json-test-suite`: Seriot's parsing and transformation tests. A case is a file.
//!
//! `y_` must be read and `n_` refused. For `i_` and the transformations the suite leaves the outcome open; the tables
//! in `decided` fix ours.

mod decided;

use crate::{
    expect, given,
    report::{Report, Verdict},
};
use anyhow::{Context, Result, bail};
use sinpyo_core::{jcs, json};
use std::path::Path;

/// I-JSON is a subset of JSON: where it forbids what JSON allows, so do we.
const DUPLICATES: [&str; 2] = ["y_object_duplicated_key", "y_object_duplicated_key_and_value"];
const DUPLICATES_CLAUSE: &str = "RFC 7493 §2.3: an object must not name a member twice";

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let files = given::json_files(folder)?;
    let mut report = Report::new(files.len());
    for file in files {
        let stem = file.file_stem().and_then(|stem| stem.to_str()).context("a file has a name")?;
        report.record(given::name(folder, &file), verdict(stem, &given::bytes(&file)?));
    }
    Ok(report)
}

/// What the suite, or our table, says about the text in the file `stem`, compared with what we do.
fn verdict(stem: &str, text: &[u8]) -> Verdict {
    let outcome = json::parse(text);
    if DUPLICATES.contains(&stem) && outcome == Err(json::JsonError::DuplicateMember) {
        return Verdict::Differs(DUPLICATES_CLAUSE.to_owned());
    }
    let check = || -> Result<()> {
        match stem.split_once('_') {
            Some(("y", _)) => outcome.map(drop).context("refused"),
            Some(("n", _)) => expect::refused("the text", &outcome),
            _ => {
                if let Some((_, canonical, clause)) = decided::READ.iter().find(|(name, ..)| *name == stem) {
                    let ours =
                        jcs::canonicalize(&outcome.with_context(|| format!("refused, against {clause}"))?);
                    return expect::same(
                        "canonical form",
                        String::from_utf8_lossy(&ours).as_ref(),
                        canonical,
                    );
                }
                match decided::REFUSED.iter().find(|(_, names)| names.contains(&stem)) {
                    Some((clause, _)) => expect::refused(&format!("against {clause}, the text"), &outcome),
                    None => bail!("nobody has decided about this file"),
                }
            }
        }
    };
    check().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_outcome_fails() {
        for (stem, text) in [
            ("y_number", "{"),
            ("n_number", "{}"),
            ("i_number_huge_exp", "[1]"),
            ("i_number_real_underflow", "[1]"),
            ("i_number_real_underflow", "["),
            ("i_never_heard_of", "[]"),
            ("y_object_duplicated_key", "{"),
            ("y_object_another", r#"{"a":1,"a":1}"#),
        ] {
            assert!(matches!(verdict(stem, text.as_bytes()), Verdict::Failed(_)), "{stem} {text}");
        }
    }

    #[test]
    fn the_stated_outcome_passes_or_differs() {
        assert_eq!(verdict("y_number", b"[1]"), Verdict::Passed);
        assert_eq!(verdict("n_number", b"[1"), Verdict::Passed);
        assert_eq!(verdict("i_number_real_underflow", b"[1e-9999]"), Verdict::Passed);
        assert_eq!(
            verdict("y_object_duplicated_key", br#"{"a":1,"a":2}"#),
            Verdict::Differs(DUPLICATES_CLAUSE.to_owned())
        );
    }
}
