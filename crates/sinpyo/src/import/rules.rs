//! The rules of an import, in the order in which they are tried.

use super::{Kind, Row, Table};
use sinpyo_core::{claims::nfc, time::Date};
use std::collections::{BTreeMap, BTreeSet};

const MAX_NAME: usize = 40;

/// Checks rows one after the other; it remembers the identifiers it has accepted.
#[derive(Debug)]
pub(crate) struct Checker {
    today: Date,
    /// Each region's code and the code it lies in.
    regions: BTreeMap<String, String>,
    taken: BTreeSet<(&'static str, String)>,
}

/// A reason of `examples/data/README.md`.
type Reason = &'static str;

impl Checker {
    pub(crate) fn new(today: Date, regions: impl Iterator<Item = Row>) -> Self {
        let regions =
            regions.map(|row| (row.text("region_code").to_owned(), row.text("parent_code").to_owned()));
        Self { today, regions: regions.collect(), taken: BTreeSet::new() }
    }

    /// Accepts the row, or gives the first rule that it breaks.
    pub(crate) fn check(
        &mut self,
        table: &Table,
        row: &Row,
        residents: &BTreeMap<String, Row>,
    ) -> Result<(), Reason> {
        characters(row)?;
        forms(table, row)?;
        names(table, row)?;
        self.dates(table, row)?;
        self.regions(table, row)?;
        words(table, row)?;
        self.identifiers(table, row, residents)
    }

    fn dates(&self, table: &Table, row: &Row) -> Result<(), Reason> {
        let dates: Vec<Option<Date>> =
            cells(table, row, |kind| kind == Kind::Date).map(|d| d.parse().ok()).collect();
        refuse(dates.iter().any(Option::is_none), "impossible_date")?;
        refuse(dates.iter().flatten().any(|date| *date > self.today), "future_date")
    }

    fn regions(&self, table: &Table, row: &Row) -> Result<(), Reason> {
        let codes: Vec<&str> = cells(table, row, |kind| matches!(kind, Kind::Region(_))).collect();
        refuse(codes.iter().any(|code| !self.regions.contains_key(*code)), "unknown_region")?;
        let lies_in = |pair: &[&str]| match pair {
            [outer, inner] => self.regions.get(*inner).is_some_and(|parent| parent == outer),
            _ => true,
        };
        refuse(!codes.windows(2).all(lies_in), "region_mismatch")
    }

    fn identifiers(
        &mut self,
        table: &Table,
        row: &Row,
        residents: &BTreeMap<String, Row>,
    ) -> Result<(), Reason> {
        let own = cells(table, row, |kind| matches!(kind, Kind::Id(_))).next().map(str::to_owned);
        let own = own.map(|id| (table.file, id));
        refuse(own.as_ref().is_some_and(|id| self.taken.contains(id)), "duplicate_id")?;
        if let Some(id) = cells(table, row, |kind| kind == Kind::Resident).next() {
            let resident = residents.get(id).ok_or("unknown_resident")?;
            refuse(resident.name() != row.name(), "name_mismatch")?;
        }
        self.taken.extend(own);
        Ok(())
    }
}

fn characters(row: &Row) -> Result<(), Reason> {
    let any = |bad: fn(char) -> bool| row.cells().any(|cell| cell.contains(bad));
    refuse(any(char::is_control), "control_character")?;
    refuse(any(is_invisible), "invisible_character")?;
    refuse(row.cells().any(|cell| cell.starts_with(['=', '+', '@'])), "formula_cell")?;
    refuse(row.cells().any(holds_registration_number), "registration_number")
}

const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Six digits, a hyphen, seven digits: the shape that must not enter, whatever it is.
fn holds_registration_number(cell: &str) -> bool {
    let digit = |byte: &u8| byte.is_ascii_digit();
    cell.as_bytes().windows(14).any(|window| match window.split_at(6) {
        (front, [b'-', back @ ..]) => front.iter().all(digit) && back.iter().all(digit),
        _ => false,
    })
}

fn forms(table: &Table, row: &Row) -> Result<(), Reason> {
    for (name, kind) in table.columns {
        if let Kind::Id(form) = kind {
            refuse(!matches_pattern(row.text(name), form.pattern), form.reason)?;
        }
    }
    for (name, kind) in table.columns {
        if let Kind::Region(digits) = kind {
            refuse(!is_digits(row.text(name), *digits), "malformed_region_code")?;
        }
    }
    let malformed = cells(table, row, |kind| kind == Kind::PostalCode).any(|code| !is_digits(code, 5));
    refuse(malformed, "malformed_postal_code")
}

fn names(table: &Table, row: &Row) -> Result<(), Reason> {
    let is_name = |kind| kind == Kind::Name;
    refuse(cells(table, row, is_name).any(|name| name.trim().is_empty()), "empty_name")?;
    refuse(cells(table, row, is_name).any(|name| nfc(name).chars().count() > MAX_NAME), "name_too_long")
}

fn words(table: &Table, row: &Row) -> Result<(), Reason> {
    for (name, kind) in table.columns {
        match kind {
            Kind::OneOf(words, reason) => refuse(!words.contains(&row.text(name)), reason)?,
            Kind::SomeOf(words, reason) => {
                refuse(!row.text(name).split(';').all(|word| words.contains(&word)), reason)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn cells<'a>(
    table: &'a Table,
    row: &'a Row,
    wanted: impl Fn(Kind) -> bool + 'a,
) -> impl Iterator<Item = &'a str> {
    table.columns.iter().filter(move |(_, kind)| wanted(*kind)).map(|(name, _)| row.text(name))
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn matches_pattern(text: &str, pattern: &str) -> bool {
    let fits = |(byte, form): (u8, u8)| match form {
        b'9' => byte.is_ascii_digit(),
        b'a' => byte.is_ascii_digit() || byte.is_ascii_lowercase(),
        b'L' => matches!(byte, b'1' | b'2'),
        literal => byte == literal,
    };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(fits)
}

fn refuse(broken: bool, reason: Reason) -> Result<(), Reason> {
    if broken { Err(reason) } else { Ok(()) }
}
