//! `vc-di-eddsa` and `vc-di-ecdsa`: the JCS part of the W3C's vectors. A case is a file of a step, from the canonical
//! document to the signed one.
//!
//! ECDSA draws nonces, so there the signature is verified; that of Ed25519 is made again and compared. Everything else
//! is compared byte by byte. The signed document is verified, and altered copies of it are refused.

mod altered;
mod steps;

use crate::{given, report::Report};
use anyhow::Result;
use std::path::Path;
use steps::{Part, Steps};

const EDDSA: [Part; 1] = [Part {
    steps: "eddsa-jcs-2022",
    key_pair: "keyPair.json",
    private: "privateKeyMultibase",
    stranger: "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
}];
const ECDSA: [Part; 2] = [
    Part {
        steps: "ecdsa-jcs-2019-p256",
        key_pair: "p256KeyPair.json",
        private: "secretKeyMultibase",
        stranger: "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv",
    },
    Part {
        steps: "ecdsa-jcs-2019-p384",
        key_pair: "p384KeyPair.json",
        private: "secretKeyMultibase",
        stranger: "z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54",
    },
];

pub(crate) fn run_eddsa(folder: &Path) -> Result<Report> {
    run(folder, &EDDSA)
}

pub(crate) fn run_ecdsa(folder: &Path) -> Result<Report> {
    run(folder, &ECDSA)
}

fn run(folder: &Path, parts: &[Part]) -> Result<Report> {
    let mut files = 0;
    for entry in given::entries(folder)? {
        if given::name(folder, &entry).contains("-jcs-") {
            files += given::entries(&entry)?.len();
        }
    }
    let mut report = Report::new(files);
    for part in parts {
        let steps = Steps::read(folder, part)?;
        for file in given::entries(&folder.join(part.steps))? {
            report.record(given::name(folder, &file), steps.check(&file));
        }
    }
    Ok(report)
}
