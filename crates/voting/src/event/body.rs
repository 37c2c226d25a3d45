//! What events say, by type.

mod board;
mod ceremony;
mod roll;
mod tally;

pub use board::{Closing, Rejected, RejectedBallot, Spoiled, Withdrawal};
pub use ceremony::{Answer, Commit, Complaint, Done, Reveal, SealedShare};
pub use roll::{FrozenDistrict, RegisteredToken, Registration, RingsMade, Strike};
pub use tally::{Cell, ResultContest, ResultGroup, TallyResult, TallyShare, Withheld};

use super::{EventError, Role};
use crate::{
    form::{FormError, Members, to_hex},
    phase::Step,
};
use serde_json::{Map, Value, json};
use sinpyo_core::time::Timestamp;

/// The types of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Calls the election.
    Manifest,
    /// A trustee fixes its polynomials and its beacon value.
    CeremonyCommit,
    /// A trustee shows the commitments to its polynomials.
    CeremonyReveal,
    /// A trustee deals to another.
    CeremonyShares,
    /// A trustee complains against a dealer.
    CeremonyComplaint,
    /// A dealer answers a complaint.
    CeremonyAnswer,
    /// The host goes on without those who do not answer.
    CeremonyNext,
    /// The keys are made.
    CeremonyDone,
    /// A line of the roll gets its commitment.
    Register,
    /// A line of the roll is taken out.
    Strike,
    /// The roll is fixed.
    Freeze,
    /// A trustee shows its beacon value.
    Beacon,
    /// The rings are made.
    Rings,
    /// Ballots are taken.
    Open,
    /// An option withdraws.
    Withdraw,
    /// A ballot that was checked instead of cast.
    Spoiled,
    /// A ballot that was refused.
    Rejected,
    /// No more ballots are taken.
    Close,
    /// A trustee's part of the opening of one group's sums.
    TallyShare,
    /// What was counted.
    Result,
    /// Until when the record is kept.
    Archive,
}

impl Kind {
    const ALL: [Self; 21] = [
        Self::Manifest,
        Self::CeremonyCommit,
        Self::CeremonyReveal,
        Self::CeremonyShares,
        Self::CeremonyComplaint,
        Self::CeremonyAnswer,
        Self::CeremonyNext,
        Self::CeremonyDone,
        Self::Register,
        Self::Strike,
        Self::Freeze,
        Self::Beacon,
        Self::Rings,
        Self::Open,
        Self::Withdraw,
        Self::Spoiled,
        Self::Rejected,
        Self::Close,
        Self::TallyShare,
        Self::Result,
        Self::Archive,
    ];

    /// The specification's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::CeremonyCommit => "ceremony-commit",
            Self::CeremonyReveal => "ceremony-reveal",
            Self::CeremonyShares => "ceremony-shares",
            Self::CeremonyComplaint => "ceremony-complaint",
            Self::CeremonyAnswer => "ceremony-answer",
            Self::CeremonyNext => "ceremony-next",
            Self::CeremonyDone => "ceremony-done",
            Self::Register => "register",
            Self::Strike => "strike",
            Self::Freeze => "freeze",
            Self::Beacon => "beacon",
            Self::Rings => "rings",
            Self::Open => "open",
            Self::Withdraw => "withdraw",
            Self::Spoiled => "spoiled",
            Self::Rejected => "rejected",
            Self::Close => "close",
            Self::TallyShare => "tally-share",
            Self::Result => "result",
            Self::Archive => "archive",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether `role` is the one that sends this type.
    pub const fn is_sent_by(self, role: Role) -> bool {
        match self {
            Self::Manifest
            | Self::CeremonyNext
            | Self::CeremonyDone
            | Self::Open
            | Self::Withdraw
            | Self::Result
            | Self::Archive => matches!(role, Role::Host),
            Self::CeremonyCommit
            | Self::CeremonyReveal
            | Self::CeremonyShares
            | Self::CeremonyComplaint
            | Self::CeremonyAnswer
            | Self::Beacon
            | Self::TallyShare => matches!(role, Role::Trustee(_)),
            Self::Register | Self::Strike | Self::Freeze | Self::Rings => matches!(role, Role::Registrar),
            Self::Spoiled | Self::Rejected | Self::Close => matches!(role, Role::Board),
        }
    }
}

/// What an event says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// The manifest as JSON: [`crate::manifest::Manifest::parse`] reads it.
    Manifest(Map<String, Value>),
    /// `ceremony-commit`.
    CeremonyCommit(Commit),
    /// `ceremony-reveal`.
    CeremonyReveal(Reveal),
    /// `ceremony-shares`: those of one receiver.
    CeremonyShares(SealedShare),
    /// `ceremony-complaint`.
    CeremonyComplaint(Complaint),
    /// `ceremony-answer`.
    CeremonyAnswer(Answer),
    /// `ceremony-next`: the step to go on to.
    CeremonyNext(Step),
    /// `ceremony-done`.
    CeremonyDone(Done),
    /// `register` in profile `ring`.
    Register(Registration),
    /// `register` in profile `token`.
    RegisterToken(RegisteredToken),
    /// `strike`.
    Strike(Strike),
    /// `freeze`.
    Freeze(Vec<FrozenDistrict>),
    /// `beacon`: the value.
    Beacon([u8; 32]),
    /// `rings`.
    Rings(RingsMade),
    /// `open`: the context.
    Open([u8; 64]),
    /// `withdraw`.
    Withdraw(Withdrawal),
    /// `spoiled`.
    Spoiled(Spoiled),
    /// `rejected`.
    Rejected(Rejected),
    /// `close`.
    Close(Closing),
    /// `tally-share`.
    TallyShare(TallyShare),
    /// `result`.
    Result(TallyResult),
    /// `archive`: until when.
    Archive(Timestamp),
}

