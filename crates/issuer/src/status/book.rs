//! The current content of one status list.

use super::{Allocated, ListForm, ListSeries};
use serde_json::{Value, json};
use sinpyo_core::{
    json,
    status::{BitOrder, CredentialStatus, StatusList, StatusListError, StatusPurpose},
};
use std::num::NonZeroU8;

/// What one list of a [`ListSeries`] says, rebuilt from its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusBook {
    series: ListSeries,
    number: u32,
    /// One bit per entry: whether a credential has it.
    allocated: StatusList,
    /// Token Status List values, of one bit or, where entries can be suspended, two.
    values: StatusList,
    /// Which message each credential has; none if the series has no messages.
    messages: Option<StatusList>,
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
    /// Change the message about the entry's credential.
    Tell {
        /// Position in the list.
        index: u64,
        /// Which of the series' messages.
        message: u8,
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
    /// The list tells something else about the entry's credential.
    Told {
        /// Position in the list.
        index: u64,
        /// Which of the series' messages.
        message: u8,
    },
}

impl StatusBook {
    /// List `number` of `series`, before any event.
    ///
    /// # Errors
    /// The list would exceed 16 MiB.
    pub fn new(series: ListSeries, number: u32) -> Result<Self, StatusListError> {
        let list = |bits, order| StatusList::new(bits, order, series.entries());
        let (allocated, values) =
            (list(1, BitOrder::LeastFirst)?, list(series.bits(), BitOrder::LeastFirst)?);
        let messages = series.messages().map(|messages| list(messages.size().bits(), BitOrder::MostFirst));
        let messages = messages.transpose()?;
        Ok(Self { series, number, allocated, values, messages })
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

    /// The message about the credential at `index`; none if no credential has the entry or there are no messages.
    pub fn message(&self, index: u64) -> Option<u8> {
        match self.allocated.get(index) {
            Ok(1) => self.messages.as_ref()?.get(index).ok(),
            _ => None,
        }
    }

    /// What follows from `command`; nothing if the list says so already.
    ///
    /// # Errors
    /// The rule against it.
    pub fn decide(&self, command: StatusCommand) -> Result<Vec<StatusEvent>, StatusRefused> {
        let (StatusCommand::Allocate { index }
        | StatusCommand::Set { index, .. }
        | StatusCommand::Tell { index, .. }) = command;
        if index >= self.series.entries() {
            return Err(StatusRefused::Range); // [ISS-22]
        }
        match (command, self.status(index)) {
            (StatusCommand::Allocate { .. }, None) => Ok(vec![StatusEvent::Allocated { index }]),
            (StatusCommand::Allocate { .. }, Some(_)) => Err(StatusRefused::Occupied), // [ISS-23]
            (StatusCommand::Set { .. } | StatusCommand::Tell { .. }, None) => {
                Err(StatusRefused::Unallocated) // [ISS-24]
            }
            (StatusCommand::Set { status, .. }, Some(current)) => self.change(index, current, status),
            (StatusCommand::Tell { message, .. }, Some(_)) => self.tell(index, message),
        }
    }

    fn tell(&self, index: u64, message: u8) -> Result<Vec<StatusEvent>, StatusRefused> {
        let known = self.series.messages().is_some_and(|messages| messages.message(message).is_some());
        match self.message(index) {
            Some(current) if known && current == message => Ok(Vec::new()),
            Some(_) if known => Ok(vec![StatusEvent::Told { index, message }]),
            _ => Err(StatusRefused::Meaning), // [ISS-25]
        }
    }

    /// Whether the list has a word for `status`.
    fn expresses(&self, status: CredentialStatus) -> bool {
        use CredentialStatus::{Other, Revoked, Suspended, Valid};
        match status {
            Valid | Revoked => true,
            Suspended => self.series.suspends(),
            // An application's values have no form in a Bitstring Status List.
            Other(value) => {
                self.series.form() == ListForm::Token
                    && status.is_application_specific()
                    && u32::from(value) < 1 << self.series.bits()
            }
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
            _ if !self.expresses(wanted) => Err(StatusRefused::Meaning), // [ISS-25]
            _ if current == wanted => Ok(Vec::new()),
            (Revoked, Valid | Suspended | Other(_)) => Err(StatusRefused::Revoked), // [ISS-26]
            (Valid | Suspended | Other(_), _) | (Revoked, Revoked) => {
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
            StatusEvent::Told { index, message } => {
                self.messages.as_mut().ok_or(StatusListError::Value)?.set(index, message)
            }
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

    /// The list as a Bitstring Status List credential for `purpose` holds it. Nothing is set for a purpose that the
    /// series does not have.
    ///
    /// # Errors
    /// The list would exceed 16 MiB.
    pub fn bitstring(&self, purpose: StatusPurpose) -> Result<StatusList, StatusListError> {
        const REVOKED: NonZeroU8 = NonZeroU8::MIN;
        const SUSPENDED: NonZeroU8 = REVOKED.saturating_add(1);
        match (purpose, &self.messages) {
            (StatusPurpose::Revocation, _) => self.values.bitstring_of(REVOKED),
            (StatusPurpose::Suspension, _) if self.series.suspends() => self.values.bitstring_of(SUSPENDED),
            (StatusPurpose::Message, Some(messages)) => Ok(messages.clone()),
            _ => StatusList::new(1, BitOrder::MostFirst, self.series.entries()),
        }
    }
}

impl StatusEvent {
    /// The event as the store keeps it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let event = match self {
            Self::Allocated { index } => json!({"allocated": index}),
            Self::Set { index, status } => json!({"set": index, "to": status.value()}),
            Self::Told { index, message } => json!({"told": index, "to": message}),
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
        let to = number("to").map(u8::try_from).transpose().map_err(|_| ReadEventError)?;
        match (number("allocated"), number("set"), number("told"), to, event.len()) {
            (Some(index), None, None, None, 1) => Ok(Self::Allocated { index }),
            (None, Some(index), None, Some(value), 2) => {
                Ok(Self::Set { index, status: CredentialStatus::from_value(value) })
            }
            (None, None, Some(index), Some(message), 2) => Ok(Self::Told { index, message }),
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
    use sinpyo_core::status::StatusMessages;

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

    /// Regression 17.
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
    fn an_application_has_its_own_values_where_they_fit() {
        let series = |kind| ListSeries::new("https://a.example", ListForm::Token, kind, 100_000).unwrap();
        let mut wide = StatusBook::new(series(StatusKind::Suspendable).with_bits(4).unwrap(), 0).unwrap();
        run(&mut wide, Allocate { index: 0 }).unwrap();
        for value in [3, 12, 13, 14, 15] {
            let status = CredentialStatus::Other(value);
            run(&mut wide, Set { index: 0, status }).unwrap();
            assert_eq!((wide.status(0), wide.values().get(0)), (Some(status), Ok(value)));
        }
        for reserved in [4, 11, 16, 255] {
            let status = CredentialStatus::Other(reserved);
            assert_eq!(run(&mut wide, Set { index: 0, status }), Err(StatusRefused::Meaning), "{reserved}");
        }
        run(&mut wide, Set { index: 0, status: Revoked }).unwrap();
        let after = run(&mut wide, Set { index: 0, status: CredentialStatus::Other(3) });
        assert_eq!(after, Err(StatusRefused::Revoked));
        let mut narrow = StatusBook::new(series(StatusKind::Suspendable), 0).unwrap();
        run(&mut narrow, Allocate { index: 0 }).unwrap();
        run(&mut narrow, Set { index: 0, status: CredentialStatus::Other(3) }).unwrap();
        let too_wide = run(&mut narrow, Set { index: 0, status: CredentialStatus::Other(12) });
        assert_eq!(too_wide, Err(StatusRefused::Meaning));
    }

    #[test]
    fn a_message_changes_and_touches_no_status() {
        let texts = ["none", "delayed", "returned", "undefined"].map(str::to_owned).to_vec();
        let series = book(StatusKind::Revocable).series.with_messages(StatusMessages::new(texts).unwrap());
        let mut telling = StatusBook::new(series.unwrap(), 0).unwrap();
        let tell = |message| StatusCommand::Tell { index: 9, message };
        assert_eq!(run(&mut telling, tell(1)), Err(StatusRefused::Unallocated));
        run(&mut telling, Allocate { index: 9 }).unwrap();
        for message in [2, 1, 3, 0, 2] {
            run(&mut telling, tell(message)).unwrap();
            assert_eq!((telling.message(9), telling.status(9)), (Some(message), Some(Valid)));
        }
        assert_eq!(telling.decide(tell(2)), Ok(Vec::new()));
        assert_eq!(run(&mut telling, tell(4)), Err(StatusRefused::Meaning));
        run(&mut telling, Set { index: 9, status: Revoked }).unwrap();
        let list = telling.bitstring(StatusPurpose::Message).unwrap();
        assert_eq!([8, 9, 10].map(|index| list.get(index).unwrap()), [0, 2, 0]);
        assert_eq!(telling.bitstring(StatusPurpose::Revocation).unwrap().get(9), Ok(1));
        let mut silent = book(StatusKind::Revocable);
        run(&mut silent, Allocate { index: 9 }).unwrap();
        assert_eq!(run(&mut silent, tell(0)), Err(StatusRefused::Meaning));
        assert!(silent.apply(&StatusEvent::Told { index: 9, message: 1 }).is_err());
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for bytes in [
            "",
            "{}",
            r#"{"allocated":-1}"#,
            r#"{"set":1}"#,
            r#"{"set":1,"to":256}"#,
            r#"{"told":1}"#,
            r#"{"told":1,"set":1,"to":1}"#,
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
