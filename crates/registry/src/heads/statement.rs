//! The statement and its text.

use super::{HeadsKey, Newest};
use crate::accreditation::AccreditationId;
use sinpyo_core::{
    did::Did,
    encoding::{from_base64url, to_base64url},
    key::Signer,
    time::Timestamp,
};
use sinpyo_tlog::{
    merkle::{Hash, TreeHead},
    note::{Note, NoteError, Origin, SignNoteError},
};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// The first line. It holds blanks, which no log's name does: a statement is never a checkpoint.
const TITLE: &str = "did:tlog heads 1";

/// Most topics in one statement.
pub(crate) const MAX_TOPICS: usize = 256;

/// What a statement can be about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// The versions of a DID.
    Did(Did),
    /// An accreditation with the changes of its status.
    Accreditation(AccreditationId),
    /// The digests of a status list.
    StatusList {
        /// Whose list it is.
        by: Did,
        /// Where it is served.
        list: Box<str>,
    },
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Did(did) => write!(f, "did {did}"),
            Self::Accreditation(id) => write!(f, "accreditation {id}"),
            Self::StatusList { by, list } => write!(f, "status-list {by} {list}"),
        }
    }
}

/// A statement as it arrives: well-formed, its signature not checked. Printed and parsed as its signed note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHeads {
    heads: Heads,
    note: Note,
}

/// What is newest at a checkpoint, as the log's heads key states it. Made by [`SignedHeads::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heads {
    origin: Origin,
    head: TreeHead,
    at: Timestamp,
    newest: BTreeMap<Topic, Option<Newest>>,
}

impl Heads {
    /// The log.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The size and root for which the statement holds.
    pub const fn head(&self) -> TreeHead {
        self.head
    }

    /// When it was made, by the operator's clock.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The topics, each with its newest entry; `None` where the log has none.
    pub fn iter(&self) -> impl Iterator<Item = (&Topic, Option<&Newest>)> {
        self.newest.iter().map(|(topic, newest)| (topic, newest.as_ref()))
    }

    /// The newest entry about `topic`; `None` if the log has none.
    ///
    /// # Errors
    /// [`HeadsError::Silent`] if the statement does not speak of it.
    pub fn newest(&self, topic: &Topic) -> Result<Option<&Newest>, HeadsError> {
        self.newest.get(topic).map(Option::as_ref).ok_or(HeadsError::Silent)
    }

    fn text(&self) -> String {
        let Self { origin, head, at, newest } = self;
        let root = to_base64url(head.root.as_bytes());
        let topics = newest.iter().map(|(topic, newest)| match newest {
            Some(Newest { index, version }) => format!("{topic} {index} {version}\n"),
            None => format!("{topic} none\n"),
        });
        let first = format!("{TITLE}\n{origin}\n{}\n{root}\n{at}\n", head.size);
        [first].into_iter().chain(topics).collect::<Vec<_>>().concat()
    }

    /// Reads the text and nothing else than what [`Heads::text`] prints.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let title = lines.next()?;
        let origin = lines.next()?.parse().ok()?;
        let size = lines.next()?.parse().ok()?;
        let root = from_base64url(lines.next()?).ok()?;
        let head = TreeHead { size, root: Hash::try_from(root.as_slice()).ok()? };
        let at = lines.next()?.parse().ok()?;
        let newest = lines.take(MAX_TOPICS + 1).map(parse_line).collect::<Option<BTreeMap<_, _>>>()?;
        let heads = Self { origin, head, at, newest };
        let fine = title == TITLE && heads.newest.len() <= MAX_TOPICS && heads.text() == text;
        fine.then_some(heads)
    }
}

fn parse_line(line: &str) -> Option<(Topic, Option<Newest>)> {
    let mut words = line.split(' ');
    let topic = match words.next()? {
        "did" => Topic::Did(words.next()?.parse().ok()?),
        "accreditation" => Topic::Accreditation(words.next()?.parse().ok()?),
        "status-list" => Topic::StatusList { by: words.next()?.parse().ok()?, list: words.next()?.into() },
        _ => return None,
    };
    let newest = match (words.next()?, words.next()) {
        ("none", None) => None,
        (index, Some(version)) => Some(Newest { index: index.parse().ok()?, version: version.into() }),
        (_, None) => return None,
    };
    words.next().is_none().then_some((topic, newest))
}

impl SignedHeads {
    /// States with `key`, whose private half `signer` holds, that `newest` is all there is at `head`.
    ///
    /// # Errors
    /// The signer refused or holds another key, or there are too many topics.
    pub(crate) fn sign(
        (origin, head): (&Origin, TreeHead),
        newest: BTreeMap<Topic, Option<Newest>>,
        at: Timestamp,
        key: &HeadsKey,
        signer: &dyn Signer,
    ) -> Result<Self, SignHeadsError> {
        if newest.len() > MAX_TOPICS {
            return Err(SignHeadsError::TooMany);
        }
        let heads = Heads { origin: origin.clone(), head, at, newest };
        let text = heads.text();
        let signature = key.sign(&text, signer).map_err(SignHeadsError::Signature)?;
        let note = Note::new(&text, vec![signature]).map_err(SignHeadsError::Note)?;
        Ok(Self { heads, note })
    }

    /// What it claims to be about.
    pub fn claimed_topics(&self) -> impl Iterator<Item = &Topic> {
        self.heads.newest.keys()
    }

    /// The same with what it claims to be the newest.
    pub(crate) fn claimed(&self) -> impl Iterator<Item = (&Topic, Option<&Newest>)> {
        self.heads.iter()
    }

    /// Checks that the holder of `key` made this statement about its own log.
    ///
    /// # Errors
    /// The signature is missing or wrong, or it is about another log.
    pub fn verify(&self, key: &HeadsKey) -> Result<Heads, HeadsError> {
        let _signed = key.verify(&self.note).map_err(HeadsError::Note)?;
        if key.is_of(&self.heads.origin) { Ok(self.heads.clone()) } else { Err(HeadsError::Origin) }
    }
}

impl fmt::Display for SignedHeads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl FromStr for SignedHeads {
    type Err = HeadsError;

    fn from_str(text: &str) -> Result<Self, HeadsError> {
        let note: Note = text.parse().map_err(HeadsError::Note)?;
        let heads = Heads::parse(note.unverified_text()).ok_or(HeadsError::Text)?;
        Ok(Self { heads, note })
    }
}

/// Why a statement of what is newest says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeadsError {
    /// TLOG-36: not a signed note, or not by the log's heads key.
    #[error("the statement of heads is not signed by the log's heads key")]
    Note(#[source] NoteError),
    /// TLOG-36: not the lines of a statement.
    #[error("not a statement of heads")]
    Text,
    /// TLOG-36: about another log or another checkpoint than it came with.
    #[error("the statement of heads is about another log or checkpoint")]
    Origin,
    /// TLOG-36: it does not speak of what was asked.
    #[error("the statement of heads does not speak of this")]
    Silent,
    /// TLOG-36: there is none, or the log has no heads key.
    #[error("there is no statement of heads")]
    Absent,
}

impl HeadsError {
    /// The rule that was broken, as in `spec/checks/tlog.toml`.
    pub const fn code(&self) -> &'static str {
        "TLOG-36"
    }
}

/// Why no statement was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignHeadsError {
    /// More topics than one statement holds.
    #[error("too many topics for one statement of heads")]
    TooMany,
    /// The signer refused, or holds another key.
    #[error("the statement of heads was not signed")]
    Signature(#[source] SignNoteError),
    /// The statement is too long for a note.
    #[error("the statement of heads is too long")]
    Note(#[source] NoteError),
}
