//! `bbs-2023`: the peer issues, derives and verifies.

use affinidi_bbs::{PublicKey, SecretKey, keygen, sk_to_pk};
use affinidi_data_integrity::bbs_2023_transform::{
    create_derived_proof, sign_base_document, verify_derived_proof,
};
use anyhow::{Context as _, ensure};
use bench_harness::{
    Bench, EXPIRES_TEXT, ISSUED_TEXT, Inputs, KID, LONG_AGO_TEXT, MANDATORY, SHOWN, credential,
};
use serde_json::{Value, from_slice, json};

/// Few, because one takes tens of milliseconds.
const INPUTS: usize = 25;
const HMAC_KEY: [u8; 32] = [7; 32];

/// The rows `bbs-2023 derive` and `bbs-2023 verify`.
pub(crate) fn rows(bench: &mut Bench) {
    bench.own("bbs-2023 derive", "the issuer's signature is not checked by the holder", || {
        let issuer = Issuer::new()?;
        let genuine = (0..INPUTS).map(|index| to_wire(&issuer.issue(&credential(index))?)).collect();
        let inputs = Inputs { genuine: Result::from_iter::<Vec<_>>(genuine)?, hostile: Vec::new() };
        Ok((inputs, move |wire: &[u8]| {
            issuer.derive(&from_slice(wire)?)?;
            Ok(())
        }))
    });
    let note =
        "knows proofs, not credentials; the proof's verificationMethod is compared by the caller's code";
    bench.own("bbs-2023 verify", note, || {
        let issuer = Issuer::new()?;
        let inputs = issuer.presentations()?;
        Ok((inputs, move |wire: &[u8]| issuer.verify(wire)))
    });
}

struct Issuer {
    secret: SecretKey,
    public: PublicKey,
}

impl Issuer {
    fn new() -> anyhow::Result<Self> {
        let secret = keygen(&HMAC_KEY, b"bench")?;
        let public = sk_to_pk(&secret);
        Ok(Self { secret, public })
    }

    fn issue(&self, document: &Value) -> anyhow::Result<Value> {
        let Self { secret, public } = self;
        Ok(sign_base_document(document, &MANDATORY, KID, ISSUED_TEXT, secret, public, &HMAC_KEY)?)
    }

    fn derive(&self, issued: &Value) -> anyhow::Result<Value> {
        Ok(create_derived_proof(issued, &SHOWN, &[], &self.public)?)
    }

    fn verify(&self, wire: &[u8]) -> anyhow::Result<()> {
        let document: Value = from_slice(wire)?;
        ensure!(document.pointer("/proof/verificationMethod") == Some(&json!(KID)), "another key");
        ensure!(verify_derived_proof(&document, &self.public)?, "does not verify");
        Ok(())
    }

    fn presentations(&self) -> anyhow::Result<Inputs> {
        let genuine =
            (0..INPUTS).map(|index| self.shown(&credential(index))).collect::<anyhow::Result<Vec<_>>>()?;
        let first = genuine.first().context("no input")?;
        let mut hostile = Vec::new();
        let edits = [
            ("signature", "/credentialSubject/given_name", json!("길동1")),
            ("mandatory statements", "/validUntil", json!("2100-01-02T00:00:00Z")),
        ];
        for (check, pointer, value) in edits {
            let mut document: Value = from_slice(first)?;
            *document.pointer_mut(pointer).context("no such member")? = value;
            hostile.push((check, to_wire(&document)?));
        }
        for (check, name, value) in [
            ("issuer = controller", "issuer", "did:web:other.example"),
            ("validFrom", "validFrom", EXPIRES_TEXT),
            ("validUntil", "validUntil", LONG_AGO_TEXT),
        ] {
            let mut document = credential(0);
            *document.get_mut(name).context("no such member")? = json!(value);
            hostile.push((check, self.shown(&document)?));
        }
        let text = std::str::from_utf8(first)?.strip_prefix('{').context("not an object")?;
        let twice = format!(r#"{{"issuer":"did:web:other.example",{text}"#);
        hostile.push(("duplicate JSON members", twice.into_bytes()));
        Ok(Inputs { genuine, hostile })
    }

    fn shown(&self, document: &Value) -> anyhow::Result<Vec<u8>> {
        to_wire(&self.derive(&self.issue(document)?)?)
    }
}

fn to_wire(document: &Value) -> anyhow::Result<Vec<u8>> {
    Ok(serde_json::to_vec(document)?)
}
