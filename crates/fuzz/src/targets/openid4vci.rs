//! `sinpyo-openid4vci`: what issuer and wallet read from each other.

use super::{OK, SKIPPED, jose::token, now, target, texts};
use crate::{Outcome, Target};
use serde_json::{Value, json};
use sinpyo_crypto::Algorithm;
use sinpyo_jose::{KeyHint, Typ};
use sinpyo_oauth::url::Transport;
use sinpyo_openid4vci::{
    address::CredentialIssuerId,
    display::Languages,
    metadata::IssuerMetadata,
    notification::Notification,
    offer::{Offer, OfferLink, Scheme},
    request::{CredentialRequest, DeferredRequest},
    response::{CredentialResponse, c_nonce},
};
use std::str;

pub(super) const TARGETS: &[Target] = &[
    target("openid4vci/offer-link", links, read_link),
    target("openid4vci/offer", offers, read_offer),
    target("openid4vci/metadata", metadata, read_metadata),
    target("openid4vci/credential-request", requests, read_request),
    target("openid4vci/credential-response", responses, read_response),
    target("openid4vci/notification", notifications, read_notification),
];

const ISSUER: &str = "https://issuer.example/tenant";
/// Longest link, and longest offer, in bytes.
const MAX_OFFER: usize = 16 << 10;

fn bytes(values: &[Value]) -> Vec<Vec<u8>> {
    values.iter().map(|value| value.to_string().into_bytes()).collect()
}

fn offers() -> Vec<Vec<u8>> {
    bytes(&[
        json!({"credential_issuer": ISSUER, "credential_configuration_ids": ["pid", "mdl"], "grants": {
            "authorization_code": {"issuer_state": "s", "authorization_server": "https://as.example"},
            "urn:ietf:params:oauth:grant-type:pre-authorized_code": {"pre-authorized_code": "c",
                "tx_code": {"input_mode": "text", "length": 6, "description": "문자로 보냈습니다"}}}}),
        json!({"credential_issuer": "https://a.example", "credential_configuration_ids": ["x"]}),
    ])
}

fn links() -> Vec<Vec<u8>> {
    let parse = |offer: Vec<u8>| Offer::parse(&offer, Transport::Https).expect("an offer");
    let inline = offers().into_iter().map(parse).map(|offer| offer.link(Scheme::OpenId).into_bytes());
    let others = texts(&[
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example%2Foffers%2F1",
        "haip-vci://?credential_offer_uri=https://issuer.example/o?x=1",
    ]);
    inline.chain(others).collect()
}

/// A link is written and read again unchanged.
pub(crate) fn read_link(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    match OfferLink::parse(text, Transport::Https) {
        Ok(OfferLink::Inline(offer)) => {
            let written = offer.link(Scheme::Haip);
            if written.len() <= MAX_OFFER {
                let again = OfferLink::parse(&written, Transport::Https);
                let Ok(OfferLink::Inline(again)) = again else { panic!("{again:?}") };
                assert_eq!(again.to_json(), offer.to_json());
            }
            OK
        }
        Ok(OfferLink::Reference(address)) => {
            let again = OfferLink::parse(&Scheme::OpenId.link_to(&address), Transport::Https);
            let Ok(OfferLink::Reference(again)) = again else { panic!("{again:?}") };
            assert_eq!(again.as_str(), address.as_str());
            assert!(address.as_str().to_ascii_lowercase().starts_with("https://"));
            "reference"
        }
        Err(error) => error.code(),
    }
}

/// An offer is written and read again unchanged.
pub(crate) fn read_offer(input: &[u8]) -> Outcome {
    match Offer::parse(input, Transport::Https) {
        Ok(offer) => {
            let written = offer.to_json();
            let again = Offer::parse(written.to_string().as_bytes(), Transport::Https).expect("an offer");
            assert_eq!(again.to_json(), written);
            OK
        }
        Err(error) => error.code(),
    }
}

/// The metadata of an issuer with `count` configurations of every format.
pub(crate) fn example(count: usize) -> Value {
    let display = json!([{"name": "주민", "locale": "ko", "logo": {"uri": "https://x.example/l.png"}, "background_color": "#112233"},
        {"name": "Resident", "locale": "en"}]);
    let one = |index: usize| {
        let mut one = match index % 4 {
            0 => json!({"format": "dc+sd-jwt", "vct": "urn:x"}),
            1 => {
                json!({"format": "mso_mdoc", "doctype": "org.x", "credential_signing_alg_values_supported": [-7]})
            }
            2 => {
                json!({"format": "jwt_vc_json", "credential_definition": {"type": ["VerifiableCredential", "T"]}})
            }
            _ => {
                json!({"format": "ldp_vc", "credential_definition": {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]}})
            }
        };
        one["scope"] = format!("s{index}").into();
        one["cryptographic_binding_methods_supported"] = json!(["jwk"]);
        one["proof_types_supported"] = json!({"jwt": {"proof_signing_alg_values_supported": ["ES256"],
            "key_attestations_required": {"key_storage": ["iso_18045_high"]}}});
        one["credential_metadata"] = json!({"display": display, "claims": [{"path": ["a", null, 1], "mandatory": true, "display": display}]});
        (format!("c{index}"), one)
    };
    let configurations: serde_json::Map<_, _> = (0..count).map(one).collect();
    json!({"credential_issuer": ISSUER, "authorization_servers": ["https://as.example"],
        "credential_endpoint": "https://issuer.example/c", "nonce_endpoint": "https://issuer.example/n",
        "deferred_credential_endpoint": "https://issuer.example/d", "notification_endpoint": "https://issuer.example/o",
        "batch_credential_issuance": {"batch_size": 10}, "display": display,
        "credential_response_encryption": {"alg_values_supported": ["ECDH-ES"], "enc_values_supported": ["A128GCM"], "encryption_required": false},
        "credential_configurations_supported": configurations})
}

