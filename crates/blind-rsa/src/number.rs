//! What is to be known of big-endian numbers before AWS-LC gets them.

/// Whether `left` is less than `right`, both of one length. In constant time.
pub(crate) fn is_below(left: &[u8], right: &[u8]) -> bool {
    let borrow = left.iter().rev().zip(right.iter().rev()).fold(0_u16, |borrow, (left, right)| {
        u16::from(*left).wrapping_sub(u16::from(*right)).wrapping_sub(borrow) >> 15
    });
    borrow == 1
}

/// The odd number `number` less 1.
pub(crate) fn one_less(number: &[u8]) -> Vec<u8> {
    let mut less = number.to_vec();
    if let Some(last) = less.last_mut() {
        *last &= 0xfe;
    }
    less
}

/// Whether the number is 0 or 1.
pub(crate) fn is_zero_or_one(number: &[u8]) -> bool {
    number.split_last().is_none_or(|(last, rest)| *last <= 1 && rest.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparison_is_that_of_the_numbers() {
        let numbers: Vec<u32> =
            vec![0, 1, 2, 255, 256, 257, 65_535, 65_536, 0x8000_0000, u32::MAX - 1, u32::MAX];
        for left in &numbers {
            for right in &numbers {
                assert_eq!(
                    is_below(&left.to_be_bytes(), &right.to_be_bytes()),
                    left < right,
                    "{left} {right}"
                );
            }
        }
    }

    #[test]
    fn small_and_odd_numbers_are_known() {
        assert!(is_zero_or_one(&[0, 0]) && is_zero_or_one(&[0, 1]));
        assert!(!is_zero_or_one(&[0, 2]) && !is_zero_or_one(&[1, 0]) && !is_zero_or_one(&[1, 1]));
        assert_eq!(one_less(&[7, 9]), [7, 8]);
        assert_eq!(one_less(&[7, 1]), [7, 0]);
    }
}
