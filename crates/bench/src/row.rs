//! One measured line.

use serde_json::{Value, json};
use std::fmt;

/// A figure beside the figure that it must be read against.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) figures: Figures,
    /// Of both figures.
    pub(crate) unit: &'static str,
    /// What the baseline does, in words.
    pub(crate) baseline_name: &'static str,
    /// How many distinct inputs were measured.
    pub(crate) inputs: usize,
    /// The file system, where the figure depends on it; such figures are by the wall clock, others in CPU time.
    pub(crate) file_system: Option<String>,
    /// What the figure has to reach.
    pub(crate) target: Option<Target>,
}

/// What a figure has to reach, and whether it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// In words.
    pub(crate) text: &'static str,
    pub(crate) met: bool,
}

/// Ours and the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figures {
    pub(crate) value: f64,
    pub(crate) baseline: f64,
}

impl Figures {
    /// Ours ÷ baseline, for times and rates alike.
    pub(crate) fn ratio(self) -> f64 {
        self.value / self.baseline
    }
}

impl Row {
    /// A row in microseconds of CPU time.
    pub(crate) const fn of_cpu_time(
        name: &'static str,
        figures: Figures,
        baseline_name: &'static str,
        inputs: usize,
    ) -> Self {
        Self { name, figures, unit: "us", baseline_name, inputs, file_system: None, target: None }
    }

    /// The row with what it has to reach.
    pub(crate) fn with_target(self, text: &'static str, met: impl FnOnce(Figures) -> bool) -> Self {
        let met = met(self.figures);
        Self { target: Some(Target { text, met }), ..self }
    }

    /// The row as `cargo xtask bench` reads it.
    pub(crate) fn to_json(&self) -> Value {
        let mut row = json!({
            "name": self.name,
            "value": self.figures.value,
            "unit": self.unit,
            "baseline": self.figures.baseline,
            "baseline_name": self.baseline_name,
            "ratio": self.figures.ratio(),
            "inputs": self.inputs,
        });
        if let (Some(name), Value::Object(members)) = (&self.file_system, &mut row) {
            members.insert("fs".to_owned(), json!(name));
        }
        if let (Some(Target { text, met }), Value::Object(members)) = (self.target, &mut row) {
            members.insert("target".to_owned(), json!(text));
            members.insert("met".to_owned(), json!(met));
        }
        row
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, figures, unit, baseline_name, inputs, .. } = self;
        let (Figures { value, baseline }, ratio) = (figures, figures.ratio());
        write!(
            f,
            "{name:<26} {value:>10.2} {unit:<3} {ratio:>6.2} x {baseline_name} ({baseline:.2} {unit})"
        )?;
        write!(f, ", {inputs} inputs")?;
        if let Some(name) = &self.file_system {
            write!(f, ", on {name}")?;
        }
        match self.target {
            Some(Target { text, met: true }) => write!(f, ", reaches {text}"),
            Some(Target { text, met: false }) => write!(f, ", MISSES {text}"),
            None => Ok(()),
        }
    }
}

/// The rows of a run, and whether one failed.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    failed: bool,
}

impl Report {
    /// Measures the row `name`; a failure is told and does not stop the others.
    pub(crate) fn measure(
        &mut self,
        name: &'static str,
        row: impl FnOnce(&'static str) -> anyhow::Result<Row>,
    ) {
        eprintln!("{name}");
        match row(name) {
            Ok(row) => self.rows.push(row),
            Err(error) => self.fail(name, &error),
        }
    }

    #[cfg_attr(not(feature = "everything"), expect(dead_code, reason = "for the other groups"))]
    /// Takes up a row that was measured together with others.
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Notes that `what` was not measured.
    pub(crate) fn fail(&mut self, what: &str, error: &anyhow::Error) {
        eprintln!("error: {what}: {error:#}");
        self.failed = true;
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(crate) const fn is_complete(&self) -> bool {
        !self.failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_ours_over_the_baseline_and_absent_members_are_left_out() {
        let row = Row::of_cpu_time("a", Figures { value: 3.0, baseline: 2.0 }, "raw", 1000);
        let expected = json!({"name": "a", "value": 3.0, "unit": "us", "baseline": 2.0, "baseline_name": "raw",
            "ratio": 1.5, "inputs": 1000});
        assert_eq!(row.to_json(), expected);
        let durable = Row { file_system: Some("ext4".to_owned()), ..row };
        assert_eq!(durable.to_json().get("fs"), Some(&json!("ext4")));
        let reaching = |limit| {
            let row = durable.clone().with_target("at most 4", |figures| figures.value <= limit);
            row.to_json().get("met").cloned()
        };
        assert_eq!((reaching(4.0), reaching(2.0)), (Some(json!(true)), Some(json!(false))));
    }

    #[test]
    fn a_row_that_failed_is_remembered() {
        let mut report = Report::default();
        assert!(report.is_complete());
        report.measure("a", |_| anyhow::bail!("no"));
        assert!(!report.is_complete() && report.rows().is_empty());
    }
}
