//! What a wallet tells the issuer became of the credentials [VCI 1.0 §11].

use crate::member;
use serde_json::{Map, Value, json};
use sinpyo_core::json;
use sinpyo_oauth::description::Description;

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Which credentials: all of one response.
    pub id: String,
    /// What became of them. If one of a batch failed, all of it did. [VCI-NOT-02]
    pub event: Event,
    /// For the operator's log.
    pub description: Option<Description>,
}

/// What became of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// They are kept.
    Accepted,
    /// They could not be used.
    Failure,
    /// The user removed them.
    Deleted,
}

impl Event {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "credential_accepted",
            Self::Failure => "credential_failure",
            Self::Deleted => "credential_deleted",
        }
    }

    /// The event of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Accepted, Self::Failure, Self::Deleted].into_iter().find(|event| event.name() == name)
    }
}

impl Notification {
    /// Reads a report.
    ///
    /// # Errors
    /// VCI-NOT-02: it is none.
    pub fn parse(text: &[u8]) -> Result<Self, NotificationError> {
        let members = json::parse_object(text).map_err(|_| NotificationError)?;
        let required = |name| member::required_text(&members, name).map_err(|_| NotificationError);
        let event = Event::parse(required("event")?).ok_or(NotificationError)?; // [VCI-NOT-01]
        let description = member::text(&members, "event_description").map_err(|_| NotificationError)?;
        Ok(Self {
            id: required("notification_id")?.to_owned(),
            event,
            description: description.map(|text| Description::new(&text)),
        })
    }

    /// Its JSON.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("notification_id".to_owned(), json!(self.id));
        members.insert("event".to_owned(), json!(self.event.name()));
        member::put(&mut members, "event_description", self.description.as_ref().map(Description::as_str));
        members.into()
    }
}

/// VCI-NOT-02: the notification is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the notification is malformed or of an unknown event")]
pub struct NotificationError;

impl NotificationError {
    /// The rule in `spec/checks/vci-not.toml`.
    pub const fn code(&self) -> &'static str {
        "VCI-NOT-02"
    }
}