fn metadata() -> Vec<Vec<u8>> {
    bytes(&[
        example(4),
        example(1),
        json!({"credential_issuer": ISSUER, "credential_endpoint": "https://issuer.example/c", "credential_configurations_supported": {}}),
    ])
}

/// Metadata are written and read again unchanged.
pub(crate) fn read_metadata(input: &[u8]) -> Outcome {
    let expected = CredentialIssuerId::parse(ISSUER, Transport::Https).expect("an issuer");
    match IssuerMetadata::parse(input, &expected, Transport::Https) {
        Ok(read) => {
            let written = read.to_json(&Languages::any());
            let again = IssuerMetadata::from_members(&written, &expected, Transport::Https);
            let again = again.unwrap_or_else(|error| panic!("written and refused: {} {error}", error.code()));
            assert_eq!(again.to_json(&Languages::any()), written);
            let _one_language = read.to_json(&Languages::accept("ko, en;q=0.5"));
            OK
        }
        Err(error) => error.code(),
    }
}

fn requests() -> Vec<Vec<u8>> {
    let claims = json!({"aud": ISSUER, "iat": now().unix(), "nonce": "n"});
    let proof =
        token(Typ::CREDENTIAL_PROOF, KeyHint::Jwk, Algorithm::Es256, claims.as_object().expect("an object"));
    let jwk = json!({"kty": "EC", "crv": "P-256", "alg": "ECDH-ES", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    bytes(&[
        json!({"credential_configuration_id": "pid", "proofs": {"jwt": [proof, proof]}, "credential_response_encryption": {"jwk": jwk, "enc": "A128GCM"}}),
        json!({"credential_identifier": "i", "proofs": {"attestation": [proof]}}),
        json!({"credential_identifier": "i", "proofs": {"di_vp": [{"type": ["VerifiablePresentation"]}]}}),
        json!({"transaction_id": "t", "credential_response_encryption": {"jwk": jwk, "enc": "A256GCM"}}),
    ])
}

/// Requests are written and read again unchanged.
pub(crate) fn read_request(input: &[u8]) -> Outcome {
    if let Ok(request) = DeferredRequest::parse(input) {
        let again = DeferredRequest::parse(request.to_json().to_string().as_bytes());
        assert!(again.is_ok_and(|again| again == request));
        return "deferred";
    }
    match CredentialRequest::parse(input) {
        Ok(request) => {
            let again = CredentialRequest::parse(request.to_json().to_string().as_bytes());
            assert!(again.is_ok_and(|again| again == request));
            OK
        }
        Err(error) => error.code(),
    }
}

fn responses() -> Vec<Vec<u8>> {
    bytes(&[
        json!({"credentials": [{"credential": "eyJ~"}, {"credential": {"type": []}}], "notification_id": "n"}),
        json!({"transaction_id": "t", "interval": 3600}),
        json!({"c_nonce": "wKI4LT17ac15ES9bw8ac4"}),
    ])
}

/// Responses are written and read again unchanged.
fn read_response(input: &[u8]) -> Outcome {
    let _nonce = c_nonce(input);
    let mut outcome = SKIPPED;
    for status in [202, 200] {
        match CredentialResponse::parse(status, input) {
            Ok(response) => {
                let again = CredentialResponse::parse(status, response.to_json().to_string().as_bytes());
                assert!(again.is_ok_and(|again| again == response));
                return OK;
            }
            Err(error) => outcome = error.code(),
        }
    }
    outcome
}

fn notifications() -> Vec<Vec<u8>> {
    bytes(&[
        json!({"notification_id": "n", "event": "credential_failure", "event_description": "disk full"}),
        json!({"notification_id": "n", "event": "credential_accepted"}),
        json!({"notification_id": "n", "event": "credential_deleted"}),
    ])
}

/// Reports are written and read again unchanged.
fn read_notification(input: &[u8]) -> Outcome {
    match Notification::parse(input) {
        Ok(report) => {
            let again = Notification::parse(report.to_json().to_string().as_bytes());
            assert_eq!(again.as_ref(), Ok(&report));
            OK
        }
        Err(error) => error.code(),
    }
}
