//! No source file is longer than 500 lines; tests, benchmarks and files that say `//! table:` are not counted.

use crate::workspace::{TextFile, Workspace};

const LIMIT: usize = 500;

/// Finds files over the limit.
pub(super) fn check(workspace: &Workspace) -> Vec<String> {
    workspace.files.iter().filter_map(finding).collect()
}

fn finding(file: &TextFile) -> Option<String> {
    let exempt = |part: &str| ["tests", "benches", "tests.rs"].contains(&part);
    if !file.is_rust() || file.path.split('/').any(exempt) || is_table(file) {
        return None;
    }
    let lines = file.lines_before_tests().len();
    (lines > LIMIT).then(|| format!("{}: {lines} lines, the limit is {LIMIT}", file.path))
}

/// Whether the file declares itself a table: data in the form of source.
pub(super) fn is_table(file: &TextFile) -> bool {
    file.text.starts_with("//! table:")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::file;

    #[test]
    fn one_line_too_many_is_found() {
        let lines = "fn f() {}\n".repeat(LIMIT);
        assert_eq!(finding(&file("crates/a/src/b.rs", &lines)), None);
        let more = format!("{lines}fn g() {{}}\n");
        assert_eq!(
            finding(&file("crates/a/src/b.rs", &more)),
            Some("crates/a/src/b.rs: 501 lines, the limit is 500".to_owned())
        );
    }

    #[test]
    fn tests_and_tables_are_not_counted() {
        let lines = "fn f() {}\n".repeat(LIMIT);
        let tested = format!("{lines}#[cfg(test)]\nmod tests {{\n{}}}\n", "    // t\n".repeat(40));
        let table = format!("//! table: weights\n{lines}");
        let many = lines.repeat(2);
        for (path, text) in
            [("src/a.rs", &tested), ("src/a.rs", &table), ("crates/a/tests/b.rs", &many), ("src/a.md", &many)]
        {
            assert_eq!(finding(&file(path, text)), None, "{path}");
        }
    }
}
