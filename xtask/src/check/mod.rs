//! The project's own checks. Each is a function from the workspace to what it found wrong, one line per finding.

mod arrows;
mod coverage;
mod duplicates;
mod features;
mod paths;
mod rules;
mod size;
pub(crate) mod status;

use anyhow::{Result, bail};

use crate::{steps::Ran, workspace::Workspace};

/// A check: nothing found is success.
pub(crate) type Check = fn(&Workspace) -> Vec<String>;

/// All checks in the order in which they run, with the names of their steps.
pub(crate) const CHECKS: [(&str, Check); 8] = [
    ("crate arrows", arrows::check),
    ("file size", size::check),
    ("duplicated blocks", duplicates::check),
    ("features of serde_json", features::check),
    ("rules", rules::check),
    ("machine paths", paths::check),
    ("status table", status::check),
    ("coverage of the specifications", coverage::check),
];

/// Prints the findings; an error when there are any.
pub(crate) fn report(findings: &[String]) -> Result<Ran> {
    for finding in findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(Ran::Done),
        1 => bail!("1 finding"),
        count => bail!("{count} findings"),
    }
}
