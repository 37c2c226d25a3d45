//! What our crates make of an input.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::{Credential, Holder, Presentation},
    did::{Did, KeyId},
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    encoding::from_base64url,
    jcs, json,
    jwk::PublicJwk,
    resolved::{Resolved, VersionSelector},
    status::{CredentialStatus, StatusEntry, StatusList, StatusPurpose},
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_mdoc::{
    DeviceResponse, ElementName, Handover, IssuerTrust, Request, Selection, Session, SessionTranscript,
};
use sinpyo_proof::{
    CredentialError, HolderBinding, KeyRing, Occasion, Profile, Unverified, Verified,
    data_integrity::{self, Challenge, Expected},
};
use sinpyo_registry::{
    Fold,
    did_tlog::DidHead,
    engine::{EngineError, Position, Refusal, Sequencing, StateView, StateWrite},
};
use sinpyo_resolver::{Resolution, VersionQuery, did_webvh::DidLog};
use std::{collections::BTreeMap, time::Duration};

/// The facts that `input` establishes, or the rule that refuses it.
pub(crate) fn outcome(spec: &str, given: &Value, input: &str) -> Result<Value, &'static str> {
    match spec {
        "jcs" => canonical(input),
        "did" if given.get("documents").is_some() => authorised(given, input),
        "did" => resolved(input),
        "batch" => batch(given, input),
        "data-integrity" => secured(given, input),
        "data-integrity-rdf" => secured_set(given, input),
        "did-webvh" => history(given, input),
        "mdoc" => mobile_document(given, input),
        "vc-cose" => message(given, input),
        "sd-jwt-vc" => credential(given, input),
        "presentation" => presentation(given, input),
        "status-list" => status(given, input),
        "did-tlog" => operation(given, input),
        _ => panic!("no such specification: {spec}"),
    }
}

fn canonical(input: &str) -> Result<Value, &'static str> {
    let value = json::parse(input.as_bytes()).map_err(|error| error.code())?;
    Ok(json!(String::from_utf8(jcs::canonicalize(&value)).unwrap()))
}

fn authorised(given: &Value, input: &str) -> Result<Value, &'static str> {
    let id: KeyId = input.parse().unwrap();
    let document = documents(given).remove(0);
    let method = document.authorised_key(&id, purpose(given)).map_err(|error| error.code())?;
    let PublicKeyMaterial::Multikey(key) = &method.key else { panic!("not a Multikey") };
    Ok(json!({"controller": method.controller.as_str(), "publicKeyMultibase": key.to_string()}))
}

fn resolved(input: &str) -> Result<Value, &'static str> {
    let did: Did = input.parse().unwrap();
    let resolution =
        sinpyo_resolver::resolve(&did, &VersionSelector::Latest).map_err(|error| error.code())?;
    let Resolution::Resolved(Resolved { document, .. }) = resolution else { panic!("a log is needed") };
    let ids = |methods: Vec<&VerificationMethod>| -> Value {
        methods.into_iter().map(|method| json!(method.id.as_str())).collect()
    };
    let mut facts =
        json!({"id": document.id().as_str(), "verificationMethod": ids(document.methods().iter().collect())});
    for name in ["assertionMethod", "authentication", "keyAgreement"] {
        let relationship = VerificationRelationship::from_name(name).unwrap();
        facts[name] = ids(document.keys_for(relationship).collect());
    }
    Ok(facts)
}

fn secured(given: &Value, input: &str) -> Result<Value, &'static str> {
    let members = json::parse_object(input.as_bytes()).map_err(|error| error.code())?;
    let method = data_integrity::claimed_key(&members).map_err(|error| error.code())?;
    let ring = ring(given);
    let key = ring.authorised_key(&method, purpose(given)).map_err(|error| error.code())?;
    let (domain, challenge) = (text(&given["challenge"]["domain"]), text(&given["challenge"]["challenge"]));
    let challenge = Some(Challenge { domain: Some(domain), challenge: Some(challenge) });
    let expected = Expected { purpose: purpose(given), challenge, now: now(given) };
    let secured = data_integrity::verify(members, key, &expected).map_err(|error| error.code())?.into_inner();
    Ok(json!({"document": secured.document, "verificationMethod": secured.key_id.as_str()}))
}

