//! What the host's office knows of an election beside its log: the draft, the invitations, the keys that are drawn.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::{CommitError, Key, OwnedChange, Space, State, Unavailable, Version, retrying};
use sinpyo_voting::form::{from_hex_array, to_hex};
use sinpyo_web::{lang::Lang, sealed::SealedRecords};

const SPACE: Space = Space::new("voting.election");

/// A text in Korean and English.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names {
    pub(crate) ko: String,
    pub(crate) en: String,
}

/// Longest text of a name, in bytes.
const MAX_NAME: usize = 300;

impl Names {
    /// What people read in a language; the Korean one if there is no other.
    pub(crate) fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.en.is_empty() => &self.en,
            _ => &self.ko,
        }
    }

    /// Whether both can stand in a manifest; the English one may be left out.
    pub(crate) fn is_readable(&self) -> bool {
        let fits = |text: &str| text.len() <= MAX_NAME && !text.contains(char::is_control);
        !self.ko.is_empty() && fits(&self.ko) && fits(&self.en)
    }
}

/// What is voted on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contest {
    pub(crate) title: Names,
    pub(crate) options: Vec<Names>,
    /// The names of districts that vote on it; none: all.
    pub(crate) districts: Vec<String>,
}

/// Who votes together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct District {
    pub(crate) name: Names,
    /// Voters by the legal roll.
    pub(crate) legal: u32,
}

/// How far voters are hidden, and who could cheat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Profile {
    /// Rings of the roll.
    Ring,
    /// Blind signatures of the registrar.
    Token,
}

/// Which of several ballots of one voter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Revote {
    First,
    Last,
}

/// An election before it is a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    pub(crate) title: Names,
    pub(crate) profile: Profile,
    pub(crate) revote: Revote,
    pub(crate) floor: u32,
    pub(crate) threshold: u32,
    pub(crate) opens: Option<i64>,
    pub(crate) closes: Option<i64>,
    pub(crate) contests: Vec<Contest>,
    pub(crate) districts: Vec<District>,
    /// Verifier keys of witnesses, one a line, and how many must cosign.
    pub(crate) witnesses: Vec<String>,
    pub(crate) quorum: u32,
    /// Whether ballots have to come with a token.
    pub(crate) admission: bool,
}

/// Somebody who was asked to be a trustee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invited {
    pub(crate) name: Names,
    /// The last part of the link, 128 bits.
    pub(crate) secret: String,
    /// The keys that came back: for signatures, and for shares.
    pub(crate) keys: Option<TrusteeKeys>,
}

/// The public keys of a trustee, in hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrusteeKeys {
    pub(crate) key: String,
    #[serde(rename = "box")]
    pub(crate) sealing: String,
}

/// The secret RSA keys of an election: PKCS#8, base64url. The whole record is sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RsaKeys {
    pub(crate) admission: Option<String>,
    /// One for each district in profile `token`: a token of one is none of another.
    pub(crate) token: Vec<String>,
}

impl std::fmt::Debug for RsaKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RsaKeys(..)")
    }
}

/// Which claims a voter has to show when registering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// The registered service code.
    pub(crate) service: String,
    /// The type of the credential, as `urn:sinpyo:credential:MembershipCredential`.
    pub(crate) credential: String,
    /// The claims, and the values that they must have; none: any.
    pub(crate) claims: Vec<(String, Option<Value>)>,
}

/// What the office knows of an election.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dossier {
    pub(crate) election: String,
    pub(crate) created: i64,
    /// The accounts that see it at the desk; none: all, as for those that a program began.
    #[serde(default)]
    pub(crate) owners: Vec<String>,
    pub(crate) draft: Draft,
    pub(crate) trustees: Vec<Invited>,
    pub(crate) rsa: RsaKeys,
    pub(crate) ask: Option<Ask>,
    /// Lines of the roll, those struck included.
    pub(crate) lines: u32,
    /// Whether the manifest is in the log: the draft is history then.
    pub(crate) settled: bool,
    /// The last audit that was run, as its report says.
    pub(crate) audit: Option<Value>,
}

