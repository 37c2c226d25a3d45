//! `cargo xtask test`, everything that has to hold, and `cargo xtask check`, its quick form.

use std::{collections::BTreeSet, env, fs, path::PathBuf, process::ExitCode};

use anyhow::{Result, bail, ensure};

use crate::{
    cargo::{all_is_required, cargo, git, has, output, root, succeed},
    check::{self, CHECKS},
    steps::{Ran, Steps},
    workspace::{Package, TextFile, Workspace},
};

/// Runs every step; failure when one failed.
///
/// # Errors
/// When the workspace cannot be read.
pub(crate) fn everything() -> Result<ExitCode> {
    let workspace = Workspace::read()?;
    let mut steps = Steps::default();
    format_and_lints(&mut steps);
    own_checks(&mut steps, &workspace);
    steps.step("tests", || tests("--workspace"));
    steps.step("examples", || examples(&workspace.packages));
    steps.step("doctests", || run("test --workspace --doc"));
    steps.step("documentation", || {
        succeed(cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"))?;
        Ok(Ran::Done)
    });
    steps.step("licences, bans, sources", dependencies);
    for manifest in outside_workspaces(&workspace.files) {
        steps.step(&manifest, || outside(&manifest));
    }
    if env::var_os("SINPYO_VECTORS").is_none() {
        let sets = vector_sets(&workspace.files).into_iter().collect::<Vec<_>>().join(", ");
        println!("\nskipped: SINPYO_VECTORS is not set, so these third-party sets were not run: {sets}");
    }
    Ok(steps.finish())
}

/// Runs format, lints, the project's own checks, and the tests of the packages touched since HEAD.
///
/// # Errors
/// When the workspace cannot be read, or git cannot say what changed.
pub(crate) fn touched() -> Result<ExitCode> {
    let workspace = Workspace::read()?;
    let mut changed = output(&mut git("diff --name-only HEAD"))?;
    changed += &output(&mut git("ls-files --others --exclude-standard"))?;
    let packages = touched_packages(&workspace.packages, &changed);
    let mut steps = Steps::default();
    format_and_lints(&mut steps);
    own_checks(&mut steps, &workspace);
    steps.step("tests of touched packages", || {
        if packages.is_empty() {
            return Ok(Ran::Skipped("no package was touched since HEAD".to_owned()));
        }
        let selected: Vec<String> = packages.iter().map(|name| format!("--package {name}")).collect();
        tests(&selected.join(" "))
    });
    Ok(steps.finish())
}

fn format_and_lints(steps: &mut Steps) {
    steps.step("format", || run("fmt --all --check"));
    steps.step("lints", || run("clippy --workspace --all-targets -- -D warnings"));
}

fn own_checks(steps: &mut Steps, workspace: &Workspace) {
    for (name, check) in CHECKS {
        steps.step(name, || check::report(&check(workspace)));
    }
}

fn tests(packages: &str) -> Result<Ran> {
    if has("nextest") {
        run(&format!("nextest run {packages} --no-fail-fast"))
    } else {
        run(&format!("test {packages} --no-fail-fast --lib --bins --tests --examples"))
    }
}

/// Runs every program of `examples/`: each has to end well, offline and without arguments.
fn examples(packages: &[Package]) -> Result<Ran> {
    for package in packages {
        for example in &package.examples {
            println!("-- example {example}");
            succeed(&mut cargo(&format!("run --quiet --package {} --example {example}", package.name)))?;
        }
    }
    let declared: usize = packages.iter().map(|package| package.examples.len()).sum();
    let written = fs::read_dir(root().join("examples"))?
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .count();
    ensure!(declared == written, "{written} programs lie in examples/, {declared} were run");
    Ok(Ran::Done)
}

fn dependencies() -> Result<Ran> {
    if has("deny") {
        return run("deny check licenses bans sources");
    }
    if all_is_required() {
        bail!("cargo-deny is not installed");
    }
    Ok(Ran::Skipped("cargo-deny is not installed".to_owned()))
}

fn run(words: &str) -> Result<Ran> {
    succeed(&mut cargo(words))?;
    Ok(Ran::Done)
}

/// The workspaces that stand beside the main one: they prove something only from outside.
fn outside_workspaces(files: &[TextFile]) -> Vec<String> {
    let paths = files.iter().map(|file| file.path.as_str());
    let outside = paths.filter(|path| match path.split('/').collect::<Vec<_>>().as_slice() {
        ["interop", _, "Cargo.toml"] => true,
        parts => *parts == ["examples", "external", "Cargo.toml"],
    });
    outside.map(str::to_owned).collect()
}

fn outside(manifest: &str) -> Result<Ran> {
    let target = root().join("target");
    if manifest.starts_with("examples/") {
        for word in ["test", "run"] {
            let mut command = cargo(&format!("{word} --manifest-path {manifest}"));
            succeed(command.env("CARGO_TARGET_DIR", target.join("external")))?;
        }
        return Ok(Ran::Done);
    }
    // Other people's software may need more than Rust and a C compiler.
    if !all_is_required() {
        return Ok(Ran::Skipped("other people's software; SINPYO_REQUIRE_ALL=1 builds it".to_owned()));
    }
    // With the profile of the benchmarks, which then find the C libraries built.
    let mut command = cargo(&format!("check --release --workspace --all-targets --manifest-path {manifest}"));
    succeed(command.env("CARGO_TARGET_DIR", peers_target()))?;
    Ok(Ran::Done)
}

/// Where the interoperability workspaces are built.
pub(crate) fn peers_target() -> PathBuf {
    root().join("target").join("peers")
}

fn touched_packages<'a>(packages: &'a [Package], changed: &str) -> Vec<&'a str> {
    let touched = packages.iter().filter(|package| {
        let folder = format!("{}/", package.folder);
        changed.lines().any(|path| path.starts_with(&folder))
    });
    touched.map(|package| package.name.as_str()).collect()
}

/// The sets that tests ask for, as `vectors("sd-jwt")`.
fn vector_sets(files: &[TextFile]) -> BTreeSet<String> {
    let sources = files.iter().filter(|file| file.is_rust() && file.path.starts_with("crates/"));
    let calls = sources.flat_map(|file| file.text.split("vectors(\"").skip(1));
    calls.filter_map(|rest| Some(rest.split_once("\")")?.0.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{file, package};

    #[test]
    fn a_package_is_touched_by_its_own_folder_only() {
        let packages = ["a", "ab", "c"].map(|name| package(name, &format!("crates/{name}"), &[]));
        assert_eq!(touched_packages(&packages, "crates/ab/src/lib.rs\nREADME.md\ncrates/c/x\n"), ["ab", "c"]);
    }

    #[test]
    fn workspaces_outside_are_found_one_folder_deep() {
        let paths = [
            "interop/p/Cargo.toml",
            "interop/p/q/Cargo.toml",
            "examples/external/Cargo.toml",
            "examples/Cargo.toml",
        ];
        let files = paths.map(|path| file(path, ""));
        assert_eq!(outside_workspaces(&files), ["interop/p/Cargo.toml", "examples/external/Cargo.toml"]);
    }

    #[test]
    fn vector_sets_are_read_from_the_calls() {
        let files = [
            file("crates/p/tests/v.rs", "vectors(\"sd-jwt\"); vectors(\"jcs\")"),
            file("x.rs", "vectors(\"no\")"),
        ];
        assert_eq!(vector_sets(&files).into_iter().collect::<Vec<_>>(), ["jcs", "sd-jwt"]);
    }
}
