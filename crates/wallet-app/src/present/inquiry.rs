//! Who asks for what, as the holder is shown it.

use super::PresentFlowError;
use crate::{flow::World, need::Need};
use sinpyo_core::{
    accreditation::{Accreditation, LocalizedName, Right, ServiceCode},
    did::Did,
    request::PresentationRequest,
    resolved::Resolved,
};
use sinpyo_openid4vp::{
    HashAlgorithm, TransactionDatum, VerifierInfo,
    wallet::{Asked, RequestedBy},
};
use sinpyo_proof::Unverified;
use sinpyo_wallet::{Asked as Question, Transaction, TransactionHash};

/// Most characters of a purpose that are shown.
const MAX_PURPOSE: usize = 400;

/// An authenticated request whose maker may be registered.
#[derive(Debug)]
pub(super) enum Looking {
    Remote(Box<Asked>),
    Offline(Box<(Unverified<PresentationRequest>, Resolved)>),
}

/// To whom an answer goes.
#[derive(Debug)]
pub(super) enum Counterpart {
    Remote(Box<Asked>),
    Offline(Box<PresentationRequest>),
}

/// A question for the holder.
#[derive(Debug)]
pub struct Inquiry {
    counterpart: Counterpart,
    claimant: Claimant,
    question: Question,
    transactions: Vec<TransactionDatum>,
    purpose: Option<LocalizedName>,
}

/// How whoever asks is known, as far as it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimant {
    /// By nothing but the address that the answer goes to.
    Address(String),
    /// As the owner of a certificate for this host.
    Host(String),
    /// As the owner of a certificate, of which this is the SHA-256.
    Certificate(String),
    /// As the controller of a DID.
    Did(Did),
    /// By the word of somebody whom the wallet trusts.
    Attested {
        /// Its name there.
        name: String,
        /// Whose word it is.
        by: String,
    },
    /// As a page of this origin.
    Origin(String),
}

impl Inquiry {
    /// Who asks.
    pub const fn claimant(&self) -> &Claimant {
        &self.claimant
    }

    /// What is asked, within what the asker may.
    pub const fn question(&self) -> &Question {
        &self.question
    }

    /// What the holder would authorise, in words.
    pub fn transactions(&self) -> &[TransactionDatum] {
        &self.transactions
    }

    /// Why it is asked, in the asker's own words: nobody has checked them.
    pub const fn purpose(&self) -> Option<&LocalizedName> {
        self.purpose.as_ref()
    }

    /// Where the answer goes; none if the holder carries it.
    pub fn destination(&self) -> Option<&str> {
        match &self.counterpart {
            Counterpart::Remote(asked) => {
                asked.request().response_mode.response_uri().map(sinpyo_openid4vp::Location::as_str)
            }
            Counterpart::Offline(_) => None,
        }
    }

    pub(super) const fn counterpart(&self) -> &Counterpart {
        &self.counterpart
    }
}

impl Looking {
    pub(super) const fn remote(asked: Box<Asked>) -> Self {
        Self::Remote(asked)
    }

    pub(super) fn offline(request: Unverified<PresentationRequest>, verifier: Resolved) -> Self {
        Self::Offline(Box::new((request, verifier)))
    }

    /// The record of the right to ask that it claims, if it claims one.
    pub(super) fn need(&self) -> Result<Option<Need>, PresentFlowError> {
        let (subject, service) = match self {
            Self::Remote(asked) => match (asked.by(), service(asked)?) {
                (RequestedBy::Did { did, .. }, Some(service)) => (did.clone(), service),
                // Only a DID can be registered.
                (_, Some(_)) => return Err(PresentFlowError::NotRegistered), // [WAP-07]
                (_, None) => return Ok(None),
            },
            Self::Offline(offline) => {
                let (request, verifier) = &**offline;
                let service = request.claimed_service().ok_or(PresentFlowError::NotRegistered)?;
                (verifier.did().clone(), service)
            }
        };
        Ok(Some(Need::Accreditation { subject, right: Right::Request(service) }))
    }

    /// What the holder is asked.
    pub(super) fn question(
        self,
        accreditation: Option<&Accreditation>,
        world: &World<'_>,
    ) -> Result<Inquiry, PresentFlowError> {
        let asked = match self {
            Self::Remote(asked) => asked,
            Self::Offline(offline) => {
                let (request, verifier) = *offline;
                let claimant = Claimant::Did(verifier.did().clone());
                let (question, request) =
                    Question::from_request(request, &verifier, accreditation, world.now)?;
                let counterpart = Counterpart::Offline(Box::new(request));
                return Ok(Inquiry {
                    counterpart,
                    claimant,
                    question,
                    transactions: Vec::new(),
                    purpose: None,
                });
            }
        };
        let transactions = asked.transaction_data(&world.rules.transaction_types)?;
        let asker = asked.expectation().audience.parse()?;
        let question = Question::new(asker, accreditation, asked.request().query.clone(), world.now)?;
        let question = question.authorising(transactions.iter().map(transaction).collect::<Result<_, _>>()?);
        let (claimant, purpose) = (claimant(&asked), purpose(&asked.request().verifier_info));
        Ok(Inquiry { counterpart: Counterpart::Remote(asked), claimant, question, transactions, purpose })
    }
}

/// The service code under which a verifier says to ask.
fn service(asked: &Asked) -> Result<Option<ServiceCode>, PresentFlowError> {
    let info = asked.request().verifier_info.iter().find(|info| info.format == "service_code");
    let code = info.map(|info| info.data.as_str().and_then(|code| code.parse().ok()));
    code.map(|code| code.ok_or(PresentFlowError::NotRegistered)).transpose() // [WAP-07]
}

fn purpose(info: &[VerifierInfo]) -> Option<LocalizedName> {
    let data = &info.iter().find(|info| info.format == "purpose")?.data;
    let text = |name: &str| {
        let text = data.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        text.chars().filter(|c| !c.is_control()).take(MAX_PURPOSE).collect::<String>()
    };
    Some(LocalizedName { ko: text("ko"), en: text("en") })
}

fn transaction(datum: &TransactionDatum) -> Result<Transaction, PresentFlowError> {
    let hash = match (datum.names_hash_algorithm(), datum.hash_algorithm()) {
        (false, _) => TransactionHash::Default,
        (true, HashAlgorithm::Sha256) => TransactionHash::Sha256,
        (true, HashAlgorithm::Sha384) => TransactionHash::Sha384,
        (true, HashAlgorithm::Sha512) => TransactionHash::Sha512,
    };
    let ids = datum.credential_ids().iter();
    let queries =
        ids.map(|id| id.parse().map_err(|_| PresentFlowError::OutOfOrder)).collect::<Result<_, _>>()?;
    Ok(Transaction { text: datum.as_str().to_owned(), queries, hash })
}

fn claimant(asked: &Asked) -> Claimant {
    match asked.by() {
        RequestedBy::Place(place) => Claimant::Address(place.as_str().to_owned()),
        RequestedBy::Host { name, .. } => Claimant::Host(name.clone()),
        RequestedBy::Certificate { leaf } => {
            Claimant::Certificate(sinpyo_core::encoding::to_base64url(leaf.thumbprint()))
        }
        RequestedBy::Did { did, .. } => Claimant::Did(did.clone()),
        RequestedBy::Attested { subject, issuer, .. } => {
            Claimant::Attested { name: subject.clone(), by: issuer.clone() }
        }
        RequestedBy::Origin(origin) => Claimant::Origin(origin.clone()),
    }
}