impl Draft {
    /// A draft with the usual answers.
    pub(crate) fn new(title: Names) -> Self {
        Self {
            title,
            profile: Profile::Ring,
            revote: Revote::Last,
            floor: 50,
            threshold: 2,
            opens: None,
            closes: None,
            contests: Vec::new(),
            districts: Vec::new(),
            witnesses: Vec::new(),
            quorum: 0,
            admission: true,
        }
    }

    /// The index of the district that a cell or a field names.
    pub(crate) fn district(&self, name: &str) -> Option<usize> {
        let is = |at: usize, district: &District| {
            name == district.name.ko || name == district.name.en || name == district_id(at)
        };
        self.districts.iter().enumerate().position(|(at, district)| is(at, district))
    }
}

/// The id in the manifest of the district at this index.
pub(crate) fn district_id(index: usize) -> String {
    format!("d{}", index + 1)
}

/// A dossier as it was read.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) version: Version,
    pub(crate) dossier: Dossier,
}

/// Where dossiers are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cabinet<'a> {
    pub(crate) state: &'a dyn State,
    pub(crate) vault: &'a SealedRecords,
    pub(crate) now: Timestamp,
}

impl Cabinet<'_> {
    /// The dossier of `election`.
    pub(crate) fn find(&self, election: &ElectionId) -> Result<Option<Found>, Unavailable> {
        let Some(opened) = self.vault.read(self.state, &key(election), self.now)? else { return Ok(None) };
        let dossier = serde_json::from_value(Value::Object(opened.members)).map_err(|_| Unavailable)?;
        Ok(Some(Found { version: opened.version, dossier }))
    }

    /// All of them, at most a thousand.
    pub(crate) fn all(&self) -> Result<Vec<Dossier>, Unavailable> {
        let records = self.state.page(SPACE, None, 1000, self.now)?;
        let read = |(key, record): (Key, sinpyo_state::Record)| {
            let members = self.vault.open(&key, &record.data)?;
            serde_json::from_value(Value::Object(members)).map_err(|_| Unavailable)
        };
        records.into_iter().map(read).collect()
    }

    /// The change that keeps `dossier`, where `version` stands or nothing does.
    pub(crate) fn keep(
        &self,
        dossier: &Dossier,
        version: Option<Version>,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, Unavailable> {
        let election = dossier.id().ok_or(Unavailable)?;
        let members = serde_json::to_value(dossier).map_err(|_| Unavailable)?;
        self.vault.put(&key(&election), version, &members, entropy) // [VTS-02]
    }

    /// Changes the dossier of `election` by `edit`, together with the changes that it returns. None if there is none.
    pub(crate) fn change<E: From<Unavailable>>(
        &self,
        election: &ElectionId,
        entropy: &mut dyn Entropy,
        mut edit: impl FnMut(&mut Dossier, &mut dyn Entropy) -> Result<Vec<OwnedChange>, E>,
    ) -> Result<Option<Dossier>, E> {
        retrying(|| {
            let Some(Found { version, mut dossier }) = self.find(election)? else { return Ok(Ok(None)) };
            let mut changes = edit(&mut dossier, entropy)?;
            changes.push(self.keep(&dossier, Some(version), entropy)?);
            let done: Result<(), CommitError> = self.state.commit_owned(&changes);
            Ok(done.map(|()| Some(dossier)))
        })
    }
}

impl Dossier {
    pub(crate) fn new(election: &ElectionId, title: Names, now: Timestamp) -> Self {
        Self {
            election: to_hex(&election.0),
            created: now.unix(),
            owners: Vec::new(),
            draft: Draft::new(title),
            trustees: Vec::new(),
            rsa: RsaKeys::default(),
            ask: None,
            lines: 0,
            settled: false,
            audit: None,
        }
    }

    /// Whether the account of this name sees it at the desk. [VTS-56]
    pub(crate) fn is_of(&self, account: &str) -> bool {
        self.owners.is_empty() || self.owners.iter().any(|owner| owner == account)
    }

    /// Its election.
    pub(crate) fn id(&self) -> Option<ElectionId> {
        from_hex_array(&self.election).map(ElectionId)
    }
}

fn key(election: &ElectionId) -> Key {
    Key::named(SPACE, &to_hex(&election.0))
}
