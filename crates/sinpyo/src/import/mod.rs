//! Reads the rows that institutions hand over, and says for each row that it refuses why.
//!
//! The rules and their order are those of `examples/data/README.md`. A refused row is reported by file, line and
//! reason, never by content.

mod rules;
mod table;

pub(crate) use table::{Kind, Row, Table};

use rules::Checker;
use serde::Serialize;
use sinpyo_core::time::Date;
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

/// Files longer than this are refused; a million residents need a quarter of it.
const MAX_FILE: u64 = 512 << 20;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// Residents by `resident_id`.
    pub(crate) residents: BTreeMap<String, Row>,
    /// Social workers, in file order.
    pub(crate) social_workers: Vec<Row>,
    /// Customers of the post, in file order.
    pub(crate) customers: Vec<Row>,
    /// The rows that were refused.
    pub(crate) rejected: Vec<Rejected>,
}

impl Imported {
    /// How many rows were accepted.
    pub(crate) fn accepted(&self) -> usize {
        self.residents.len() + self.social_workers.len() + self.customers.len()
    }
}

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Rejected {
    /// Name of the file.
    pub(crate) file: &'static str,
    /// Line in the file, from 1; the header is line 1.
    pub(crate) row: u64,
    /// The first rule that it breaks.
    pub(crate) reason: &'static str,
}

/// Why a file cannot be imported at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ImportError {
    /// It is not there or cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It is longer than 512 MiB.
    #[error("{} is longer than 512 MiB", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// It is neither UTF-8 nor CP949.
    #[error("{} is neither UTF-8 nor CP949", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
    },
    /// Its first line does not name the columns that are due.
    #[error("the first line of {} does not name the columns {}", path.display(), columns.join(","))]
    Header {
        /// The file.
        path: PathBuf,
        /// The columns that are due.
        columns: Vec<&'static str>,
    },
    /// It is not CSV.
    #[error("{} is not CSV", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        #[source]
        source: csv::Error,
    },
}

/// Imports the files of a data folder, as they stand on `today`.
pub(crate) fn import(folder: &Path, today: Date) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    let regions = read(folder, &table::REGIONS)?;
    let mut checker = Checker::new(today, regions.into_iter().filter_map(|line| line.ok().map(|row| row.1)));
    for (line, row) in accepted(read(folder, &table::RESIDENTS)?, &table::RESIDENTS, &mut imported.rejected) {
        match checker.check(&table::RESIDENTS, &row, &imported.residents) {
            Ok(()) => drop(imported.residents.insert(row.text("resident_id").to_owned(), row)),
            Err(reason) => {
                imported.rejected.push(Rejected { file: table::RESIDENTS.file, row: line, reason });
            }
        }
    }
    for (table, is_worker) in [(&table::SOCIAL_WORKERS, true), (&table::POST_CUSTOMERS, false)] {
        for (line, row) in accepted(read(folder, table)?, table, &mut imported.rejected) {
            match checker.check(table, &row, &imported.residents) {
                Ok(()) if is_worker => imported.social_workers.push(row),
                Ok(()) => imported.customers.push(row),
                Err(reason) => imported.rejected.push(Rejected { file: table.file, row: line, reason }),
            }
        }
    }
    imported.rejected.sort_by_key(|rejected| (rank(rejected.file), rejected.row));
    Ok(imported)
}

fn rank(file: &str) -> usize {
    [&table::RESIDENTS, &table::SOCIAL_WORKERS, &table::POST_CUSTOMERS]
        .iter()
        .position(|table| table.file == file)
        .unwrap_or(usize::MAX)
}

/// A row with its line, or the line of one that has too few or too many cells.
type Line = Result<(u64, Row), u64>;

fn accepted(lines: Vec<Line>, table: &Table, rejected: &mut Vec<Rejected>) -> Vec<(u64, Row)> {
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        match line {
            Ok(row) => rows.push(row),
            Err(row) => rejected.push(Rejected { file: table.file, row, reason: "wrong_column_count" }),
        }
    }
    rows
}

fn read(folder: &Path, table: &Table) -> Result<Vec<Line>, ImportError> {
    let path = folder.join(table.file);
    let text = text_of(&path)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let columns: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
    let header = reader.headers().map_err(|source| ImportError::Csv { path: path.clone(), source })?;
    if !header.iter().eq(columns.iter().copied()) {
        return Err(ImportError::Header { path, columns });
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|source| ImportError::Csv { path: path.clone(), source })?;
        let line = record.position().map_or(0, csv::Position::line);
        lines.push(if record.len() == columns.len() {
            Ok((line, columns.iter().copied().zip(record.iter().map(str::to_owned)).collect()))
        } else {
            Err(line)
        });
    }
    Ok(lines)
}

/// The file's text: UTF-8, or else CP949, in which Korean offices still save tables.
fn text_of(path: &Path) -> Result<String, ImportError> {
    let read = |source| ImportError::Read { path: path.to_owned(), source };
    let metadata = std::fs::metadata(path).map_err(read)?;
    if !metadata.is_file() {
        return Err(read(io::Error::from(io::ErrorKind::InvalidInput)));
    }
    if metadata.len() > MAX_FILE {
        return Err(ImportError::TooLong { path: path.to_owned() });
    }
    let bytes = std::fs::read(path).map_err(read)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes);
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(not_utf8) => {
            let text =
                encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(not_utf8.as_bytes());
            text.map(std::borrow::Cow::into_owned)
                .ok_or_else(|| ImportError::Encoding { path: path.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data");

    fn imported(folder: &Path) -> Imported {
        import(folder, "2026-11-22".parse().unwrap()).unwrap()
    }

    #[test]
    fn exactly_the_expected_rows_are_refused() {
        let expected: Value =
            serde_json::from_slice(&std::fs::read(Path::new(DATA).join("expected-rejects.json")).unwrap())
                .unwrap();
        let imported = imported(Path::new(DATA));
        assert_eq!(json!(imported.rejected), expected);
        assert_eq!(imported.residents.len(), 1000);
        assert_eq!(imported.social_workers.len(), 200);
        assert_eq!(imported.customers.len(), 300);
    }

    #[test]
    fn the_cp949_copy_gives_the_same_residents() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["regions.csv", "social_workers.csv", "post_customers.csv"] {
            std::fs::copy(Path::new(DATA).join(file), folder.path().join(file)).unwrap();
        }
        std::fs::copy(Path::new(DATA).join("residents-cp949.csv"), folder.path().join("residents.csv"))
            .unwrap();
        let (utf8, cp949) = (imported(Path::new(DATA)), imported(folder.path()));
        assert_eq!(cp949.residents.len(), 997);
        for (id, row) in &cp949.residents {
            assert_eq!(row.name(), utf8.residents[id].name());
        }
    }

    #[test]
    fn a_file_that_is_no_table_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = |folder: &Path| import(folder, "2026-11-22".parse().unwrap()).unwrap_err().to_string();
        assert!(error(folder.path()).contains("regions.csv"));
        std::fs::write(folder.path().join("regions.csv"), b"a,b\n1,2\n").unwrap();
        assert!(error(folder.path()).contains("region_code,level,parent_code,name"));
        std::fs::write(folder.path().join("regions.csv"), b"\xff\xfe\xff").unwrap();
        assert!(error(folder.path()).contains("neither UTF-8 nor CP949"));
    }
}
