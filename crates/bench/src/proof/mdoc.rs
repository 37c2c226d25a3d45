//! mdocs: a response of five of eleven elements, issuer and device signing with ES256, the issuer's key known.

use super::{
    INPUTS,
    resident::{self, Issuer},
};
use crate::{clock::measure_cpu, os::OsEntropy, row::Row};
use anyhow::{Context as _, ensure};
use serde_json::Value;
use sinpyo_core::{
    key::{Signer, Verifier},
    time::Timestamp,
};
use sinpyo_cose::cbor;
use sinpyo_crypto::{Algorithm::Es256, SigningKey};
use sinpyo_mdoc::{
    DeviceResponse, Disclosure, Draft, ElementName, Elements, Handover, IssuerTrust, KeyAuthorizations,
    MdocSigner, Request, Selection, Session, SessionTranscript, Validity,
};
use std::{hint::black_box, time::Duration};

const TYPE: &str = "kr.example.resident.1";
const MESSAGE: [u8; 64] = [7; 64];

const fn element(identifier: &str) -> ElementName<'_> {
    ElementName { namespace: TYPE, identifier }
}

/// The row `mdoc verify`: two signatures, beside one.
pub(super) fn verify(name: &'static str) -> anyhow::Result<Row> {
    let issuer = Issuer::new(Es256)?;
    let device = SigningKey::generate(Es256, &mut OsEntropy);
    let now = resident::now()?;
    let shown = resident::shown_names().fold(Selection::default(), |shown, name| shown.with(element(name)));
    let handover = Handover::OpenId4Vp {
        client_id: "x509_san_dns:post.example",
        nonce: "n-0S6_WzA2Mj",
        response_uri: "https://post.example/response",
        jwk_thumbprint: None,
    };
    let transcript = SessionTranscript::new(&handover);
    let disclosure = Disclosure { elements: shown.clone(), ..Disclosure::default() };
    let responses: Vec<Vec<u8>> = (0..INPUTS)
        .map(|index| {
            let issued = issue(index, &issuer, &device, now)?;
            let mdoc = issued.verify(IssuerTrust::Key(issuer.key()), now)?;
            let prepared = mdoc.present(&disclosure, &transcript)?;
            let signature = device.sign(prepared.signing_input())?;
            Ok(prepared.attach(&signature)?)
        })
        .collect::<anyhow::Result<_>>()?;
    let request = Request { doc_type: TYPE, elements: &shown };
    let accept = |wire: &[u8], session: &SessionTranscript| -> anyhow::Result<()> {
        let session = Session { transcript: session, mac_key: None };
        let response = DeviceResponse::parse(wire)?;
        black_box(response.verify(&request, &session, IssuerTrust::Key(issuer.key()), now)?);
        Ok(())
    };
    let wire = |index: usize| responses.get(index).context("no such input");
    let other =
        Handover::DigitalCredentials { origin: "https://post.example", nonce: "n", jwk_thumbprint: None };
    ensure!(accept(wire(0)?, &SessionTranscript::new(&other)).is_err(), "another session is accepted");
    let signature = issuer.signer.sign(&MESSAGE)?;
    let figures = measure_cpu(
        responses.len(),
        |index| accept(wire(index)?, &transcript),
        |_| {
            let _ = issuer.key().verify(&MESSAGE, &signature)?;
            Ok(())
        },
    )?;
    Ok(Row::of_cpu_time(name, figures, "raw es256 verify", responses.len()))
}

fn issue(
    index: usize,
    issuer: &Issuer,
    device: &SigningKey,
    now: Timestamp,
) -> anyhow::Result<sinpyo_mdoc::IssuerSigned> {
    let mut elements = Elements::default();
    for (name, value) in resident::claims(index) {
        let value = match value {
            Value::Bool(value) => cbor::Value::Bool(value),
            value => cbor::Value::from(value.as_str().context("a claim is neither text nor truth")?),
        };
        elements = elements.with(element(&name), value);
    }
    let validity =
        Validity { signed: now, from: now, until: now.plus(Duration::from_hours(24)), expected_update: None };
    let draft = Draft {
        doc_type: TYPE,
        elements: &elements,
        validity,
        device_key: device.verifying_key(),
        authorizations: KeyAuthorizations::default(),
        status: None,
    };
    let prepared = draft.prepare(MdocSigner { key: issuer.key(), x5chain: &[] }, &mut OsEntropy)?;
    let signature = issuer.signer.sign(prepared.signing_input())?;
    Ok(prepared.attach(&signature)?)
}
