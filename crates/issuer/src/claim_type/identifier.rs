//! Numbers and names that registers give to organisations, things and keys.

use super::{ClaimError, text};
use sinpyo_core::{
    credential::CredentialType,
    did::Did,
    encoding::{Multikey, from_base64url},
};
use sinpyo_crypto::VerifyingKey;

/// Which register's identifier a text has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// `id`: up to 100 characters without white space.
    Any,
    /// `org-id`: the DID of an organisation.
    Organisation,
    /// `did(pairwise)`: a DID.
    Did,
    /// `did-key`: a did:key that holds a sound public key.
    DidKey,
    /// `opaque`, `opaque(pairwise)`, `opaque(scoped)`: up to 128 characters of base64url.
    Opaque,
    /// `type`: a credential type.
    CredentialType,
    /// `brn`: business registration number (사업자등록번호), written `000-00-00000`.
    Business,
    /// `crn`: corporate registration number (법인등록번호), written `000000-0000000`.
    Corporation,
    /// `cattle-id`: traceability number of an animal, 12 digits.
    Cattle,
    /// `lot-no`: `L` and 14 digits, or a traceability number.
    Lot,
    /// `pnu`: parcel number, 19 digits.
    Parcel,
    /// `pccc`: personal customs clearance code, `P` and 12 digits.
    CustomsCode,
    /// `vin`: vehicle identification number, 17 letters and digits without I, O and Q [ISO 3779].
    Vehicle,
    /// `iso6346`: container number with its check digit [ISO 6346].
    Container,
    /// `isrc or uci`: recording or content code, up to 64 of `A`–`Z`, `0`–`9`, `-`, `.` and `:`.
    Work,
    /// `sha256`: 64 lower-case hexadecimal digits.
    Sha256,
    /// `point`: a group element, 32 bytes of base64url.
    Point,
    /// `proof`: a signature, up to 6,000 bytes of base64url.
    Signature,
}

impl Identifier {
    const WORDS: [(&str, Self); 20] = [
        ("id", Self::Any),
        ("org-id", Self::Organisation),
        ("did(pairwise)", Self::Did),
        ("did-key", Self::DidKey),
        ("opaque", Self::Opaque),
        ("opaque(pairwise)", Self::Opaque),
        ("opaque(scoped)", Self::Opaque),
        ("type", Self::CredentialType),
        ("brn", Self::Business),
        ("crn", Self::Corporation),
        ("cattle-id", Self::Cattle),
        ("lot-no", Self::Lot),
        ("pnu", Self::Parcel),
        ("pccc", Self::CustomsCode),
        ("vin", Self::Vehicle),
        ("iso6346", Self::Container),
        ("isrc or uci", Self::Work),
        ("sha256", Self::Sha256),
        ("point", Self::Point),
        ("proof", Self::Signature),
    ];

    /// The kind that `word` names in a profile.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
    }

    /// `value` as it is signed.
    pub(super) fn check(self, value: &str) -> Result<String, ClaimError> {
        let accepted = match self {
            Self::Any => return any(value),
            Self::Opaque => return opaque(value),
            Self::Business => return business(value).ok_or(ClaimError::Form),
            Self::Corporation => return corporation(value).ok_or(ClaimError::Form),
            Self::Organisation | Self::Did => value.parse::<Did>().is_ok(),
            Self::DidKey => is_did_key(value),
            Self::CredentialType => value.parse::<CredentialType>().is_ok() && text::checked(value).is_ok(),
            Self::Cattle => is_digits(value, 12),
            Self::Lot => {
                is_digits(value, 12) || value.strip_prefix('L').is_some_and(|rest| is_digits(rest, 14))
            }
            Self::Parcel => is_digits(value, 19),
            Self::CustomsCode => value.strip_prefix('P').is_some_and(|rest| is_digits(rest, 12)),
            Self::Vehicle => value.len() == 17 && value.bytes().all(is_vehicle_character),
            Self::Container => is_container(value),
            Self::Work => (1..=64).contains(&value.len()) && value.bytes().all(is_work_character),
            Self::Sha256 => {
                value.len() == 64 && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            }
            Self::Point => from_base64url(value).is_ok_and(|bytes| bytes.len() == 32),
            Self::Signature => {
                value.len() <= 8000 && from_base64url(value).is_ok_and(|bytes| !bytes.is_empty())
            }
        };
        if accepted { Ok(value.to_owned()) } else { Err(ClaimError::Form) }
    }
}

fn any(value: &str) -> Result<String, ClaimError> {
    let value = text::of_length(value, 1, 100)?;
    if value.contains(char::is_whitespace) { Err(ClaimError::Form) } else { Ok(value) }
}

fn opaque(value: &str) -> Result<String, ClaimError> {
    let value = text::of_length(value, 1, 128)?;
    let fine = value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if fine { Ok(value) } else { Err(ClaimError::Form) }
}

fn is_did_key(value: &str) -> bool {
    let Some(key) = value.parse::<Did>().ok().filter(|did| did.method() == "key") else { return false };
    Multikey::parse(key.method_specific_id()).is_ok_and(|key| VerifyingKey::from_multikey(&key).is_ok())
}

fn is_digits(value: &str, count: usize) -> bool {
    value.len() == count && value.bytes().all(|b| b.is_ascii_digit())
}

