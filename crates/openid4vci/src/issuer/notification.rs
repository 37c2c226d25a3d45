//! The notification endpoint [VCI 1.0 §11].

use super::{
    Incoming, Issuer, IssuerRefusal, credential::Decided, encryption::media_type, records,
    records::NOTIFICATION, reply,
};
use crate::notification::{Event, Notification, NotificationError};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_oauth::Admitted;
use sinpyo_state::{Key, OwnedChange};

/// Longest notification, in bytes.
const MAX_LENGTH: usize = 16 << 10;

impl Issuer<'_> {
    pub(super) fn notification(
        &self,
        incoming: Incoming<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, IssuerRefusal> {
        self.admit_and_commit("notification", incoming, entropy, |admitted, entropy| {
            self.decide_notification(admitted, incoming, entropy)
        })
    }

    fn decide_notification(
        &self,
        admitted: &Admitted,
        incoming: Incoming<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Decided, IssuerRefusal> {
        let is_json = media_type(&incoming.parts.headers).as_deref() == Some("application/json");
        if !is_json || incoming.body.len() > MAX_LENGTH {
            return Err(NotificationError.into()); // [VCI-NOT-02]
        }
        let notification = Notification::parse(incoming.body)?;
        let key = Key::secret(NOTIFICATION, notification.id.as_bytes());
        let record = self.state.get(&key, incoming.now)?.ok_or(IssuerRefusal::NotificationId)?; // [VCI-NOT-02a]
        let mut kept = records::open(self.settings, &key, &record.data)?;
        if kept.get("subject").and_then(Value::as_str) != Some(admitted.authorization.subject.as_str()) {
            return Err(IssuerRefusal::NotificationId); // [VCI-NOT-02a]
        }
        let mut changes = Vec::new();
        let event = notification.event.name();
        let mut heard = kept.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
        // A repetition changes nothing, and is answered like the first; nor does what comes after the end. [VCI-NOT-01]
        let is_new = !heard.iter().any(|earlier| earlier == event || earlier == Event::Deleted.name());
        if is_new {
            let reference = kept.get("reference").and_then(Value::as_str).unwrap_or_default();
            changes.extend(self.desk.notified(reference, &notification, incoming.now)?);
            heard.push(json!(event));
            kept.insert("events".to_owned(), Value::Array(heard));
            let data = records::seal(self.settings, &key, &Value::Object(kept), entropy)?;
            changes.push(OwnedChange::replace(key, record.version, data, record.expires));
        }
        Ok(Decided { response: reply::empty(StatusCode::NO_CONTENT), changes })
    }
}