fn secured_set(given: &Value, input: &str) -> Result<Value, &'static str> {
    let members = json::parse_object(input.as_bytes()).map_err(|error| error.code())?;
    let expected = Expected { purpose: purpose(given), challenge: None, now: now(given) };
    let verified = data_integrity::verify_set(members, &ring(given), &expected, &Profile::default());
    let secured = verified.map_err(|error| error.code())?.into_inner();
    let methods: Vec<&str> = secured.signers.iter().map(|signer| signer.key_id.as_str()).collect();
    Ok(json!({"document": secured.document, "verificationMethods": methods}))
}

fn batch(given: &Value, input: &str) -> Result<Value, &'static str> {
    let mut arrived = Vec::new();
    for line in input.lines() {
        arrived.push(Unverified::<Credential>::parse(line.as_bytes()).map_err(|error| error.code())?);
    }
    let verified = sinpyo_proof::batch::verify(arrived, &ring(given), now(given));
    let facts = |one: Result<Verified<Credential>, CredentialError>| {
        one.map(|verified| facts_of(verified.get())).map_err(|error| error.code())
    };
    verified.into_iter().map(facts).collect()
}

fn message(given: &Value, input: &str) -> Result<Value, &'static str> {
    let wire = from_base64url(input).map_err(|_| "not base64url")?;
    let arrived = Unverified::<Credential>::parse(&wire).map_err(|error| error.code())?;
    let verified = arrived.verify(&ring(given), now(given)).map_err(|error| error.code())?;
    Ok(facts_of(verified.get()))
}

fn mobile_document(given: &Value, input: &str) -> Result<Value, &'static str> {
    let wire = from_base64url(input).map_err(|_| "not base64url")?;
    let response = DeviceResponse::parse(&wire).map_err(|error| error.code())?;
    let issuer = PublicJwk::from_members(members(&given["issuerJwk"]).clone()).unwrap();
    let issuer = VerifyingKey::from_jwk(&issuer).unwrap();
    let mut elements = Selection::default();
    for (namespace, identifiers) in members(&given["elements"]) {
        for identifier in identifiers.as_array().unwrap() {
            elements = elements.with(ElementName { namespace, identifier: text(identifier) });
        }
    }
    let transcript = SessionTranscript::new(&Handover::OpenId4Vp {
        client_id: text(&given["transcript"]["clientId"]),
        nonce: text(&given["transcript"]["nonce"]),
        response_uri: text(&given["transcript"]["responseUri"]),
        jwk_thumbprint: None,
    });
    let request = Request { doc_type: text(&given["docType"]), elements: &elements };
    let session = Session { transcript: &transcript, mac_key: None };
    let verified = response.verify(&request, &session, IssuerTrust::Key(&issuer), now(given));
    let verified = verified.map_err(|error| error.code())?;
    let mut shown = json!({});
    for (name, value) in verified.mdoc().elements() {
        // Texts, and dates, which are tagged texts.
        let value = value.as_tagged(1004).unwrap_or(value);
        shown[name.namespace][name.identifier] = json!(value.as_text().unwrap());
    }
    let (doc_type, until) = (verified.mdoc().doc_type(), verified.mdoc().validity().until.to_string());
    Ok(json!({"docType": doc_type, "elements": shown, "validUntil": until}))
}

fn history(given: &Value, input: &str) -> Result<Value, &'static str> {
    let did: Did = text(&given["did"]).parse().unwrap();
    let log = DidLog::read(input.as_bytes(), now(given));
    let resolved = log.resolve(&did, &VersionQuery::default()).map_err(|error| error.code())?;
    let metadata = resolved.metadata_json();
    Ok(json!({
        "did": resolved.document()["id"], "versionId": metadata["versionId"],
        "versionNumber": metadata["versionNumber"], "deactivated": resolved.is_deactivated(),
    }))
}

fn credential(given: &Value, input: &str) -> Result<Value, &'static str> {
    let arrived = Unverified::<Credential>::parse(input.as_bytes()).map_err(|error| error.code())?;
    let verified = arrived.verify(&ring(given), now(given)).map_err(|error| error.code())?;
    Ok(facts_of(verified.get()))
}

fn presentation(given: &Value, input: &str) -> Result<Value, &'static str> {
    let challenge = &given["challenge"];
    let occasion = Occasion {
        audience: text(&challenge["audience"]),
        nonce: text(&challenge["nonce"]),
        max_age: Duration::from_secs(challenge["maxAge"].as_u64().unwrap()),
    };
    let arrived = Unverified::<Presentation>::parse(input.as_bytes()).map_err(|error| error.code())?;
    let binding = HolderBinding::Required(occasion);
    let verified = arrived.verify(&ring(given), binding, now(given)).map_err(|error| error.code())?;
    let Presentation { credentials, binding } = verified.get();
    let (credential, binding) = (credentials.first().unwrap(), binding.as_ref().unwrap());
    let mut facts = facts_of(credential);
    if let Holder::Key(jwk) = credential.holder() {
        facts["holder"] = Value::Object(jwk.members().clone());
    }
    facts["audience"] = json!(binding.audience);
    facts["nonce"] = json!(binding.nonce);
    facts["signed"] = json!(binding.signed_at.unix());
    Ok(facts)
}

