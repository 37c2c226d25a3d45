//! Getting into the roll: code, nonce, commitment, the holder's signature, credential, admission tokens (§§6, 11, 13).

use super::{
    Election, VoterError,
    answer::object,
    record::{Registered as Line, Request, Standing, Voter},
};
use crate::{
    form::{Members, to_hex},
    manifest::Profile,
};
use http::{Response, header};
use serde_json::{Map, Value, json};
use sinpyo_ballot::{
    credential::{Binding, VoterSecret},
    generators::ElectionId,
    group::{Group as _, Ristretto},
};
use sinpyo_blind_rsa::{Blinding, PublicKey, Variant, token::PendingToken};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    jwk::PublicJwk,
    key::{Entropy, SignError},
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::thumbprint;

/// `typ` of the signed request.
const TYP: &str = "sinpyo-vote-registration+jwt";

/// Most admission tokens that are asked for.
const MAX_TOKENS: u32 = 16;

/// The key that a voter answers for their slot with; the credential is bound to it.
pub trait Holder {
    /// Its public half.
    fn public(&self) -> &PublicJwk;

    /// Signs with it, in the fixed-length JOSE form.
    ///
    /// # Errors
    /// The key store refused.
    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError>;
}

/// What the registrar offers to who has the code, to be shown before anything is signed.
#[derive(Debug)]
pub struct Terms {
    code: Secret<String>,
    nonce: Secret<[u8; 32]>,
    slot: [u8; 16],
    district: u32,
    tokens: u32,
    is_replacement: bool,
    expires: Timestamp,
    ask: Option<String>,
}

impl Terms {
    /// The line of the roll.
    pub const fn slot(&self) -> &[u8; 16] {
        &self.slot
    }

    /// The district's number in the manifest.
    pub const fn district(&self) -> u32 {
        self.district
    }

    /// Whether what was registered before is dead from then on.
    pub const fn is_replacement(&self) -> bool {
        self.is_replacement
    }

    /// Until when.
    pub const fn expires(&self) -> Timestamp {
        self.expires
    }

    /// The signed request for a presentation, if the registrar wants to see one.
    pub fn ask(&self) -> Option<&str> {
        self.ask.as_deref()
    }
}

/// What a voter does next to get into the roll.
#[derive(Debug)]
#[must_use]
pub enum RegisterStep {
    /// Send this, and supply the response.
    Send(Box<http::Request<Vec<u8>>>),
    /// The voter sees [`Registering::terms`] and agrees, or goes away.
    Ask,
    /// Keep the voter's record; then say so.
    Keep,
    /// That is it: the record has it. Keep it.
    Done,
}

/// A voter on the way into the roll.
#[derive(Debug)]
pub struct Registering {
    stage: Stage,
    credential: Option<String>,
}

#[derive(Debug)]
enum Stage {
    Begin(Secret<String>),
    Ask(Box<Terms>),
    Keep,
    Send,
    Done,
    /// Only while one stage becomes another.
    Lost,
}

impl Registering {
    /// With the code of a line of the roll, as [`super::normal_code`] gives it.
    pub const fn begin(code: Secret<String>) -> Self {
        Self { stage: Stage::Begin(code), credential: None }
    }

    /// Sends again what may have been sent; nothing if nothing was.
    pub const fn resume(voter: &Voter) -> Option<Self> {
        if voter.is_asking() { Some(Self { stage: Stage::Send, credential: None }) } else { None }
    }

    /// What is offered, while the voter decides.
    pub const fn terms(&self) -> Option<&Terms> {
        match &self.stage {
            Stage::Ask(terms) => Some(terms),
            _ => None,
        }
    }

    /// The `VoterEligibilityCredential` that came, to be verified and held.
    pub fn credential(&self) -> Option<&str> {
        self.credential.as_deref()
    }

