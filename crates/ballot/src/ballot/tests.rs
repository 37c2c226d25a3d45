use super::{Header, ParseBallotError, Place, Token, TrackingCode, UnverifiedBallot};
use crate::fixture::World;
use crate::group::Ristretto;
use crate::naive::{hash, le32};
use crate::ring::RingIndex;
use crate::setting::Shape;

#[test]
fn a_header_is_eight_bytes() {
    let ring = Header { style: 0x0102, place: Place::Ring(RingIndex(0x0304_0506)) };
    assert_eq!(ring.to_bytes(), [1, 2, 1, 6, 5, 4, 3, 0]);
    let district = Header { style: 7, place: Place::District(9) };
    assert_eq!(district.to_bytes(), [1, 7, 0, 9, 0, 0, 0, 1]);
    for header in [ring, district] {
        assert_eq!(Header::parse(&header.to_bytes()).unwrap(), header);
        assert_eq!(Header::parse(&header.to_bytes()[..7]), Err(ParseBallotError::Length));
    }
    for version in (0..=255).filter(|version| *version != 1) {
        assert_eq!(Header::parse(&[version, 0, 0, 0, 0, 0, 0, 0]), Err(ParseBallotError::Version));
    }
    for flags in 2..=255 {
        assert_eq!(Header::parse(&[1, 0, 0, 0, 0, 0, 0, flags]), Err(ParseBallotError::Flags));
    }
}

#[test]
fn a_ballot_of_the_other_profile_is_refused() {
    let world = World::new();
    let mut ballot = world.ballot(1, &[0, 0]);
    ballot[7] = 1;
    let refused = UnverifiedBallot::<Ristretto>::parse(&ballot, world.setting.shape());
    assert_eq!(refused.unwrap_err(), ParseBallotError::Flags);
    let shape = Shape::token(&[2, 3], 256).unwrap();
    let mut token = vec![0; shape.ballot_length::<Ristretto>()];
    token[0] = 1;
    assert_eq!(UnverifiedBallot::<Ristretto>::parse(&token, &shape).unwrap_err(), ParseBallotError::Flags);
    token[7] = 1;
    let parsed = UnverifiedBallot::<Ristretto>::parse(&token, &shape).unwrap();
    assert_eq!((parsed.ring(), parsed.header().place), (None, Place::District(0)));
    assert_eq!(parsed.token().unwrap().signature.len(), 256);
    assert_eq!(token.len(), 8 + 32 * (7 + 5) + 32 * (5 + 3) + 32 + 256 + 32);
}

#[test]
fn parsing_gives_back_what_was_parsed() {
    let world = World::new();
    let ballot = world.ballot(1, &[0, 0]);
    let parsed = world.parse(&ballot).unwrap();
    assert_eq!(parsed.to_bytes(), ballot);
    assert_eq!(parsed.tag()[..], ballot[8..40]);
    assert_eq!(parsed.ring(), Some(world.place(1).0.roster().index()));
    assert!(parsed.token().is_none());
    let encodings: Vec<u8> = parsed.encodings.iter().flatten().copied().collect();
    assert_eq!(encodings, ballot[8..8 + 32 * 14]);
}

#[test]
fn the_root_of_a_token_covers_it() {
    let token = Token { randomizer: [1; 32], signature: vec![2; 256] };
    assert_eq!(token.root(3)[..], hash("token", &[&le32(3), &[1; 32], &[2; 256]])[..32]);
    let others = [
        (Token { randomizer: [0; 32], signature: vec![2; 256] }, 3),
        (Token { randomizer: [1; 32], signature: vec![0; 256] }, 3),
        (token.clone(), 4),
    ];
    assert!(others.iter().all(|(other, district)| other.root(*district) != token.root(3)));
}

#[test]
fn a_tracking_code_is_twenty_characters_of_base32() {
    // RFC 4648 §10: BASE32("fooba") = "MZXW6YTB".
    let mut digest = [0; 64];
    digest.iter_mut().zip(b"fooba".iter().cycle()).for_each(|(to, from)| *to = *from);
    let code = TrackingCode::of_digest(&digest);
    assert_eq!(code.as_str(), "mzxw6ytbmzxw6ytbmzxw");
    assert_eq!(code.to_string(), "mzxw 6ytb mzxw 6ytb mzxw");
    assert_eq!(TrackingCode::of_digest(&[0xFF; 64]).as_str(), "77777777777777777777");
    assert_eq!(TrackingCode::parse("MZXW-6YTB mzxw 6ytb mzxw"), Some(code));
    for bad in
        ["", "mzxw6ytbmzxw6ytbmzx", "mzxw6ytbmzxw6ytbmzxwa", "mzxw6ytbmzxw6ytbmzx1", "mzxw6ytbmzxw6ytbmzé"]
    {
        assert_eq!(TrackingCode::parse(bad), None, "{bad}");
    }
    let ballot = b"any bytes";
    assert_eq!(TrackingCode::of(ballot), TrackingCode::of_digest(&hash("tracking", &[ballot])));
}
