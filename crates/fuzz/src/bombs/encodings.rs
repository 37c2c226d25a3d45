//! Bombs below the level of documents: compression, numbers, nesting, CBOR, certificates, keys.

use super::{Bomb, bomb};
use crate::{Outcome, targets};
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use serde_json::{Value, json};
use sinpyo_core::{
    Secret,
    did::Did,
    encoding::{Base, to_base64url, to_multibase},
    json,
    jwk::PublicJwk,
    status::{StatusList, StatusSize, parse_index},
};
use sinpyo_cose::{
    Sign1,
    cbor::{Form, Value as Cbor},
    cwt::Claims,
};
use sinpyo_proof::issuer_key::PublishedKeys;
use sinpyo_resolver::did_key;
use sinpyo_wallet::{Generation, Password, Wallet};
use sinpyo_x509::Chain;
use std::{io::Write, str};

pub(super) const BOMBS: &[Bomb] = &[
    bomb("status: gzip of 64 MiB", || gzip(64), bitstring, "STS-02"),
    bomb("status: gzip of 1 GiB", || gzip(1024), bitstring, "STS-02"),
    bomb("status: zlib of 64 MiB", || zlib(64), token_list, "STS-02"),
    bomb("status: zlib of 1 GiB", || zlib(1024), token_list, "STS-02"),
    bomb("status: zlib of 1 GiB in a CWT", || zlib(1024), packed_list, "STS-02"),
    bomb("status: index 2^64", || b"18446744073709551616".to_vec(), index, "STS-06"),
    bomb("status: index of a million digits", || vec![b'9'; 1_000_000], index, "STS-06"),
    bomb("json: 200 arrays deep", || nested(200), parse_json, "JSON-03"),
    bomb("json: 100,000 arrays deep", || vec![b'['; 100_000], parse_json, "JSON-03"),
    bomb("json: 3,000 objects deep", || b"{\"a\":".repeat(3_000), parse_json, "JSON-03"),
    bomb("json: 20 MB of digits", || vec![b'7'; 20_000_000], parse_json, "JSON-04"),
    bomb("json: 15 MB of digits", || vec![b'7'; 15_000_000], parse_json, "JSON-06"),
    bomb("json: a member twice, 100,000 members apart", twice, parse_json, "JSON-01"),
    bomb("json: 1 MiB of zeros", || zeros(1 << 20), parse_json, "ok"),
    bomb("json: 100,000 members", members, parse_json, "ok"),
    bomb(
        "did:key: 100 kB of base58",
        || [b"did:key:z", &vec![b'z'; 100_000][..]].concat(),
        resolve_key,
        "not a DID",
    ),
    bomb(
        "did:key: 8 kB of base58",
        || [b"did:key:z", &vec![b'z'; 8_000][..]].concat(),
        resolve_key,
        "RES-01",
    ),
    bomb("multibase: 1 MB of base58", || [b"z", &vec![b'z'; 1_000_000][..]].concat(), multikey, "refused"),
    bomb("jwks: 10,000 keys", jwks, published, "JWS-22"),
    bomb("jwk: a coordinate of 1 MB", || jwk_of(1_000_000), key_of_jwk, "KEY-07"),
    bomb("cbor: an array of 2^32 items", || b"\x9a\xff\xff\xff\xff".to_vec(), lenient, "COS-01"),
    bomb(
        "cbor: an array of 2^64 - 1 items",
        || b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        strict,
        "COS-01",
    ),
    bomb("cbor: a text of 2^63 bytes", || b"\x7b\x80\0\0\0\0\0\0\0".to_vec(), strict, "COS-01"),
    bomb("cbor: 100,000 arrays deep", || vec![0x81; 100_000], lenient, "COS-07"),
    bomb("cbor: 100,000 tags deep", || vec![0xc1; 100_000], lenient, "COS-07"),
    bomb("cbor: 16 MB of small items", small_items, lenient, "COS-08"),
    bomb("cbor: a map of 30,000 equal keys", equal_keys, lenient, "COS-05"),
    bomb("cose: tags around a message", || vec![0xd2; 100_000], sign1, "COS-07"),
    bomb("cwt: claims 100,000 deep", || [b"\xa1\x01", &vec![0x81; 100_000][..]].concat(), claims, "COS-07"),
    bomb("bbs: a proof with 65,536 hidden messages", || vec![0x80; 272 + 32 * 65_536], bbs_proof, "BBS-06"),
    bomb("wallet: 2 GiB of argon2", || sealed(1 << 21), open_wallet, "WAL-13"),
    bomb("wallet: a length of 2^32", || sealed(1 << 16), open_wallet, "WAL-11"),
    bomb("x5chain: 1,000 certificates", || vec![0; 1_000], many_certificates, "X5C-01"),
    bomb("x5chain: a certificate of 10 MB", || vec![0x30; 10_000_000], one_certificate, "X5C-02"),
    bomb("x5chain: sequences 3,900 deep", deep_der, one_certificate, "X5C-03"),
    bomb("x5chain: a length of 2^32", || b"\x30\x84\xff\xff\xff\xff\x30".to_vec(), one_certificate, "X5C-03"),
];

/// Zeros, in chunks of one MiB.
fn pour(mebibytes: usize, into: &mut dyn Write) {
    let chunk = vec![0; 1 << 20];
    for _ in 0..mebibytes {
        into.write_all(&chunk).expect("memory");
    }
}

fn gzip(mebibytes: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    pour(mebibytes, &mut encoder);
    to_multibase(Base::Base64Url, &encoder.finish().expect("memory")).into_bytes()
}

fn zlib(mebibytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    pour(mebibytes, &mut encoder);
    encoder.finish().expect("memory")
}

fn text(input: &[u8]) -> &str {
    str::from_utf8(input).unwrap_or_default()
}

