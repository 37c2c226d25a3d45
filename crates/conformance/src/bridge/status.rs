//! Status lists.

use super::{
    answer::{Answer, Refusal},
    arguments::{Arguments, wrong},
    keys::{self, Signing},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    encoding::to_base64url,
    status::{BitOrder, StatusEntry, StatusList, StatusSize},
};
use sinpyo_proof::{
    KeyRing, Unverified,
    status_token::{self, Publication},
};
use std::time::Duration;

/// `status.bitstring`: packs `length` and `set`, or unpacks `encodedList`.
pub(super) fn bitstring(arguments: &Arguments) -> Answer {
    if let Some(text) = arguments.maybe_text("encodedList")? {
        let list = StatusList::from_encoded_list(StatusSize::ONE, text)?;
        let length = u64::try_from(list.len()).unwrap_or(u64::MAX);
        let set: Vec<u64> = (0..length).filter(|index| list.get(*index) == Ok(1)).collect();
        return Ok(json!({"length": length, "set": set}));
    }
    let length = arguments.maybe_number("length")?.ok_or_else(|| wrong("length"))?;
    let mut list = StatusList::new(1, BitOrder::MostFirst, length)?;
    for index in arguments.list("set") {
        list.set(index.as_u64().ok_or_else(|| wrong("set"))?, 1)?;
    }
    Ok(json!({"encodedList": list.to_encoded_list()}))
}

/// The forms of a Status List Token.
#[derive(Clone, Copy)]
enum Form {
    Jwt,
    Cwt,
}

/// `status.token`: signs `statuses`, or reads a `token`; a CWT is in base64url.
pub(super) fn token(arguments: &Arguments) -> Answer {
    if let Some(token) = arguments.maybe_text("token")? {
        let is_jwt = token.contains('.');
        return if is_jwt {
            verify(arguments, token.as_bytes())
        } else {
            verify(arguments, &arguments.bytes("token")?)
        };
    }
    match arguments.maybe_text("form")? {
        None | Some("jwt") => issue(arguments, Form::Jwt),
        Some("cwt") => issue(arguments, Form::Cwt),
        Some(_) => Err(wrong("form")),
    }
}

/// The list that the arguments `bits`, `statuses` and `length` describe.
fn list(arguments: &Arguments) -> Result<StatusList, Refusal> {
    let bits = arguments.maybe_number("bits")?.and_then(|bits| u8::try_from(bits).ok());
    let bits = bits.ok_or_else(|| wrong("bits"))?;
    let mut statuses = Vec::new();
    for (index, value) in arguments.object("statuses")? {
        let index: u64 = index.parse().map_err(|_| wrong("statuses"))?;
        let value = value.as_u64().and_then(|value| u8::try_from(value).ok());
        statuses.push((index, value.ok_or_else(|| wrong("statuses"))?));
    }
    let needed = statuses.iter().map(|(index, _)| index.saturating_add(1)).max().unwrap_or(1);
    let length = arguments.maybe_number("length")?.unwrap_or_else(|| needed.next_multiple_of(8));
    let mut list = StatusList::new(bits, BitOrder::LeastFirst, length)?;
    for (index, value) in statuses {
        list.set(index, value)?;
    }
    Ok(list)
}

fn issue(arguments: &Arguments, form: Form) -> Answer {
    let list = list(arguments)?;
    let publication = Publication {
        uri: arguments.text("uri")?.to_owned(),
        issued_at: arguments.time("iat")?,
        expires: arguments.maybe_time("exp")?,
        ttl: arguments.maybe_number("ttl")?.map(Duration::from_secs),
    };
    let key = Signing::read(arguments, "key", "kid")?;
    let token = match form {
        Form::Jwt => {
            let prepared = status_token::prepare(&list, &publication, key.signatory());
            let signature = key.sign(prepared.signing_input())?;
            prepared.attach(&signature)?
        }
        Form::Cwt => {
            let prepared = status_token::prepare_cwt(&list, &publication, key.signatory());
            let signature = key.sign(prepared.signing_input())?;
            to_base64url(&prepared.attach(&signature)?.to_bytes())
        }
    };
    Ok(json!({"token": token}))
}

/// The entries that are not zero, by index.
fn verify(arguments: &Arguments, wire: &[u8]) -> Answer {
    let key = keys::public_key(arguments.object("issuerJwk")?)?;
    let arrived = Unverified::<StatusList>::parse(wire)?;
    let entry = StatusEntry::Token { list: arguments.text("uri")?.to_owned(), index: 0 };
    let verified = arrived.verify(&entry, &KeyRing::only(key), arguments.now()?)?;
    let statuses = (0..).map_while(|index| Some((index, verified.status(index).ok()?.value())));
    let set = statuses.filter(|(_, value)| *value != 0);
    let set: Map<String, Value> =
        set.map(|(index, value): (u64, u8)| (index.to_string(), json!(value))).collect();
    Ok(json!({"statuses": set}))
}
