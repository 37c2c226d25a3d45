//! `vc-di-eddsa`, `vc-di-ecdsa` and `vc-di-bbs`: the W3C's vectors. A case is a file of a step, from the canonical
//! document to the signed one.
//!
//! ECDSA draws nonces, so there the signature is verified; what Ed25519 and BBS sign is made again and compared.
//! Everything else is compared byte by byte. Signed documents are verified, and altered copies of them refused.

mod altered;
mod chain;
pub(crate) mod keys;
mod selective;
mod steps;

use crate::{
    given,
    report::{Report, Verdict},
};
use anyhow::Result;
use selective::{Example, Family};
use sinpyo_proof::data_integrity::Cryptosuite;
use std::path::Path;
use steps::{Part, Steps};

const UNSIGNED: &str = "unsigned.json";
const EMPLOYMENT: &str = "employmentAuth.json";

const ED25519: &str = "keyPair.json";
const P256: &str = "p256KeyPair.json";
const P384: &str = "p384KeyPair.json";

const EDDSA: [Part; 4] = [
    Part::of("eddsa-jcs-2022", Cryptosuite::EddsaJcs2022, UNSIGNED, ED25519),
    Part::of("eddsa-rdfc-2022", Cryptosuite::EddsaRdfc2022, UNSIGNED, ED25519),
    Part::of("eddsa-rdfc-2022/employ", Cryptosuite::EddsaRdfc2022, EMPLOYMENT, ED25519),
    Part::of("Ed25519Signature2020", Cryptosuite::Ed25519Signature2020, UNSIGNED, ED25519),
];
const ECDSA: [Part; 6] = [
    Part::of("ecdsa-jcs-2019-p256", Cryptosuite::EcdsaJcs2019, UNSIGNED, P256),
    Part::of("ecdsa-jcs-2019-p384", Cryptosuite::EcdsaJcs2019, UNSIGNED, P384),
    Part::of("ecdsa-rdfc-2019-p256", Cryptosuite::EcdsaRdfc2019, UNSIGNED, P256),
    Part::of("ecdsa-rdfc-2019-p256/employ", Cryptosuite::EcdsaRdfc2019, EMPLOYMENT, P256),
    Part::of("ecdsa-rdfc-2019-p384", Cryptosuite::EcdsaRdfc2019, UNSIGNED, P384),
    Part::of("ecdsa-rdfc-2019-p384/employ", Cryptosuite::EcdsaRdfc2019, EMPLOYMENT, P384),
];

pub(crate) fn run_eddsa(folder: &Path) -> Result<Report> {
    let mut cases = Cases::default();
    cases.steps(folder, &EDDSA)?;
    let chain = folder.join("proof-set-chain");
    for file in given::entries(&chain)? {
        cases.add(given::name(folder, &file), chain::check(&chain, &given::name(&chain, &file)));
    }
    Ok(cases.report())
}

pub(crate) fn run_ecdsa(folder: &Path) -> Result<Report> {
    let mut cases = Cases::default();
    cases.steps(folder, &ECDSA)?;
    let selective = folder.join("ecdsa-sd-2023");
    for (name, unsigned, holder) in [
        ("prc", "prCredUnsigned.json", "prCredSelective.json"),
        ("employ", EMPLOYMENT, "employSelective.json"),
    ] {
        let example = Example::read(Family::Ecdsa, folder, &selective.join(name), (unsigned, holder))?;
        cases.selective(folder, &selective.join(name), &example)?;
    }
    Ok(cases.report())
}

pub(crate) fn run_bbs(folder: &Path) -> Result<Report> {
    let mut cases = Cases::default();
    for (name, unsigned, holder) in
        [("", "windDoc.json", "windSelective.json"), ("prc", "prCredUnsigned.json", "prCredSelective.json")]
    {
        let example = Example::read(Family::Bbs, folder, &folder.join(name), (unsigned, holder))?;
        cases.selective(folder, &folder.join(name), &example)?;
    }
    for name in ["HolderBinding", "Pseudonym", "PseudonymHB"] {
        let holder = "FeatureInputs/licenseSelective.json";
        let unsigned = "FeatureInputs/license.json";
        let example = Example::read(Family::BbsOption, folder, &folder.join(name), (unsigned, holder))?;
        cases.selective(folder, &folder.join(name), &example)?;
    }
    Ok(cases.report())
}

/// The cases so far. Every file that a folder of steps holds is one.
#[derive(Default)]
struct Cases(Vec<(String, Verdict)>);

impl Cases {
    fn add(&mut self, name: String, verdict: impl Into<Verdict>) {
        self.0.push((name, verdict.into()));
    }

    fn steps(&mut self, folder: &Path, parts: &[Part]) -> Result<()> {
        for part in parts {
            let steps = Steps::read(folder, part)?;
            for file in given::entries(&folder.join(part.steps))? {
                if file.is_file() {
                    self.add(given::name(folder, &file), steps.check(&file));
                }
            }
        }
        Ok(())
    }

    fn selective(&mut self, folder: &Path, steps: &Path, example: &Example) -> Result<()> {
        for file in given::entries(steps)? {
            let name = given::name(steps, &file);
            let is_step = ["add", "derived", "verify"].iter().any(|step| name.starts_with(step));
            // Where steps stand beside inputs, the inputs are no cases.
            if file.is_file() && (is_step || steps != folder) {
                self.add(given::name(folder, &file), example.check(&name));
            }
        }
        Ok(())
    }

    fn report(self) -> Report {
        let mut report = Report::new(self.0.len());
        for (case, verdict) in self.0 {
            report.record(case, verdict);
        }
        report
    }
}
