//! Which entry of which list a new credential gets.

use crate::StatusKind;
use sinpyo_core::{
    key::Entropy,
    status::{StatusEntry, StatusMessages, StatusPurpose},
};
use std::error::Error;

/// How a list is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListForm {
    /// Status List Tokens, for SD-JWT VCs [Token Status List].
    Token,
    /// Bitstring Status List credentials, for W3C credentials; one list per purpose [BSL 1.0].
    Bitstring,
}

impl ListForm {
    /// Fewest entries with which a list hides one credential among the others: 131,072 [BSL §3.4], 100,000 by policy.
    pub const fn min_entries(self) -> u64 {
        match self {
            Self::Token => 100_000,
            Self::Bitstring => 131_072,
        }
    }
}

/// Draws in one list before it counts as full; a list ends about 95 % full.
const MAX_DRAWS: u32 = 64;
/// Lists that one allocation looks at.
const MAX_LISTS: u32 = 3;

/// Status lists of one form and size, numbered from 0 under one URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSeries {
    prefix: String,
    form: ListForm,
    suspends: bool,
    /// Bits of a Token Status List value.
    bits: u8,
    /// What the values of a further list for messages stand for.
    messages: Option<StatusMessages>,
    entries: u64,
}

/// The entry that a new credential got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocated {
    /// Number of the list. The next allocation begins here.
    pub list: u32,
    /// Position in the list.
    pub index: u64,
}

/// Whether an entry could be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// It was free and is now taken for this allocation.
    Taken,
    /// Another credential has it.
    Occupied,
}

impl ListSeries {
    /// Lists of `entries` entries whose addresses begin with `prefix`, a URL without the closing slash.
    ///
    /// # Errors
    /// Credentials of this kind have no list, or the lists are too short to hide anybody.
    pub fn new(prefix: &str, form: ListForm, kind: StatusKind, entries: u64) -> Result<Self, SeriesError> {
        if !kind.is_listed() {
            return Err(SeriesError::Kind);
        }
        if entries < form.min_entries() {
            return Err(SeriesError::TooShort); // [ISS-20]
        }
        let suspends = kind == StatusKind::Suspendable;
        let bits = if suspends { 2 } else { 1 };
        Ok(Self { prefix: prefix.to_owned(), form, suspends, bits, messages: None, entries })
    }

    /// Lists whose values have `bits` bits, for application-specific values beside the common ones: 0x03 needs two,
    /// 0x0C to 0x0F need four [Token Status List §7.1].
    ///
    /// # Errors
    /// Not lists of Status List Tokens, not 1, 2, 4 or 8 bits, or too few to say what the lists say already.
    pub fn with_bits(mut self, bits: u8) -> Result<Self, SeriesError> {
        if self.form != ListForm::Token || !matches!(bits, 1 | 2 | 4 | 8) || bits < self.bits {
            return Err(SeriesError::Values); // [ISS-27]
        }
        self.bits = bits;
        Ok(self)
    }

    /// Lists with one more purpose: a message about each credential, one of `messages` [BSL §2.1].
    ///
    /// # Errors
    /// Not lists of Bitstring Status List credentials.
    pub fn with_messages(mut self, messages: StatusMessages) -> Result<Self, SeriesError> {
        if self.form != ListForm::Bitstring {
            return Err(SeriesError::Values); // [ISS-27]
        }
        self.messages = Some(messages);
        Ok(self)
    }

    /// How its lists are published.
    pub const fn form(&self) -> ListForm {
        self.form
    }

    /// Whether its entries know suspension beside revocation.
    pub const fn suspends(&self) -> bool {
        self.suspends
    }

    /// Bits of a Token Status List value.
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// The messages, if its entries have any.
    pub const fn messages(&self) -> Option<&StatusMessages> {
        self.messages.as_ref()
    }

    /// How many entries each list has.
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// What a credential says about its entry.
    pub fn status(&self, entry: Allocated) -> Vec<StatusEntry> {
        let Allocated { list, index } = entry;
        match self.form {
            ListForm::Token => vec![StatusEntry::Token { list: self.token_uri(list), index }],
            ListForm::Bitstring => self
                .purposes()
                .into_iter()
                .map(|purpose| StatusEntry::Bitstring {
                    list: self.bitstring_uri(list, purpose),
                    index,
                    purpose,
                    messages: self.messages.clone().filter(|_| purpose == StatusPurpose::Message),
                })
                .collect(),
        }
    }

    /// What its Bitstring lists are for.
    pub(crate) fn purposes(&self) -> Vec<StatusPurpose> {
        let suspension = self.suspends.then_some(StatusPurpose::Suspension);
        let message = self.messages.is_some().then_some(StatusPurpose::Message);
        [Some(StatusPurpose::Revocation), suspension, message].into_iter().flatten().collect()
    }

