//! The roll as offices have it: a table of districts and labels, as CSV in UTF-8 or CP949.

use sinpyo_core::claims::nfc;
use std::{borrow::Cow, collections::BTreeMap};

/// Bytes of the longest file.
pub(crate) const MAX_FILE: usize = 4 << 20;
/// Most lines of one file: they become a roll in one step.
pub(crate) const MAX_LINES: usize = 50_000;
/// Most faults that are listed; who has more has another kind of file.
const MAX_FAULTS: usize = 200;
/// Longest label, in bytes.
const MAX_LABEL: usize = 200;

/// A voter of the legal roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The number of its line in the file.
    pub(crate) line: u64,
    /// The index of its district.
    pub(crate) district: usize,
    /// How the office knows it: a unit, a name.
    pub(crate) label: String,
    /// The code that the office chose for it, if it did.
    pub(crate) code: Option<String>,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It has more or fewer cells than the head.
    Cells,
    /// The election has no such district.
    District,
    /// There is no label, or none that can be printed.
    Label,
    /// The line's label was there before in its district.
    Repeated,
    /// The code has fewer than 16 characters of `A-Z2-9`, or was there before.
    Code,
}

/// A line that cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: u64,
    pub(crate) wrong: Wrong,
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum RollFileError {
    /// VTS-20: it is longer than anybody checks by eye.
    #[error("the file is too long")]
    TooLong,
    /// VTS-20: it is no text in UTF-8 or CP949.
    #[error("the file is neither UTF-8 nor CP949")]
    Encoding,
    /// VTS-20: its first line does not name the columns.
    #[error("the first line does not name the columns district and label")]
    Head,
    /// VTS-20: there is nobody in it.
    #[error("the file has no lines")]
    Empty,
    /// VTS-21: lines are wrong; nothing is taken.
    #[error("lines are wrong")]
    Lines(Vec<Fault>),
}

impl RollFileError {
    /// The rule in `spec/checks/vts.toml`.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Lines(_) => "VTS-21",
            _ => "VTS-20",
        }
    }
}

/// The names by which a column is known.
const DISTRICT: [&str; 3] = ["district", "선거구", "동"];
const LABEL: [&str; 4] = ["label", "이름", "호수", "세대"];
const CODE: [&str; 2] = ["code", "코드"];

/// Reads a whole file, or nothing of it. `districts` says which one a cell names.
pub(crate) fn read(
    bytes: &[u8],
    districts: &dyn Fn(&str) -> Option<usize>,
) -> Result<Vec<Row>, RollFileError> {
    if bytes.len() > MAX_FILE {
        return Err(RollFileError::TooLong); // [VTS-20]
    }
    let text = text_of(bytes).ok_or(RollFileError::Encoding)?; // [VTS-20]
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns =
        Columns::of(reader.headers().map_err(|_| RollFileError::Head)?).ok_or(RollFileError::Head)?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut seen = Seen::default();
    for record in reader.records() {
        let record = record.map_err(|_| RollFileError::Encoding)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        match columns.row(&record, line, districts).and_then(|row| seen.check(row)) {
            Ok(row) => rows.push(row),
            Err(wrong) => faults.push(Fault { line, wrong }),
        }
        if rows.len() > MAX_LINES || faults.len() > MAX_FAULTS {
            break;
        }
    }
    if !faults.is_empty() {
        return Err(RollFileError::Lines(faults)); // [VTS-21]
    }
    match rows.len() {
        0 => Err(RollFileError::Empty),
        1..=MAX_LINES => Ok(rows),
        _ => Err(RollFileError::TooLong),
    }
}

/// UTF-8, or else CP949, in which Korean offices still save tables.
fn text_of(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(_) => encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(bytes),
    }
}

/// Where the columns are.
#[derive(Clone, Copy, Debug)]
struct Columns {
    count: usize,
    district: usize,
    label: usize,
    code: Option<usize>,
}

impl Columns {
    fn of(head: &csv::StringRecord) -> Option<Self> {
        let find = |names: &[&str]| head.iter().position(|name| names.contains(&name));
        let known = |name: &str| DISTRICT.contains(&name) || LABEL.contains(&name) || CODE.contains(&name);
        head.iter().all(known).then_some(())?;
        Some(Self { count: head.len(), district: find(&DISTRICT)?, label: find(&LABEL)?, code: find(&CODE) })
    }

