//! Scalars as signed digits, and which terms belong to which bucket.

/// The signed digits of many scalars, `Σ digit[w] · 2^(width·w)`, each in -2^(width-1)+1 … 2^(width-1).
pub(super) struct Digits {
    width: u32,
    terms: usize,
    /// Window by window.
    all: Vec<i16>,
}

/// The terms of a window that have one digit, up to the sign, or some of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// The digit less one.
    pub(super) bucket: usize,
    pub(super) start: usize,
    pub(super) length: usize,
    /// Whether it is the bucket's only one.
    pub(super) whole: bool,
}

/// A window's terms, ordered by digit.
pub(super) struct Sorted {
    /// Twice the term's number, one more if it is to be subtracted.
    pub(super) terms: Vec<u32>,
    /// The longest first.
    pub(super) runs: Vec<Run>,
    counts: Vec<usize>,
}

/// The widest digits: they fit an `i16` with room to spare.
const WIDEST: u32 = 12;

impl Digits {
    pub(super) fn new(scalars: &[[u64; 4]]) -> Self {
        Self::of_width(best_width(scalars.len()), scalars)
    }

    fn of_width(width: u32, scalars: &[[u64; 4]]) -> Self {
        let terms = scalars.len();
        let mut digits = vec![0; terms.saturating_mul(windows_of(width))];
        for (term, scalar) in scalars.iter().enumerate() {
            let mut places = digits.iter_mut().skip(term).step_by(terms);
            let mut carry = 0;
            for window in (0..).step_by(width_of(width)).take(windows_of(width)) {
                let number = bits(scalar, window, width) + carry;
                carry = i16::from(number > 1 << (width - 1));
                if let Some(place) = places.next() {
                    *place = number - (carry << width);
                }
            }
            // The digits have at least one bit more than the scalar: the last window takes the last carry.
            debug_assert_eq!(carry, 0, "all digits found room");
        }
        Self { width, terms, all: digits }
    }

    /// How many bits a digit has.
    pub(super) const fn width(&self) -> u32 {
        self.width
    }

    /// How many different digits there are but for signs and zero.
    pub(super) const fn buckets(&self) -> usize {
        1 << (self.width - 1)
    }

    /// The windows, the lowest first.
    pub(super) fn windows(&self) -> impl DoubleEndedIterator<Item = &[i16]> + ExactSizeIterator {
        self.all.chunks(self.terms.max(1))
    }
}

impl Sorted {
    pub(super) const fn new() -> Self {
        Self { terms: Vec::new(), runs: Vec::new(), counts: Vec::new() }
    }

    /// Orders a window's terms: a counting sort. Digits that very many terms have are cut into several runs, so that
    /// no lane works alone for long.
    #[expect(
        clippy::indexing_slicing,
        reason = "digits are at most `buckets`; places at most the number of terms"
    )]
    pub(super) fn sort(&mut self, digits: &[i16], buckets: usize) {
        self.counts.clear();
        self.counts.resize(buckets + 1, 0);
        for digit in digits {
            self.counts[usize::from(digit.unsigned_abs())] += 1;
        }
        self.counts[0] = 0;
        let longest = (digits.len() / buckets).saturating_mul(4).max(8);
        self.runs.clear();
        let mut start = 0;
        for (digit, count) in self.counts.iter_mut().enumerate() {
            let end = start + *count;
            let (whole, starts) = (*count <= longest, (start..end).step_by(longest));
            self.runs.extend(starts.map(|start| Run {
                bucket: digit - 1,
                start,
                length: longest.min(end - start),
                whole,
            }));
            *count = start;
            start = end;
        }
        self.terms.clear();
        self.terms.resize(start, 0);
        for (term, digit) in (0_u32..).step_by(2).zip(digits) {
            if *digit != 0 {
                let place = &mut self.counts[usize::from(digit.unsigned_abs())];
                self.terms[*place] = term | u32::from(*digit < 0);
                *place += 1;
            }
        }
        self.runs.sort_unstable_by_key(|run| std::cmp::Reverse(run.length));
    }
}

/// How many windows: digits with a sign have room for one bit more than the scalar's 256.
fn windows_of(width: u32) -> usize {
    257_usize.div_ceil(width_of(width))
}

