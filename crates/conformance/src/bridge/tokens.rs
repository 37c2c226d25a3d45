//! W3C credentials and presentations as tokens and messages.

use super::{
    answer::{Answer, Refusal},
    arguments::Arguments,
    keys::Signing,
    resolving,
    sd_jwt::MAX_AGE,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::{Credential, Presentation},
    did::Did,
    encoding::to_base64url,
    vcdm::{self, Version},
};
use sinpyo_proof::{
    HolderBinding, Occasion, Profile, Unverified,
    document::{self, Kind},
    vp,
};

/// `vcjwt.issue`.
pub(super) fn issue_credential(arguments: &Arguments) -> Answer {
    let credential = credential(arguments)?;
    let key = Signing::read(arguments, "key", "kid")?;
    let kid = key.signatory().key_id.as_str();
    let prepared = document::prepare_jwt(Kind::Credential, credential, kid, key.public());
    let signature = key.sign(prepared.signing_input())?;
    Ok(json!({"token": prepared.attach(&signature)?}))
}

/// `vcjwt.verify`.
pub(super) fn verify_credential(arguments: &Arguments) -> Answer {
    verified(arguments, arguments.text("token")?.as_bytes())
}

/// `vccose.issue`: the message in base64url.
pub(super) fn issue_message(arguments: &Arguments) -> Answer {
    let credential = credential(arguments)?;
    let key = Signing::read(arguments, "key", "kid")?;
    let kid = key.signatory().key_id.as_str();
    let prepared = document::prepare_cose(Kind::Credential, credential, kid, key.public());
    let signature = key.sign(prepared.signing_input())?;
    Ok(json!({"message": to_base64url(&prepared.attach(&signature)?.to_bytes())}))
}

/// `vccose.verify`.
pub(super) fn verify_message(arguments: &Arguments) -> Answer {
    verified(arguments, &arguments.bytes("message")?)
}

fn verified(arguments: &Arguments, wire: &[u8]) -> Answer {
    let arrived = || Unverified::<Credential>::parse_as(wire, &Profile::default());
    let (keys, now) = (resolving::key_ring(arguments, arrived()?.claimed_keys())?, arguments.now()?);
    // Once with its validity, and once for all that was signed.
    arrived()?.verify(&keys, now)?;
    Ok(json!({"credential": arrived()?.verify_document(&keys, now)?.into_inner()}))
}

/// `vpjwt.issue`.
pub(super) fn issue_presentation(arguments: &Arguments) -> Answer {
    let key = Signing::read(arguments, "key", "kid")?;
    let holder: Did = match arguments.maybe_text("holder")? {
        Some(holder) => holder.parse()?,
        None => key.signatory().key_id.did(),
    };
    let credentials: Vec<String> = arguments
        .list("credentials")
        .iter()
        .map(|credential| credential.as_str().map_or_else(|| credential.to_string(), str::to_owned))
        .collect();
    let presentation = vp::presentation(&holder, &credentials);
    let (audience, nonce) = (arguments.text("aud")?, arguments.text("nonce")?);
    let prepared = vp::prepare(presentation, audience, nonce, arguments.time("iat")?, key.signatory());
    let signature = key.sign(prepared.signing_input())?;
    Ok(json!({"token": prepared.attach(&signature)?}))
}

/// `vpjwt.verify`.
pub(super) fn verify_presentation(arguments: &Arguments) -> Answer {
    let token = arguments.text("token")?;
    let arrived = Unverified::<Presentation>::parse_as(token.as_bytes(), &Profile::default())?;
    let mut names = arrived.claimed_keys();
    names.extend(arrived.hints()?.iter().filter_map(|hint| hint.claimed_key().cloned()));
    let keys = resolving::key_ring(arguments, names)?;
    let occasion =
        Occasion { audience: arguments.text("aud")?, nonce: arguments.text("nonce")?, max_age: MAX_AGE };
    let (binding, now) = (HolderBinding::Required(occasion), arguments.now()?);
    arrived.verify(&keys, binding, now)?;
    let again = Unverified::<Presentation>::parse_as(token.as_bytes(), &Profile::default())?;
    Ok(json!({"presentation": again.verify_document(&keys, &binding, now)?.into_inner()}))
}

/// The argument `credential`, if it is one.
fn credential(arguments: &Arguments) -> Result<&Map<String, Value>, Refusal> {
    let members = arguments.object("credential")?;
    vcdm::credential_from_json(members, Version::V2)?;
    Ok(members)
}
