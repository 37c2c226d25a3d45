//! An issuer, a device, a request, and a forger.

use sinpyo_core::{key::Signer, time::Timestamp};
use sinpyo_cose::{
    Header, Payload, Sign1,
    cbor::{Form, Map, Value},
    cwt::StatusReference,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_mdoc::{
    DeviceResponse, Disclosure, Draft, ElementName, Elements, Handover, IssuerSigned, IssuerTrust,
    KeyAuthorizations, MdocSigner, Request, Selection, Session, SessionTranscript, Validity,
    VerifiedDocument, VerifiedMdoc,
};
use sinpyo_testkit::TestEntropy;

pub(crate) const MDL: &str = "org.iso.18013.5.1.mDL";
pub(crate) const NAMESPACE: &str = "org.iso.18013.5.1";
pub(crate) const KOREAN: &str = "kr.example.신분";

pub(crate) const fn name(identifier: &str) -> ElementName<'_> {
    ElementName { namespace: NAMESPACE, identifier }
}

pub(crate) const NICKNAME: ElementName<'_> = ElementName { namespace: KOREAN, identifier: "별명" };

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Within the validity of everything here.
pub(crate) fn now() -> Timestamp {
    time("2026-11-22T00:00:00Z")
}

pub(crate) fn issuer() -> SigningKey {
    sinpyo_testkit::key(Algorithm::Es256, 1)
}

pub(crate) fn device() -> SigningKey {
    sinpyo_testkit::key(Algorithm::Es256, 2)
}

pub(crate) fn signer(key: SigningKey) -> KeySigner {
    KeySigner::new("did:example:signer#key".parse().unwrap(), key)
}

pub(crate) fn elements() -> Elements {
    Elements::default()
        .with(name("family_name"), Value::from("김"))
        .with(name("birth_date"), Value::tag(1004, Value::from("1990-02-28")))
        .with(name("portrait"), Value::Bytes(vec![0xff, 0xd8, 0xff]))
        .with(name("age_over_19"), Value::Bool(true))
        .with(name("issuing_country"), Value::from("KR"))
        .with(NICKNAME, Value::from("하늘"))
}

pub(crate) fn validity() -> Validity {
    Validity {
        signed: time("2026-11-01T00:00:00Z"),
        from: time("2026-11-01T00:00:00Z"),
        until: time("2027-11-01T00:00:00Z"),
        expected_update: Some(time("2027-10-01T00:00:00Z")),
    }
}

pub(crate) fn status() -> StatusReference {
    StatusReference { list: "https://status.example/1".to_owned(), index: 412 }
}

pub(crate) fn authorizations() -> KeyAuthorizations {
    KeyAuthorizations {
        namespaces: ["kr.example.device".to_owned()].into(),
        elements: Selection::default().with(name("document_number")),
    }
}

pub(crate) fn draft<'a>(elements: &'a Elements, device: &'a SigningKey) -> Draft<'a> {
    Draft {
        doc_type: MDL,
        elements,
        validity: validity(),
        device_key: device.verifying_key(),
        authorizations: authorizations(),
        status: Some(status()),
    }
}

pub(crate) fn issue_with(x5chain: &[Vec<u8>]) -> IssuerSigned {
    let (elements, issuer, device) = (elements(), issuer(), device());
    let key = MdocSigner { key: issuer.verifying_key(), x5chain };
    let prepared = draft(&elements, &device).prepare(key, &mut TestEntropy::new(7)).unwrap();
    prepared.sign(&signer(self::issuer())).unwrap()
}

pub(crate) fn issue() -> IssuerSigned {
    issue_with(&[])
}

pub(crate) fn held() -> VerifiedMdoc {
    issue().verify(IssuerTrust::Key(issuer().verifying_key()), now()).unwrap()
}

pub(crate) fn transcript_for(nonce: &str) -> SessionTranscript {
    SessionTranscript::new(&Handover::OpenId4Vp {
        client_id: "x509_san_dns:verifier.example",
        nonce,
        response_uri: "https://verifier.example/response",
        jwk_thumbprint: None,
    })
}

pub(crate) fn transcript() -> SessionTranscript {
    transcript_for("n-0S6_WzA2Mj")
}

pub(crate) fn requested() -> Selection {
    Selection::default().with(name("family_name")).with(name("age_over_19")).with(NICKNAME)
}

pub(crate) fn disclosure() -> Disclosure {
    Disclosure { elements: requested(), ..Disclosure::default() }
}

/// What the wallet sends.
pub(crate) fn response() -> Vec<u8> {
    held().present(&disclosure(), &transcript()).unwrap().sign(&signer(device())).unwrap()
}

/// Parses and verifies as the verifier of this fixture does; the answer is the broken rule.
pub(crate) fn verify(bytes: &[u8]) -> Result<VerifiedDocument, &'static str> {
    verify_at(bytes, now())
}

pub(crate) fn verify_at(bytes: &[u8], now: Timestamp) -> Result<VerifiedDocument, &'static str> {
    let request = Request { doc_type: MDL, elements: &requested() };
    let session = Session { transcript: &transcript(), mac_key: None };
    let response = DeviceResponse::parse(bytes).map_err(|error| error.code())?;
    let trust = issuer();
    response
        .verify(&request, &session, IssuerTrust::Key(trust.verifying_key()), now)
        .map_err(|error| error.code())
}

