//! Transcripts: the examples of OpenID4VP 1.0 §B.2.6.

use sinpyo_mdoc::{Handover, SessionTranscript};
use sinpyo_testkit::from_hex;

const NONCE: &str = "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA";

fn thumbprint() -> [u8; 32] {
    from_hex("4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047").try_into().unwrap()
}

#[test]
fn a_transcript_of_a_posted_response_is_that_of_the_specification() {
    let handover = Handover::OpenId4Vp {
        client_id: "x509_san_dns:example.com",
        nonce: NONCE,
        response_uri: "https://example.com/response",
        jwk_thumbprint: Some(&thumbprint()),
    };
    let expected = "83f6f682714f70656e494434565048616e646f7665725820\
        048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac";
    assert_eq!(SessionTranscript::new(&handover).to_bytes(), from_hex(expected));
}

#[test]
fn a_transcript_of_the_digital_credentials_api_is_that_of_the_specification() {
    let thumbprint = thumbprint();
    let with = |jwk_thumbprint| {
        let origin = "https://example.com";
        SessionTranscript::new(&Handover::DigitalCredentials { origin, nonce: NONCE, jwk_thumbprint })
            .to_bytes()
    };
    let expected = "83f6f682764f70656e4944345650444341504948616e646f7665725820\
        fbece366f4212f9762c74cfdbf83b8c69e371d5d68cea09cb4c48ca6daab761a";
    assert_eq!(with(Some(&thumbprint)), from_hex(expected));
    // `null` where the response is not encrypted, hashed by hand: 83 73… 78 2b… f6.
    let origin = b"\x83\x73https://example.com\x78\x2b";
    let info = [&origin[..], NONCE.as_bytes(), &[0xf6]].concat();
    let hash = sinpyo_crypto::hash::sha256(&info);
    let head = from_hex("83f6f682764f70656e4944345650444341504948616e646f7665725820");
    assert_eq!(with(None), [&head[..], &hash].concat());
}