const fn is_vehicle_character(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z') && !matches!(byte, b'I' | b'O' | b'Q')
}

const fn is_work_character(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'-' | b'.' | b':')
}

/// The digits of `value`, which may be grouped by hyphens; `None` for another count or other characters.
fn digits<const N: usize>(value: &str) -> Option<[u32; N]> {
    let digits: Option<Vec<u32>> = value.chars().filter(|c| *c != '-').map(|c| c.to_digit(10)).collect();
    digits?.try_into().ok()
}

/// The digits with a hyphen before each of these positions.
fn grouped(digits: &[u32], hyphens: &[usize]) -> String {
    let mut text = String::new();
    for (position, digit) in digits.iter().enumerate() {
        if hyphens.contains(&position) {
            text.push('-');
        }
        text.extend(char::from_digit(*digit, 10));
    }
    text
}

/// Weights 1 3 7 1 3 7 1 3 5; the carry of the last product counts too.
fn business(value: &str) -> Option<String> {
    let all = digits::<10>(value)?;
    let [head @ .., check] = all;
    let [.., last] = head;
    let sum: u32 = head.iter().zip([1, 3, 7, 1, 3, 7, 1, 3, 5]).map(|(digit, weight)| digit * weight).sum();
    let fits = (10 - (sum + last * 5 / 10) % 10) % 10 == check;
    fits.then(|| grouped(&all, &[3, 5]))
}

/// Weights 1 and 2 in turn, modulo 10. These numbers have the shape of resident registration numbers; they are told
/// apart by the profile that asks for one, and are public.
fn corporation(value: &str) -> Option<String> {
    let all = digits::<13>(value)?;
    let [head @ .., check] = all;
    let sum: u32 = head.iter().zip([1, 2].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    let fits = (10 - sum % 10) % 10 == check;
    fits.then(|| grouped(&all, &[6]))
}

/// Owner (three letters), category (U, J or Z), six digits and a check digit: values times powers of two, modulo 11
/// and then 10 [ISO 6346 Annex A].
fn is_container(value: &str) -> bool {
    let Some((serial, check)) = value.split_at_checked(10) else { return false };
    let (owner, number) = serial.split_at_checked(4).unwrap_or_default();
    let well_formed = owner.bytes().all(|b| b.is_ascii_uppercase())
        && owner.ends_with(['U', 'J', 'Z'])
        && is_digits(number, 6)
        && is_digits(check, 1);
    let sum: u32 = serial.chars().zip(0_u32..).map(|(c, place)| container_value(c) << place).sum();
    well_formed && check.parse() == Ok(sum % 11 % 10)
}

/// Digits count as themselves; letters from 10 upwards, the multiples of 11 left out.
fn container_value(c: char) -> u32 {
    let value = c.to_digit(36).unwrap_or_default();
    if value < 10 { value } else { value + (value - 1) / 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Identifier, accepted: &[&str], refused: &[&str]) {
        for value in accepted {
            assert!(kind.check(value).is_ok(), "{kind:?} {value}");
        }
        for value in refused {
            assert!(kind.check(value).is_err(), "{kind:?} {value}");
        }
    }

    #[test]
    fn check_digits_are_checked() {
        // The published vectors that the synthetic-data rules were tested with.
        check(
            Identifier::Business,
            &["123-45-67891", "1234567891", "000-82-00011"],
            &["123-45-67890", "12345"],
        );
        assert_eq!(Identifier::Business.check("1234567891").unwrap(), "123-45-67891");
        check(Identifier::Corporation, &["110111-0062432", "000021-0000014"], &["110111-0062431", "a"]);
        check(
            Identifier::Container,
            &["CSQU3054383", "ZZZU0000010"],
            &["CSQU3054384", "csqu3054383", "김", ""],
        );
    }

    #[test]
    fn shapes_are_checked() {
        check(Identifier::Organisation, &["did:web:example.com"], &["org-1", "did:web:a#k", ""]);
        check(Identifier::Vehicle, &["1M8GDM9AXKP042788"], &["1M8GDM9AXKP04278", "1M8GDM9AXKPO42788"]);
        check(Identifier::Cattle, &["002999000017"], &["00299900001", "00299900001a"]);
        check(Identifier::Lot, &["L02607040001001", "002999000017"], &["L0260704000100", "X02607040001001"]);
        check(Identifier::Parcel, &["9911010100100120003"], &["991101010010012000"]);
        check(Identifier::CustomsCode, &["P000000000018"], &["000000000018", "p000000000018"]);
        check(Identifier::Work, &["KRZZZ2600001"], &["", "krzzz2600001"]);
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        check(Identifier::Sha256, &[hash], &[&hash.to_uppercase(), "ba78"]);
        check(Identifier::Opaque, &["Zx_-09"], &["", "a b", "한", "000000-0000000"]);
        check(Identifier::Any, &["제2026-1호"], &["", "a b", &"a".repeat(101), "000000-0000000"]);
        let key = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
        check(Identifier::DidKey, &[key], &["did:key:z6Mk", "did:web:example.com"]);
        check(Identifier::Point, &[&"A".repeat(43)], &[&"A".repeat(42), "=="]);
        check(Identifier::Signature, &["AAAA"], &["", "A", "+/"]);
        check(Identifier::CredentialType, &["urn:sinpyo:credential:X"], &["", "a b"]);
    }
}