    fn row(
        &self,
        record: &csv::StringRecord,
        line: u64,
        districts: &dyn Fn(&str) -> Option<usize>,
    ) -> Result<Row, Wrong> {
        if record.len() != self.count {
            return Err(Wrong::Cells);
        }
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let district = districts(&nfc(cell(self.district))).ok_or(Wrong::District)?;
        let label = nfc(cell(self.label));
        // Tables calculate what begins so, and the codes go out beside the labels as a table.
        let is_formula = label.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
        if label.is_empty() || label.len() > MAX_LABEL || label.contains(char::is_control) || is_formula {
            return Err(Wrong::Label);
        }
        let code = self.code.map(cell).filter(|code| !code.is_empty());
        let code = code.map(|code| crate::code::parse(code).ok_or(Wrong::Code)).transpose()?;
        Ok(Row { line, district, label, code })
    }
}

/// What the file had before.
#[derive(Debug, Default)]
struct Seen {
    labels: BTreeMap<(usize, String), u64>,
    codes: BTreeMap<String, u64>,
}

impl Seen {
    fn check(&mut self, row: Row) -> Result<Row, Wrong> {
        if self.labels.insert((row.district, row.label.clone()), row.line).is_some() {
            return Err(Wrong::Repeated);
        }
        if row.code.clone().is_some_and(|code| self.codes.insert(code, row.line).is_some()) {
            return Err(Wrong::Code);
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<Row>, RollFileError> {
        super::read(bytes, &|name| ["101동", "102동"].iter().position(|district| *district == name))
    }

    #[test]
    fn a_file_in_either_encoding_gives_the_same_roll() {
        let text = "district,label\n101동,101호\n102동,김가람 301호\n";
        let utf8 = read(text.as_bytes()).unwrap();
        let (cp949, _, failed) = encoding_rs::EUC_KR.encode(text);
        assert!(!failed && cp949.as_ref() != text.as_bytes());
        assert_eq!(read(&cp949).unwrap(), utf8);
        let with_mark = ["\u{feff}", text].concat();
        assert_eq!(read(with_mark.as_bytes()).unwrap(), utf8);
        assert_eq!((utf8[1].district, utf8[1].label.as_str(), utf8[1].line), (1, "김가람 301호", 3));
    }

    #[test]
    fn each_wrong_line_is_listed_and_nothing_is_taken() {
        let text = "district,label,code\n101동,1호,\n103동,2호,\n101동,,\n101동,1호,\n101동,3호,short\n101동\n\n102동,1호,ABCD2345EFGH6789\n\
            102동,2호,abcd-2345-efgh-6789\n";
        let Err(RollFileError::Lines(faults)) = read(text.as_bytes()) else { panic!() };
        let found: Vec<_> = faults.iter().map(|fault| (fault.line, fault.wrong)).collect();
        let expected = [
            (3, Wrong::District),
            (4, Wrong::Label),
            (5, Wrong::Repeated),
            (6, Wrong::Code),
            (7, Wrong::Cells),
            (10, Wrong::Code),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_label_is_no_formula() {
        for label in ["=1+1", "+82", "-1호", "@x", "＝1", "\t=1", "\"=HYPERLINK(\"\"x\"\")\""] {
            let Err(RollFileError::Lines(faults)) =
                read(format!("district,label\n101동,{label}\n").as_bytes())
            else {
                panic!("{label}")
            };
            assert_eq!(faults.iter().map(|fault| fault.wrong).collect::<Vec<_>>(), [Wrong::Label], "{label}");
        }
        assert_eq!(read("district,label\n101동,1-2호 =\n".as_bytes()).unwrap().len(), 1);
    }

    #[test]
    fn a_file_that_is_no_roll_is_refused() {
        for (bytes, error) in [
            (&b"\xff\xfe\xff\xff"[..], RollFileError::Encoding),
            (b"a,b\n1,2\n", RollFileError::Head),
            (b"district,label,extra\n101,1,2\n", RollFileError::Head),
            (b"district,label\n", RollFileError::Empty),
            (b"", RollFileError::Head),
            (&vec![b'a'; MAX_FILE + 1], RollFileError::TooLong),
        ] {
            assert_eq!(read(bytes).unwrap_err(), error);
        }
        let long: Vec<String> = (0..=MAX_LINES).map(|unit| format!("101동,{unit}")).collect();
        let long = ["district,label\n", &long.join("\n")].concat();
        assert_eq!(read(long.as_bytes()), Err(RollFileError::TooLong));
    }
}
