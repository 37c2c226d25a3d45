//! Tables with good rows and rows that an importer has to refuse, and their form as CSV.

use serde::Serialize;

/// One row: its cells, and why it has to be refused if it has to be.
pub(super) struct Row {
    pub(super) cells: Vec<String>,
    pub(super) reason: Option<&'static str>,
}

/// One file.
pub(super) struct Table {
    pub(super) file: &'static str,
    header: Vec<String>,
    rows: Vec<Row>,
}

/// One entry of `expected-rejects.json`.
#[derive(Serialize)]
pub(super) struct Reject {
    file: &'static str,
    /// The line in the file; the header is line 1.
    row: usize,
    reason: &'static str,
}

impl Table {
    /// A table of good rows only; `header` is its first line.
    pub(super) fn new(file: &'static str, header: &str, rows: Vec<Vec<String>>) -> Self {
        let rows = rows.into_iter().map(|cells| Row { cells, reason: None }).collect();
        Self { file, header: header.split(',').map(str::to_owned).collect(), rows }
    }

    /// Spreads the bad rows evenly among the good ones.
    pub(super) fn with_rejects(mut self, bad: Vec<Row>) -> Self {
        let distance = (self.rows.len() / (bad.len() + 1)).max(1);
        let mut rows = Vec::with_capacity(self.rows.len() + bad.len());
        let mut bad = bad.into_iter();
        for (number, row) in (1..).zip(self.rows) {
            rows.push(row);
            if number % distance == 0 {
                rows.extend(bad.next());
            }
        }
        rows.extend(bad);
        self.rows = rows;
        self
    }

    /// The rows that have to be refused.
    pub(super) fn rejects(&self) -> impl Iterator<Item = Reject> {
        let lines = (2..).zip(&self.rows);
        lines.filter_map(|(row, line)| Some(Reject { file: self.file, row, reason: line.reason? }))
    }

    /// The file as CSV (RFC 4180 with line feeds), in UTF-8.
    pub(super) fn text(&self) -> String {
        let rows = self.rows.iter().map(|row| line(&row.cells));
        std::iter::once(line(&self.header)).chain(rows).collect()
    }
}

/// One line of CSV. Cells are quoted where they must be.
pub(super) fn line(cells: &[String]) -> String {
    let quoted: Vec<String> = cells
        .iter()
        .map(|cell| {
            if cell.contains([',', '"']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        })
        .collect();
    quoted.join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reject_is_named_by_its_line() {
        let good = |text: &str| vec![text.to_owned()];
        let bad = Row { cells: good("bad"), reason: Some("why") };
        let table = Table::new("t.csv", "h", vec![good("a"), good("b, \"c\"")]).with_rejects(vec![bad]);
        assert_eq!(table.text(), "h\na\nbad\n\"b, \"\"c\"\"\"\n");
        let rejects: Vec<(usize, &str)> = table.rejects().map(|one| (one.row, one.reason)).collect();
        assert_eq!(rejects, [(3, "why")]);
    }
}
