//! Every rule of `spec/checks` is enforced by a line of code that names it and proved by tests that exist.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::workspace::{TextFile, Workspace};

/// The rules of one specification: `spec/checks/<prefix>.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    /// What every id begins with.
    prefix: String,
    /// The specification's name for readers.
    pub(super) title: String,
    /// Named as in the file, `[[rule]]`.
    #[serde(default)]
    pub(super) rule: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) id: String,
    source: String,
    text: String,
    ko: String,
    /// What the reader can do about it, where that is not plain.
    #[serde(default, rename = "mend")]
    _mend: Option<String>,
    #[serde(default, rename = "mend_ko")]
    _mend_ko: Option<String>,
    /// `package::test_function`, modules between them optional.
    pub(super) tests: Vec<String>,
}

/// Compares the rules with the sources.
pub(super) fn check(workspace: &Workspace) -> Vec<String> {
    let mut findings = Vec::new();
    let mut rules = Vec::new();
    for (path, parsed) in rule_files(&workspace.files) {
        match parsed {
            Ok(file) => {
                let stem = file.prefix.to_lowercase();
                if path != format!("spec/checks/{stem}.toml") {
                    findings.push(format!("{path}: the rules of {} belong in {stem}.toml", file.prefix));
                }
                rules.extend(file.rule.into_iter().map(|rule| (path, file.prefix.clone(), rule)));
            }
            Err(error) => findings.push(format!("{path}: {}", error.to_string().trim_end())),
        }
    }
    let mut ids = BTreeSet::new();
    for (path, prefix, rule) in &rules {
        if !ids.insert(rule.id.as_str()) {
            findings.push(format!("{path}: {} occurs twice", rule.id));
        }
        findings.extend(own_findings(prefix, rule).map(|finding| format!("{path}: {}: {finding}", rule.id)));
        findings.extend(missing(workspace, rule).map(|finding| format!("{path}: {}: {finding}", rule.id)));
    }
    let prefixes: BTreeSet<&str> = rules.iter().map(|(_, prefix, _)| prefix.as_str()).collect();
    for file in workspace.files.iter().filter(|file| file.is_crate_source()) {
        let strange = codes(file, &prefixes).into_iter().filter(|(_, code)| !ids.contains(code));
        findings.extend(
            strange.map(|(line, code)| format!("{}:{line}: {code} is not listed in spec/checks", file.path)),
        );
    }
    findings
}

/// The files of `spec/checks`, each parsed or with the reason why not.
pub(super) fn rule_files(files: &[TextFile]) -> Vec<(&str, Result<RuleFile, toml::de::Error>)> {
    let rule_files = files.iter().filter(|file| {
        file.path.strip_prefix("spec/checks/").is_some_and(|name| name.strip_suffix(".toml").is_some())
    });
    rule_files.map(|file| (file.path.as_str(), toml::from_str(&file.text))).collect()
}

fn own_findings(prefix: &str, rule: &Rule) -> impl Iterator<Item = String> {
    let shaped = rule.id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    let numbered = shaped.is_some_and(is_number);
    let empty = [&rule.source, &rule.text, &rule.ko].iter().any(|text| text.trim().is_empty());
    [
        (!numbered).then(|| format!("an id here is {prefix}- and two digits, with a letter or not")),
        empty.then(|| "source, text and ko must say something".to_owned()),
        rule.tests.is_empty().then(|| "no test".to_owned()),
    ]
    .into_iter()
    .flatten()
}

/// Whether it is what stands behind a prefix: two digits, and a letter where one item of a specification has several rules.
fn is_number(text: &str) -> bool {
    let digits = text.strip_suffix(|last: char| last.is_ascii_lowercase()).unwrap_or(text);
    digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What the sources owe to a rule: the line that enforces it and its tests.
fn missing(workspace: &Workspace, rule: &Rule) -> impl Iterator<Item = String> {
    let mark = format!("[{}]", rule.id);
    let mut sources = workspace.files.iter().filter(|file| file.is_crate_source());
    let enforced = sources.any(|file| file.lines_before_tests().iter().any(|line| line.contains(&mark)));
    let unenforced = (!enforced).then(|| format!("no source line says {mark}"));
    let absent = rule.tests.iter().filter(|test| !test_exists(workspace, test));
    unenforced.into_iter().chain(absent.map(|test| format!("there is no test {test}")))
}

fn test_exists(workspace: &Workspace, test: &str) -> bool {
    let Some((package, function)) =
        test.split_once("::").map(|(package, path)| (package, path.rsplit("::").next().unwrap_or(path)))
    else {
        return false;
    };
    let member = workspace.packages.iter().find(|one| one.name == package);
    // Crates with a workspace of their own are named after their folder, too.
    let alone = package.strip_prefix("sinpyo-").map(|name| format!("crates/{name}"));
    let Some(home) = member.map(|one| one.folder.clone()).or(alone) else { return false };
    let folders = ["src", "tests"].map(|folder| format!("{home}/{folder}/"));
    let mut sources = workspace
        .files
        .iter()
        .filter(|file| file.is_rust() && folders.iter().any(|folder| file.path.starts_with(folder)));
    sources.any(|file| has_test(&file.text, function))
}

/// Whether the text has `fn NAME(` with an attribute of a test in the lines just above it.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let head = format!("fn {name}(");
    lines.iter().enumerate().filter(|(_, line)| line.contains(&head)).any(|(at, _)| {
        let above = lines.iter().take(at).rev().take_while(|line| !line.is_empty() && **line != "}");
        above.into_iter().any(|line| line.starts_with("#[") && line.contains("test"))
    })
}

