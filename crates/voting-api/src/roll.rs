//! The lines of the legal roll: who may register, and with which code. All of it sealed; none of it in the log.

use crate::{code, dossier::Dossier, roll_file::Row, service::Service};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{Secret, encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_state::{CommitError, Key, OwnedChange, Space, State, Unavailable, Version, retrying};
use sinpyo_voting::form::to_hex;
use sinpyo_web::sealed::{Opened, SealedRecords};
use std::time::Duration;

const LINE: Space = Space::new("voting.line");
const UPLOAD: Space = Space::new("voting.upload");
/// How long an upload waits until the host takes it.
const UPLOAD_LIFE: Duration = Duration::from_hours(1);
/// Lines that are read, and get their codes, in one step.
const STEP: usize = 500;

/// A line of the roll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    /// Its number, from 1.
    pub(crate) number: u32,
    /// The index of its district.
    pub(crate) district: usize,
    /// How the office knows it.
    pub(crate) label: String,
    /// Its random name in the log, in hex.
    pub(crate) slot: String,
    /// The name of its code's record, if it has one.
    pub(crate) code: Option<String>,
    /// Whether somebody registered for it.
    pub(crate) registered: bool,
    /// Whether it was struck.
    pub(crate) struck: bool,
}

/// What is known of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeRecord {
    /// The number of its line.
    pub(crate) line: u32,
    /// The nonce that was given out last, in hex, and until when it holds.
    pub(crate) nonce: Option<(String, i64)>,
    /// What the holder was asked to show with that nonce.
    pub(crate) asked: Option<Value>,
    /// What it was spent on.
    pub(crate) used: Option<Used>,
}

/// The one request that a code was spent on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Used {
    /// SHA-256 of the request, in hex.
    pub(crate) request: String,
    /// The signed event, as text.
    pub(crate) event: String,
    /// The answer, once there is one.
    pub(crate) answer: Option<Value>,
}

/// A line with the code that was made for it just now.
#[derive(Debug)]
pub(crate) struct Coded {
    pub(crate) line: Line,
    pub(crate) code: Secret<String>,
}

/// The roll of one election.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Roll<'a> {
    pub(crate) service: &'a Service,
    pub(crate) election: ElectionId,
    pub(crate) now: Timestamp,
}

