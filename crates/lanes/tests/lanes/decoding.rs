//! What is decoded, and what is not.

use super::{Random, by_dalek, encoded, from_hex, lanes};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as G;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use sinpyo_lanes::Lanes;

/// 0·B to 15·B [RFC 9496 appendix A.1].
const MULTIPLES: [&str; 16] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
    "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57",
    "e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e",
    "f64746d3c92b13050ed8d80236a7f0007c3b3f962f5ba793d19a601ebb1df403",
    "44f53520926ec81fbd5a387845beb7df85a96a24ece18738bdcfa6a7822a176d",
    "903293d8f2287ebe10e2374dc1a53e0bc887e592699f02d077d5263cdd55601c",
    "02622ace8f7303a31cafc63f8fc48fdc16e1c8c8d234b2f0d6685282a9076031",
    "20706fd788b2720a1ed2a5dad4952b01f413bcf0e7564de8cdc816689e2db95f",
    "bce83f8ba5dd2fa572864c24ba1810f9522bc6004afe95877ac73241cafdab42",
    "e4549ee16b9aa03099ca208c67adafcafa4c3f3e4e5303de6026e3ca8ff84460",
    "aa52e000df2e16f55fb1032fc33bc42742dad6bd5a8fc0be0167436c5948501f",
    "46376b80f409b29dc2b5f6f0c52591990896e5716f41477cd30085ab7f10301e",
    "e0c418f7c8d9c4cdd7395b93ea124f3ad99021bb681dfc3302a9d99a2e53e64e",
];

/// [RFC 9496 appendix A.2]
const BAD: [&str; 29] = [
    // Not canonical.
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    // Negative.
    "0100000000000000000000000000000000000000000000000000000000000000",
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
    "c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562",
    "c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78",
    "47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24",
    "f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72",
    "87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309",
    // x² is not a square.
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f",
    "de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b",
    "bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042",
    "2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08",
    "f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22",
    "8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731",
    "2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b",
    // x·y is negative.
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
    "a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220",
    "d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e",
    "8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32",
    "32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b",
    "227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165",
    "5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e",
    "445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b",
    // s = -1, so y = 0.
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

#[test]
fn multiples_of_the_base_are_those_of_the_rfc() {
    let Some(lanes) = lanes() else { return };
    let encodings = MULTIPLES.map(from_hex);
    let points: Vec<_> = lanes.decode_public(&encodings).into_iter().map(Option::unwrap).collect();
    assert_eq!(encoded(lanes, &points.iter().collect::<Vec<_>>()), encodings);
    for (number, encoding) in (0..).zip(encodings) {
        assert_eq!(lanes.public_sum_of_products(&[[number, 0, 0, 0]], &[&points[1]]), encoding);
        assert_eq!((Scalar::from(number) * G).compress().to_bytes(), encoding);
    }
}

#[test]
fn bad_encodings_are_those_of_the_rfc() {
    let Some(lanes) = lanes() else { return };
    let bad = BAD.map(from_hex);
    assert!(lanes.decode_public(&bad).iter().all(Option::is_none));
    // In every lane, and it alone.
    let good = from_hex(MULTIPLES[5]);
    for bad in bad {
        for place in 0..17 {
            let mut encodings = [good; 17];
            encodings[place] = bad;
            let decoded = lanes.decode_public(&encodings);
            let refused: Vec<_> = (0..17).filter(|place| decoded[*place].is_none()).collect();
            assert_eq!(refused, [place]);
        }
    }
}

fn agree(lanes: Lanes, encodings: &[[u8; 32]]) -> usize {
    let decoded = lanes.decode_public(encodings);
    assert_eq!(decoded.len(), encodings.len());
    let own: Vec<_> = decoded.iter().map(Option::is_some).collect();
    let dalek: Vec<_> = encodings.iter().map(|encoding| by_dalek(encoding).is_some()).collect();
    assert_eq!(own, dalek);
    let right = encodings.iter().zip(&dalek).filter(|(_, right)| **right).map(|(encoding, _)| *encoding);
    let right: Vec<_> = right.collect();
    let points: Vec<_> = decoded.iter().flatten().collect();
    assert_eq!(encoded(lanes, &points), right);
    // The point itself, not only what it is encoded to: a sum of all, each with another scalar.
    let scalars: Vec<_> = (1..).take(points.len()).map(|number| [number, 0, 0, 0]).collect();
    let expected = RistrettoPoint::vartime_multiscalar_mul(
        (1_u64..).take(right.len()).map(Scalar::from),
        right.iter().map(|encoding| by_dalek(encoding).unwrap()),
    );
    assert_eq!(lanes.public_sum_of_products(&scalars, &points), expected.compress().to_bytes());
    right.len()
}

#[test]
fn random_strings_are_decoded_as_by_dalek() {
    let Some(lanes) = lanes() else { return };
    let mut random = Random::new(7);
    let strings: Vec<[u8; 32]> = (0..100_000)
        .map(|number| {
            let mut string: [u8; 32] = random.bytes();
            if number % 8 != 0 {
                string[0] &= 0xFE;
                string[31] &= 0x7F;
            }
            string
        })
        .collect();
    let right = agree(lanes, &strings);
    // A quarter of the even ones are encodings.
    assert!((18_000..26_000).contains(&right), "{right}");
}

#[test]
fn encodings_are_decoded_as_by_dalek() {
    let Some(lanes) = lanes() else { return };
    let mut random = Random::new(8);
    let encodings: Vec<_> = (0..100_000).map(|_| random.point().compress().to_bytes()).collect();
    assert_eq!(agree(lanes, &encodings), encodings.len());
    // One bit flipped, at every place.
    let flipped: Vec<_> = (0..256 * 16)
        .map(|number| {
            let mut encoding = encodings[number];
            encoding[number % 256 / 8] ^= 1 << (number % 8);
            encoding
        })
        .collect();
    agree(lanes, &flipped);
}

/// Around 0, p, 2p and 2^256, and with limbs of all zeros and all ones.
#[test]
fn edges_are_decoded_as_by_dalek() {
    let Some(lanes) = lanes() else { return };
    let mut edges = Vec::new();
    for last in [0x7F, 0xFF] {
        for low in 0..=255 {
            let mut edge = [0xFF; 32];
            (edge[0], edge[31]) = (low, last);
            edges.push(edge);
            edge = [0; 32];
            (edge[0], edge[31]) = (low, last & 0x80);
            edges.push(edge);
        }
    }
    let mut random = Random::new(9);
    for _ in 0..10_000 {
        let mut edge = [0; 32];
        for word in edge.as_chunks_mut::<8>().0 {
            let some = [0, u64::MAX, u64::MAX >> 1, 1 << 63, (1 << 51) - 1, random.next()];
            *word = some[usize::try_from(random.next() % 6).unwrap()].to_le_bytes();
        }
        edge[0] &= 0xFE;
        edges.push(edge);
    }
    assert!(agree(lanes, &edges) > 100);
}

#[test]
fn as_many_points_as_encodings() {
    let Some(lanes) = lanes() else { return };
    let good = from_hex(MULTIPLES[3]);
    for count in 0..40 {
        let decoded = lanes.decode_public(&vec![good; count]);
        assert_eq!((decoded.len(), decoded.iter().flatten().count()), (count, count));
    }
}
