//! What the protocol specifications demand (`spec/standards.toml`) against the rules that exist: `docs/coverage.md`.

use std::{fmt::Write as _, fs};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::rules::{Rule, rule_files};
use crate::{
    cargo::root,
    workspace::{TextFile, Workspace},
};

const DEMANDS: &str = "spec/standards.toml";
const TABLE: &str = "docs/coverage.md";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Standards {
    section: Vec<Section>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    number: String,
    title: String,
    item: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    id: String,
    level: Level,
    text: String,
    /// Other rules that enforce it, by id.
    #[serde(default)]
    rules: Vec<String>,
    /// Why there is none.
    absent: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Must,
    Haip,
    Ours,
    Other,
}

impl Level {
    const fn words(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Haip => "must under HAIP",
            Self::Ours => "our decision",
            Self::Other => "",
        }
    }
}

/// Items without rules, with too few tests, or a table that is stale.
pub(super) fn check(workspace: &Workspace) -> Vec<String> {
    let standards = match standards(&workspace.files) {
        Ok(standards) => standards,
        Err(error) => return vec![format!("{DEMANDS}: {error:#}")],
    };
    let rules = rules(&workspace.files);
    let items = standards.section.iter().flat_map(|section| &section.item);
    let mut findings: Vec<String> = items.filter_map(|item| finding(item, &rules)).collect();
    let written = workspace.files.iter().find(|file| file.path == TABLE).map(|file| file.text.as_str());
    if written != Some(table(&standards, &rules).as_str()) {
        findings.push(format!("{TABLE} is stale: cargo xtask status"));
    }
    findings
}

/// Writes the table.
///
/// # Errors
/// When the workspace cannot be read or the file not written.
pub(super) fn write() -> Result<()> {
    let workspace = Workspace::read()?;
    let table = table(&standards(&workspace.files)?, &rules(&workspace.files));
    fs::write(root().join(TABLE), table).context(TABLE)
}

fn standards(files: &[TextFile]) -> Result<Standards> {
    let file = files.iter().find(|file| file.path == DEMANDS).context("the file is missing")?;
    Ok(toml::from_str(&file.text)?)
}

fn rules(files: &[TextFile]) -> Vec<Rule> {
    rule_files(files).into_iter().filter_map(|(_, file)| file.ok()).flat_map(|file| file.rule).collect()
}

/// The rules of an item: those of its id, with a letter after it or not, and those it names.
fn enforcing<'r>(item: &Item, rules: &'r [Rule]) -> Vec<&'r Rule> {
    let own = |rule: &&Rule| rule.id.trim_end_matches(|c: char| c.is_ascii_lowercase()) == item.id;
    rules.iter().filter(|rule| own(rule) || item.rules.contains(&rule.id)).collect()
}

fn finding(item: &Item, rules: &[Rule]) -> Option<String> {
    let own = enforcing(item, rules);
    let unknown = item.rules.iter().find(|id| !rules.iter().any(|rule| rule.id == **id));
    if let Some(id) = unknown {
        return Some(format!("{DEMANDS}: {}: there is no rule {id}", item.id));
    }
    match (&item.absent, own.len()) {
        (None, 0) => Some(format!("{DEMANDS}: {} has neither a rule nor a reason why not", item.id)),
        (Some(_), 1..) => Some(format!("{DEMANDS}: {} is said to be absent and has rules", item.id)),
        (Some(_), 0) if matches!(item.level, Level::Must | Level::Haip) && !item.id.starts_with("SIO-") => {
            Some(format!("{DEMANDS}: {} must not be absent", item.id))
        }
        _ => {
            let mut tests: Vec<&String> = own.iter().flat_map(|rule| &rule.tests).collect();
            tests.sort_unstable();
            tests.dedup();
            (item.absent.is_none() && tests.len() < 2)
                .then(|| format!("{DEMANDS}: {} needs an accepting and a refusing test", item.id))
        }
    }
}

fn table(standards: &Standards, rules: &[Rule]) -> String {
    let mut text = String::from(
        "# Coverage of the protocol specifications\n\n\
         Written by `cargo xtask status` from `spec/standards.toml` and `spec/checks`: OpenID4VCI 1.0, OpenID4VP 1.0, \
         HAIP 1.0. Each test named here exists; `cargo xtask check` sees to it.\n",
    );
    for section in &standards.section {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n## {} {}\n\n| Item | | Demand | Rules | Tests |\n|---|---|---|---|---|\n",
            section.number, section.title
        );
        for item in &section.item {
            let own = enforcing(item, rules);
            let ids: Vec<&str> = own.iter().map(|rule| rule.id.as_str()).collect();
            let mut tests: Vec<String> =
                own.iter().flat_map(|rule| &rule.tests).map(|test| format!("`{test}`")).collect();
            tests.sort_unstable();
            tests.dedup();
            let built = match &item.absent {
                Some(why) => format!("not built: {why} |"),
                None => format!("{} | {}", ids.join(", "), tests.join(" ")),
            };
            let demand = item.text.replace('|', "\\|");
            let _ = writeln!(text, "| {} | {} | {demand} | {built} |", item.id, item.level.words());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::file;

    fn found(item: &str, tests: &str) -> Vec<String> {
        let rule = format!(
            "prefix = \"VCI-OFF\"\ntitle = \"t\"\n[[rule]]\nid = \"VCI-OFF-01a\"\nsource = \"s\"\ntext = \"t\"\nko = \"k\"\ntests = [{tests}]\n"
        );
        let demands = format!("[[section]]\nnumber = \"1\"\ntitle = \"t\"\n[[section.item]]\n{item}");
        let mut files = vec![file("spec/checks/vci-off.toml", &rule), file(DEMANDS, &demands)];
        let table = table(&standards(&files).unwrap(), &rules(&files));
        files.push(file(TABLE, &table));
        check(&Workspace { packages: Vec::new(), files })
    }

    #[test]
    fn an_item_needs_a_rule_with_two_tests_or_a_reason() {
        let item = "id = \"VCI-OFF-01\"\nlevel = \"must\"\ntext = \"t\"\n";
        assert_eq!(found(item, "\"a::b\", \"a::c\""), Vec::<String>::new());
        assert_eq!(
            found(item, "\"a::b\""),
            ["spec/standards.toml: VCI-OFF-01 needs an accepting and a refusing test"]
        );
        let other = "id = \"VCI-OFF-02\"\nlevel = \"other\"\ntext = \"t\"\n";
        assert_eq!(
            found(other, "\"a::b\""),
            ["spec/standards.toml: VCI-OFF-02 has neither a rule nor a reason why not"]
        );
        assert_eq!(found(&format!("{other}absent = \"r\"\n"), "\"a::b\""), Vec::<String>::new());
        let must = other.replace("other", "must");
        assert_eq!(
            found(&format!("{must}absent = \"r\"\n"), "\"a::b\""),
            ["spec/standards.toml: VCI-OFF-02 must not be absent"]
        );
    }

    #[test]
    fn a_stale_table_is_found() {
        let demands = "section = []\n";
        let files = vec![file(DEMANDS, demands), file(TABLE, "old")];
        assert_eq!(
            check(&Workspace { packages: Vec::new(), files }),
            ["docs/coverage.md is stale: cargo xtask status"]
        );
    }
}
