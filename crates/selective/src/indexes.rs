//! Lists of statement numbers: strictly ascending, each below the number of statements.

use crate::ProofValueError;

/// Checks `indexes` that somebody sent: strictly ascending, and below `count`.
pub(crate) fn check(indexes: &[usize], count: usize) -> Result<(), ProofValueError> {
    let ascending = indexes.iter().zip(indexes.iter().skip(1)).all(|(a, b)| a < b);
    if !ascending || indexes.last().is_some_and(|last| *last >= count) {
        return Err(ProofValueError::Indexes); // [SDI-17]
    }
    Ok(())
}

/// The numbers below `count` that are not in `indexes`.
pub(crate) fn others(indexes: &[usize], count: usize) -> Vec<usize> {
    (0..count).filter(|index| indexes.binary_search(index).is_err()).collect()
}

/// Where in `list` the members of `part` stand; members that do not stand in it are passed over.
pub(crate) fn positions(part: &[usize], list: &[usize]) -> Vec<usize> {
    part.iter().filter_map(|index| list.binary_search(index).ok()).collect()
}

/// `items` in two parts: those numbered in `indexes`, and the others.
pub(crate) fn split<T>(items: Vec<T>, indexes: &[usize]) -> (Vec<T>, Vec<T>) {
    let mut number = 0..;
    items
        .into_iter()
        .partition(|_| number.next().is_some_and(|number| indexes.binary_search(&number).is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_ascend_within_the_count() {
        for good in [&[][..], &[0], &[0, 2, 3]] {
            assert_eq!(check(good, 4), Ok(()), "{good:?}");
        }
        for bad in [&[4][..], &[0, 0], &[1, 0], &[0, 1, 4], &[usize::MAX]] {
            assert_eq!(check(bad, 4), Err(ProofValueError::Indexes), "{bad:?}");
        }
    }

    #[test]
    fn parts_and_positions() {
        assert_eq!(others(&[0, 2], 4), [1, 3]);
        assert_eq!(positions(&[2, 3, 9], &[0, 2, 9]), [1, 2]);
        assert_eq!(split(vec!['a', 'b', 'c'], &[1]), (vec!['b'], vec!['a', 'c']));
    }
}
