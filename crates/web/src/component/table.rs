//! Tables that become lists on a phone.

use crate::html::{Attr, Element, Html, Tag, el};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column<'a> {
    /// What a row is about.
    Head(&'a str),
    /// Something about it.
    Plain(&'a str),
    /// A number or an amount.
    Number(&'a str),
}

impl<'a> Column<'a> {
    const fn name(self) -> &'a str {
        match self {
            Self::Head(name) | Self::Plain(name) | Self::Number(name) => name,
        }
    }
}

/// A table under `caption`. Each row has as many cells as there are `columns`.
pub fn table(caption: &str, columns: &[Column<'_>], rows: impl IntoIterator<Item = Vec<Html>>) -> Element {
    let head = |column: &Column<'_>| {
        let cell = el(Tag::TH).attr(Attr::SCOPE, "col").attr(Attr::ROLE, "columnheader").with(column.name());
        if matches!(column, Column::Number(_)) { cell.class("number") } else { cell }
    };
    let heads = el(Tag::TR).attr(Attr::ROLE, "row").with(columns.iter().map(head).collect::<Html>());
    let cell = |(column, content): (&Column<'_>, Html)| {
        let cell = match column {
            Column::Head(_) => el(Tag::TH).attr(Attr::SCOPE, "row").attr(Attr::ROLE, "rowheader"),
            Column::Plain(_) => el(Tag::TD).attr(Attr::ROLE, "cell"),
            Column::Number(_) => el(Tag::TD).attr(Attr::ROLE, "cell").class("number"),
        };
        // On a phone, where the head is out of sight, each cell names its column.
        cell.data("label", column.name()).with(el(Tag::DIV).with(content))
    };
    let row = |row: Vec<Html>| {
        el(Tag::TR).attr(Attr::ROLE, "row").with(columns.iter().zip(row).map(cell).collect::<Html>())
    };
    // Laid out as a list it is a table all the same, which browsers forget unless each part says so.
    el(Tag::TABLE)
        .class("table")
        .attr(Attr::ROLE, "table")
        .with(el(Tag::CAPTION).with(caption))
        .with(el(Tag::THEAD).attr(Attr::ROLE, "rowgroup").with(heads))
        .with(el(Tag::TBODY).attr(Attr::ROLE, "rowgroup").with(rows.into_iter().map(row).collect::<Html>()))
}