    /// Which list is published at `uri`: the one to be rewritten when an entry that points there changes.
    pub fn number_of(&self, uri: &str) -> Option<u32> {
        let place = uri.strip_prefix(&self.prefix)?.strip_prefix('/')?;
        let number = place.split('/').next()?.parse().ok()?;
        let lists = self.status(Allocated { list: number, index: 0 });
        lists.iter().any(|entry| entry.list() == uri).then_some(number)
    }

    pub(crate) fn token_uri(&self, list: u32) -> String {
        format!("{}/{list}", self.prefix)
    }

    pub(crate) fn bitstring_uri(&self, list: u32, purpose: StatusPurpose) -> String {
        format!("{}/{list}/{}", self.prefix, purpose.name())
    }

    /// Finds a random free entry in list `from` or, if that is full, in the next.
    ///
    /// The index tells nothing about when or to whom the credential was issued. `take` asks the store, whose
    /// uniqueness decides: it takes the entry if it is free, in one step.
    ///
    /// # Errors
    /// The store failed, or three lists in a row were full.
    pub fn allocate<E: Error + 'static>(
        &self,
        from: u32,
        entropy: &mut dyn Entropy,
        mut take: impl FnMut(Allocated) -> Result<Slot, E>,
    ) -> Result<Allocated, AllocateError<E>> {
        for list in (from..=u32::MAX).take(usize::try_from(MAX_LISTS).unwrap_or_default()) {
            for _ in 0..MAX_DRAWS {
                let entry = Allocated { list, index: self.draw(entropy) };
                if take(entry).map_err(AllocateError::Store)? == Slot::Taken {
                    return Ok(entry);
                }
            }
        }
        Err(AllocateError::Full) // [ISS-21]
    }

    /// An index, each as likely as any other but for a bias below 2^-37: lists end at 2^27 entries.
    fn draw(&self, entropy: &mut dyn Entropy) -> u64 {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        u64::from_be_bytes(bytes) % self.entries
    }
}

/// Why there can be no such lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeriesError {
    /// Credentials of this kind have no entry in a list.
    #[error("credentials of this kind have no status list")]
    Kind,
    /// ISS-20: so few entries that a verifier's look at the list would point at the holder.
    #[error("the status list is too short to hide one credential among the others")]
    TooShort,
    /// ISS-27: the lists cannot hold such values.
    #[error("lists of this form cannot hold such values")]
    Values,
}

impl SeriesError {
    /// The rule that was broken, as in `spec/checks/iss.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Kind => "ISS-13",
            Self::TooShort => "ISS-20",
            Self::Values => "ISS-27",
        }
    }
}

/// Why a credential got no entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AllocateError<E: Error + 'static> {
    /// ISS-21: three lists in a row are full.
    #[error("the status lists are full")]
    Full,
    /// The store failed.
    #[error("the store could not take an entry of a status list")]
    Store(#[source] E),
}

