//! `cargo xtask data`: the synthetic input of the demonstration, the same bytes on every machine.
//!
//! Everything is fictional, and visibly so: districts, postal codes and licence numbers lie outside what is in
//! use, and nothing like a resident registration number is made. `examples/data/README.md` describes the files.

mod date;
mod hangul;
mod people;
mod places;
mod random;
mod residents;
mod roles;
mod table;

#[cfg(test)]
mod reference_importer;

use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context, Result, ensure};

use self::table::Table;
use crate::cargo::root;

/// The day on which the data takes place; ages and terms are reckoned from it.
const MANIFEST: &str = "{\n  \"synthetic\": true,\n  \"today\": \"2026-11-22\"\n}\n";

/// Writes all files into `folder` (relative to the root of the workspace).
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn write(folder: &str) -> Result<ExitCode> {
    let folder = root().join(folder);
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    for (name, bytes) in files()? {
        let path: &Path = &folder.join(name);
        fs::write(path, bytes).with_context(|| format!("{}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn files() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let people = residents::generate();
    let tables = [residents::table(&people), roles::social_workers(&people), roles::post_customers(&people)];
    let mut files = vec![
        ("manifest.json", MANIFEST.into()),
        ("regions.csv", places::table().text().into_bytes()),
        ("residents-cp949.csv", cp949(&residents::header_and_rows(&people))?),
        ("expected-rejects.json", rejects(&tables)?.into_bytes()),
    ];
    files.extend(tables.iter().map(|table| (table.file, table.text().into_bytes())));
    Ok(files)
}

fn rejects(tables: &[Table]) -> Result<String> {
    let rejects: Vec<String> = tables
        .iter()
        .flat_map(Table::rejects)
        .map(|one| serde_json::to_string(&one))
        .collect::<Result<_, _>>()?;
    Ok(format!("[\n  {}\n]\n", rejects.join(",\n  ")))
}

/// The rows that CP949 can hold, composed, since it has no conjoining letters.
fn cp949(rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut held = 0;
    for row in rows {
        let composed: Vec<String> = row.iter().map(|cell| hangul::composed(cell)).collect();
        // Windows-949, which the Encoding Standard calls EUC-KR.
        let line = table::line(&composed);
        let (encoded, _, unmappable) = encoding_rs::EUC_KR.encode(&line);
        if !unmappable {
            bytes.extend_from_slice(&encoded);
            held += 1;
        }
    }
    ensure!(held > rows.len() / 2, "CP949 holds {held} of {} rows", rows.len());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_files_are_what_the_generator_writes() {
        for (name, bytes) in files().unwrap() {
            let committed = fs::read(root().join("examples/data").join(name)).unwrap();
            assert!(committed == bytes, "{name} is stale: cargo xtask data");
        }
    }
}
