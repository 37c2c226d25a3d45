//! `test-vectors/voting`: values made by the independent implementation in Python.

use crate::ballot::{CastKey, Header, Token, TrackingCode, UnverifiedBallot};
use crate::challenge::Binding;
use crate::generators::{ElectionId, blinding_base, generator, secret_base, tag_base};
use crate::group::{Group, Ristretto};
use crate::hash::Transcript;
use crate::prove::{ConstantTime, Opening, Statement};
use crate::ring::{Beacon, Ring, RingIndex, RingPlan, Roster};
use crate::setting::{Context, Setting, Shape};
use crate::verify::verify;
use serde_json::Value;
use sinpyo_core::Secret;
use sinpyo_testkit::from_hex;

pub(crate) fn vectors(file: &str) -> Value {
    let path = format!("{}/../../test-vectors/voting/{file}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    from_hex(value.as_str().unwrap())
}

pub(crate) fn array<const LENGTH: usize>(value: &Value) -> [u8; LENGTH] {
    bytes(value).try_into().unwrap()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

pub(crate) fn small(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

#[test]
fn hashes_are_those_of_the_vectors() {
    let file = vectors("hashes");
    for case in list(&file["cases"]) {
        let begin = Transcript::new(case["d"].as_str().unwrap());
        let transcript = list(&case["fields"]).iter().fold(begin, |all, field| all.field(&bytes(field)));
        assert_eq!(transcript.hash(), array::<64>(&case["H"]));
        assert_eq!(Ristretto::encode_scalar(&transcript.scalar::<Ristretto>()), array(&case["S"]));
        assert_eq!(Ristretto::encode(&transcript.point::<Ristretto>()), array(&case["P"]));
    }
}

#[test]
fn generators_are_those_of_the_vectors() {
    let file = vectors("generators");
    assert_eq!(Ristretto::encode(&secret_base::<Ristretto>()), array(&file["Gs"]));
    assert_eq!(Ristretto::encode(&blinding_base::<Ristretto>()), array(&file["H"]));
    assert_eq!(
        Ristretto::encode(&tag_base::<Ristretto>(&ElectionId(array(&file["election"])))),
        array(&file["U"])
    );
    for label in ["P", "Q"] {
        for (column, point) in (0..).zip(list(&file[label])) {
            assert_eq!(Ristretto::encode(&generator::<Ristretto>(label, column)), array(point));
        }
    }
}

#[test]
fn rings_are_those_of_the_vectors() {
    let file = vectors("rings");
    let (given, expect) = (&file["given"], &file["expect"]);
    let election = ElectionId(array(&given["election"]));
    let roll: Vec<([u8; 16], [u8; 32])> =
        list(&given["roll"]).iter().map(|line| (array(&line["slot"]), array(&line["commitment"]))).collect();
    let mut live = roll.clone();
    live.sort_unstable();
    let values: Vec<_> =
        list(&given["values"]).iter().map(|line| (small(&line["trustee"]), array(&line["value"]))).collect();
    let beacon = Beacon::new::<Ristretto>(&election, &live, &values);
    assert_eq!(beacon.0, array(&expect["beacon"]));
    let plan = RingPlan { election, beacon, size: number(&given["size"]) };
    let mut rings: Vec<Roster<Ristretto>> = Vec::new();
    for (district, lines) in (0..).zip(list(&given["districts"])) {
        let members: Vec<_> = list(lines).iter().map(|line| roll[number(line)].1).collect();
        let first = RingIndex(u32::try_from(rings.len()).unwrap());
        rings.extend(plan.rings(district, first, &members).unwrap());
    }
    assert_eq!(rings.len(), list(&expect["rings"]).len());
    for (ring, expect) in rings.iter().zip(list(&expect["rings"])) {
        let members: Vec<[u8; 32]> = list(&expect["members"]).iter().map(array).collect();
        assert_eq!(ring.commitments(), members);
        assert_eq!((ring.index().0, ring.district()), (small(&expect["ring"]), small(&expect["district"])));
        assert_eq!(*ring.root(), array(&expect["root"]));
    }
    let (manifest, ceremony) = (array(&expect["manifestHash"]), array(&expect["ceremonyHash"]));
    let context = Context::new(&election, &manifest, &ceremony, &array(&expect["rollRoot"]), 3);
    assert_eq!(rings.len(), 3);
    assert_eq!(context.0, array(&expect["context"]));
}

#[test]
fn ballots_are_those_of_the_vectors() {
    let file = vectors("ballots");
    for case in list(&file["cases"]) {
        let (given, expect) = (&case["given"], &case["expect"]);
        let contests: Vec<_> = list(&given["contests"]).iter().map(number).collect();
        let token = given
            .get("signature")
            .map(|signature| Token { randomizer: array(&given["randomizer"]), signature: bytes(signature) });
        let shape = match &token {
            Some(token) => Shape::token(&contests, token.signature.len()),
            None => Shape::ring(&contests, small(&given["base"]), small(&given["digits"])),
        };
        let header = Header::parse(&bytes(&expect["header"])).unwrap();
        let key = CastKey::new(Secret::new(array(&given["kappa"])));
        assert_eq!(key.lock().0, array(&expect["lambda"]));
        let place = small(&given["ring"]);
        let root = array(&given["ringRoot"]);
        let ring = token.is_none().then(|| {
            let members = bytes(&given["members"]);
            let members = members.chunks(32).map(|member| member.try_into().unwrap()).collect();
            Ring::<Ristretto>::new(Roster::stated(RingIndex(place), 0, members, root)).unwrap()
        });
        assert_eq!(token.as_ref().map_or(root, |token| token.root(place)), root);
        let keys: Vec<_> =
            list(&given["keys"]).iter().map(|key| Ristretto::decode(&array(key)).unwrap()).collect();
        let context = Context(array(&given["context"]));
        let (style, district) =
            (u16::try_from(small(&given["style"])).unwrap(), if token.is_some() { place } else { 0 });
        let election = ElectionId(array(&given["election"]));
        let setting =
            Setting::<Ristretto>::new(&election, context, style, [district], shape.unwrap(), &keys).unwrap();
        let choices: Vec<_> =
            list(&given["choices"]).iter().map(|choice| u8::try_from(small(choice)).unwrap()).collect();
        let [s, r] = ["s", "r"].map(|name| Ristretto::decode_scalar(&array(&given[name])).unwrap());
        let statement = Statement {
            setting: &setting,
            binding: Binding { context: setting.context(), header, lock: key.lock(), root },
            position: small(&given["position"]),
            choices: &choices,
            seed: &array(&given["b"]),
            fresh: &array(&given["w"]),
            tag_secret: &s,
        };
        let opening = if token.is_some() { Opening::Tag } else { Opening::Known(&r) };
        let draft = statement.make(&ConstantTime { setting: &setting, ring: ring.as_ref() }, &opening);
        let ballot = draft.to_bytes(header, token.as_ref(), &key);
        assert_eq!(ballot, bytes(&expect["ballot"]));
        assert_eq!(TrackingCode::of(&ballot).as_str(), expect["tracking"].as_str().unwrap());
        let parsed = UnverifiedBallot::parse(&ballot, setting.shape()).unwrap();
        let verified = verify(&setting, ring.as_ref(), &parsed).unwrap();
        assert_eq!(*verified.tag(), array(&expect["T"]));
    }
}