fn width_of(width: u32) -> usize {
    usize::try_from(width).unwrap_or(usize::MAX)
}

/// `width` bits, at most 12, from bit `start` on; zero beyond the last.
fn bits(scalar: &[u64; 4], start: usize, width: u32) -> i16 {
    let limb = |number: usize| scalar.get(number).copied().unwrap_or(0);
    let (number, shift) = (start / 64, start % 64);
    let pair = u128::from(limb(number)) | u128::from(limb(number + 1)) << 64;
    let mask = (1_u128 << width) - 1;
    i16::try_from(pair >> shift & mask).unwrap_or(0)
}

/// The width with the fewest multiplications: 7 for each digit of each term, 18 for each bucket.
fn best_width(terms: usize) -> u32 {
    let cost = |width: u32| {
        let buckets: usize = 1 << (width - 1);
        windows_of(width).saturating_mul(terms.saturating_mul(7).saturating_add(buckets.saturating_mul(18)))
    };
    (4..=WIDEST).min_by_key(|width| cost(*width)).unwrap_or(WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A prime modulo which numbers are compared.
    const PRIME: i128 = (1 << 61) - 1;

    fn value(scalar: &[u64; 4]) -> i128 {
        scalar.iter().rev().fold(0, |value, limb| ((value << 64) % PRIME + i128::from(*limb)) % PRIME)
    }

    #[test]
    fn digits_are_the_scalar_and_small() {
        let mut scalars =
            vec![[0; 4], [1, 0, 0, 0], [u64::MAX; 4], [0, 0, 0, 1 << 63], [u64::MAX, u64::MAX, 0, 0]];
        for pattern in
            [0x8000_8000_8000_8000, 0x8008_0080_0800_8008, 0x7FF7_FF7F_F7FF_7FF7, 0x0808_0808_0808_0808]
        {
            scalars.extend([
                [pattern; 4],
                [!pattern; 4],
                [pattern << 1; 4],
                [pattern, !pattern, pattern >> 1, pattern],
            ]);
        }
        for bit in 0..256 {
            let mut scalar = [0; 4];
            scalar[bit / 64] = 1 << (bit % 64);
            scalars.push(scalar);
            scalars.push(scalar.map(|limb| limb.wrapping_sub(1)));
        }
        for width in 4..=WIDEST {
            let digits = Digits::of_width(width, &scalars);
            let windows: Vec<_> = digits.windows().collect();
            assert_eq!(windows.len(), windows_of(width));
            for (term, scalar) in scalars.iter().enumerate() {
                let digit = |window: &&[i16]| i128::from(window[term]);
                let half = 1 << (width - 1);
                assert!(
                    windows.iter().map(digit).all(|digit| -half < digit && digit <= half),
                    "{width} {scalar:?}"
                );
                let sum =
                    windows.iter().rev().map(digit).fold(0, |sum, digit| ((sum << width) + digit) % PRIME);
                assert_eq!((sum + PRIME) % PRIME, value(scalar), "{width} {scalar:?}");
            }
        }
    }

    #[test]
    fn a_sorted_window_has_every_term_once() {
        for buckets in [8_i16, 64] {
            let size = usize::try_from(buckets).unwrap();
            let windows: [Vec<i16>; 4] = [
                (0..1000).map(|term| term % (2 * buckets) - buckets + 1).collect(),
                vec![1; 1000],
                vec![0; 100],
                vec![-buckets + 1, buckets, 0],
            ];
            let mut sorted = Sorted::new();
            for window in &windows {
                sorted.sort(window, size);
                let mut found = vec![0; window.len()];
                for run in &sorted.runs {
                    let others = sorted.runs.iter().filter(|other| other.bucket == run.bucket).count();
                    assert_eq!(run.whole, others == 1);
                    for term in &sorted.terms[run.start..run.start + run.length] {
                        let number = usize::try_from(term >> 1).unwrap();
                        let digit = i16::try_from(run.bucket + 1).unwrap();
                        found[number] += if term & 1 == 1 { -digit } else { digit };
                    }
                }
                assert_eq!(&found, window);
                assert!(sorted.runs.is_sorted_by(|left, right| left.length >= right.length));
            }
        }
    }
}
