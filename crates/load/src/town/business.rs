//! What the institutions of a town order, and what their services say that they did.

use super::Town;
use crate::{kill::Place, manage::Tenant, web::Web};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TYPE: &str = "urn:sinpyo:credential:ResidentCredential";
/// The profile whose credentials are issued.
pub(super) const PROFILE: &str = "K01";
/// The service code under which is asked.
pub(super) const SERVICE: &str = "post.login";
/// What is asked for.
pub(super) const CLAIMS: [&str; 2] = ["age_over_19", "region_sido"];
/// Most entries of one page of a list.
const PAGE: usize = 100;

impl Town {
    /// An offer of a credential with everything that it has.
    pub fn order(&self) -> Value {
        json!({ "configurations": ["K01-sd-jwt"], "grants": ["pre-authorized_code"], "claims": {
            "family_name": "김", "given_name": "한별", "birth_date": "1990-05-17",
            "region_sido": "98", "region_sigungu": "98130", "region_eupmyeondong": "9813010300",
            "postal_code": "65342", "road_address": "한울도 온새시 꽃내대로 79, 112동 2501호 (꽃샘동)",
        } })
    }

    /// The same, for whoever agrees in a browser.
    pub fn order_by_browser(&self) -> Value {
        let mut order = self.order();
        if let Some(grants) = order.get_mut("grants") {
            *grants = json!(["authorization_code"]);
        }
        order
    }

    /// A question that the credential answers; nobody has to compare numbers.
    pub fn question(&self) -> Value {
        let claims: Vec<Value> = CLAIMS.iter().map(|name| json!({ "path": [name] })).collect();
        json!({
            "query": { "credentials": [{ "id": "resident", "format": "dc+sd-jwt",
                "meta": { "vct_values": [TYPE] }, "claims": claims }] },
            "service": SERVICE, "mode": "cross_device", "number_matching": false,
            "purpose": { "ko": "나이와 지역을 확인합니다", "en": "To check age and region" },
        })
    }

    /// The same, for a browser on the wallet's device.
    pub fn question_on_one_device(&self) -> Value {
        let mut question = self.question();
        if let Some(members) = question.as_object_mut() {
            members.insert("mode".to_owned(), json!("same_device"));
            members.insert("return_to".to_owned(), json!(Self::RETURN));
            members.remove("number_matching");
        }
        question
    }

    /// How many credentials the issuer says that it has issued.
    ///
    /// # Errors
    /// It does not say.
    pub fn issued(&self, issuer: &Tenant, web: &mut dyn Web) -> Result<u64> {
        let all = listed(issuer, "credentials", web)?;
        Ok(all.iter().filter_map(|one| one.get("copies")?.as_u64()).sum())
    }

    /// By offer, where the status of each credential stands that the issuer says it has issued.
    ///
    /// # Errors
    /// It does not say.
    pub fn entries(&self, issuer: &Tenant, web: &mut dyn Web) -> Result<BTreeMap<String, Vec<Place>>> {
        let mut entries: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for credential in listed(issuer, "credentials", web)? {
            let text = |name: &str| credential.get(name).and_then(Value::as_str).map(str::to_owned);
            let offer = text("offer").context("a credential of no offer")?;
            let places = credential.get("entries").and_then(Value::as_array).into_iter().flatten();
            let place = |entry: &Value| {
                Some((entry.get("list")?.as_str()?.to_owned(), entry.get("index")?.as_u64()?))
            };
            entries.entry(offer).or_default().extend(places.filter_map(place));
        }
        Ok(entries)
    }

    /// How many presentations the verifier says that it has accepted.
    ///
    /// # Errors
    /// It does not say.
    pub fn accepted(&self, verifier: &Tenant, web: &mut dyn Web) -> Result<u64> {
        let all = listed(verifier, "requests", web)?;
        let accepted = all.iter().filter(|one| one.get("state").and_then(Value::as_str) == Some("accepted"));
        Ok(u64::try_from(accepted.count())?)
    }
}

/// All entries of a list of the management interface.
fn listed(tenant: &Tenant, name: &str, web: &mut dyn Web) -> Result<Vec<Value>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let more = if after.is_empty() { String::new() } else { format!("&after={after}") };
        let page = tenant.read(&format!("{name}?limit={PAGE}{more}"), web)?;
        let entries = page.get(name).and_then(Value::as_array).context("no such list")?;
        let count = entries.len();
        all.extend(entries.iter().cloned());
        // Some lists name the next page; of the others, a page that is not full is the last.
        let last = || all.last().filter(|_| count == PAGE)?.get("id");
        match page.get("next").or_else(last).and_then(Value::as_str) {
            Some(next) => next.clone_into(&mut after),
            None => return Ok(all),
        }
    }
}