fn facts_of(credential: &Credential) -> Value {
    let kind = credential.types().first().unwrap().as_str();
    json!({"issuer": credential.issuer(), "type": kind, "claims": credential.claims()})
}

fn status(given: &Value, input: &str) -> Result<Value, &'static str> {
    let arrived = Unverified::<StatusList>::parse(input.as_bytes()).map_err(|error| error.code())?;
    let entry = entry(&given["status"]);
    let list = arrived.verify(&entry, &ring(given), now(given)).map_err(|error| error.code())?;
    let status = match list.status(entry.index()).map_err(|error| error.code())? {
        CredentialStatus::Valid => "valid",
        CredentialStatus::Revoked => "revoked",
        CredentialStatus::Suspended => "suspended",
        CredentialStatus::Other(_) => "other",
    };
    Ok(json!({"status": status, "publisher": list.publisher().as_str()}))
}

/// The entry that a credential's status claim names, of either format.
fn entry(status: &Value) -> StatusEntry {
    if let Some(token) = status.get("status_list") {
        return StatusEntry::Token {
            list: text(&token["uri"]).to_owned(),
            index: token["idx"].as_u64().unwrap(),
        };
    }
    StatusEntry::Bitstring {
        list: text(&status["statusListCredential"]).to_owned(),
        index: text(&status["statusListIndex"]).parse().unwrap(),
        purpose: StatusPurpose::from_name(text(&status["statusPurpose"])).unwrap(),
        messages: None,
    }
}

fn operation(given: &Value, input: &str) -> Result<Value, &'static str> {
    let fold = Fold::new(text(&given["log"]).parse().unwrap());
    let mut state = State::default();
    let mut index = 0;
    for entry in given["entries"].as_array().unwrap() {
        state.write(fold.replay(&state, index, text(entry).as_bytes()).unwrap());
        index += 1;
    }
    let code = |refusal: Refusal| refusal.code().unwrap();
    let new = fold.sequence(&state, Position { index, time: now(given) }, input.as_bytes()).map_err(code)?;
    // Whoever replays the log comes to the same state.
    assert_eq!(fold.replay(&state, index, &new.entry).map_err(code)?, new.writes);
    state.write(new.writes);

    let did: Did = text(&serde_json::from_str::<Value>(input).unwrap()["did"]).parse().unwrap();
    let head = DidHead::read(&state, &did).unwrap().unwrap();
    Ok(json!({
        "entry": String::from_utf8(new.entry).unwrap(),
        "did": head.did().as_str(),
        "versionId": head.version().as_str(),
        "deactivated": head.is_deactivated(),
        "updateKeys": head.update_keys().iter().map(sinpyo_registry::did_tlog::UpdateKey::as_str).collect::<Vec<_>>(),
        "nextKeyHashes": head.next_key_hashes().iter().map(sinpyo_registry::did_tlog::KeyHash::as_str).collect::<Vec<_>>(),
        "document": head.document().to_json(),
    }))
}

/// The state of a log that is replayed.
#[derive(Default)]
struct State(BTreeMap<Vec<u8>, Vec<u8>>);

impl State {
    fn write(&mut self, writes: Vec<StateWrite>) {
        for StateWrite { key, value } in writes {
            let _ = match value {
                Some(value) => self.0.insert(key, value),
                None => self.0.remove(&key),
            };
        }
    }
}

impl StateView for State {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }
}

fn ring(given: &Value) -> KeyRing {
    let mut ring = KeyRing::new();
    for document in documents(given) {
        ring.add(&Resolved::immutable(document));
    }
    ring
}

fn documents(given: &Value) -> Vec<DidDocument> {
    let read = |document: &Value| DidDocument::from_json(members(document)).unwrap();
    given["documents"].as_array().unwrap().iter().map(read).collect()
}

fn members(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

fn purpose(given: &Value) -> VerificationRelationship {
    VerificationRelationship::from_name(text(&given["purpose"])).unwrap()
}

fn now(given: &Value) -> Timestamp {
    text(&given["now"]).parse().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
