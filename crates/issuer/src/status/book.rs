//! The current content of one status list.

use super::{Allocated, ListSeries};
use serde_json::{Value, json};
use sinpyo_core::{
    json,
    status::{BitOrder, CredentialStatus, StatusList, StatusListError, StatusPurpose},
};

/// What one list of a [`ListSeries`] says, rebuilt from its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusBook {
    series: ListSeries,
    number: u32,
    /// One bit per entry: whether a credential has it.
    allocated: StatusList,
    /// Token Status List values, of one bit or, where entries can be suspended, two.
    values: StatusList,
}

/// What somebody wants to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusCommand {
    /// Give the entry to a new credential.
    Allocate {
        /// Position in the list.
        index: u64,
    },
    /// Change what the list says about the entry's credential.
    Set {
        /// Position in the list.
        index: u64,
        /// What it is to say.
        status: CredentialStatus,
    },
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusEvent {
    /// The entry belongs to a credential, which is valid.
    Allocated {
        /// Position in the list.
        index: u64,
    },
    /// The list says something else about the entry's credential.
    Set {
        /// Position in the list.
        index: u64,
        /// What it says.
        status: CredentialStatus,
    },
}

impl StatusBook {
    /// List `number` of `series`, before any event.
    ///
    /// # Errors
    /// The list would exceed 16 MiB.
    pub fn new(series: ListSeries, number: u32) -> Result<Self, StatusListError> {
        let bits = if series.suspends() { 2 } else { 1 };
        let list = |bits| StatusList::new(bits, BitOrder::LeastFirst, series.entries());
        let (allocated, values) = (list(1)?, list(bits)?);
        Ok(Self { series, number, allocated, values })
    }

    /// The lists it is one of.
    pub const fn series(&self) -> &ListSeries {
        &self.series
    }

    /// Its number among them.
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// What it says about the credential at `index`; none if no credential has the entry.
    pub fn status(&self, index: u64) -> Option<CredentialStatus> {
        match self.allocated.get(index) {
            Ok(1) => self.values.get(index).ok().map(CredentialStatus::from_value),
            _ => None,
        }
    }

    /// What follows from `command`; nothing if the list says so already.
    ///
    /// # Errors
    /// The rule against it.
    pub fn decide(&self, command: StatusCommand) -> Result<Vec<StatusEvent>, StatusRefused> {
        let (StatusCommand::Allocate { index } | StatusCommand::Set { index, .. }) = command;
        if index >= self.series.entries() {
            return Err(StatusRefused::Range); // [ISS-22]
        }
        match (command, self.status(index)) {
            (StatusCommand::Allocate { .. }, None) => Ok(vec![StatusEvent::Allocated { index }]),
            (StatusCommand::Allocate { .. }, Some(_)) => Err(StatusRefused::Occupied), // [ISS-23]
            (StatusCommand::Set { .. }, None) => Err(StatusRefused::Unallocated),      // [ISS-24]
            (StatusCommand::Set { status, .. }, Some(current)) => self.change(index, current, status),
        }
    }

    fn change(
        &self,
        index: u64,
        current: CredentialStatus,
        wanted: CredentialStatus,
    ) -> Result<Vec<StatusEvent>, StatusRefused> {
        use CredentialStatus::{Other, Revoked, Suspended, Valid};
        match (current, wanted) {
            (_, Other(_)) => Err(StatusRefused::Meaning), // [ISS-25]
            (_, Suspended) if !self.series.suspends() => Err(StatusRefused::Meaning), // [ISS-25]
            _ if current == wanted => Ok(Vec::new()),
            (Revoked, Valid | Suspended) => Err(StatusRefused::Revoked), // [ISS-26]
            (Valid | Suspended | Other(_), Valid | Suspended) | (_, Revoked) => {
                Ok(vec![StatusEvent::Set { index, status: wanted }])
            }
        }
    }

