//! Our own vectors: the files of `test-vectors/`, made again and compared, or written.
//!
//! The builders do not use the code that the vectors test: they put tokens, proofs and operations together by the
//! words of the specifications, from keys, hashes and canonical JSON. What a case expects follows from how it was
//! built: the facts that went in, or the one rule that was broken. Whether our code agrees is checked by the test
//! that reads the files, `tests/vectors`.

mod batch;
mod case;
mod data_integrity;
mod did;
mod did_tlog;
mod did_webvh;
mod history;
mod jcs;
mod mdoc;
mod party;
mod presentation;
mod sd_jwt;
mod sd_jwt_vc;
mod statements;
mod status_list;
mod vc_cose;

use anyhow::{Context, Result};
use case::Case;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Makes the cases of one folder.
type Builder = fn() -> Result<Vec<Case>>;

/// The folders, and who fills them.
const SPECS: [(&str, Builder); 12] = [
    ("batch", batch::cases),
    ("data-integrity", data_integrity::cases),
    ("data-integrity-rdf", statements::cases),
    ("did", did::cases),
    ("did-tlog", did_tlog::cases),
    ("did-webvh", did_webvh::cases),
    ("jcs", jcs::cases),
    ("mdoc", mdoc::cases),
    ("presentation", presentation::cases),
    ("sd-jwt-vc", sd_jwt_vc::cases),
    ("status-list", status_list::cases),
    ("vc-cose", vc_cose::cases),
];

/// Files by their name within the folder.
type Files = BTreeMap<PathBuf, String>;

/// Where the files are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors")
}

/// Makes every case and compares it with its file in `folder`; how many there are, or the first difference.
pub(crate) fn compare(folder: &Path) -> Result<Result<usize, String>> {
    let (made, found) = (make()?, read(folder)?);
    let names: BTreeSet<_> = made.keys().chain(found.keys()).collect();
    for name in &names {
        let shown = name.display();
        match (made.get(*name), found.get(*name)) {
            (Some(made), Some(found)) if made == found => {}
            (Some(made), Some(found)) => {
                return Ok(Err(format!("{shown}: {}", first_difference(made, found))));
            }
            (Some(_), None) => return Ok(Err(format!("{shown}: the file is missing"))),
            (None, _) => return Ok(Err(format!("{shown}: nobody makes this file"))),
        }
    }
    Ok(Ok(names.len()))
}

/// Makes every case and writes its file into `folder`. What lies there otherwise is left alone.
pub(crate) fn write(folder: &Path) -> Result<()> {
    for (name, text) in make()? {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn make() -> Result<Files> {
    let mut files = Files::new();
    for (spec, cases) in SPECS {
        for case in cases().with_context(|| format!("cannot make the cases of {spec}"))? {
            let name = Path::new(spec).join(format!("{}.json", case.name));
            let text = case.to_text()?;
            anyhow::ensure!(
                files.insert(name, text).is_none(),
                "two cases of {spec} are named {}",
                case.name
            );
        }
    }
    Ok(files)
}

/// What lies in the folders of `folder`. Its own files, such as the README, are no vectors, and `voting` is made by the
/// second implementation.
fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let folders = crate::given::entries(folder)?.into_iter().filter(|path| path.is_dir());
    for spec in folders.filter(|path| !path.ends_with("voting")) {
        for path in crate::given::entries(&spec)? {
            let name = path.strip_prefix(folder).context("a file lies in its folder")?;
            files.insert(name.to_owned(), crate::given::text(&path)?);
        }
    }
    Ok(files)
}

fn first_difference(made: &str, found: &str) -> String {
    let same = made.lines().zip(found.lines()).take_while(|(made, found)| made == found).count();
    format!("the file differs from line {} on", same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_those_that_are_made() {
        assert!(compare(&folder()).unwrap().unwrap() > 100);
    }

    #[test]
    fn a_changed_missing_or_surplus_file_is_named() {
        let copy = tempfile::tempdir().unwrap();
        write(copy.path()).unwrap();
        assert!(compare(copy.path()).unwrap().is_ok());
        let path = copy.path().join("jcs/numbers.json");
        let text = fs::read_to_string(&path).unwrap();

        fs::write(&path, text.replace("1e+21", "1e21")).unwrap();
        let difference = compare(copy.path()).unwrap().unwrap_err();
        assert!(difference.starts_with("jcs/numbers.json: the file differs from line "), "{difference}");

        fs::remove_file(&path).unwrap();
        assert_eq!(compare(copy.path()).unwrap(), Err("jcs/numbers.json: the file is missing".to_owned()));

        fs::write(&path, text).unwrap();
        fs::write(copy.path().join("jcs/one-more.json"), "{}").unwrap();
        let surplus = "jcs/one-more.json: nobody makes this file";
        assert_eq!(compare(copy.path()).unwrap(), Err(surplus.to_owned()));
    }
}
