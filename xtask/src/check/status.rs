//! The status table of `README.md` is what `spec/checks` says.

use std::{collections::BTreeSet, fmt::Write as _, fs, process::ExitCode};

use anyhow::{Context, Result};

use super::{
    coverage,
    rules::{RuleFile, rule_files},
};
use crate::{
    cargo::root,
    workspace::{TextFile, Workspace},
};

const README: &str = "README.md";
const BEGIN: &str = "<!-- status:begin -->\n";
const END: &str = "<!-- status:end -->";

/// Finds a table that is missing or older than the rules.
pub(super) fn check(workspace: &Workspace) -> Vec<String> {
    let Some(readme) = workspace.files.iter().find(|file| file.path == README) else {
        return vec![format!("{README} is missing")];
    };
    let finding = match renewed(&readme.text, &table(&workspace.files)) {
        None => format!("{README} has no lines {} and {END}", BEGIN.trim_end()),
        Some(text) if text != readme.text => {
            format!("{README}: the status table is stale: cargo xtask status")
        }
        Some(_) => return Vec::new(),
    };
    vec![finding]
}

/// Writes the table into `README.md`.
///
/// # Errors
/// When the workspace cannot be read, or `README.md` is missing or has no place for the table.
pub(crate) fn write() -> Result<ExitCode> {
    let path = root().join(README);
    let text = fs::read_to_string(&path).context(README)?;
    let table = table(&Workspace::read()?.files);
    let text = renewed(&text, &table).with_context(|| format!("no lines {} and {END}", BEGIN.trim_end()))?;
    fs::write(&path, text).context(README)?;
    coverage::write()?;
    print!("{table}");
    Ok(ExitCode::SUCCESS)
}

fn renewed(readme: &str, table: &str) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{table}{END}{after}"))
}

fn table(files: &[TextFile]) -> String {
    let mut text = "| Specification | Rules | Tests | Listed in |\n|---|--:|--:|---|\n".to_owned();
    let mut rules = 0;
    let mut all_tests = BTreeSet::new();
    // A file that does not parse is reported by the check of the rules.
    let parsed: Vec<(&str, RuleFile)> =
        rule_files(files).into_iter().filter_map(|(path, file)| Some((path, file.ok()?))).collect();
    for (path, file) in &parsed {
        let tests: BTreeSet<&str> =
            file.rule.iter().flat_map(|rule| &rule.tests).map(String::as_str).collect();
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "| {} | {} | {} | [{path}]({path}) |", file.title, file.rule.len(), tests.len());
        rules += file.rule.len();
        all_tests.extend(tests);
    }
    let _ = writeln!(text, "| **all** | **{rules}** | **{}** | |", all_tests.len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::file;

    fn rules() -> TextFile {
        let rule = |n: u8| {
            format!(
                "[[rule]]\nid = \"DID-0{n}\"\nsource = \"s\"\ntext = \"t\"\nko = \"k\"\ntests = [\"a::b\", \"a::c{n}\"]\n"
            )
        };
        file(
            "spec/checks/did.toml",
            &format!("prefix = \"DID\"\ntitle = \"DID Core\"\n{}{}", rule(1), rule(2)),
        )
    }

    fn found(readme: &str) -> Vec<String> {
        check(&Workspace { packages: Vec::new(), files: vec![file(README, readme), rules()] })
    }

    #[test]
    fn the_table_counts_each_test_once() {
        let expected = "\
| Specification | Rules | Tests | Listed in |
|---|--:|--:|---|
| DID Core | 2 | 3 | [spec/checks/did.toml](spec/checks/did.toml) |
| **all** | **2** | **3** | |
";
        assert_eq!(table(&[rules()]), expected);
        assert_eq!(found(&format!("a\n{BEGIN}{expected}{END}\nb\n")), Vec::<String>::new());
    }

    #[test]
    fn a_stale_or_missing_table_is_found() {
        assert_eq!(
            found(&format!("{BEGIN}{END}")),
            ["README.md: the status table is stale: cargo xtask status"]
        );
        assert_eq!(
            found("nothing"),
            ["README.md has no lines <!-- status:begin --> and <!-- status:end -->"]
        );
    }
}
