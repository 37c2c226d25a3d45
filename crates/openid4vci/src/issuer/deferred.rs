//! The deferred credential endpoint [VCI 1.0 §9].

use super::{
    DeskRefusal, Incoming, Issuance, Issuer, IssuerRefusal, TransactionError, WantedError,
    credential::{Chosen, Decided, kept_response, order},
    encryption,
    records::{self, TRANSACTION},
    standing::Held,
};
use crate::{member::Object, proof::HolderKey, request::DeferredRequest, response::CredentialResponse};
use http::Response;
use serde_json::{Value, json};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_oauth::Admitted;
use sinpyo_state::{Key, OwnedChange, Record, Unavailable};
use std::time::Duration;

/// Credentials that were not ready, as they are remembered.
struct Transaction {
    key: Key,
    record: Record,
    kept: Object,
}

impl Issuer<'_> {
    pub(super) fn deferred(
        &self,
        incoming: Incoming<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, IssuerRefusal> {
        self.admit_and_commit("deferred_credential", incoming, entropy, |admitted, entropy| {
            self.decide_deferred(admitted, incoming, entropy)
        })
    }

    fn decide_deferred(
        &self,
        admitted: &Admitted,
        incoming: Incoming<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Decided, IssuerRefusal> {
        let now = incoming.now;
        let opened = encryption::open(self.settings, incoming)?;
        let request = DeferredRequest::parse(&opened.text)?;
        let way = opened.way(self.settings, request.response_encryption.as_ref())?; // [VCI-DEF-01]
        let mut transaction = self.transaction(admitted, &request.transaction_id, now)?;
        if let Some(response) = kept_response(transaction.kept.get("response")) {
            return Ok(Decided { response: way.send(&response, entropy)?, changes: Vec::new() }); // [VCI-DEF-03a]
        }
        if transaction.kept.contains_key("denied") {
            return Err(IssuerRefusal::Denied); // [VCI-DEF-02b]
        }
        transaction.check_pace(now)?;
        let configuration = transaction.text("configuration")?;
        let configuration = self.settings.configurations.get_key_value(&configuration);
        let (id, configuration) = configuration.ok_or(IssuerRefusal::Denied)?;
        if admitted.authorization.configuration(id).is_none() {
            return Err(WantedError::NotGranted.into()); // [VCI-DEF-01b]
        }
        let identifier = transaction.kept.get("identifier").and_then(Value::as_str).map(str::to_owned);
        let chosen = Chosen { id, configuration, identifier: identifier.as_deref() };
        let keys = transaction.keys()?;
        let subject = &admitted.authorization.subject;
        let held = Held { issuer: self.settings, subject, configuration_id: id };
        let standing = held.issuing(self.state)?;
        let order = order(admitted, &chosen, &keys);
        let mut changes = Vec::new();
        let collected = match self.desk.collect(&transaction.text("ticket")?, &order, now, entropy) {
            Err(DeskRefusal::Denied) => return self.denied(transaction, entropy),
            collected => collected?,
        };
        let response = match collected {
            Issuance::Ready { credentials, reference, changes: of_desk } => {
                changes.extend(of_desk);
                changes.push(standing);
                let response = self.ready(&order, (credentials, reference), now, entropy, &mut changes)?;
                changes.push(self.fetched(transaction, &response, now, entropy)?);
                response
            }
            Issuance::Deferred { interval, ticket, changes: of_desk } => {
                changes.extend(of_desk);
                let interval = u64::from(interval.max(1));
                let not_before = now.plus(Duration::from_secs(interval)).unix();
                transaction.kept.insert("not_before".to_owned(), json!(not_before));
                transaction.kept.insert("ticket".to_owned(), json!(ticket));
                let expires = transaction.record.expires;
                changes.push(self.replaced(transaction, expires, entropy)?);
                let transaction_id = request.transaction_id;
                CredentialResponse::Deferred { transaction_id, interval } // [VCI-DEF-02]
            }
        };
        Ok(Decided { response: way.send(&response, entropy)?, changes })
    }

    /// What waits under `id` for the wallet that asks.
    fn transaction(
        &self,
        admitted: &Admitted,
        id: &str,
        now: Timestamp,
    ) -> Result<Transaction, IssuerRefusal> {
        let key = Key::secret(TRANSACTION, id.as_bytes());
        let record = self.state.get(&key, now)?.ok_or(TransactionError::Unknown)?; // [VCI-DEF-02]
        let kept = records::open(self.settings, &key, &record.data)?;
        if kept.get("family").and_then(Value::as_str) != Some(admitted.family.as_str()) {
            return Err(TransactionError::Unknown.into()); // [VCI-DEF-01a]
        }
        Ok(Transaction { key, record, kept })
    }

    /// The response takes the place of what waited; after the grace there is nothing any more.
    fn fetched(
        &self,
        mut transaction: Transaction,
        response: &CredentialResponse,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, IssuerRefusal> {
        if self.settings.lifetimes.grace.is_zero() {
            return Ok(OwnedChange::remove(transaction.key, transaction.record.version));
        }
        let body = json!({ "status": response.status(), "body": response.to_json() });
        transaction.kept.retain(|name, _| name == "family");
        transaction.kept.insert("response".to_owned(), body);
        self.replaced(transaction, Some(now.plus(self.settings.lifetimes.grace)), entropy)
    }

    /// The desk is not asked again.
    fn denied(
        &self,
        mut transaction: Transaction,
        entropy: &mut dyn Entropy,
    ) -> Result<Decided, IssuerRefusal> {
        transaction.kept.retain(|name, _| name == "family");
        transaction.kept.insert("denied".to_owned(), Value::Bool(true));
        let expires = transaction.record.expires;
        let changes = vec![self.replaced(transaction, expires, entropy)?];
        Ok(Decided { response: IssuerRefusal::Denied.response(), changes }) // [VCI-DEF-02b]
    }

    fn replaced(
        &self,
        transaction: Transaction,
        expires: Option<Timestamp>,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, IssuerRefusal> {
        let Transaction { key, record, kept } = transaction;
        let data = records::seal(self.settings, &key, &Value::Object(kept), entropy)?;
        Ok(OwnedChange::replace(key, record.version, data, expires))
    }
}

impl Transaction {
    /// Refuses who asks again before the interval is over.
    fn check_pace(&self, now: Timestamp) -> Result<(), TransactionError> {
        let not_before = self.kept.get("not_before").and_then(Value::as_i64).unwrap_or_default();
        match u64::try_from(not_before.saturating_sub(now.unix())) {
            Ok(wait) if wait > 0 => Err(TransactionError::TooSoon { wait }), // [VCI-DEF-03]
            _ => Ok(()),
        }
    }

    fn text(&self, name: &str) -> Result<String, Unavailable> {
        self.kept.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(Unavailable)
    }

    fn keys(&self) -> Result<Vec<HolderKey>, Unavailable> {
        let kept = self.kept.get("keys").and_then(Value::as_array).ok_or(Unavailable)?;
        kept.iter().map(|key| HolderKey::from_json(key).ok_or(Unavailable)).collect()
    }
}
