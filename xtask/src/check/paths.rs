//! No file names a path of a machine that it was written on.

use crate::workspace::{TextFile, Workspace};

// Put together here, so that this file does not name them either.
const FORBIDDEN: [&str; 3] = [concat!("/wo", "rk/"), concat!(".lib", "rary"), concat!("/tmp/br", "ief")];

/// Finds files that name such a path.
pub(super) fn check(workspace: &Workspace) -> Vec<String> {
    workspace.files.iter().flat_map(findings).collect()
}

fn findings(file: &TextFile) -> Vec<String> {
    let lines = (1..).zip(file.text.lines());
    let named = lines.filter(|(_, line)| FORBIDDEN.iter().any(|path| line.contains(path)));
    named.map(|(number, _)| format!("{}:{number}: names a path of this machine", file.path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::file;

    #[test]
    fn a_machine_path_is_found_with_its_line() {
        for path in FORBIDDEN {
            let text = format!("first\nsee {path}x\n");
            assert_eq!(findings(&file("docs/a.md", &text)), ["docs/a.md:2: names a path of this machine"]);
        }
    }

    #[test]
    fn relative_paths_are_fine() {
        assert_eq!(findings(&file("a.md", "../shared/vectors, homework/x, library")), Vec::<String>::new());
    }
}
