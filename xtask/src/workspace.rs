//! What the checks look at: the packages and the text files of this workspace.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::cargo::{cargo, git, output, root};

/// The packages and text files, read once.
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    pub(crate) files: Vec<TextFile>,
}

/// One package of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its folder relative to the root, as `crates/core`.
    pub(crate) folder: String,
    /// The packages of this workspace it needs to be built (tests and benchmarks aside).
    pub(crate) uses: BTreeSet<String>,
    /// The names of its example programs that lie in `examples/` of the workspace.
    pub(crate) examples: Vec<String>,
}

/// One file in UTF-8.
pub(crate) struct TextFile {
    /// Relative to the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Workspace {
    /// Reads the workspace from disk.
    ///
    /// # Errors
    /// When cargo cannot describe the workspace or a folder cannot be read.
    pub(crate) fn read() -> Result<Self> {
        Ok(Self { packages: packages()?, files: files()? })
    }
}

impl TextFile {
    /// Whether it is Rust source.
    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    /// Whether it is the source of a crate, as opposed to its integration tests and examples.
    pub(crate) fn is_crate_source(&self) -> bool {
        self.is_rust() && self.path.starts_with("crates/") && self.path.contains("/src/")
    }

    /// Its lines without a test module at the end.
    pub(crate) fn lines_before_tests(&self) -> Vec<&str> {
        let lines: Vec<&str> = self.text.lines().collect();
        let start = lines.iter().rposition(|line| *line == "#[cfg(test)]");
        let Some((before, module)) = start.and_then(|start| lines.split_at_checked(start)) else {
            return lines;
        };
        let mut after_attributes = module.iter().skip_while(|line| line.starts_with("#["));
        let opens = after_attributes.next().is_some_and(|line| line.starts_with("mod "));
        let mut after_module = after_attributes.skip_while(|line| **line != "}").skip(1);
        if opens && after_module.all(|line| line.is_empty()) { before.to_vec() } else { lines }
    }
}

#[derive(Deserialize)]
struct MetadataWire {
    packages: Vec<PackageWire>,
}

#[derive(Deserialize)]
struct PackageWire {
    name: String,
    manifest_path: String,
    dependencies: Vec<DependencyWire>,
    targets: Vec<TargetWire>,
}

#[derive(Deserialize)]
struct DependencyWire {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct TargetWire {
    name: String,
    kind: Vec<String>,
    src_path: String,
}

fn packages() -> Result<Vec<Package>> {
    let json = output(&mut cargo("metadata --no-deps --format-version 1"))?;
    let metadata: MetadataWire = serde_json::from_str(&json).context("cargo metadata")?;
    let names: BTreeSet<String> = metadata.packages.iter().map(|package| package.name.clone()).collect();
    metadata
        .packages
        .into_iter()
        .map(|package| {
            let manifest = relative(Path::new(&package.manifest_path))?;
            let needed = package.dependencies.into_iter().filter(|one| one.kind.as_deref() != Some("dev"));
            let is_example = |target: &TargetWire| {
                // Cargo keeps the `..` of a path that leaves the package.
                let path = Path::new(&target.src_path).canonicalize();
                let shown = path.is_ok_and(|path| path.starts_with(root().join("examples")));
                shown && target.kind.iter().any(|kind| kind == "example")
            };
            Ok(Package {
                folder: manifest.trim_end_matches("/Cargo.toml").to_owned(),
                name: package.name,
                uses: needed.map(|one| one.name).filter(|name| names.contains(name)).collect(),
                examples: package.targets.into_iter().filter(is_example).map(|one| one.name).collect(),
            })
        })
        .collect()
}

/// The files git knows or would add; without git, every file outside the build folders.
fn files() -> Result<Vec<TextFile>> {
    let listed = output(&mut git("ls-files --cached --others --exclude-standard -z"));
    let mut paths = Vec::new();
    match listed {
        Ok(list) => paths.extend(list.split_terminator('\0').map(str::to_owned)),
        Err(_) => walk(&root(), &mut paths)?,
    }
    paths.sort();
    paths.dedup();
    // What cannot be read as text (binary, or deleted and not yet committed) is no text file.
    Ok(paths
        .into_iter()
        .filter_map(|path| Some(TextFile { text: fs::read_to_string(root().join(&path)).ok()?, path }))
        .collect())
}

fn walk(folder: &Path, found: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        let built = path.file_name().is_some_and(|name| name == "target" || name == ".git");
        if path.is_dir() && !built {
            walk(&path, found)?;
        } else if path.is_file() {
            found.push(relative(&path)?);
        }
    }
    Ok(())
}

fn relative(path: &Path) -> Result<String> {
    let path = path.strip_prefix(root()).context("a path outside the workspace")?;
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    Ok(parts.join("/"))
}

#[cfg(test)]
pub(crate) fn package(name: &str, folder: &str, uses: &[&str]) -> Package {
    Package {
        name: name.to_owned(),
        folder: folder.to_owned(),
        uses: uses.iter().map(|name| (*name).to_owned()).collect(),
        examples: Vec::new(),
    }
}

#[cfg(test)]
pub(crate) fn file(path: &str, text: &str) -> TextFile {
    TextFile { path: path.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_module_counts_only_at_the_end() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn t() {}\n}\n";
        assert_eq!(file("a.rs", code).lines_before_tests(), ["fn a() {}"]);
        let hidden = format!("{code}fn b() {{}}\n");
        assert_eq!(file("a.rs", &hidden).lines_before_tests().len(), 6);
    }

    #[test]
    fn this_workspace_can_be_read() {
        let workspace = Workspace::read().unwrap();
        assert!(workspace.packages.iter().any(|one| one.name == "xtask" && one.folder == "xtask"));
        assert!(workspace.files.iter().any(|one| one.path == "xtask/src/workspace.rs"));
    }
}
