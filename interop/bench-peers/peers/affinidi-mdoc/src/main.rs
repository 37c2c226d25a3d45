//! affinidi-mdoc: a device response of five of eleven elements, issuer and device signing with ES256.

use std::collections::BTreeMap;
use std::process::ExitCode;

use affinidi_mdoc::es256_cose::{Es256CoseSigner, Es256CoseVerifier};
use affinidi_mdoc::{CoseKey, DeviceResponse, IssuerSigned, MdocBuilder, SessionTranscript, ValidityInfo};
use anyhow::{Context as _, ensure};
use bench_harness::{CLAIM_NAMES, EXPIRES_TEXT, ISSUED_TEXT, Inputs, LONG_AGO_TEXT, claims};

const TYPE: &str = "kr.example.resident.1";
const INPUTS: usize = 1_000;
/// The elements shown, of [`CLAIM_NAMES`].
const SHOWN: usize = 5;

fn main() -> ExitCode {
    bench_harness::main("affinidi-mdoc", |bench| {
        let note = "docType, the elements asked for and the key of the device, which is read from the signed object \
                    each time, are the caller's code; reads the system clock";
        bench.own("mdoc verify", note, || {
            let world = World::new()?;
            let inputs = world.inputs()?;
            Ok((inputs, move |wire: &[u8]| world.verify(wire)))
        });
    })
}

struct World {
    issuer: Es256CoseSigner,
    device: Es256CoseSigner,
    issuer_key: Es256CoseVerifier,
    session: SessionTranscript,
}

/// What one input is made of.
#[derive(Clone, Copy)]
struct Draft<'a> {
    doc_type: &'a str,
    from: &'a str,
    until: &'a str,
    issuer: &'a Es256CoseSigner,
    device: &'a Es256CoseSigner,
    session: &'a SessionTranscript,
}

impl World {
    fn new() -> anyhow::Result<Self> {
        let issuer = Es256CoseSigner::generate();
        let issuer_key = Es256CoseVerifier::from_bytes(&issuer.public_key_bytes())?;
        let session = SessionTranscript::new_oid4vp(
            "x509_san_dns:post.example",
            "n-0S6_WzA2Mj",
            None,
            "https://post.example/response",
        );
        Ok(Self { issuer, device: Es256CoseSigner::generate(), issuer_key, session })
    }

    /// What a reader does that accepts no element before all checks are made.
    fn verify(&self, wire: &[u8]) -> anyhow::Result<()> {
        let response = DeviceResponse::from_cbor_bytes(wire)?;
        let object = response.verify_issuer_auth(&self.issuer_key)?;
        ensure!(object.doc_type == TYPE, "another type");
        ensure!(response.verify_digests()?, "another value");
        object.validity_info.check_now()?;
        let CoseKey { x, y, .. } = CoseKey::from_cbor_value(&object.device_key_info.device_key)?;
        let point = [&[4], x.as_slice(), y.context("no y coordinate")?.as_slice()].concat();
        let device = Es256CoseVerifier::from_bytes(&point)?;
        ensure!(response.verify_device_auth(&self.session, &device)?, "another device");
        ensure!(response.disclosed_names(TYPE).len() == SHOWN, "not the elements that were asked for");
        Ok(())
    }

    fn inputs(&self) -> anyhow::Result<Inputs> {
        let draft = Draft {
            doc_type: TYPE,
            from: ISSUED_TEXT,
            until: EXPIRES_TEXT,
            issuer: &self.issuer,
            device: &self.device,
            session: &self.session,
        };
        let genuine = (0..INPUTS)
            .map(|index| Ok(draft.response(index)?.to_cbor_bytes()?))
            .collect::<anyhow::Result<_>>()?;
        let stranger = Es256CoseSigner::generate();
        let elsewhere = SessionTranscript::new_oid4vp_dcapi("https://post.example", "n-0S6_WzA2Mj", None);
        let mut hostile = vec![
            ("issuer's signature", Draft { issuer: &stranger, ..draft }.response(0)?.to_cbor_bytes()?),
            ("session", Draft { session: &elsewhere, ..draft }.response(0)?.to_cbor_bytes()?),
            ("docType", Draft { doc_type: "kr.example.other.1", ..draft }.response(0)?.to_cbor_bytes()?),
            ("validFrom", Draft { from: EXPIRES_TEXT, ..draft }.response(0)?.to_cbor_bytes()?),
            ("validUntil", Draft { until: LONG_AGO_TEXT, ..draft }.response(0)?.to_cbor_bytes()?),
            ("device's signature", draft.signed_by(&stranger)?.to_cbor_bytes()?),
        ];
        let mut swapped = draft.response(0)?;
        swapped.disclosed = draft.response(1)?.disclosed;
        hostile.push(("digests", swapped.to_cbor_bytes()?));
        let mut outer = draft.response(0)?;
        "kr.example.other.1".clone_into(&mut outer.doc_type);
        hostile.push(("document's own docType", outer.to_cbor_bytes()?));
        let mut failed = draft.response(0)?;
        failed.status = 10;
        hostile.push(("status", failed.to_cbor_bytes()?));
        Ok(Inputs { genuine, hostile })
    }
}

impl Draft<'_> {
    fn response(&self, index: usize) -> anyhow::Result<DeviceResponse> {
        self.present(&self.issue(index)?, self.device)
    }

    /// The response of a device that is not the one in the object.
    fn signed_by(&self, device: &Es256CoseSigner) -> anyhow::Result<DeviceResponse> {
        self.present(&self.issue(0)?, device)
    }

    fn present(&self, issued: &IssuerSigned, device: &Es256CoseSigner) -> anyhow::Result<DeviceResponse> {
        let shown = CLAIM_NAMES.iter().take(SHOWN).map(|name| (*name).to_owned()).collect();
        let asked = BTreeMap::from([(TYPE.to_owned(), shown)]);
        Ok(DeviceResponse::create_with_device_auth(issued, &asked, self.session, device, None)?)
    }

    fn issue(&self, index: usize) -> anyhow::Result<IssuerSigned> {
        let point = self.device.public_key_bytes();
        let (x, y) = point.get(1..).and_then(|xy| xy.split_at_checked(32)).context("no point")?;
        let validity = ValidityInfo {
            signed: ISSUED_TEXT.to_owned(),
            valid_from: self.from.to_owned(),
            valid_until: self.until.to_owned(),
        };
        let builder = MdocBuilder::new(self.doc_type)
            .validity(validity)
            .device_key(CoseKey::new_p256(x.to_vec(), y.to_vec())?.to_cbor_value());
        let builder = claims(index)
            .iter()
            .fold(builder, |builder, (name, value)| builder.add_json_attribute(TYPE, name, value));
        Ok(builder.build(self.issuer)?)
    }
}