    /// What to do next.
    ///
    /// # Errors
    /// The address is none.
    pub fn next(&self, voter: &Voter) -> Result<RegisterStep, VoterError> {
        let post = |path: &str, body: &Value| {
            let request = http::Request::post(voter.place().below(path))
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_string().into_bytes());
            Ok(RegisterStep::Send(Box::new(request.map_err(|_| VoterError::Link)?)))
        };
        match (&self.stage, &voter.standing) {
            (Stage::Begin(code), _) => post("register/begin", &json!({"code": code.expose()})),
            (Stage::Ask(_), _) => Ok(RegisterStep::Ask),
            (Stage::Keep, _) => Ok(RegisterStep::Keep),
            (Stage::Send, Standing::Asked(request)) => {
                let shown = request
                    .presentation
                    .as_ref()
                    .map(|shown| sinpyo_core::json::parse(shown.expose().as_bytes()));
                let shown = shown.transpose().map_err(|_| VoterError::Record)?;
                let body =
                    json!({"code": request.code.expose(), "presentation": shown, "request": request.signed});
                post("register", &body)
            }
            (Stage::Done, _) => Ok(RegisterStep::Done),
            (Stage::Send | Stage::Lost, _) => Err(VoterError::OutOfOrder),
        }
    }

    /// Takes the response to the last request.
    ///
    /// # Errors
    /// The registrar refuses, or answers something else. If [`VoterError::is_passing`], the same request is made again.
    pub fn supply(
        &mut self,
        voter: &mut Voter,
        election: &Election,
        response: &Response<Vec<u8>>,
    ) -> Result<(), VoterError> {
        let body = object(response)?;
        match std::mem::replace(&mut self.stage, Stage::Lost) {
            Stage::Begin(code) => self.stage = Stage::Ask(Box::new(terms(code, &body, election)?)),
            Stage::Send => {
                let Standing::Asked(request) = &voter.standing else { return Err(VoterError::OutOfOrder) };
                let (line, credential) = admitted(request, &body, election)?;
                voter.standing = Standing::Registered(line);
                self.credential = credential;
                self.stage = Stage::Done;
            }
            _ => return Err(VoterError::OutOfOrder),
        }
        Ok(())
    }

    /// The voter agrees: makes the request, which is to be kept before it is sent.
    ///
    /// # Errors
    /// Nothing was offered, or the election's keys cannot be used.
    pub fn agree(
        &mut self,
        voter: &mut Voter,
        election: &Election,
        (holder, presentation): (&dyn Holder, Option<Secret<String>>),
        entropy: &mut dyn Entropy,
    ) -> Result<(), VoterError> {
        let Stage::Ask(terms) = &self.stage else { return Err(VoterError::OutOfOrder) };
        let request = request(voter, election, terms, (holder, presentation), entropy)?;
        voter.standing = Standing::Asked(Box::new(request));
        self.stage = Stage::Keep;
        Ok(())
    }

    /// The record was kept: now the request may be sent. [VTR-16]
    ///
    /// # Errors
    /// There is nothing to be sent.
    pub fn kept(&mut self) -> Result<(), VoterError> {
        let Stage::Keep = self.stage else { return Err(VoterError::OutOfOrder) };
        self.stage = Stage::Send;
        Ok(())
    }
}

fn terms(code: Secret<String>, body: &Map<String, Value>, election: &Election) -> Result<Terms, VoterError> {
    let members = Members(body);
    let wrong = |_| VoterError::Answer;
    let district = members.small("district").map_err(wrong)?;
    if !election.has_district(district) {
        return Err(VoterError::Registrar); // [VTR-11]
    }
    let ask = match members.value("ask").map_err(wrong)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        _ => return Err(VoterError::Answer),
    };
    Ok(Terms {
        code,
        nonce: Secret::new(members.hex("nonce").map_err(wrong)?),
        slot: members.hex("slot").map_err(wrong)?,
        district,
        tokens: members.small("tokens").map_err(wrong)?.min(MAX_TOKENS),
        is_replacement: members.truth("replaces").map_err(wrong)?,
        expires: members.time("expires").map_err(wrong)?,
        ask,
    })
}