    /// Takes up an event that [`StatusBook::decide`] gave.
    ///
    /// # Errors
    /// The event is not one of this list: the store is corrupt, and no list must be published from it.
    pub fn apply(&mut self, event: &StatusEvent) -> Result<(), StatusListError> {
        match *event {
            StatusEvent::Allocated { index } => self.allocated.set(index, 1),
            StatusEvent::Set { index, status } => self.values.set(index, status.value()),
        }
    }

    /// The addresses under which it is published.
    pub fn uris(&self) -> Vec<String> {
        let entry = Allocated { list: self.number, index: 0 };
        self.series.status(entry).iter().map(|entry| entry.list().to_owned()).collect()
    }

    /// The list as a Status List Token holds it.
    pub(crate) const fn values(&self) -> &StatusList {
        &self.values
    }

    /// The list as a Bitstring Status List credential for `purpose` holds it.
    pub(crate) fn bitstring(&self, purpose: StatusPurpose) -> Result<StatusList, StatusListError> {
        let mut list = StatusList::new(1, BitOrder::MostFirst, self.series.entries())?;
        for index in 0..self.series.entries() {
            let status = CredentialStatus::from_value(self.values.get(index)?);
            let is_set = match purpose {
                StatusPurpose::Revocation => status == CredentialStatus::Revoked,
                StatusPurpose::Suspension => status == CredentialStatus::Suspended,
                StatusPurpose::Refresh | StatusPurpose::Message => false,
            };
            if is_set {
                list.set(index, 1)?;
            }
        }
        Ok(list)
    }
}

impl StatusEvent {
    /// The event as the store keeps it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let event = match self {
            Self::Allocated { index } => json!({"allocated": index}),
            Self::Set { index, status } => json!({"set": index, "to": status.value()}),
        };
        event.to_string().into_bytes()
    }

    /// Reads an event that the store kept.
    ///
    /// # Errors
    /// The bytes are no event.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReadEventError> {
        let event = json::parse_object(bytes).map_err(|_| ReadEventError)?;
        let number = |name: &str| event.get(name).and_then(Value::as_u64);
        match (number("allocated"), number("set"), number("to"), event.len()) {
            (Some(index), None, None, 1) => Ok(Self::Allocated { index }),
            (None, Some(index), Some(value), 2) => {
                let value = u8::try_from(value).map_err(|_| ReadEventError)?;
                Ok(Self::Set { index, status: CredentialStatus::from_value(value) })
            }
            _ => Err(ReadEventError),
        }
    }
}

/// The bytes are no event of a status list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an event of a status list")]
pub struct ReadEventError;

/// Why a status list does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusRefused {
    /// ISS-22: the list ends before the index.
    #[error("the index lies beyond the status list")]
    Range,
    /// ISS-23: another credential has the entry.
    #[error("the entry belongs to another credential")]
    Occupied,
    /// ISS-24: no credential has the entry.
    #[error("no credential has the entry")]
    Unallocated,
    /// ISS-25: the list has no way to say so.
    #[error("the list cannot express this status")]
    Meaning,
    /// ISS-26: revocation is for good.
    #[error("the credential is revoked for good")]
    Revoked,
}