fn bitstring(input: &[u8]) -> Outcome {
    StatusList::from_encoded_list(StatusSize::ONE, text(input)).map_or_else(|error| error.code(), |_| "ok")
}

fn token_list(input: &[u8]) -> Outcome {
    StatusList::from_lst(1, &to_base64url(input)).map_or_else(|error| error.code(), |_| "ok")
}

fn packed_list(input: &[u8]) -> Outcome {
    StatusList::from_zlib(1, input).map_or_else(|error| error.code(), |_| "ok")
}

fn index(input: &[u8]) -> Outcome {
    parse_index(text(input)).map_or("STS-06", |_| "ok")
}

fn nested(depth: usize) -> Vec<u8> {
    [vec![b'['; depth], vec![b']'; depth]].concat()
}

fn zeros(length: usize) -> Vec<u8> {
    [&b"[0"[..], &b",0".repeat(length / 2 - 2), b"]"].concat()
}

fn members() -> Vec<u8> {
    let all: Vec<String> = (0..100_000).map(|number| format!("\"{number:x}\":0")).collect();
    format!("{{{}}}", all.join(",")).into_bytes()
}

fn twice() -> Vec<u8> {
    let between: Vec<String> = (0..100_000).map(|number| format!("\"{number}\":0")).collect();
    format!(r#"{{"a":0,{},"a":1}}"#, between.join(",")).into_bytes()
}

fn parse_json(input: &[u8]) -> Outcome {
    json::parse(input).map_or_else(|error| error.code(), |_| "ok")
}

fn resolve_key(input: &[u8]) -> Outcome {
    match text(input).parse::<Did>() {
        Ok(did) => did_key::resolve(&did).map_or_else(|error| error.code(), |_| "ok"),
        Err(_) => "not a DID",
    }
}

fn multikey(input: &[u8]) -> Outcome {
    sinpyo_core::encoding::Multikey::parse(text(input)).map_or("refused", |_| "ok")
}

fn jwks() -> Vec<u8> {
    let jwk = sinpyo_testkit::key(sinpyo_crypto::Algorithm::Es256, 1).verifying_key().to_jwk();
    let keys: Vec<Value> = (0..10_000)
        .map(|number| {
            let mut members = jwk.members().clone();
            members.insert("kid".to_owned(), json!(number.to_string()));
            Value::Object(members)
        })
        .collect();
    json!({"keys": keys}).to_string().into_bytes()
}

fn published(input: &[u8]) -> Outcome {
    PublishedKeys::parse(input).map_or_else(|error| error.code(), |_| "ok")
}

fn jwk_of(length: usize) -> Vec<u8> {
    json!({"kty": "EC", "crv": "P-256", "x": "A".repeat(length), "y": "A"}).to_string().into_bytes()
}

fn key_of_jwk(input: &[u8]) -> Outcome {
    let Ok(jwk) = json::parse_object(input).map(PublicJwk::from_members) else { return "json" };
    match jwk.map(|jwk| sinpyo_crypto::VerifyingKey::from_jwk(&jwk)) {
        Ok(Ok(_)) => "ok",
        Ok(Err(error)) => error.code(),
        Err(error) => error.code(),
    }
}

fn lenient(input: &[u8]) -> Outcome {
    Cbor::parse_as(input, Form::AnyOrder).map_or_else(|error| error.code(), |_| "ok")
}

fn strict(input: &[u8]) -> Outcome {
    Cbor::parse(input).map_or_else(|error| error.code(), |_| "ok")
}

fn small_items() -> Vec<u8> {
    [&b"\x9a\x00\xff\xff\xf0"[..], &vec![0; 0xff_fff0]].concat()
}

fn equal_keys() -> Vec<u8> {
    [&b"\xb9\x75\x30"[..], &b"\x61a\x00".repeat(30_000)].concat()
}

fn sign1(input: &[u8]) -> Outcome {
    Sign1::parse(input).map_or_else(|error| error.code(), |_| "ok")
}

fn claims(input: &[u8]) -> Outcome {
    Claims::parse(input).map_or_else(|error| error.code(), |_| "ok")
}

fn bbs_proof(input: &[u8]) -> Outcome {
    sinpyo_bbs::Proof::from_octets(input).map_or_else(|error| error.code(), |_| "ok")
}

/// The head of a wallet file that asks for so much memory, and announces more than there is.
fn sealed(memory_kib: u32) -> Vec<u8> {
    let numbers = [memory_kib, 3, 1].map(u32::to_be_bytes).concat();
    [&b"sinpyo\0W\x01"[..], &numbers, &[7; 16], &[0xff; 4], &[0; 64]].concat()
}

fn open_wallet(input: &[u8]) -> Outcome {
    let password = Password::new(Secret::new("pw".to_owned())).expect("a password");
    Wallet::open(input, &password, Generation::new(0)).map_or_else(|error| error.code(), |_| "ok")
}

fn many_certificates(input: &[u8]) -> Outcome {
    let certificate = targets::certificate();
    let chain: Vec<&[u8]> = input.iter().map(|_| certificate.as_slice()).collect();
    Chain::from_x5chain(&chain).map_or_else(|error| error.code(), |_| "ok")
}

fn one_certificate(input: &[u8]) -> Outcome {
    Chain::from_x5chain(&[input]).map_or_else(|error| error.code(), |_| "ok")
}

fn deep_der() -> Vec<u8> {
    // Each sequence holds all that follows; lengths of two bytes.
    (0..3_900_usize)
        .flat_map(|level| {
            let rest = u16::try_from((3_900 - level - 1) * 4).unwrap_or(u16::MAX);
            let [high, low] = rest.to_be_bytes();
            [0x30, 0x82, high, low]
        })
        .collect()
}
