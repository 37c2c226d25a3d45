//! Which keys speak for a DID: keys of a document, and DIDs that are keys.

use super::{
    case::Case,
    party::{Members, Party, members, set},
};
use anyhow::Result;
use serde_json::{Value, json};
use sinpyo_crypto::Algorithm;

type Change = fn(&mut Members, &mut Members);

/// Name, rule, section, what the document, whose one method is the second argument, says otherwise.
const REFUSED: [(&str, &str, &str, Change); 5] = [
    ("key-of-another-name", "DID-01", "CID 1.0 §3.3", |_, method| {
        set(method, "id", "did:example:issuer#key-2");
    }),
    ("key-for-another-purpose", "DID-02", "CID 1.0 §2.3", |document, _| {
        drop(document.remove("assertionMethod"));
    }),
    ("reference-to-another-key", "DID-02", "CID 1.0 §2.3", |document, _| {
        set(document, "assertionMethod", json!(["did:example:ministry#key-1"]));
    }),
    ("key-of-another-controller", "DID-03", "CID 1.0 §2.2", |_, method| {
        set(method, "controller", "did:example:ministry");
    }),
    ("key-revoked", "DID-04", "CID 1.0 §2.2", |_, method| set(method, "revoked", "2026-01-01T00:00:00Z")),
];

/// The first example of did:key.
const DID_KEY: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

/// Name, rule, section, identifier: none resolves.
const UNRESOLVED: [(&str, &str, &str, &str); 6] = [
    (
        "did-key-a-digit-short",
        "RES-01",
        "did:key §3.1",
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do",
    ),
    ("did-key-in-base64url", "RES-01", "did:key §3.1", "did:key:u7QEupOxNGskwEIvqMDnUsjOFP9S96cE_"),
    ("did-key-empty", "RES-01", "did:key §3.1", "did:key:z"),
    // {"kty":"OKP","crv":"Ed25519"} in base64url, with padding.
    ("did-jwk-padded", "RES-01", "did:jwk §3", "did:jwk:eyJrdHkiOiJPS1AiLCJjcnYiOiJFZDI1NTE5In0%3D"),
    // [] in base64url.
    ("did-jwk-no-object", "RES-01", "did:jwk §3", "did:jwk:W10"),
    ("method-unknown", "RES-04", "DID Resolution §10", "did:example:123456"),
];

pub(super) fn cases() -> Result<Vec<Case>> {
    let issuer = Party::issuer()?;
    let mut cases = vec![
        authorised("key-es256", &issuer),
        authorised("key-ed25519", &Party::new("did:example:issuer", Algorithm::Ed25519, 1)?),
        authorised("percent-encoded", &Party::new("did:web:example.com%3A3000:a", Algorithm::Es256, 1)?),
        authorised("empty-segment", &Party::new("did:example::a.b-c_d", Algorithm::Es256, 1)?),
        relative(&issuer),
        resolved(),
    ];
    for (name, rule, source, change) in REFUSED {
        let (mut document, mut method) = (members(issuer.document()), members(issuer.verification_method()));
        change(&mut document, &mut method);
        set(&mut document, "verificationMethod", json!([method]));
        cases.push(Case::refused((name, rule, source), given(&document.into()), issuer.method()));
    }
    let refuse = |(name, rule, source, did): (_, _, _, &str)| {
        Case::refused((name, rule, source), json!({}), did.to_owned())
    };
    cases.extend(UNRESOLVED.map(refuse));
    Ok(cases)
}

/// The document of `party` authorises its key.
fn authorised(name: &'static str, party: &Party) -> Case {
    let title = (name, &AUTHORISED[..], "DID Core §3.1; CID 1.0 §3.3");
    Case::accepted(title, given(&party.document()), party.method(), facts(party))
}

/// As [`authorised`], in a document that embeds the method and names it by its fragment.
fn relative(party: &Party) -> Case {
    let mut method = members(party.verification_method());
    set(&mut method, "id", "#key-1");
    let document = json!({"id": party.did, "assertionMethod": [method]});
    let title = ("relative-and-embedded", &AUTHORISED[..], "DID Core §3.2.2; CID 1.0 §2.3");
    Case::accepted(title, given(&document), party.method(), facts(party))
}

const AUTHORISED: [&str; 4] = ["DID-01", "DID-02", "DID-03", "DID-04"];

fn facts(party: &Party) -> Value {
    json!({"controller": party.did, "publicKeyMultibase": party.multikey()})
}

fn given(document: &Value) -> Value {
    json!({"documents": [document], "purpose": "assertionMethod"})
}

/// An identifier that is its own document.
fn resolved() -> Case {
    let method = format!("{DID_KEY}#{}", DID_KEY.trim_start_matches("did:key:"));
    let facts = json!({
        "id": DID_KEY,
        "verificationMethod": [method],
        "assertionMethod": [method], "authentication": [method], "keyAgreement": [],
    });
    Case::accepted(("did-key", &["RES-01"], "did:key §3.1"), json!({}), DID_KEY.to_owned(), facts)
}
