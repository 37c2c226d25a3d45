//! What an importer must accept and refuse, written from the vocabulary in `examples/data/README.md` and
//! independent of the generator: it finds every rule a row breaks, to prove that each bad row breaks exactly
//! one and no good row any.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization as _;

use super::{date::days_in, files};

type Found = BTreeSet<&'static str>;

struct Importer {
    regions: BTreeMap<String, String>,
    residents: BTreeMap<String, String>,
    ids: BTreeSet<String>,
}

const TODAY: &str = "2026-11-22";

impl Importer {
    fn residents(&mut self, cells: &[String], found: &mut Found) {
        let [id, family, given, birth, sido, sigungu, dong, postal, address] = cells else { unreachable!() };
        code("malformed_resident_id", id.strip_prefix('R'), &[6], found);
        code("malformed_postal_code", Some(postal), &[5], found);
        for (text, length) in [(sido, 2), (sigungu, 5), (dong, 10)] {
            code("malformed_region_code", Some(text), &[length], found);
        }
        names(family, given, found);
        date(birth, found);
        if !found.contains("malformed_region_code") {
            let parents = [sido, sigungu, dong].map(|code| self.regions.get(code));
            match parents {
                [Some(_), Some(of_sigungu), Some(of_dong)] if of_sigungu == sido && of_dong == sigungu => {}
                [Some(_), Some(_), Some(_)] => drop(found.insert("region_mismatch")),
                _ => drop(found.insert("unknown_region")),
            }
        }
        assert!(!address.is_empty());
        self.identifier(id, found);
        if found.is_empty() {
            self.residents.insert(id.clone(), name(family, given));
        }
    }

    fn social_workers(&mut self, cells: &[String], found: &mut Found) {
        let [number, grade, acquired, specialty, family, given, resident, valid] = cells else {
            unreachable!()
        };
        let serial = number.split_once('-').filter(|(grade, _)| ["1", "2"].contains(grade));
        code("malformed_licence_number", serial.map(|(_, serial)| serial), &[7], found);
        names(family, given, found);
        date(acquired, found);
        known("unknown_grade", grade, &["1", "2"], found);
        known("unknown_specialty", specialty, &["none", "mental_health", "medical", "school"], found);
        known("unknown_licence_state", valid, &["valid", "revoked", "suspended"], found);
        self.identifier(number, found);
        self.person(resident, family, given, found);
    }

    fn post_customers(&mut self, cells: &[String], found: &mut Found) {
        let [reference, assured, level, services, family, given, resident] = cells else { unreachable!() };
        let rest = reference.strip_prefix('C').unwrap_or_default();
        if rest.len() != 16 || !rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            found.insert("malformed_customer_ref");
        }
        names(family, given, found);
        known("unknown_flag", assured, &["true", "false"], found);
        known("unknown_assurance_level", level, &["1", "2", "3"], found);
        for service in services.split(';') {
            known("unknown_service", service, &["mail", "deposit", "insurance", "shopping"], found);
        }
        self.identifier(reference, found);
        self.person(resident, family, given, found);
    }

    fn identifier(&mut self, id: &str, found: &mut Found) {
        if !self.ids.insert(id.to_owned()) {
            found.insert("duplicate_id");
        }
    }

    fn person(&self, resident: &str, family: &str, given: &str, found: &mut Found) {
        match self.residents.get(resident) {
            None => drop(found.insert("unknown_resident")),
            Some(known) if *known != name(family, given) => drop(found.insert("name_mismatch")),
            Some(_) => {}
        }
    }
}

fn name(family: &str, given: &str) -> String {
    format!("{family}|{given}").nfc().collect()
}

fn code(reason: &'static str, text: Option<&str>, lengths: &[usize], found: &mut Found) {
    let right = text.is_some_and(|t| lengths.contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit()));
    if !right {
        found.insert(reason);
    }
}

fn known(reason: &'static str, text: &str, values: &[&str], found: &mut Found) {
    if !values.contains(&text) {
        found.insert(reason);
    }
}

fn names(family: &str, given: &str, found: &mut Found) {
    for name in [family, given] {
        if name.trim().is_empty() {
            found.insert("empty_name");
        }
        if name.nfc().count() > 40 {
            found.insert("name_too_long");
        }
    }
}

fn date(text: &str, found: &mut Found) {
    let parts: Vec<&str> = text.split('-').collect();
    let exists = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-') && {
        let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
        match *numbers.as_slice() {
            [year, month, day] => (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day),
            _ => false,
        }
    };
    if !exists {
        found.insert("impossible_date");
    } else if text > TODAY {
        found.insert("future_date");
    }
}

fn text(cell: &str, found: &mut Found) {
    if cell.chars().any(char::is_control) {
        found.insert("control_character");
    }
    let invisible = |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if cell.contains(invisible) {
        found.insert("invisible_character");
    }
    if cell.starts_with(['=', '+', '@']) {
        found.insert("formula_cell");
    }
    let shape: String = cell.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape.contains("000000-0000000") {
        found.insert("registration_number");
    }
}

