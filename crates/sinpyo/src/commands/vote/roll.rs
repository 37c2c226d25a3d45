//! `sinpyo vote roll`: the registrar's office.

use super::{
    Done,
    host::{MAX_FILE, Which, posted, stepped, told},
};
use crate::{
    files::{self, Access},
    say::Voice,
    vote::office::{Office, number, text},
};
use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::{Map, Value, json};
use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

#[derive(Debug, Subcommand)]
pub(crate) enum RollCommand {
    /// Take the lines of a CSV file (columns district, label, and code if the office has its own) into the roll: all, or none.
    #[command(
        after_help = "Example:\n  sinpyo vote roll import 0123… --csv roll.csv --at https://vote.example.kr --token-file voting/manage.token"
    )]
    Import {
        #[command(flatten)]
        which: Which,
        /// The file.
        #[arg(long, value_name = "FILE")]
        csv: PathBuf,
    },
    /// Make the codes of all lines that have none, and write them into a file that nobody else can read. Only once.
    #[command(
        after_help = "Example:\n  sinpyo vote roll codes 0123… --out codes.csv --at https://vote.example.kr --token-file voting/manage.token"
    )]
    Codes {
        #[command(flatten)]
        which: Which,
        /// The file, as CSV; there must be none yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take a line out of the roll.
    #[command(
        after_help = "Example:\n  sinpyo vote roll strike 0123… --line 17 --reason 전출 --at https://vote.example.kr --token-file voting/manage.token"
    )]
    Strike {
        #[command(flatten)]
        which: Which,
        /// Its number.
        #[arg(long)]
        line: u32,
        /// Why; it stands in the record.
        #[arg(long)]
        reason: String,
    },
    /// End registration.
    #[command(
        after_help = "Example:\n  sinpyo vote roll freeze 0123… --at https://vote.example.kr --token-file voting/manage.token"
    )]
    Freeze(Which),
}

pub(super) fn run(command: RollCommand, voice: Voice) -> Result<Done> {
    match command {
        RollCommand::Freeze(which) => stepped(&which, "freeze", voice),
        RollCommand::Strike { which, line, reason } => {
            posted(&which, "strike", &json!({"line": line, "reason": reason}), voice)
        }
        RollCommand::Import { which, csv } => {
            let office = Office::open(&which.at)?;
            let done = office.roll(&which.election, files::read(&csv, MAX_FILE)?);
            told(done, voice, |answer| {
                Ok(format!("{} {}", voice.pick("명부의 줄", "lines of the roll:"), number(answer, "lines")?))
            })
        }
        RollCommand::Codes { which, out } => codes(&which, &out, voice),
    }
}

/// The service makes codes once: it is asked when there is a file to put them into.
fn codes(which: &Which, out: &Path, voice: Voice) -> Result<Done> {
    let office = Office::open(&which.at)?;
    files::create(out, b"", Access::Private)?;
    let done = office.post(&format!("/{}/codes", which.election), &json!({}));
    if done.is_err() {
        std::fs::remove_file(out).with_context(|| format!("cannot remove {}", out.display()))?;
    }
    let mut made = 0;
    if let Ok(answer) = &done {
        let codes = answer.get("codes").and_then(Value::as_array).context("the service gave no codes")?;
        files::replace(out, sheet(codes)?.as_bytes(), Access::Private)?;
        made = codes.len();
    }
    // The codes themselves are in the file alone.
    let counted = done.map(|_| Map::from_iter([("codes".to_owned(), json!(made))]));
    told(counted, voice, |_| Ok(format!("{}: {made}", voice.pick("코드", "codes"))))
}

/// The codes as CSV.
fn sheet(codes: &[Value]) -> Result<String> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["line", "district", "label", "code"])?;
    for code in codes {
        let code = code.as_object().context("a code is no object")?;
        let line = number(code, "line")?.to_string();
        let [district, label] = [text(code, "district")?, text(code, "label")?].map(inert);
        csv.write_record([&*line, &*district, &*label, text(code, "code")?])?;
    }
    Ok(String::from_utf8(csv.into_inner()?)?)
}

/// A cell that a table shows and does not calculate: names come from lists of others.
fn inert(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        Cow::Owned(["'", cell].concat())
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_a_table_without_formulas() {
        let code = |label: &str| json!({"line": 1, "district": "101동", "label": label, "code": "ABCD"});
        let made = sheet(&[code("=HYPERLINK(1)"), code("-1호"), code("1-2호")]).unwrap();
        let expected =
            "line,district,label,code\n1,101동,'=HYPERLINK(1),ABCD\n1,101동,'-1호,ABCD\n1,101동,1-2호,ABCD\n";
        assert_eq!(made, expected);
    }
}
