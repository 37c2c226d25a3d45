//! Where a credential's status stands, and what it can say.

use super::{StatusMessages, StatusSize};

/// Where a credential's status stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusEntry {
    /// An entry of a Token Status List.
    Token {
        /// The list (`uri`), equal to the `sub` of its token.
        list: String,
        /// Position in the list.
        index: u64,
    },
    /// An entry of a Bitstring Status List credential.
    Bitstring {
        /// The list (`statusListCredential`).
        list: String,
        /// Position in the list.
        index: u64,
        /// What a set bit means.
        purpose: StatusPurpose,
        /// What each value stands for; without them the entry has one bit, set or not.
        messages: Option<StatusMessages>,
    },
}

impl StatusEntry {
    /// The list it points into.
    pub fn list(&self) -> &str {
        match self {
            Self::Token { list, .. } | Self::Bitstring { list, .. } => list,
        }
    }

    /// Its position in the list.
    pub const fn index(&self) -> u64 {
        match self {
            Self::Token { index, .. } | Self::Bitstring { index, .. } => *index,
        }
    }

    /// The entry at another position of the same list, for the same purpose.
    #[must_use]
    pub fn at(&self, index: u64) -> Self {
        let mut other = self.clone();
        match &mut other {
            Self::Token { index: position, .. } | Self::Bitstring { index: position, .. } => {
                *position = index;
            }
        }
        other
    }
}

/// What a Bitstring Status List says about its credentials [BSL §2.1].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusPurpose {
    /// For good.
    Revocation,
    /// Until it is lifted.
    Suspension,
    /// A newer credential can be had.
    Refresh,
    /// See the list's messages.
    Message,
}

impl StatusPurpose {
    const ALL: [Self; 4] = [Self::Revocation, Self::Suspension, Self::Refresh, Self::Message];

    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
            Self::Refresh => "refresh",
            Self::Message => "message",
        }
    }

    /// The purpose that `name` names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }
}

/// What a status value means for a credential [Token Status List §7.1].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialStatus {
    /// 0x00
    Valid,
    /// 0x01: revoked, for good.
    Revoked,
    /// 0x02: suspended, until it is lifted.
    Suspended,
    /// 0x03 and 0x0C to 0x0F mean what the application says; all others are reserved. Neither is valid.
    Other(u8),
}

impl CredentialStatus {
    /// The meaning of a Token Status List value.
    pub const fn from_value(value: u8) -> Self {
        match value {
            0 => Self::Valid,
            1 => Self::Revoked,
            2 => Self::Suspended,
            other => Self::Other(other),
        }
    }

    /// The Token Status List value.
    pub const fn value(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Revoked => 1,
            Self::Suspended => 2,
            Self::Other(value) => value,
        }
    }

    /// Whether an application may give it a meaning [Token Status List §7.1]. Values reserved for later are neither
    /// written nor read as valid.
    pub const fn is_application_specific(self) -> bool {
        matches!(self.value(), 0x03 | 0x0C..=0x0F)
    }
}

/// Reads a `statusListIndex`: decimal ASCII digits without a leading zero, at most 2^64 - 1.
pub fn parse_index(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    if canonical { text.parse().ok() } else { None } // [STS-06]
}

impl StatusSize {
    /// Of the value that `entry` points at in a Bitstring Status List. A Token Status List says its own.
    pub fn of(entry: &StatusEntry) -> Self {
        match entry {
            StatusEntry::Bitstring { messages: Some(messages), .. } => messages.size(),
            StatusEntry::Bitstring { messages: None, .. } | StatusEntry::Token { .. } => Self::ONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// STA-03 of the catalogue of attacks.
    #[test]
    fn an_index_has_one_spelling() {
        assert_eq!(parse_index("0"), Some(0));
        assert_eq!(parse_index("94567"), Some(94_567));
        assert_eq!(parse_index("18446744073709551615"), Some(u64::MAX));
        for text in [
            "",
            "-1",
            "+1",
            "00",
            "007",
            " 7",
            "7 ",
            "1e3",
            "1.0",
            "0x10",
            "1_000",
            "\u{661}\u{662}",
            "\u{ff11}",
            "18446744073709551616",
            "340282366920938463463374607431768211455",
        ] {
            assert_eq!(parse_index(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_five_values_are_the_applications() {
        let theirs: Vec<u8> = (0..=u8::MAX)
            .filter(|value| CredentialStatus::from_value(*value).is_application_specific())
            .collect();
        assert_eq!(theirs, [3, 12, 13, 14, 15]);
    }

    #[test]
    fn another_position_keeps_list_purpose_and_messages() {
        let messages = StatusMessages::new(vec!["a".into(), "b".into(), "c".into(), "d".into()]).unwrap();
        let entry = |index| StatusEntry::Bitstring {
            list: "https://a.example".into(),
            index,
            purpose: StatusPurpose::Message,
            messages: Some(messages.clone()),
        };
        assert_eq!(entry(7).at(0), entry(0));
        assert_eq!(StatusSize::of(&entry(7)).bits(), 2);
        let token = StatusEntry::Token { list: "https://a.example".into(), index: 7 };
        assert_eq!((token.at(1).index(), StatusSize::of(&token)), (1, StatusSize::ONE));
    }
}