/// The signed request, and what is to be kept of its making.
fn request(
    voter: &Voter,
    election: &Election,
    terms: &Terms,
    (holder, presentation): (&dyn Holder, Option<Secret<String>>),
    entropy: &mut dyn Entropy,
) -> Result<Request, VoterError> {
    let own = VoterSecret::<Ristretto>::derive(&voter.seed, voter.place().election());
    let wrong = |_| VoterError::Registrar;
    let print = thumbprint(holder.public()).map_err(wrong)?;
    let mut asks = Map::new();
    asks.insert("election".into(), json!(to_hex(&voter.place().election().0)));
    asks.insert("district".into(), json!(terms.district));
    asks.insert("nonce".into(), json!(to_hex(terms.nonce.expose())));
    asks.insert("slot".into(), json!(to_hex(&terms.slot)));
    let (mut commitment, mut proof, mut token, mut permit) = (Value::Null, Value::Null, Value::Null, None);
    match election.manifest().profile {
        Profile::Ring { .. } => {
            let binding = Binding::new(voter.place().election(), &terms.slot, &terms.nonce, &print);
            let registration = own.register(binding, terms.district, entropy);
            commitment = json!(to_hex(&registration.commitment));
            proof = json!(to_hex(&registration.proof.to_bytes()));
        }
        Profile::Token => {
            let key = election.token_key(terms.district).ok_or(VoterError::Context)?;
            let tag = Ristretto::encode(&own.tag());
            let message = permit_message(voter.place().election(), terms.district, &tag);
            let prepared = Variant::PssRandomized.prepare(&message, entropy);
            let (blinded, blinding) = key.blind(prepared, entropy).map_err(|_| VoterError::Registrar)?;
            token = json!(to_base64url(blinded.as_bytes()));
            permit = Some(blinding.to_secret());
        }
    }
    let (mut blinded, mut pending) = (Vec::new(), Vec::new());
    if let Some(key) = election.admission_key() {
        for _ in 0..terms.tokens {
            let drawn = PendingToken::request(key, &voter.place().election().0, entropy);
            let (message, token) = drawn.map_err(|_| VoterError::Registrar)?;
            blinded.push(json!(to_base64url(message.as_bytes())));
            pending.push(token.to_secret());
        }
    }
    asks.extend([
        ("blinded".to_owned(), Value::Array(blinded)),
        ("commitment".to_owned(), commitment),
        ("proof".to_owned(), proof),
        ("token".to_owned(), token),
    ]);
    Ok(Request {
        code: Secret::new(terms.code.expose().clone()),
        slot: terms.slot,
        district: terms.district,
        signed: signed(&Value::Object(asks), holder)?,
        presentation,
        pending,
        permit,
    })
}

/// A compact JWS with the key in its header.
fn signed(claims: &Value, holder: &dyn Holder) -> Result<String, VoterError> {
    let key = VerifyingKey::from_jwk(holder.public()).map_err(|_| VoterError::Registrar)?;
    let header = json!({"alg": key.algorithm().name().0, "jwk": holder.public().members(), "typ": TYP});
    let part = |value: &Value| to_base64url(value.to_string().as_bytes());
    let input = format!("{}.{}", part(&header), part(claims));
    let signature = holder.sign(input.as_bytes()).map_err(|_| VoterError::Registrar)?;
    Ok(format!("{input}.{}", to_base64url(&signature)))
}

/// What the registrar signs in profile `token`: `"sinpyo-vote/1/token" ‖ 0x00 ‖ election ‖ le32(district) ‖ T`.
pub(super) fn permit_message(election: &ElectionId, district: u32, tag: &[u8; 32]) -> Vec<u8> {
    [b"sinpyo-vote/1/token\0".as_slice(), &election.0, &district.to_le_bytes(), tag].concat()
}

/// What the registrar's answer gives.
fn admitted(
    request: &Request,
    body: &Map<String, Value>,
    election: &Election,
) -> Result<(Line, Option<String>), VoterError> {
    let members = Members(body);
    let wrong = |_| VoterError::Answer;
    let index = members.number("index").map_err(wrong)?;
    let signatures = members.list("blind_signatures").map_err(wrong)?;
    if signatures.len() != request.pending.len() {
        return Err(VoterError::Registrar); // [VTR-11]
    }
    let mut tokens = Vec::with_capacity(signatures.len());
    for (kept, signature) in request.pending.iter().zip(signatures) {
        let key = election.admission_key().ok_or(VoterError::Context)?;
        let pending = PendingToken::restore(key, kept).map_err(|_| VoterError::Record)?;
        let token = pending.finish(&octets(signature)?).map_err(|_| VoterError::Registrar)?; // [VTR-11]
        tokens.push(Secret::new(token.to_bytes()));
    }
    let permit = match (&request.permit, election.token_key(request.district)) {
        (Some(kept), Some(key)) => Some(permit(kept, key, members.value("token").map_err(wrong)?)?),
        _ => None,
    };
    let credential = match members.value("credential").map_err(wrong)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        _ => return Err(VoterError::Answer),
    };
    Ok((Line { slot: request.slot, district: request.district, index, tokens, permit }, credential))
}

/// Randomizer and signature of the voter's tag.
fn permit(kept: &Secret<Vec<u8>>, key: &PublicKey, signature: &Value) -> Result<Secret<Vec<u8>>, VoterError> {
    let blinding = Blinding::restore(key, kept).map_err(|_| VoterError::Record)?;
    let signature = blinding.finalize(&octets(signature)?).map_err(|_| VoterError::Registrar)?; // [VTR-11]
    let randomizer = blinding.prepared().randomizer().ok_or(VoterError::Record)?;
    Ok(Secret::new([randomizer.as_slice(), signature.as_bytes()].concat()))
}

fn octets(text: &Value) -> Result<Vec<u8>, VoterError> {
    text.as_str().and_then(|text| from_base64url(text).ok()).ok_or(VoterError::Answer)
}
