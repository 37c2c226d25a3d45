//! Floating-point numbers of 16, 32 and 64 bits [RFC 8949 §3.3].

/// Appends `number` in the shortest of the three forms that holds it exactly.
pub(super) fn write(out: &mut Vec<u8>, number: f64) {
    if let Some(half) = to_half(number) {
        out.push(0xf9);
        out.extend_from_slice(&half.to_be_bytes());
    } else if let Some(single) = to_single(number) {
        out.push(0xfa);
        out.extend_from_slice(&single.to_be_bytes());
    } else {
        out.push(0xfb);
        out.extend_from_slice(&number.to_be_bytes());
    }
}

/// Whether a shorter form than that of `bytes` bytes holds `number`.
pub(super) fn fits_in_less(number: f64, bytes: usize) -> bool {
    (bytes > 2 && to_half(number).is_some()) || (bytes > 4 && to_single(number).is_some())
}

/// The number with the IEEE 754 `binary16` form `bits`.
pub(super) fn from_half(bits: u16) -> f64 {
    let exponent = (bits >> 10) & 0x1f;
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1024.0) * 2_f64.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

/// The `binary16` form of `number`, if one holds it exactly.
fn to_half(number: f64) -> Option<u16> {
    let bits = number.to_bits();
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    if number == 0.0 {
        return Some(sign);
    }
    if number.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // Biased by 1023, and by 15 in the short form.
    let exponent = i32::try_from((bits >> 52) & 0x7ff).ok()? - 1023 + 15;
    let fraction = bits & ((1 << 52) - 1);
    let (exponent, fraction, drop) = match exponent {
        1..=30 => (u16::try_from(exponent).ok()?, fraction, 42),
        // Subnormal: the leading one is written out and shifted to its place.
        -9..=0 => (0, fraction | (1 << 52), u32::try_from(43 - exponent).ok()?),
        _ => return None,
    };
    if fraction.trailing_zeros() < drop {
        return None;
    }
    Some(sign | (exponent << 10) | u16::try_from(fraction >> drop).ok()?)
}

/// The `binary32` form of `number`, if one holds it exactly.
fn to_single(number: f64) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "compared with the original")]
    let single = number as f32;
    (f64::from(single).to_bits() == number.to_bits()).then_some(single)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_is_read_and_written_as_itself() {
        for bits in 0..=u16::MAX {
            let number = from_half(bits);
            if !number.is_nan() {
                assert_eq!(to_half(number), Some(bits), "{bits:04x}");
            }
        }
    }

    /// RFC 8949 appendix A.
    #[test]
    fn halves_have_the_values_of_the_specification() {
        for (bits, number) in [
            (0x3e00, 1.5),
            (0x7bff, 65504.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x0400, 0.000_061_035_156_25),
            (0xc400, -4.0),
            (0x7c00, f64::INFINITY),
        ] {
            assert_eq!(from_half(bits).to_bits(), number.to_bits());
        }
    }

    #[test]
    fn what_a_half_does_not_hold_is_not_written_as_one() {
        for number in [65505.0, 1.1, 2_f64.powi(-25), 65536.0, 1e300, 1.5 * 2_f64.powi(-24)] {
            assert_eq!(to_half(number), None, "{number}");
        }
    }
}