/// The rule ids that code returns, with their lines: literals of that shape with one of the known prefixes,
/// and with any prefix inside a `fn code`.
fn codes<'a>(file: &'a TextFile, prefixes: &BTreeSet<&str>) -> Vec<(usize, &'a str)> {
    let mut inside: Option<String> = None;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(file.lines_before_tests()) {
        if line.contains("fn code(") {
            let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
            inside = Some(format!("{indent}}}"));
        }
        for literal in line.split('"').skip(1).step_by(2) {
            let Some((prefix, digits)) = literal.rsplit_once('-') else { continue };
            let shaped = (2..=8).contains(&prefix.len())
                && prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
                && is_number(digits);
            if shaped && (inside.is_some() || prefixes.contains(prefix)) {
                found.push((number, literal));
            }
        }
        if inside.as_deref() == Some(line) {
            inside = None;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{file, package};

    const RULES: &str = r#"
        prefix = "SDJ"
        title = "SD-JWT (RFC 9901)"
        [[rule]]
        id = "SDJ-03"
        source = "RFC 9901 §7.1 step 5"
        text = "a disclosure that no digest references is refused"
        ko = "어떤 다이제스트도 가리키지 않는 공개 항목은 거부한다"
        tests = ["sinpyo-proof::refused"]
    "#;
    const CODE: &str =
        "impl E {\n    fn code(&self) -> &'static str {\n        \"SDJ-03\" // [SDJ-03]\n    }\n}\n";
    const TEST: &str = "#[test]\nfn refused() {}\n";

    fn found(rules: &str, code: &str, test: &str) -> Vec<String> {
        let package = package("sinpyo-proof", "crates/proof", &[]);
        let files = vec![
            file("spec/checks/sdj.toml", rules),
            file("crates/proof/src/lib.rs", code),
            file("crates/proof/tests/sdj.rs", test),
        ];
        check(&Workspace { packages: vec![package], files })
    }

    #[test]
    fn a_rule_with_code_and_test_is_fine() {
        assert_eq!(found(RULES, CODE, TEST), Vec::<String>::new());
    }

    #[test]
    fn a_rule_that_no_line_enforces_is_found() {
        let in_tests_only = "#[cfg(test)]\nmod tests {\n    // [SDJ-03]\n}\n";
        for code in ["", in_tests_only] {
            assert_eq!(
                found(RULES, code, TEST),
                ["spec/checks/sdj.toml: SDJ-03: no source line says [SDJ-03]"]
            );
        }
    }

    #[test]
    fn a_test_that_does_not_exist_is_found() {
        for test in ["", "fn refused() {}\n", "#[test]\nfn refused_too() {}\n"] {
            assert_eq!(
                found(RULES, CODE, test),
                ["spec/checks/sdj.toml: SDJ-03: there is no test sinpyo-proof::refused"]
            );
        }
    }

    #[test]
    fn a_code_that_is_not_listed_is_found() {
        let code =
            format!("{CODE}const OTHER: &str = \"SDJ-04\";\nfn code() -> &str {{\n    \"XYZ-01\"\n}}\n");
        assert_eq!(
            found(RULES, &code, TEST),
            [
                "crates/proof/src/lib.rs:6: SDJ-04 is not listed in spec/checks",
                "crates/proof/src/lib.rs:8: XYZ-01 is not listed in spec/checks"
            ]
        );
        assert_eq!(found(RULES, &format!("{CODE}const A: &str = \"UTF-16\";\n"), TEST), Vec::<String>::new());
    }

    #[test]
    fn an_id_that_occurs_twice_or_is_misshapen_is_found() {
        let twice = format!("{RULES}\n{}", RULES.split_once("title = \"SD-JWT (RFC 9901)\"").unwrap().1);
        assert_eq!(found(&twice, CODE, TEST), ["spec/checks/sdj.toml: SDJ-03 occurs twice"]);
        let misshapen = RULES.replace("SDJ-03", "SDJ-3");
        assert!(
            found(&misshapen, CODE, TEST).contains(
                &"spec/checks/sdj.toml: SDJ-3: an id here is SDJ- and two digits, with a letter or not"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_rule_without_test_or_korean_text_is_found() {
        let bare = RULES
            .replace("\"sinpyo-proof::refused\"", "")
            .replace("어떤 다이제스트도 가리키지 않는 공개 항목은 거부한다", " ");
        assert_eq!(
            found(&bare, CODE, TEST),
            [
                "spec/checks/sdj.toml: SDJ-03: source, text and ko must say something",
                "spec/checks/sdj.toml: SDJ-03: no test"
            ]
        );
    }

    #[test]
    fn a_file_that_is_no_rule_file_is_found() {
        let findings = found(&RULES.replace("source =", "sauce ="), "", TEST);
        assert!(
            findings.first().unwrap().starts_with("spec/checks/sdj.toml: TOML parse error"),
            "{findings:?}"
        );
    }
}