/// The rule for which a response is refused.
pub(crate) fn refused(bytes: &[u8]) -> &'static str {
    verify(bytes).unwrap_err()
}

pub(crate) fn tree(bytes: &[u8]) -> Value {
    Value::parse_as(bytes, Form::AnyOrder).unwrap()
}

/// Changes what stands at `path`: member names, array positions, and `#` for the CBOR in a byte string.
pub(crate) fn edit(value: &mut Value, path: &[&str], change: &dyn Fn(&mut Value)) {
    let [first, rest @ ..] = path else { return change(value) };
    match value {
        Value::Map(map) => {
            let mut member = map.remove(*first).unwrap_or(Value::Null);
            edit(&mut member, rest, change);
            map.insert(*first, member);
        }
        Value::Array(items) => edit(&mut items[first.parse::<usize>().unwrap()], rest, change),
        Value::Tag(24, inner) => edit(inner, path, change),
        Value::Bytes(bytes) => {
            assert_eq!(*first, "#");
            let mut inner = tree(bytes);
            edit(&mut inner, rest, change);
            *bytes = inner.to_bytes();
        }
        _ => panic!("nothing at {first}"),
    }
}

pub(crate) fn set(value: Value) -> impl Fn(&mut Value) {
    move |held| *held = value.clone()
}

pub(crate) fn without(member: &'static str) -> impl Fn(&mut Value) {
    move |held| {
        let Value::Map(map) = held else { panic!("no map") };
        assert!(map.remove(member).is_some(), "{member}");
    }
}

/// The honest response, changed at `path`.
pub(crate) fn changed(path: &[&str], change: &dyn Fn(&mut Value)) -> Vec<u8> {
    let mut value = tree(&response());
    edit(&mut value, path, change);
    value.to_bytes()
}

/// An honest mdoc whose issuer signed something else: the security object changed at `path`.
pub(crate) fn resigned(path: &[&str], change: &dyn Fn(&mut Value)) -> Value {
    let mut value = tree(&issue().to_bytes());
    edit(&mut value, &["issuerAuth"], &|auth| {
        let mut payload = tree(auth.as_array().unwrap()[2].as_bytes().unwrap());
        let whole: Vec<&str> = [&["#"], path].concat();
        edit(&mut payload, &whole, change);
        *auth = sign(&issuer(), &Header::default(), Payload::Attached(&payload.to_bytes()));
    });
    value
}

pub(crate) fn sign(key: &SigningKey, header: &Header, payload: Payload<'_>) -> Value {
    let prepared = Sign1::prepare(header, payload, &[], key.verifying_key());
    let signature = key.sign(prepared.signing_input()).unwrap();
    prepared.attach(&signature).unwrap().to_value()
}

/// What a device sends that shows `issuer_signed`, whatever it is. Written out by hand from ISO 18013-5 §9.1.3.
pub(crate) struct Forgery<'a> {
    pub(crate) issuer_signed: Value,
    pub(crate) doc_type: &'a str,
    pub(crate) device_namespaces: Map,
    pub(crate) key: SigningKey,
    pub(crate) transcript: Value,
}

impl Forgery<'_> {
    /// A device that does everything right.
    pub(crate) fn of(issuer_signed: Value) -> Self {
        Self {
            issuer_signed: only(issuer_signed, &["family_name", "age_over_19", "별명"]),
            doc_type: MDL,
            device_namespaces: Map::new(),
            key: device(),
            transcript: tree(&transcript().to_bytes()),
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let namespaces = Value::encoded(&Value::Map(self.device_namespaces.clone()));
        let authentication = Value::Array(vec![
            "DeviceAuthentication".into(),
            self.transcript.clone(),
            self.doc_type.into(),
            namespaces.clone(),
        ]);
        let payload = Value::encoded(&authentication).to_bytes();
        let signature = sign(&self.key, &Header::default(), Payload::Detached(&payload));
        let map = |entries: Vec<(&str, Value)>| {
            Value::Map(
                Map::from_entries(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
                    .unwrap(),
            )
        };
        let device_auth = map(vec![("deviceSignature", signature)]);
        let document = map(vec![
            ("docType", self.doc_type.into()),
            ("issuerSigned", self.issuer_signed.clone()),
            ("deviceSigned", map(vec![("nameSpaces", namespaces), ("deviceAuth", device_auth)])),
        ]);
        map(vec![
            ("version", "1.0".into()),
            ("documents", Value::Array(vec![document])),
            ("status", Value::from(0)),
        ])
        .to_bytes()
    }
}

/// The elements of `issuer_signed` with these identifiers.
fn only(mut issuer_signed: Value, identifiers: &[&str]) -> Value {
    let keep = |element: &Value| {
        let item = tree(element.as_encoded().unwrap());
        let identifier = item.as_map().unwrap().get_text("elementIdentifier").unwrap();
        identifiers.contains(&identifier.as_text().unwrap())
    };
    for namespace in [NAMESPACE, KOREAN] {
        edit(&mut issuer_signed, &["nameSpaces", namespace], &|elements| {
            let kept = elements.as_array().unwrap().iter().filter(|one| keep(one)).cloned().collect();
            *elements = Value::Array(kept);
        });
    }
    issuer_signed
}

/// Signs with whatever key it has.
pub(crate) fn signature(key: &dyn Signer, input: &[u8]) -> Box<[u8]> {
    key.sign(input).unwrap()
}
