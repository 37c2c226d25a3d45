//! What an institution sends to make an offer.

use crate::{
    house::House,
    offer::{OfferError, OfferOrder, Offered},
};
use http::StatusCode;
use serde_json::{Map, Value};
use sinpyo_core::time::Timestamp;
use sinpyo_issuer::StatementError;
use sinpyo_web::problem::{Problem, Refusal, usual};
use std::time::Duration;

const MEMBERS: [&str; 8] =
    ["configurations", "claims", "tx_code", "grants", "expires_in", "valid_until", "deferred", "copies"];
const TX_CODE: u8 = 6;
const HOUR: u64 = 3600;
/// Longest life of an offer with a pre-authorized code, and of one without, in seconds.
const LONGEST: (u64, u64) = (24 * HOUR, 30 * 24 * HOUR);

/// Reads it.
pub(crate) fn parse(members: &Map<String, Value>, house: &House) -> Result<OfferOrder, OfferError> {
    use OfferError::Member;
    if members.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(Member("list of members")); // [ISV-04]
    }
    let texts = |name: &'static str| -> Result<Option<Vec<&str>>, OfferError> {
        let Some(value) = members.get(name) else { return Ok(None) };
        let listed = value.as_array().filter(|all| (1..=16).contains(&all.len())).ok_or(Member(name))?;
        listed.iter().map(|one| one.as_str().ok_or(Member(name))).collect::<Result<_, _>>().map(Some)
    };
    let configurations = texts("configurations")?.ok_or(Member("configurations"))?;
    let mut once = configurations.clone();
    once.sort_unstable();
    once.dedup();
    if once.len() != configurations.len() {
        return Err(Member("configurations"));
    }
    let claims = members.get("claims").and_then(Value::as_object).ok_or(Member("claims"))?;
    let grants = match texts("grants")? {
        None => Offered { pre_authorized: true, authorization_code: false },
        Some(named) => {
            if named.iter().any(|one| !["pre-authorized_code", "authorization_code"].contains(one)) {
                return Err(Member("grants"));
            }
            let has = |name| named.contains(&name);
            Offered {
                pre_authorized: has("pre-authorized_code"),
                authorization_code: has("authorization_code"),
            }
        }
    };
    let flag = |name: &'static str| match members.get(name) {
        None => Ok(false),
        Some(value) => value.as_bool().ok_or(Member(name)),
    };
    let number = |name: &'static str, usual: u64, (least, most): (u64, u64)| match members.get(name) {
        None => Ok(usual),
        Some(value) => value.as_u64().filter(|number| (least..=most).contains(number)).ok_or(Member(name)),
    };
    let longest = if grants.pre_authorized { LONGEST.0 } else { LONGEST.1 };
    let most = u64::try_from(house.tenant.batch_size()).unwrap_or(1);
    let until = members.get("valid_until").map(|value| {
        value.as_str().and_then(|text| text.parse::<Timestamp>().ok()).ok_or(Member("valid_until"))
    });
    Ok(OfferOrder {
        configurations: configurations.into_iter().map(str::to_owned).collect(),
        claims: claims.clone(),
        tx_code: tx_code(members.get("tx_code"))?,
        grants,
        lifetime: Duration::from_secs(number("expires_in", HOUR, (60, longest))?),
        until: until.transpose()?,
        waits: flag("deferred")?,
        copies: usize::try_from(number("copies", most, (1, most))?).unwrap_or(1),
    })
}

/// Six digits, unless somebody says otherwise: an offer without a code belongs to whoever sees it first.
fn tx_code(value: Option<&Value>) -> Result<Option<u8>, OfferError> {
    match value {
        None | Some(Value::Bool(true)) => Ok(Some(TX_CODE)), // [ISV-17]
        Some(Value::Bool(false)) => Ok(None),
        Some(value) => {
            let length = value.get("length").and_then(Value::as_u64).filter(|n| (4..=12).contains(n));
            let length = length.and_then(|length| u8::try_from(length).ok());
            length.map(Some).ok_or(OfferError::Member("tx_code"))
        }
    }
}

/// Why nothing is offered, with the place in the request.
pub(crate) fn read(error: &OfferError) -> Refusal {
    let (status, pointer) = match error {
        OfferError::Member(name) => (StatusCode::BAD_REQUEST, format!("/{name}")),
        OfferError::Configuration => (StatusCode::UNPROCESSABLE_ENTITY, "/configurations".to_owned()),
        OfferError::Claims(
            StatementError::Unknown { claim }
            | StatementError::Missing { claim }
            | StatementError::Value { claim, .. }
            | StatementError::Contradiction { claim },
        ) => (StatusCode::UNPROCESSABLE_ENTITY, format!("/claims/{claim}")),
        OfferError::Claims(_) => (StatusCode::UNPROCESSABLE_ENTITY, "/claims".to_owned()),
        OfferError::Unknown => (StatusCode::NOT_FOUND, String::new()),
        OfferError::Over => (StatusCode::CONFLICT, String::new()),
        OfferError::Unavailable(_) => return crate::unavailable(),
    };
    let problem = Problem::because(usual(status), error.code(), error);
    if pointer.is_empty() { problem.refuse(status) } else { problem.at(pointer).refuse(status) }
}
