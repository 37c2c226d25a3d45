use super::{Setting, SettingError, Shape, ShapeError};
use crate::fixture::{CONTEXT, ELECTION};
use crate::group::{Element, Group, Ristretto};

#[test]
fn a_shape_stays_within_its_bounds() {
    let ring = |base, digits| Shape::ring(&[5], base, digits).map(|shape| shape.ring_size());
    let good = [(2, 2, 4), (2, 12, 4096), (4, 2, 16), (4, 5, 1024), (4, 6, 4096), (8, 2, 64), (8, 4, 4096)];
    for (base, digits, size) in good {
        assert_eq!(ring(base, digits), Ok(size));
    }
    for (base, digits) in
        [(2, 1), (2, 13), (4, 7), (8, 5), (3, 3), (16, 2), (0, 5), (1, 5), (4, 0), (8, u32::MAX)]
    {
        assert_eq!(ring(base, digits), Err(ShapeError::Ring), "{base} {digits}");
    }
    for contests in [&[][..], &[0], &[5, 0], &[65], &[32, 33], &[usize::MAX, 2]] {
        assert_eq!(Shape::ring(contests, 4, 5), Err(ShapeError::Contests), "{contests:?}");
        assert_eq!(Shape::token(contests, 256), Err(ShapeError::Contests));
    }
    assert_eq!(Shape::ring(&[1; 64], 4, 5).map(|shape| shape.options()), Ok(64));
    for length in [0, 255, 513, usize::MAX] {
        assert_eq!(Shape::token(&[5], length), Err(ShapeError::Signature));
    }
}

#[test]
fn a_ballot_has_the_length_of_the_specification() {
    let length = |contests: &[usize], base, digits| {
        Shape::ring(contests, base, digits).unwrap().ballot_length::<Ristretto>()
    };
    assert_eq!(length(&[5], 4, 5), 1352);
    // VOTING §4: points and scalars of the other rings.
    assert_eq!(length(&[5], 4, 4), 8 + 32 * (16 + 21) + 32);
    assert_eq!(length(&[5], 8, 4), 8 + 32 * (16 + 37) + 32);
    assert_eq!(length(&[5], 4, 6), 8 + 32 * (18 + 27) + 32);
    assert_eq!(Shape::ring(&[2, 3], 4, 2).unwrap().columns(), 15);
}

#[test]
fn every_option_has_a_key() {
    let shape = Shape::ring(&[2, 3], 4, 2).unwrap();
    let keys: Vec<_> = (1..=6_u64).map(|key| Ristretto::mul_base(&key.into())).collect();
    let setting = |keys: &[_]| Setting::<Ristretto>::new(&ELECTION, CONTEXT, 0, [0], shape.clone(), keys);
    assert_eq!(setting(&keys).unwrap().keys(), &keys[..5]);
    assert_eq!(setting(&keys[..4]).unwrap_err(), SettingError::Keys);
    let mut none = keys;
    none[4] = Element::identity();
    assert_eq!(setting(&none).unwrap_err(), SettingError::Identity);
}