impl Body {
    /// The type of the event that says this.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Manifest(_) => Kind::Manifest,
            Self::CeremonyCommit(_) => Kind::CeremonyCommit,
            Self::CeremonyReveal(_) => Kind::CeremonyReveal,
            Self::CeremonyShares(_) => Kind::CeremonyShares,
            Self::CeremonyComplaint(_) => Kind::CeremonyComplaint,
            Self::CeremonyAnswer(_) => Kind::CeremonyAnswer,
            Self::CeremonyNext(_) => Kind::CeremonyNext,
            Self::CeremonyDone(_) => Kind::CeremonyDone,
            Self::Register(_) | Self::RegisterToken(_) => Kind::Register,
            Self::Strike(_) => Kind::Strike,
            Self::Freeze(_) => Kind::Freeze,
            Self::Beacon(_) => Kind::Beacon,
            Self::Rings(_) => Kind::Rings,
            Self::Open(_) => Kind::Open,
            Self::Withdraw(_) => Kind::Withdraw,
            Self::Spoiled(_) => Kind::Spoiled,
            Self::Rejected(_) => Kind::Rejected,
            Self::Close(_) => Kind::Close,
            Self::TallyShare(_) => Kind::TallyShare,
            Self::Result(_) => Kind::Result,
            Self::Archive(_) => Kind::Archive,
        }
    }

    /// Reads a body of `kind`.
    pub(super) fn read(kind: Kind, body: &Map<String, Value>) -> Result<Self, EventError> {
        Self::read_form(kind, body).map_err(EventError::Form) // [VOT-42]
    }

    /// Reads a body by the name of its type.
    pub(crate) fn read_named(name: &str, body: &Map<String, Value>) -> Result<Self, EventError> {
        Self::read(Kind::from_name(name).ok_or(EventError::Type)?, body)
    }

    fn read_form(kind: Kind, body: &Map<String, Value>) -> Result<Self, FormError> {
        let members = Members(body);
        Ok(match kind {
            Kind::Manifest => Self::Manifest(body.clone()),
            Kind::CeremonyCommit => Self::CeremonyCommit(Commit::read(members)?),
            Kind::CeremonyReveal => Self::CeremonyReveal(Reveal::read(members)?),
            Kind::CeremonyShares => Self::CeremonyShares(SealedShare::read(members)?),
            Kind::CeremonyComplaint => Self::CeremonyComplaint(Complaint::read(members)?),
            Kind::CeremonyAnswer => Self::CeremonyAnswer(Answer::read(members)?),
            Kind::CeremonyNext => {
                let name = members.exactly(&["phase"])?.text("phase")?;
                let step = Step::from_name(name).filter(|step| *step != Step::Commit);
                Self::CeremonyNext(step.ok_or(FormError::Member("phase"))?)
            }
            Kind::CeremonyDone => Self::CeremonyDone(Done::read(members)?),
            Kind::Register if members.has("blinded") => Self::RegisterToken(RegisteredToken::read(members)?),
            Kind::Register => Self::Register(Registration::read(members)?),
            Kind::Strike => Self::Strike(Strike::read(members)?),
            Kind::Freeze => {
                Self::Freeze(members.exactly(&["districts"])?.each("districts", FrozenDistrict::read)?)
            }
            Kind::Beacon => Self::Beacon(members.exactly(&["value"])?.hex("value")?),
            Kind::Rings => Self::Rings(RingsMade::read(members)?),
            Kind::Open => Self::Open(members.exactly(&["context"])?.hex("context")?),
            Kind::Withdraw => Self::Withdraw(Withdrawal::read(members)?),
            Kind::Spoiled => Self::Spoiled(Spoiled::read(members)?),
            Kind::Rejected => Self::Rejected(Rejected::read(members)?),
            Kind::Close => Self::Close(Closing::read(members)?),
            Kind::TallyShare => Self::TallyShare(TallyShare::read(members)?),
            Kind::Result => Self::Result(TallyResult::read(members)?),
            Kind::Archive => Self::Archive(members.exactly(&["until"])?.time("until")?),
        })
    }

    /// The body as JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Manifest(body) => Value::Object(body.clone()),
            Self::CeremonyCommit(body) => body.to_json(),
            Self::CeremonyReveal(body) => body.to_json(),
            Self::CeremonyShares(body) => body.to_json(),
            Self::CeremonyComplaint(body) => json!({"against": body.against}),
            Self::CeremonyAnswer(body) => body.to_json(),
            Self::CeremonyNext(step) => json!({"phase": step.as_str()}),
            Self::CeremonyDone(body) => body.to_json(),
            Self::Register(body) => body.to_json(),
            Self::RegisterToken(body) => body.to_json(),
            Self::Strike(body) => body.to_json(),
            Self::Freeze(districts) => {
                json!({"districts": districts.iter().map(FrozenDistrict::to_json).collect::<Vec<_>>()})
            }
            Self::Beacon(value) => json!({"value": to_hex(value)}),
            Self::Rings(body) => body.to_json(),
            Self::Open(context) => json!({"context": to_hex(context)}),
            Self::Withdraw(body) => body.to_json(),
            Self::Spoiled(body) => body.to_json(),
            Self::Rejected(body) => body.to_json(),
            Self::Close(body) => json!({"ballots": body.ballots, "size": body.size}),
            Self::TallyShare(body) => body.to_json(),
            Self::Result(body) => body.to_json(),
            Self::Archive(until) => json!({"until": until.to_string()}),
        }
    }
}
