//! The example of a draft of ISO 18013-5 (Annex D), as public test suites carry it: another implementation's mdoc,
//! certificate and MAC.

use crate::fixture::{MDL, edit, name, set, time, tree};
use sinpyo_core::{Secret, encoding::to_base64url};
use sinpyo_cose::{
    cbor::{Key, Value},
    key,
};
use sinpyo_crypto::{Algorithm, SigningKey, VerifyingKey, agreement::AgreementKey};
use sinpyo_mdoc::{
    DeviceResponse, ElementName, Handover, IssuerTrust, Request, Selection, Session, SessionTranscript,
};
use sinpyo_testkit::from_hex;

const RESPONSE: &str = "\
a36776657273696f6e63312e3069646f63756d656e747381a367646f6354797065756f72672e69\
736f2e31383031332e352e312e6d444c6c6973737565725369676e6564a26a6e616d6553706163\
6573a2716f72672e69736f2e31383031332e352e3181d8185863a4686469676573744944016672\
616e646f6d58208798645b20ea200e19ffabac92624bee6aec63aceedecfb1b80077d22bfc20e9\
71656c656d656e744964656e7469666965726b66616d696c795f6e616d656c656c656d656e7456\
616c756563446f656b636f6d2e6578616d706c6581d8185864a468646967657374494401667261\
6e646f6d5820218ecf13521b53f4b96abaebe56417afec0e4c91fc8fb26086cd1e5cdc1a94ff71\
656c656d656e744964656e7469666965726f616e6f746865725f656c656d656e746c656c656d65\
6e7456616c75650a6a697373756572417574688443a10126a118215901d2308201ce30820174a0\
0302010202141f7d44f4f107c5ee3f566049cf5d72de294b0d23300a06082a8648ce3d04030230\
233114301206035504030c0b75746f7069612069616361310b3009060355040613025553301e17\
0d3230313030313030303030305a170d3231313030313030303030305a30213112301006035504\
030c0975746f706961206473310b30090603550406130255533059301306072a8648ce3d020106\
082a8648ce3d03010703420004301d9e502dc7e05da85da026a7ae9aa0fac9db7d52a95b3e3e3f\
9aa0a1b45b8b6551b6f6b3061223e0d23c026b017d72298d9ae46887ca61d58db6aea17ee267a3\
8187308184301e0603551d120417301581136578616d706c65406578616d706c652e636f6d301c\
0603551d1f041530133011a00fa00d820b6578616d706c652e636f6d301d0603551d0e04160414\
7bef4db59a1ffb07592bfc57f4743b8a73aea792300e0603551d0f0101ff040403020780301506\
03551d250101ff040b3009060728818c5d050102300a06082a8648ce3d04030203480030450220\
21d52fb1fbda80e5bfda1e8dfb1bc7bf0acb7261d5c9ff54425af76eb21571c602210082bf301f\
89e0a2cb9ca9c9050352de80b47956764f7a3e07bf6a8cd87528a3b55901d2d8185901cda66776\
657273696f6e63312e306f646967657374416c676f726974686d675348412d3235366c76616c75\
6544696765737473a2716f72672e69736f2e31383031332e352e31a20058203b22af1126771f02\
f0ea0d546d4ee3c5b51637381154f5211b79daf5f9facaa8015820f2cba0ce3cde5df901a3da75\
13a4d7f7225fdfe5a306544529bf3dbcce655ca06b636f6d2e6578616d706c65a200582072636d\
ddc282424a63499f4b3927aaa3b74da7b9c0134178bf735e949e4a761e01582006322d3cbe6603\
876bdacc5b6679b51b0fc53d029c244fd5ea719d9028459c916d6465766963654b6579496e666f\
a1696465766963654b6579a4010220012158203ed113b7883b4c590638379db0c21cda16742ed0\
255048bf433391d374bc21d12258209099209accc4c8a224c843afa4f4c68a090d04da5e9889da\
e2f8eefce82a374067646f6354797065756f72672e69736f2e31383031332e352e312e6d444c6c\
76616c6964697479496e666fa3667369676e6564c074323032302d31302d30315431333a33303a\
30325a6976616c696446726f6dc074323032302d31302d30315431333a33303a30325a6a76616c\
6964556e74696cc074323032312d31302d30315431333a33303a30325a5840273ec1b59817d571\
b5a2c5c0ab0ea213d42acb18547fd7097afcc888a22ecbb863c6461ce0e240880895b4aaa84308\
784571c7be7aa3a2e7e3a2ea1a145ed1966c6465766963655369676e6564a26a6e616d65537061\
636573d81841a06a64657669636541757468a1696465766963654d61638443a10105a0f6582009\
da7c964ac004ec36ec64edd0c1abf50c03433c215c3ddb144768abcdf20a60667374617475730\
0";