/// Every broken rule of every row that breaks one: file, line, reasons.
fn refusals() -> Vec<(String, u64, Vec<&'static str>)> {
    let files: BTreeMap<_, _> = files().unwrap().into_iter().collect();
    let reader = |file: &str| {
        csv::ReaderBuilder::new().flexible(true).from_reader(std::io::Cursor::new(files[file].clone()))
    };
    let regions = reader("regions.csv").into_records().map(|row| row.unwrap());
    let mut importer = Importer {
        regions: regions.map(|row| (row[0].to_owned(), row[2].to_owned())).collect(),
        residents: BTreeMap::new(),
        ids: BTreeSet::new(),
    };
    let mut refusals = Vec::new();
    for file in ["residents.csv", "social_workers.csv", "post_customers.csv"] {
        let mut reader = reader(file);
        let columns = reader.headers().unwrap().len();
        for record in reader.into_records() {
            let record = record.unwrap();
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            let mut found = Found::new();
            if cells.len() == columns {
                for cell in &cells {
                    text(cell, &mut found);
                }
                match file {
                    "residents.csv" => importer.residents(&cells, &mut found),
                    "social_workers.csv" => importer.social_workers(&cells, &mut found),
                    _ => importer.post_customers(&cells, &mut found),
                }
            } else {
                found.insert("wrong_column_count");
            }
            if !found.is_empty() {
                let line = record.position().unwrap().line();
                refusals.push((file.to_owned(), line, found.into_iter().collect()));
            }
        }
    }
    refusals
}

#[test]
fn each_listed_row_breaks_exactly_the_listed_rule_and_no_other_row_any() {
    let files: BTreeMap<_, _> = files().unwrap().into_iter().collect();
    let listed: Vec<serde_json::Value> = serde_json::from_slice(&files["expected-rejects.json"]).unwrap();
    let listed: Vec<(String, u64, Vec<&str>)> = listed
        .iter()
        .map(|one| {
            let [file, reason] = ["file", "reason"].map(|member| one[member].as_str().unwrap());
            (file.to_owned(), one["row"].as_u64().unwrap(), vec![reason])
        })
        .collect();
    assert_eq!(refusals(), listed);
}

#[test]
fn the_hazards_are_in_the_accepted_rows() {
    let files: BTreeMap<_, _> = files().unwrap().into_iter().collect();
    let residents = std::str::from_utf8(&files["residents.csv"]).unwrap();
    let cp949 = &files["residents-cp949.csv"];
    for hazard in
        ["\u{b7}", "\u{318d}", "\u{119e}", "\u{30fb}", "１２", "\u{a0}", "뷁", "똠", "秀賢", "\"\"", "O'NEIL"]
    {
        assert!(residents.contains(hazard), "{hazard}");
    }
    // 뷁 and 똠 in Windows-949, from the code page's table.
    for (syllable, code) in [("뷁", [0x94, 0xee]), ("똠", [0x8c, 0x63])] {
        assert!(cp949.windows(2).any(|pair| pair == code), "{syllable}");
    }
    let nfd: String = "김한별".nfd().collect();
    let (family, given) = nfd.split_at("김".nfd().collect::<String>().len());
    assert!(residents.contains(&format!("R000001,{family},{given},1990-05-17")));
    for born in
        ["2008-02-29", "2000-02-29", "2012-11-21", "2012-11-22", "2012-11-23", "2008-11-22", "2007-11-22"]
    {
        assert!(residents.contains(born), "{born}");
    }
}

#[test]
fn the_counts_are_those_announced() {
    let files: BTreeMap<_, _> = files().unwrap().into_iter().collect();
    let lines = |file: &str| std::str::from_utf8(&files[file]).unwrap().lines().count() - 1;
    let refused = |file: &str| refusals().iter().filter(|(of, _, _)| of == file).count();
    for (file, accepted) in
        [("residents.csv", 1000), ("social_workers.csv", 200), ("post_customers.csv", 300)]
    {
        assert_eq!(lines(file) - refused(file), accepted, "{file}");
    }
    let workers = std::str::from_utf8(&files["social_workers.csv"]).unwrap();
    let bad: Vec<u64> =
        refusals().into_iter().filter(|one| one.0 == "social_workers.csv").map(|one| one.1).collect();
    let good = (1..).zip(workers.lines()).skip(1).filter(|(line, _)| !bad.contains(line)).map(|(_, row)| row);
    let good: Vec<&str> = good.collect();
    let ending = |end: &str| good.iter().filter(|row| row.ends_with(end)).count();
    assert_eq!(good.iter().filter(|row| row.starts_with("1-")).count(), 50);
    assert_eq!([ending(",valid"), ending(",revoked"), ending(",suspended")], [195, 3, 2]);
}