impl StatusRefused {
    /// The rule that was broken, as in `spec/checks/iss.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Range => "ISS-22",
            Self::Occupied => "ISS-23",
            Self::Unallocated => "ISS-24",
            Self::Meaning => "ISS-25",
            Self::Revoked => "ISS-26",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ListForm, StatusKind};
    use CredentialStatus::{Revoked, Suspended, Valid};
    use StatusCommand::{Allocate, Set};
    use proptest::prelude::*;

    fn book(kind: StatusKind) -> StatusBook {
        let series = ListSeries::new("https://a.example", ListForm::Bitstring, kind, 131_072).unwrap();
        StatusBook::new(series, 0).unwrap()
    }

    fn run(book: &mut StatusBook, command: StatusCommand) -> Result<(), StatusRefused> {
        for event in book.decide(command)? {
            let kept = StatusEvent::from_bytes(&event.to_bytes()).unwrap();
            book.apply(&kept).unwrap();
        }
        Ok(())
    }

    #[test]
    fn a_suspension_can_be_lifted_and_a_revocation_cannot() {
        let mut book = book(StatusKind::Suspendable);
        let set = |status| Set { index: 5, status };
        assert_eq!(run(&mut book, set(Revoked)), Err(StatusRefused::Unallocated));
        run(&mut book, Allocate { index: 5 }).unwrap();
        for status in [Suspended, Valid, Suspended, Revoked] {
            run(&mut book, set(status)).unwrap();
            assert_eq!(book.status(5), Some(status));
        }
        assert_eq!(book.decide(set(Revoked)), Ok(Vec::new()));
        for status in [Suspended, Valid] {
            assert_eq!(run(&mut book, set(status)), Err(StatusRefused::Revoked));
        }
        assert_eq!(book.status(5), Some(Revoked));
    }

    #[test]
    fn an_entry_is_given_once_and_only_within_the_list() {
        let mut book = book(StatusKind::Revocable);
        run(&mut book, Allocate { index: 131_071 }).unwrap();
        assert_eq!(run(&mut book, Allocate { index: 131_071 }), Err(StatusRefused::Occupied));
        assert_eq!(run(&mut book, Allocate { index: 131_072 }), Err(StatusRefused::Range));
        assert_eq!(run(&mut book, Set { index: u64::MAX, status: Revoked }), Err(StatusRefused::Range));
    }

    #[test]
    fn a_list_says_only_what_its_kind_knows() {
        let mut one_bit = book(StatusKind::Revocable);
        run(&mut one_bit, Allocate { index: 0 }).unwrap();
        assert_eq!(run(&mut one_bit, Set { index: 0, status: Suspended }), Err(StatusRefused::Meaning));
        let mut two_bits = book(StatusKind::Suspendable);
        run(&mut two_bits, Allocate { index: 0 }).unwrap();
        let reserved = Set { index: 0, status: CredentialStatus::Other(3) };
        assert_eq!(run(&mut two_bits, reserved), Err(StatusRefused::Meaning));
    }

    #[test]
    fn the_bitstrings_say_what_the_token_says() {
        let mut book = book(StatusKind::Suspendable);
        for (index, status) in [(1, Revoked), (2, Suspended), (3, Valid)] {
            run(&mut book, Allocate { index }).unwrap();
            run(&mut book, Set { index, status }).unwrap();
        }
        let bits = |purpose| {
            let list = book.bitstring(purpose).unwrap();
            [0, 1, 2, 3].map(|index| list.get(index).unwrap())
        };
        assert_eq!(bits(StatusPurpose::Revocation), [0, 1, 0, 0]);
        assert_eq!(bits(StatusPurpose::Suspension), [0, 0, 1, 0]);
        assert_eq!([0, 1, 2, 3].map(|index| book.values().get(index).unwrap()), [0, 1, 2, 0]);
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for bytes in [
            "",
            "{}",
            r#"{"allocated":-1}"#,
            r#"{"set":1}"#,
            r#"{"set":1,"to":256}"#,
            r#"{"allocated":1,"to":0}"#,
        ] {
            assert_eq!(StatusEvent::from_bytes(bytes.as_bytes()), Err(ReadEventError), "{bytes}");
        }
        let mut one_bit = book(StatusKind::Revocable);
        assert!(one_bit.apply(&StatusEvent::Set { index: 0, status: Suspended }).is_err());
        assert!(one_bit.apply(&StatusEvent::Allocated { index: 131_072 }).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_follows_a_revocation(commands in prop::collection::vec((0_u64..4, 0_u8..5), 0..60)) {
            let mut book = book(StatusKind::Suspendable);
            let mut revoked = [false; 4];
            for (index, what) in commands {
                let command = match what {
                    4 => Allocate { index },
                    value => Set { index, status: CredentialStatus::from_value(value) },
                };
                let _ = run(&mut book, command);
                let slot = usize::try_from(index).unwrap();
                revoked[slot] |= book.status(index) == Some(Revoked);
                prop_assert_eq!(revoked[slot], book.status(index) == Some(Revoked));
            }
        }
    }
}