const DEVICE_ENGAGEMENT: &str = "a20063312e30018201d818584ba401022001215820cef66d6b2a3a993e591214d1ea223fb545ca\
6c471c48306e4c36069404c5723f225820878662a229aaae906e123cdd9d3b4c10590ded29fe75\
1eeeca34bbaa44af0773";

const READER_KEY: &str = "a40102200121582083a01a9378395bab9bcd6a0ad03cc56d56e6b19250465a94a234dc4c6b28da9a\
22582076e49b6de2f73234ae6a5eb9d612b75c9f2202bb6923f54ff8240aaa86f640b8";

/// The signer's public key, as the certificate in the response has it.
const SIGNER: &str = "04301d9e502dc7e05da85da026a7ae9aa0fac9db7d52a95b3e3e3f9aa0a1b45b8b\
6551b6f6b3061223e0d23c026b017d72298d9ae46887ca61d58db6aea17ee267";

/// The reader's ephemeral private key is the number 20.
fn reader() -> AgreementKey {
    let mut d = [0; 32];
    d[31] = 20;
    let coordinates = tree(&from_hex(READER_KEY));
    let coordinate =
        |label| to_base64url(coordinates.as_map().unwrap().get_int(label).unwrap().as_bytes().unwrap());
    let jwk = format!(
        r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}","d":"{}"}}"#,
        coordinate(-2),
        coordinate(-3),
        to_base64url(&d)
    );
    AgreementKey::from_signing_key(&SigningKey::from_private_jwk(&Secret::new(jwk)).unwrap()).unwrap()
}

fn verify(bytes: &[u8], reader_key: &[u8]) -> Result<sinpyo_mdoc::VerifiedDocument, &'static str> {
    let device_engagement = from_hex(DEVICE_ENGAGEMENT);
    let transcript =
        SessionTranscript::new(&Handover::QrCode { device_engagement: &device_engagement, reader_key });
    let elements = Selection::default()
        .with(name("family_name"))
        .with(ElementName { namespace: "com.example", identifier: "another_element" });
    let request = Request { doc_type: MDL, elements: &elements };
    let session = Session { transcript: &transcript, mac_key: Some(&reader()) };
    let issuer = VerifyingKey::from_sec1(Algorithm::Es256, &from_hex(SIGNER)).unwrap();
    let response = DeviceResponse::parse(bytes).map_err(|error| error.code())?;
    let now = time("2021-01-01T00:00:00Z");
    response.verify(&request, &session, IssuerTrust::Key(&issuer), now).map_err(|error| error.code())
}

#[test]
fn the_example_of_the_standard_verifies() {
    let document = verify(&from_hex(RESPONSE), &from_hex(READER_KEY)).unwrap();
    assert_eq!(document.mdoc().get(name("family_name")), Some(&Value::from("Doe")));
    let another = ElementName { namespace: "com.example", identifier: "another_element" };
    assert_eq!(document.mdoc().get(another), Some(&Value::from(10)));
    assert_eq!(document.mdoc().validity().until, time("2021-10-01T13:30:02Z"));
    let device = tree(&from_hex(
        "a4010220012158203ed113b7883b4c590638379db0c21cda16742ed0255048bf433391d374bc21d1\
         2258209099209accc4c8a224c843afa4f4c68a090d04da5e9889dae2f8eefce82a3740",
    ));
    assert_eq!(document.mdoc().device_key(), &key::from_value(&device).unwrap());
}

#[test]
fn the_example_of_the_standard_for_another_reader_is_refused() {
    let mut other = tree(&from_hex(READER_KEY));
    let Value::Map(map) = &mut other else { panic!() };
    map.insert(Key::from(2), Value::Bytes(b"kid".to_vec()));
    assert_eq!(verify(&from_hex(RESPONSE), &other.to_bytes()).unwrap_err(), "MDC-14");
    let mut changed = tree(&from_hex(RESPONSE));
    let path = ["documents", "0", "issuerSigned", "nameSpaces", "com.example", "0", "#", "elementValue"];
    edit(&mut changed, &path, &set(Value::from(11)));
    assert_eq!(verify(&changed.to_bytes(), &from_hex(READER_KEY)).unwrap_err(), "MDC-12");
}
