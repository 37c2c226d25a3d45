//! Registered types of transaction data.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Our limit: characters of a text, where its field sets none.
const MAX_TEXT: usize = 1024;

/// Members that every type has.
const COMMON: [&str; 3] = ["type", "credential_ids", "transaction_data_hashes_alg"];

/// The types that a verifier asks with, or that a wallet knows how to show.
#[derive(Clone, Debug, Default)]
pub struct TransactionTypes(BTreeMap<String, TransactionType>);

impl TransactionTypes {
    /// Knows no type: every transaction is refused.
    pub fn new() -> Self {
        Self::default()
    }

    /// Knows `kind`, too; the last one of a name counts.
    #[must_use]
    pub fn with(mut self, kind: TransactionType) -> Self {
        self.0.insert(kind.name.clone(), kind);
        self
    }

    /// The type of this name.
    pub fn named(&self, name: &str) -> Option<&TransactionType> {
        self.0.get(name)
    }
}

/// One type: its name, how it is called, and its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionType {
    name: String,
    label: Label,
    fields: BTreeMap<String, Field>,
}

/// Words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// In Korean.
    pub ko: String,
    /// In English.
    pub en: String,
}

/// One member of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is called on a screen.
    pub label: Label,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it may be missing.
    pub presence: Presence,
}

/// Whether a member may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is always there.
    Required,
    /// It may be missing.
    Optional,
}

/// What a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text that is not empty, of at most so many characters, without control characters.
    Text {
        /// The most characters.
        most: usize,
    },
    /// A whole number from 0 on.
    Count,
    /// `true` or `false`.
    Flag,
    /// One of these texts.
    OneOf(Vec<String>),
}

impl TransactionType {
    /// A type whose name others know, such as a URN.
    pub fn new(name: &str, label: Label, fields: BTreeMap<String, Field>) -> Self {
        Self { name: name.to_owned(), label, fields }
    }

    /// Reads `{"type", "label": {"ko","en"}, "fields": {"<name>": {"label", "kind", "optional"?, "most"?, "values"?}}}`;
    /// `kind` is `text`, `count`, `flag` or `one-of`.
    ///
    /// # Errors
    /// Another shape, or a field with the name of a member that every type has.
    pub fn from_json(members: &Map<String, Value>) -> Result<Self, ParseTypeError> {
        let name = members.get("type").and_then(Value::as_str).filter(|name| !name.is_empty());
        let fields = members.get("fields").and_then(Value::as_object).ok_or(ParseTypeError)?;
        let one = |(name, field): (&String, &Value)| {
            if COMMON.contains(&name.as_str()) {
                return Err(ParseTypeError);
            }
            Ok((name.clone(), field_from(field).ok_or(ParseTypeError)?))
        };
        Ok(Self {
            name: name.ok_or(ParseTypeError)?.to_owned(),
            label: members.get("label").and_then(label_from).ok_or(ParseTypeError)?,
            fields: fields.iter().map(one).collect::<Result<_, _>>()?,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is called on a screen.
    pub const fn label(&self) -> &Label {
        &self.label
    }

    /// The members of its own that `members` has, with their words; nothing if one is missing, unknown or wrong.
    pub(crate) fn read<'a>(&'a self, members: &'a Map<String, Value>) -> Option<Vec<(&'a Label, &'a Value)>> {
        let own = members.iter().filter(|(name, _)| !COMMON.contains(&name.as_str()));
        let shown = own.map(|(name, value)| {
            let field = self.fields.get(name)?;
            field.kind.admits(value).then_some((&field.label, value))
        });
        let shown = shown.collect::<Option<Vec<_>>>()?;
        let mut required = self.fields.iter().filter(|(_, field)| field.presence == Presence::Required);
        required.all(|(name, _)| members.contains_key(name)).then_some(shown)
    }
}

impl FieldKind {
    fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Text { most } => value.as_str().is_some_and(|text| {
                !text.is_empty() && text.chars().count() <= *most && !text.chars().any(char::is_control)
            }),
            Self::Count => value.as_u64().is_some(),
            Self::Flag => value.is_boolean(),
            Self::OneOf(values) => value.as_str().is_some_and(|text| values.iter().any(|one| one == text)),
        }
    }
}

fn label_from(value: &Value) -> Option<Label> {
    let text = |name| Some(value.get(name)?.as_str()?.to_owned());
    Some(Label { ko: text("ko")?, en: text("en")? })
}

fn field_from(value: &Value) -> Option<Field> {
    let kind = match value.get("kind")?.as_str()? {
        "text" => {
            let most = value.get("most").map_or(Some(MAX_TEXT), |most| usize::try_from(most.as_u64()?).ok());
            FieldKind::Text { most: most?.min(MAX_TEXT) }
        }
        "count" => FieldKind::Count,
        "flag" => FieldKind::Flag,
        "one-of" => {
            let values = value.get("values")?.as_array()?.iter();
            FieldKind::OneOf(values.map(|one| Some(one.as_str()?.to_owned())).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    let presence = match value.get("optional") {
        None | Some(Value::Bool(false)) => Presence::Required,
        Some(Value::Bool(true)) => Presence::Optional,
        Some(_) => return None,
    };
    Some(Field { label: label_from(value.get("label")?)?, kind, presence })
}

/// The description of a type has another shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a description of a type of transaction data")]
pub struct ParseTypeError;
