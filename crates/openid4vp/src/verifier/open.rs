//! Opening transactions, and showing another QR code.

use super::{
    Verifier,
    order::{Flow, Order, OrderError},
    record::{
        Keep, KeepError, OpenRequest, OrderRecord, Phase, REQUESTS, RequestPhase, RequestRecord,
        TRANSACTIONS, TransactionRecord,
    },
    settings::{Profile, RequestUriMethod},
};
use crate::{
    client_id::{ClientId, Prefix},
    digital::DigitalRequest,
    form,
    handle::{Handle, Random, Session, TransactionId},
    location::LocationError,
};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_jose::{
    SignError,
    jwe::{ContentEncryption, Decrypter},
};
use sinpyo_state::{Change, Key, Unavailable, retrying};
use std::fmt;

/// A transaction that was opened.
#[derive(Debug)]
pub struct Opened {
    /// Fetches the result; the wallet must not see it.
    pub transaction: TransactionId,
    /// How the wallet gets the request.
    pub asking: Asking,
    /// When the request ends that nobody has fetched.
    pub expires: Timestamp,
}

/// How the wallet gets the request.
#[derive(Debug)]
pub enum Asking {
    /// By a link, or a QR code of it.
    Link(Link),
    /// Through the browser.
    Digital(DigitalRequest),
}