impl Roll<'_> {
    fn state(&self) -> &dyn State {
        &*self.service.settings.state
    }

    const fn vault(&self) -> &SealedRecords {
        &self.service.vault
    }

    fn line_key(&self, number: u32) -> Key {
        Key::named(LINE, &format!("{}.{number:08}", to_hex(&self.election.0)))
    }

    /// Keeps rows until the host has looked at them; the name under which they wait.
    pub(crate) fn upload(&self, rows: &[Row], entropy: &mut dyn Entropy) -> Result<String, Unavailable> {
        let mut random = [0; 16];
        entropy.fill(&mut random);
        let name = to_base64url(&random);
        let key = self.upload_key(&name);
        let rows: Vec<Value> =
            rows.iter().map(|row| json!([row.line, row.district, row.label, row.code])).collect();
        let waits = json!({"rows": rows, "districts": self.districts()?});
        let data = self.vault().seal(&key, &waits, entropy)?; // [VTS-02]
        let change = OwnedChange::insert(key, data, Some(self.now.plus(UPLOAD_LIFE)));
        self.state().commit_owned(&[change]).map_err(|_| Unavailable)?;
        Ok(name)
    }

    fn upload_key(&self, name: &str) -> Key {
        Key::secret(UPLOAD, format!("{}.{name}", to_hex(&self.election.0)).as_bytes())
    }

    /// The names of the draft's districts: rows have them by their places.
    fn districts(&self) -> Result<Vec<String>, Unavailable> {
        let found = self.service.cabinet(self.now).find(&self.election)?.ok_or(Unavailable)?;
        Ok(found.dossier.draft.districts.into_iter().map(|district| district.name.ko).collect())
    }

    /// The rows that wait under `name`; none if one of the districts was taken out since.
    pub(crate) fn uploaded(&self, name: &str) -> Result<Option<Vec<Row>>, Unavailable> {
        let Some(Opened { members, .. }) =
            self.vault().read(self.state(), &self.upload_key(name), self.now)?
        else {
            return Ok(None);
        };
        let districts: Vec<Value> = self.districts()?.into_iter().map(Value::from).collect();
        let then = members.get("districts").and_then(Value::as_array).ok_or(Unavailable)?;
        if !districts.starts_with(then) {
            return Ok(None); // [VTS-53]
        }
        let rows = members.get("rows").cloned().ok_or(Unavailable)?;
        let rows: Vec<(u64, usize, String, Option<String>)> =
            serde_json::from_value(rows).map_err(|_| Unavailable)?;
        let row = |(line, district, label, code)| Row { line, district, label, code };
        Ok(Some(rows.into_iter().map(row).collect()))
    }

    /// Takes rows into the roll, all or none, each with a slot drawn for it. How many lines the roll has then; none if
    /// there is no such election.
    pub(crate) fn take(&self, rows: &[Row], entropy: &mut dyn Entropy) -> Result<Option<u32>, Unavailable> {
        let add = |dossier: &mut Dossier, entropy: &mut dyn Entropy| {
            let mut changes = Vec::with_capacity(rows.len() * 2);
            for row in rows {
                dossier.lines = dossier.lines.saturating_add(1);
                let mut slot = [0; 16];
                entropy.fill(&mut slot); // [VTS-24]
                let mut line = Line {
                    number: dossier.lines,
                    district: row.district,
                    label: row.label.clone(),
                    slot: to_hex(&slot),
                    code: None,
                    registered: false,
                    struck: false,
                };
                if let Some(code) = &row.code {
                    changes.push(self.new_code(&mut line, code, entropy)?);
                }
                changes.push(self.keep_line(&line, None, entropy)?);
            }
            Ok::<_, Unavailable>(changes)
        };
        let done = self.service.cabinet(self.now).change(&self.election, entropy, add)?;
        Ok(done.map(|dossier| dossier.lines))
    }

    /// Lines in the order of their numbers, after `after`.
    pub(crate) fn lines(&self, after: u32, limit: usize) -> Result<Vec<(Line, Version)>, Unavailable> {
        let prefix = format!("{}.", to_hex(&self.election.0));
        let page = self.state().page(LINE, Some(&format!("{prefix}{after:08}")), limit, self.now)?;
        let ours = page.into_iter().take_while(|(key, _)| key.name().starts_with(&prefix));
        ours.map(|(key, record)| {
            let members = self.vault().open(&key, &record.data)?;
            let line = serde_json::from_value(Value::Object(members)).map_err(|_| Unavailable)?;
            Ok((line, record.version))
        })
        .collect()
    }

    /// The first `limit` lines after `after` whose number is `wanted` or whose label has it; all if nothing is wanted.
    pub(crate) fn found(&self, wanted: &str, after: u32, limit: usize) -> Result<Vec<Line>, Unavailable> {
        let (wanted, number) = (wanted.to_lowercase(), wanted.parse().ok());
        let fits = |line: &Line| Some(line.number) == number || line.label.to_lowercase().contains(&wanted);
        let (mut found, mut after) = (Vec::new(), after);
        while found.len() < limit {
            let step = if wanted.is_empty() { limit } else { STEP };
            let lines = self.lines(after, step)?;
            let Some((last, _)) = lines.last() else { break };
            after = last.number;
            found.extend(lines.into_iter().map(|(line, _)| line).filter(fits));
        }
        found.truncate(limit);
        Ok(found)
    }

    /// The line of this number, and the version of its record.
    pub(crate) fn line(&self, number: u32) -> Result<Option<(Line, Version)>, Unavailable> {
        let Some(opened) = self.vault().read(self.state(), &self.line_key(number), self.now)? else {
            return Ok(None);
        };
        let line = serde_json::from_value(Value::Object(opened.members)).map_err(|_| Unavailable)?;
        Ok(Some((line, opened.version)))
    }

    pub(crate) fn keep_line(
        &self,
        line: &Line,
        version: Option<Version>,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, Unavailable> {
        let members = serde_json::to_value(line).map_err(|_| Unavailable)?;
        self.vault().put(&self.line_key(line.number), version, &members, entropy) // [VTS-02]
    }

    /// The change that makes `code` the line's; the line has to be kept with it.
    fn new_code(
        &self,
        line: &mut Line,
        code: &str,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, Unavailable> {
        let key = code::key(&self.election, code);
        line.code = Some(key.name().to_owned());
        self.keep_code(
            &key,
            None,
            &CodeRecord { line: line.number, nonce: None, asked: None, used: None },
            entropy,
        )
    }

    pub(crate) fn keep_code(
        &self,
        key: &Key,
        version: Option<Version>,
        record: &CodeRecord,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, Unavailable> {
        let members = serde_json::to_value(record).map_err(|_| Unavailable)?;
        self.vault().put(key, version, &members, entropy)
    }

    /// What is known of a code, if it is the one that its line has now.
    pub(crate) fn code(&self, key: &Key) -> Result<Option<(CodeRecord, Version)>, Unavailable> {
        let Some(opened) = self.vault().read(self.state(), key, self.now)? else { return Ok(None) };
        let record = serde_json::from_value(Value::Object(opened.members)).map_err(|_| Unavailable)?;
        Ok(Some((record, opened.version)))
    }

    /// Makes codes for all lines that have none. They are shown once: only digests are kept.
    pub(crate) fn make_codes(&self, entropy: &mut dyn Entropy) -> Result<Vec<Coded>, Unavailable> {
        let (mut made, mut after) = (Vec::new(), 0);
        loop {
            let lines = self.lines(after, STEP)?;
            let Some((last, _)) = lines.last() else { return Ok(made) };
            let next = last.number;
            let without = lines.into_iter().filter(|(line, _)| line.code.is_none() && !line.struck);
            // If somebody else changed one of them, they are read again.
            if let Some(coded) = self.make_codes_of(without, entropy)? {
                made.extend(coded);
                after = next;
            }
        }
    }

    /// None if one of the lines was changed since it was read; then nothing was.
    fn make_codes_of(
        &self,
        lines: impl Iterator<Item = (Line, Version)>,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<Vec<Coded>>, Unavailable> {
        let (mut coded, mut changes) = (Vec::new(), Vec::new());
        for (mut line, version) in lines {
            let code = code::draw(entropy);
            changes.push(self.new_code(&mut line, code.expose(), entropy)?);
            changes.push(self.keep_line(&line, Some(version), entropy)?);
            coded.push(Coded { line, code });
        }
        match self.state().commit_owned(&changes) {
            Ok(()) => Ok(Some(coded)),
            Err(CommitError::Conflict { .. }) => Ok(None),
            Err(_) => Err(Unavailable),
        }
    }

    /// Makes a new code for the line; one that it had before is worth nothing any more, unless it was spent: then it
    /// still gets its own answer again. None if there is no such line, or it was struck.
    pub(crate) fn make_code(
        &self,
        number: u32,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<Coded>, Unavailable> {
        retrying(|| {
            let Some((mut line, version)) = self.line(number)?.filter(|(line, _)| !line.struck) else {
                return Ok(Ok(None));
            };
            let mut changes = self.without_code(&line)?;
            let code = code::draw(entropy);
            changes.push(self.new_code(&mut line, code.expose(), entropy)?);
            changes.push(self.keep_line(&line, Some(version), entropy)?);
            Ok(self.state().commit_owned(&changes).map(|()| Some(Coded { line, code })))
        })
    }

    /// The changes that end the code of a line.
    fn without_code(&self, line: &Line) -> Result<Vec<OwnedChange>, Unavailable> {
        let Some(name) = &line.code else { return Ok(Vec::new()) };
        let key = code::stored(name.clone());
        let found = self.code(&key)?;
        let unspent = found.filter(|(record, _)| record.used.is_none());
        Ok(unspent.map(|(_, version)| OwnedChange::remove(key, version)).into_iter().collect()) // [VTS-25]
    }

    /// Takes a line out of the roll; the line, unless it was out already or there is none.
    pub(crate) fn strike(&self, number: u32, entropy: &mut dyn Entropy) -> Result<Option<Line>, Unavailable> {
        retrying(|| {
            let Some((mut line, version)) = self.line(number)?.filter(|(line, _)| !line.struck) else {
                return Ok(Ok(None));
            };
            let mut changes = self.without_code(&line)?;
            line.struck = true;
            changes.push(self.keep_line(&line, Some(version), entropy)?);
            let done: Result<(), CommitError> = self.state().commit_owned(&changes);
            Ok(done.map(|()| Some(line)))
        })
    }
}
