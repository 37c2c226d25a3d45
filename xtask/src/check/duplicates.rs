//! No block of 20 lines of source occurs in two files. Blank lines and spacing do not count.

use std::collections::HashMap;

use super::size::is_table;
use crate::workspace::{TextFile, Workspace};

const BLOCK: usize = 20;

/// Finds blocks that occur in more than one file.
pub(super) fn check(workspace: &Workspace) -> Vec<String> {
    let sources = workspace.files.iter().filter(|file| file.is_rust() && !is_table(file));
    findings(&sources.collect::<Vec<_>>())
}

fn findings(files: &[&TextFile]) -> Vec<String> {
    let normalised: Vec<Vec<(usize, String)>> = files.iter().map(|file| lines(&file.text)).collect();
    let mut seen: HashMap<Vec<&str>, (&str, usize)> = HashMap::new();
    let mut findings = Vec::new();
    for (file, lines) in files.iter().zip(&normalised) {
        let blocks: Vec<(usize, Vec<&str>)> = lines
            .windows(BLOCK)
            .filter_map(|block| {
                Some((block.first()?.0, block.iter().map(|(_, line)| line.as_str()).collect()))
            })
            .collect();
        // A long copy is one finding: blocks that overlap the reported one are passed over.
        let mut pass_over = 0;
        for (number, block) in &blocks {
            let Some((path, line)) = seen.get(block) else {
                pass_over = 0;
                continue;
            };
            if pass_over == 0 {
                findings.push(format!("{}:{number}: {BLOCK} lines as in {path}:{line}", file.path));
                pass_over = BLOCK;
            }
            pass_over -= 1;
        }
        for (number, block) in blocks {
            seen.entry(block).or_insert((&file.path, number));
        }
    }
    findings
}

/// The lines that are not blank, with their numbers and every run of white space as one space.
fn lines(text: &str) -> Vec<(usize, String)> {
    let words = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    (1..).zip(words).filter(|(_, line)| !line.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::file;

    fn block(lines: usize, indent: &str) -> String {
        (0..lines).fold(String::new(), |text, n| text + indent + "line " + &n.to_string() + "\n")
    }

    #[test]
    fn a_copied_block_is_found_in_spite_of_its_spacing() {
        let first = file("a.rs", &format!("// a\n{}", block(BLOCK, "")));
        let second = file("b.rs", &format!("// b\n\n{}", block(BLOCK, "    ")));
        assert_eq!(findings(&[&first, &second]), ["b.rs:3: 20 lines as in a.rs:2"]);
    }

    #[test]
    fn nineteen_lines_are_not_a_block() {
        let first = file("a.rs", &format!("{}// a\n", block(BLOCK - 1, "")));
        let second = file("b.rs", &format!("{}// b\n", block(BLOCK - 1, "")));
        assert_eq!(findings(&[&first, &second]), Vec::<String>::new());
    }

    #[test]
    fn a_long_copy_is_one_finding_a_block() {
        let first = file("a.rs", &block(BLOCK + 5, ""));
        let second = file("b.rs", &block(BLOCK + 5, ""));
        assert_eq!(findings(&[&first, &second]), ["b.rs:1: 20 lines as in a.rs:1"]);
    }
}
