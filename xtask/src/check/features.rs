//! Nobody turns on the features of `serde_json` that change what a parsed number or object is for the whole binary.

use crate::{
    cargo::{cargo, output},
    workspace::Workspace,
};

const FORBIDDEN: [&str; 2] = ["arbitrary_precision", "preserve_order"];

/// Asks cargo which features are on in this workspace, tests included.
pub(super) fn check(_: &Workspace) -> Vec<String> {
    match output(&mut cargo("tree --workspace --edges features --invert serde_json --prefix depth")) {
        Ok(tree) => findings(&tree),
        Err(error) => vec![format!("{error:#}")],
    }
}

/// `tree` lists each feature with those who turn it on below it, one level deeper.
fn findings(tree: &str) -> Vec<String> {
    let mut lines = tree.lines().peekable();
    let mut findings = Vec::new();
    while let Some(line) = lines.next() {
        for feature in FORBIDDEN {
            if line.contains(&format!("serde_json feature \"{feature}\"")) {
                let user = lines
                    .peek()
                    .map_or("somebody", |next| next.trim_start_matches(|c: char| c.is_ascii_digit()));
                findings.push(format!("serde_json/{feature} is turned on by {user}"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_feature_is_found_with_who_turned_it_on() {
        let tree = "0serde_json v1.0.1\n1serde_json feature \"arbitrary_precision\"\n2ssi v0.16.0\n1serde_json feature \"std\"\n2a v1\n";
        assert_eq!(findings(tree), ["serde_json/arbitrary_precision is turned on by ssi v0.16.0"]);
    }

    #[test]
    fn other_features_are_nobodys_business() {
        assert_eq!(
            findings("0serde_json v1.0.1\n1serde_json feature \"std\"\n2a v1\n"),
            Vec::<String>::new()
        );
    }
}