impl<E: Error + 'static> AllocateError<E> {
    /// The rule that was broken, as in `spec/checks/iss.toml`; none if the store failed.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Full => Some("ISS-21"),
            Self::Store(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_testkit::TestEntropy;
    use std::{
        collections::{BTreeMap, BTreeSet},
        convert::Infallible,
    };

    fn series(form: ListForm, kind: StatusKind) -> ListSeries {
        ListSeries::new("https://a.example/status", form, kind, form.min_entries()).unwrap()
    }

    #[test]
    fn ten_thousand_draws_are_unique_and_spread() {
        let series = series(ListForm::Token, StatusKind::Suspendable);
        let (mut taken, mut entropy) = (BTreeSet::new(), TestEntropy::new(7));
        for _ in 0..10_000 {
            let take = |entry: Allocated| -> Result<Slot, Infallible> {
                Ok(if taken.insert((entry.list, entry.index)) { Slot::Taken } else { Slot::Occupied })
            };
            let entry = series.allocate(0, &mut entropy, take).unwrap();
            assert!(entry.index < series.entries() && entry.list == 0);
        }
        assert_eq!(taken.len(), 10_000);
        // Ten equal parts of the list get about a thousand each; 5 standard deviations are 150.
        let mut parts = BTreeMap::new();
        for (_, index) in &taken {
            *parts.entry(index / 10_000).or_insert(0) += 1;
        }
        assert!(parts.values().all(|count| (850..1150).contains(count)), "{parts:?}");
    }

    #[test]
    fn a_full_list_is_followed_by_the_next_and_the_search_ends() {
        let series = series(ListForm::Token, StatusKind::Revocable);
        let mut entropy = TestEntropy::new(1);
        let first_full = |entry: Allocated| -> Result<Slot, Infallible> {
            Ok(if entry.list == 4 { Slot::Occupied } else { Slot::Taken })
        };
        assert_eq!(series.allocate(4, &mut entropy, first_full).unwrap().list, 5);
        let mut asked = 0;
        let all_full = |_| -> Result<Slot, Infallible> {
            asked += 1;
            Ok(Slot::Occupied)
        };
        let error = series.allocate(u32::MAX - 1, &mut entropy, all_full).unwrap_err();
        assert_eq!((error.code(), asked), (Some("ISS-21"), 128));
        let failing = series.allocate(0, &mut entropy, |_| Err(std::fmt::Error)).unwrap_err();
        assert!(matches!(failing, AllocateError::Store(_)));
    }

    #[test]
    fn a_short_list_is_refused() {
        let new = |form, entries| ListSeries::new("https://a.example", form, StatusKind::Revocable, entries);
        assert_eq!(new(ListForm::Token, 99_999), Err(SeriesError::TooShort));
        assert_eq!(new(ListForm::Bitstring, 131_071), Err(SeriesError::TooShort));
        assert!(new(ListForm::Token, 100_000).is_ok() && new(ListForm::Bitstring, 131_072).is_ok());
        let once = ListSeries::new("https://a.example", ListForm::Token, StatusKind::Once, 1 << 20);
        assert_eq!(once, Err(SeriesError::Kind));
    }

    #[test]
    fn values_that_the_form_cannot_hold_are_refused() {
        let token = |kind| series(ListForm::Token, kind);
        let four = StatusMessages::new(vec!["a".into(), "b".into(), "c".into(), "d".into()]).unwrap();
        for bits in [0, 1, 3, 5, 16] {
            let wider = token(StatusKind::Suspendable).with_bits(bits);
            assert_eq!(wider.unwrap_err().code(), "ISS-27", "{bits}");
        }
        let bitstring = series(ListForm::Bitstring, StatusKind::Revocable);
        assert_eq!(bitstring.clone().with_bits(4), Err(SeriesError::Values));
        assert_eq!(token(StatusKind::Revocable).with_messages(four.clone()), Err(SeriesError::Values));
        assert_eq!(token(StatusKind::Revocable).with_bits(8).unwrap().bits(), 8);
        let entries = bitstring.with_messages(four.clone()).unwrap().status(Allocated { list: 0, index: 5 });
        let [StatusEntry::Bitstring { messages: None, .. }, message] = entries.as_slice() else {
            panic!("two")
        };
        let list = "https://a.example/status/0/message".to_owned();
        let purpose = StatusPurpose::Message;
        assert_eq!(*message, StatusEntry::Bitstring { list, index: 5, purpose, messages: Some(four) });
    }

    #[test]
    fn a_list_is_known_by_its_address_and_by_no_other() {
        let tokens = series(ListForm::Token, StatusKind::Revocable);
        let bitstrings = series(ListForm::Bitstring, StatusKind::Revocable);
        assert_eq!(tokens.number_of("https://a.example/status/352"), Some(352));
        assert_eq!(bitstrings.number_of("https://a.example/status/7/revocation"), Some(7));
        for uri in [
            "https://a.example/status/",
            "https://a.example/status/+7",
            "https://a.example/status/07",
            "https://a.example/status/7/",
            "https://a.example/status/7/revocation",
            "https://a.example/status7",
            "https://b.example/status/7",
            "https://a.example/status/4294967296",
        ] {
            assert_eq!(tokens.number_of(uri), None, "{uri}");
        }
        for uri in ["https://a.example/status/7", "https://a.example/status/7/suspension"] {
            assert_eq!(bitstrings.number_of(uri), None, "{uri}");
        }
    }

    #[test]
    fn a_bitstring_entry_stands_in_one_list_per_purpose() {
        let entry = Allocated { list: 2, index: 9 };
        let both = series(ListForm::Bitstring, StatusKind::Suspendable).status(entry);
        let lists: Vec<_> = both.iter().map(StatusEntry::list).collect();
        assert_eq!(lists, ["https://a.example/status/2/revocation", "https://a.example/status/2/suspension"]);
        assert_eq!(series(ListForm::Bitstring, StatusKind::Revocable).status(entry).len(), 1);
        let token = series(ListForm::Token, StatusKind::Suspendable).status(entry);
        assert_eq!(token, [StatusEntry::Token { list: "https://a.example/status/2".into(), index: 9 }]);
    }
}