/// The link to a request. Whoever has it can fetch the request, so that Debug output does not show it.
pub struct Link(Vec<(&'static str, String)>);

impl Link {
    /// The link for wallets of `scheme`, which is all that stands before the question mark: `openid4vp://`, `haip-vp://`,
    /// or an address at which a wallet is installed.
    pub fn to_uri(&self, scheme: &str) -> String {
        let members: Vec<(&str, &str)> = self.0.iter().map(|(name, value)| (*name, value.as_str())).collect();
        format!("{scheme}?{}", form::write(&members))
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(..)")
    }
}

/// A request that takes the place of another.
#[derive(Debug)]
pub enum Rotated {
    /// The request before is gone.
    Fresh {
        /// The new one.
        link: Link,
        /// When it ends, if nobody fetches it.
        expires: Timestamp,
    },
    /// A wallet has fetched the request, or answered it: there is nothing to scan any more.
    Scanned,
}

impl Verifier<'_> {
    /// Opens a transaction.
    ///
    /// # Errors
    /// The order asks for what the profile does not have or what cannot be signed, or memory fails.
    pub fn open(
        &self,
        order: &Order,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Opened, OpenError> {
        order.check(self.settings.profile)?;
        self.check_name(&order.flow)?;
        let transaction = TransactionId(Random::new(entropy));
        let name = transaction.0.key(TRANSACTIONS);
        let made = Self::make_request(&name, order.encryption == super::Encryption::Encrypted, entropy);
        let expires = now.plus(self.settings.lifetimes.transaction);
        let record = TransactionRecord {
            order: OrderRecord::of(order),
            expires: expires.unix(),
            phase: Phase::Waiting { request: made.key.name().to_owned() },
        };
        let asking = self.asking(&record.order, &made, now)?;
        // A link for the same device is followed at once or never; a page asks when the person presses the button.
        let request_expires = match &order.flow {
            Flow::CrossDevice { .. } => now.plus(self.settings.lifetimes.scan).min(expires),
            Flow::SameDevice { .. } => now.plus(self.settings.lifetimes.answer).min(expires),
            Flow::Digital { .. } => expires,
        };
        let keep = self.keep();
        let sealed = [keep.sealed(&name, &record, entropy)?, keep.sealed(&made.key, &made.record, entropy)?];
        let [transaction_data, request_data] = &sealed;
        let kept = expires.plus(self.settings.lifetimes.result);
        self.state
            .commit(&[
                Change::insert(&name, transaction_data, Some(kept)),
                Change::insert(&made.key, request_data, Some(request_expires)),
            ])
            // Both names are fresh: that one is taken cannot be, and to open once more would hide why.
            .map_err(|_| Unavailable)?;
        Ok(Opened { transaction, asking, expires: request_expires })
    }

    /// Puts a fresh request in the place of one that nobody has fetched: each QR code is good for a short time, has a
    /// handle, a nonce and a key of its own, and the one before is worth nothing any more.
    ///
    /// # Errors
    /// There is no such transaction in this session, or memory fails.
    pub fn rotate(
        &self,
        transaction: &TransactionId,
        session: Option<&Session>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Rotated, OpenError> {
        let name = transaction.0.key(TRANSACTIONS);
        let keep = self.keep();
        retrying(|| {
            let (mut record, version) = self.owned(&name, session, now)?.ok_or(OpenError::Unknown)?;
            let Phase::Waiting { request } = &record.phase else { return Ok(Ok(Rotated::Scanned)) };
            let old = Key::named(REQUESTS, request);
            let old_version = match keep.read::<RequestRecord>(&old, now)? {
                Some((RequestRecord { phase: RequestPhase::Open(open), .. }, version)) if !open.fetched => {
                    Some(version)
                }
                // [VP-FIX-01c]
                Some(_) => return Ok(Ok(Rotated::Scanned)),
                None => None,
            };
            let ends = Timestamp::from_unix(record.expires).filter(|ends| now < *ends);
            let ends = ends.ok_or(OpenError::Unknown)?;
            let made = Self::make_request(&name, record.order.encrypted, entropy);
            let Asking::Link(link) = self.asking(&record.order, &made, now)? else {
                return Err(OpenError::Unknown);
            };
            record.phase = Phase::Waiting { request: made.key.name().to_owned() };
            let expires = now.plus(self.settings.lifetimes.scan).min(ends);
            let kept = Some(ends.plus(self.settings.lifetimes.result));
            let transaction_data = keep.sealed(&name, &record, entropy)?;
            let request_data = keep.sealed(&made.key, &made.record, entropy)?;
            let mut changes = vec![
                Change::replace(&name, version, &transaction_data, kept),
                Change::insert(&made.key, &request_data, Some(expires)),
            ];
            changes.extend(old_version.map(|version| Change::remove(&old, version)));
            Ok(self.state.commit(&changes).map(|()| Rotated::Fresh { link, expires }))
        })
    }

    /// Requests that are fetched are signed; HAIP has one kind of name.
    fn check_name(&self, flow: &Flow) -> Result<(), OrderError> {
        let unsigned = matches!(flow, Flow::Digital { signing: super::Signing::Unsigned, .. });
        let first = self.identities.first();
        if matches!(flow, Flow::Digital { .. }) && !unsigned && first.is_none() {
            return Err(OrderError::Unsigned);
        }
        if let Some(super::Name::Host { host, chain }) = first.map(|first| first.name)
            && !chain.dns_names().iter().any(|name| name.eq_ignore_ascii_case(host))
        {
            return Err(OrderError::Unsigned);
        }
        let is_hash = first.is_some_and(|first| matches!(first.name, super::Name::Certificate { .. }));
        if self.settings.profile == Profile::Haip && !unsigned && !is_hash {
            return Err(OrderError::Unsigned); // [VP-CID-03]
        }
        Ok(())
    }

    fn make_request(transaction: &Key, encrypted: bool, entropy: &mut dyn Entropy) -> Made {
        let handle = Handle(Random::new(entropy)); // [VP-REQ-05]
        // A key for this one response, under a name that says nothing. [VP-RSP-07]
        let key = encrypted.then(|| {
            let key = SigningKey::generate(Algorithm::Es256, entropy);
            (key.to_private_jwk().expose().clone(), Random::new(entropy).expose().to_owned())
        });
        let open = OpenRequest {
            nonce: Random::new(entropy).expose().to_owned(),
            state: Random::new(entropy).expose().to_owned(),
            key,
            fetched: false,
        };
        let record =
            RequestRecord { transaction: transaction.name().to_owned(), phase: RequestPhase::Open(open) };
        Made { key: handle.0.key(REQUESTS), handle, record }
    }

    fn asking(&self, order: &OrderRecord, made: &Made, now: Timestamp) -> Result<Asking, OpenError> {
        let RequestPhase::Open(open) = &made.record.phase else { return Err(KeepError::Unreadable.into()) };
        if let Flow::Digital { origins, signing } = order.flow()? {
            let request = self.request(order, open, &made.handle)?;
            let request = super::digital::request(self.identities, &request, (&origins, signing), now)?;
            return Ok(Asking::Digital(request));
        }
        let Some(first) = self.identities.first() else {
            return self.by_value(order, open, &made.handle).map(Asking::Link);
        };
        let mut members = vec![
            ("client_id", first.name.client_id().as_str().to_owned()),
            ("request_uri", self.settings.request_uri(&made.handle)),
        ];
        if self.settings.method == RequestUriMethod::Post {
            members.push(("request_uri_method", "post".to_owned()));
        }
        Ok(Asking::Link(Link(members))) // [VP-FIX-02]
    }

    /// An unsigned request stands in the link as a whole: what would be fetched must be signed.
    fn by_value(&self, order: &OrderRecord, open: &OpenRequest, handle: &Handle) -> Result<Link, OpenError> {
        let request = self.request(order, open, handle)?;
        let mut members = Vec::new();
        for (name, value) in request.to_json() {
            let name = super::ask::PARAMETERS.into_iter().find(|known| *known == name);
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            members.extend(name.map(|name| (name, text)));
        }
        Ok(Link(members))
    }

    /// The name of the verifier in requests that are posted to `response_uri`.
    pub(super) fn client_id(&self, response_uri: &str) -> ClientId {
        let own = self.identities.first().map(|first| first.name.client_id());
        own.unwrap_or_else(|| ClientId::new(Prefix::RedirectUri, response_uri))
    }

    pub(super) fn keep(&self) -> Keep<'_> {
        Keep { state: self.state, sealing: &self.settings.sealing }
    }
}

struct Made {
    key: Key,
    handle: Handle,
    record: RequestRecord,
}

/// The private key of an open request.
pub(super) fn decrypter(open: &OpenRequest) -> Result<Option<Decrypter>, KeepError> {
    let Some((jwk, kid)) = &open.key else { return Ok(None) };
    let key = SigningKey::from_private_jwk(&sinpyo_core::Secret::new(jwk.clone()));
    let key = key.map_err(|_| KeepError::Unreadable)?;
    Decrypter::new(&key, Some(kid), &ContentEncryption::ALL).map(Some).ok_or(KeepError::Unreadable)
}

/// Why a transaction was not opened, or no other request made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The order is refused.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// VP-RSP-11: there is no such transaction, it has ended, or it belongs to another session.
    #[error("there is no such transaction in this session")]
    Unknown,
    /// The configured base is no address.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// The request was not signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Memory fails.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

impl From<Unavailable> for OpenError {
    fn from(error: Unavailable) -> Self {
        Self::Keep(error.into())
    }
}

impl OpenError {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Order(error) => error.code(),
            Self::Unknown => "VP-RSP-11", // [VP-RSP-11]
            Self::Location(error) => error.code(),
            Self::Sign(error) => error.code(),
            Self::Keep(error) => error.code(),
        }
    }
}
