//! The tables of a data folder.

use sinpyo_core::claims::nfc;
use std::collections::BTreeMap;

/// One accepted line: its cells by column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row(BTreeMap<&'static str, String>);

impl FromIterator<(&'static str, String)> for Row {
    fn from_iter<I: IntoIterator<Item = (&'static str, String)>>(cells: I) -> Self {
        Self(cells.into_iter().collect())
    }
}

impl Row {
    /// The cell in `column`; empty if the table has no such column.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    /// Family and given name in NFC.
    pub(crate) fn name(&self) -> (String, String) {
        (nfc(self.text("family_name")), nfc(self.text("given_name")))
    }

    /// All cells.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The row's own identifier.
    Id(IdForm),
    /// A region code of this many digits.
    Region(usize),
    /// Five digits.
    PostalCode,
    /// A family or given name.
    Name,
    /// A day.
    Date,
    /// One of these words; the reason otherwise.
    OneOf(&'static [&'static str], &'static str),
    /// Some of these words, separated by `;`; the reason otherwise.
    SomeOf(&'static [&'static str], &'static str),
    /// The identifier of an accepted resident of the same name.
    Resident,
    /// Any text.
    Text,
}

/// The form of an identifier, and the reason to give for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdForm {
    /// Each character: `9` a digit, `a` a lower-case letter or digit, `L` 1 or 2, anything else itself.
    pub(crate) pattern: &'static str,
    /// The reason.
    pub(crate) reason: &'static str,
}

/// A file and its columns.
#[derive(Debug)]
pub(crate) struct Table {
    /// Name of the file.
    pub(crate) file: &'static str,
    /// Its columns, in order.
    pub(crate) columns: &'static [(&'static str, Kind)],
}

pub(crate) const REGIONS: Table = Table {
    file: "regions.csv",
    columns: &[
        ("region_code", Kind::Text),
        ("level", Kind::Text),
        ("parent_code", Kind::Text),
        ("name", Kind::Text),
    ],
};

pub(crate) const RESIDENTS: Table = Table {
    file: "residents.csv",
    columns: &[
        ("resident_id", Kind::Id(IdForm { pattern: "R999999", reason: "malformed_resident_id" })),
        ("family_name", Kind::Name),
        ("given_name", Kind::Name),
        ("birth_date", Kind::Date),
        ("region_sido", Kind::Region(2)),
        ("region_sigungu", Kind::Region(5)),
        ("region_eupmyeondong", Kind::Region(10)),
        ("postal_code", Kind::PostalCode),
        ("road_address", Kind::Text),
    ],
};

pub(crate) const SOCIAL_WORKERS: Table = Table {
    file: "social_workers.csv",
    columns: &[
        ("licence_number", Kind::Id(IdForm { pattern: "L-9999999", reason: "malformed_licence_number" })),
        ("grade", Kind::OneOf(&["1", "2"], "unknown_grade")),
        ("acquired_on", Kind::Date),
        ("specialty", Kind::OneOf(&["none", "mental_health", "medical", "school"], "unknown_specialty")),
        ("family_name", Kind::Name),
        ("given_name", Kind::Name),
        ("resident_id", Kind::Resident),
        ("valid", Kind::OneOf(&["valid", "revoked", "suspended"], "unknown_licence_state")),
    ],
};

pub(crate) const POST_CUSTOMERS: Table = Table {
    file: "post_customers.csv",
    columns: &[
        ("customer_ref", Kind::Id(IdForm { pattern: "Caaaaaaaaaaaaaaaa", reason: "malformed_customer_ref" })),
        ("identity_assured", Kind::OneOf(&["true", "false"], "unknown_flag")),
        ("assurance_level", Kind::OneOf(&["1", "2", "3"], "unknown_assurance_level")),
        ("services", Kind::SomeOf(&["mail", "deposit", "insurance", "shopping"], "unknown_service")),
        ("family_name", Kind::Name),
        ("given_name", Kind::Name),
        ("resident_id", Kind::Resident),
    ],
};
