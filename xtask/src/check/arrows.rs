//! The arrows between our crates are those that `ARCHITECTURE.md` draws, and every drawn arrow is used.
//!
//! They are drawn in a fenced block whose info string is `arrows`, one crate a line, without the prefix
//! `sinpyo-`: `proof -> core crypto`. `NAME -> all` marks an edge that may use every crate.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{Package, Workspace};

const DRAWING: &str = "ARCHITECTURE.md";

/// Compares the drawing with the manifests.
pub(super) fn check(workspace: &Workspace) -> Vec<String> {
    let drawing = workspace.files.iter().find(|file| file.path == DRAWING);
    let Some(drawn) = drawing.and_then(|file| block(&file.text)) else {
        return vec![format!("{DRAWING} has no fenced block ```arrows")];
    };
    compare(&drawn, &workspace.packages)
}

type Drawn<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

fn block(text: &str) -> Option<Drawn<'_>> {
    let (_, rest) = text.split_once("```arrows\n")?;
    let (block, _) = rest.split_once("```")?;
    let arrows = block.lines().filter_map(|line| line.split_once("->"));
    Some(arrows.map(|(from, to)| (from.trim(), to.split_whitespace().collect())).collect())
}

fn compare(drawn: &Drawn<'_>, packages: &[Package]) -> Vec<String> {
    let nothing = BTreeSet::new();
    let mut findings = Vec::new();
    for package in packages {
        let from = short(&package.name);
        let used: BTreeSet<&str> = package.uses.iter().map(|name| short(name)).collect();
        let allowed = drawn.get(from).unwrap_or(&nothing);
        if allowed.contains("all") {
            continue;
        }
        findings
            .extend(used.difference(allowed).map(|to| {
                format!("{}/Cargo.toml: {from} -> {to} is not drawn in {DRAWING}", package.folder)
            }));
        findings.extend(
            allowed.difference(&used).map(|to| format!("{DRAWING}: {from} -> {to} is drawn but not used")),
        );
    }
    let exists = |name: &str| packages.iter().any(|package| short(&package.name) == name);
    let strangers = drawn.keys().filter(|from| !exists(from));
    findings.extend(strangers.map(|from| format!("{DRAWING}: there is no crate {from}")));
    findings
}

fn short(name: &str) -> &str {
    name.strip_prefix("sinpyo-").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::package;

    fn compared(drawing: &str) -> Vec<String> {
        let packages = [
            package("sinpyo-core", "crates/core", &[]),
            package("sinpyo-proof", "crates/proof", &["sinpyo-core", "sinpyo-crypto"]),
            package("sinpyo-crypto", "crates/crypto", &["sinpyo-core"]),
            package("sinpyo", "crates/sinpyo", &["sinpyo-core"]),
        ];
        compare(&block(drawing).unwrap(), &packages)
    }

    #[test]
    fn a_drawing_that_agrees_is_accepted() {
        let drawing = "text\n```arrows\nproof -> core crypto\ncrypto -> core\nsinpyo -> all\n```\n";
        assert_eq!(compared(drawing), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_that_is_not_drawn_is_found() {
        assert_eq!(
            compared("```arrows\nproof -> core\ncrypto -> core\nsinpyo -> all\n```"),
            ["crates/proof/Cargo.toml: proof -> crypto is not drawn in ARCHITECTURE.md"]
        );
    }

    #[test]
    fn an_arrow_that_nobody_uses_is_found() {
        assert_eq!(
            compared(
                "```arrows\nproof -> core crypto\ncrypto -> core\ncore -> proof\nsinpyo -> all\nxyz -> all\n```"
            ),
            [
                "ARCHITECTURE.md: core -> proof is drawn but not used",
                "ARCHITECTURE.md: there is no crate xyz"
            ]
        );
    }

    #[test]
    fn a_text_without_the_block_draws_nothing() {
        assert!(block("```text\nproof -> core\n```").is_none());
    }
}
