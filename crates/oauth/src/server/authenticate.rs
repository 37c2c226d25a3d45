//! Which client asks.

use super::{AuthorizationServer, Proofs, record::ClientName};
use crate::{
    ASSERTION_TYPE, Assertion, AssertionError, AttestationError, Authentication, Challenges, ClientFault,
    Refusal, Unregistered,
    attestation::{self, Attested, Expected},
    form::Form,
};
use http::{HeaderMap, header};
use sinpyo_core::{key::Entropy, time::Timestamp};

/// How a client's name was established.
#[derive(Debug, PartialEq, Eq)]
enum Method {
    /// It said so.
    Claimed,
    Assertion,
    /// By whom.
    Attestation(String),
}

impl AuthorizationServer<'_> {
    /// The client that sent `form`; nobody, if it does not say. Its proofs are added to `proofs`.
    pub(super) fn authenticate(
        &self,
        (headers, form): (&HeaderMap, &Form),
        proofs: &mut Proofs,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<ClientName>, Refusal> {
        let asserts = form.get("client_assertion").is_some();
        let attests = attestation::is_sent(headers);
        let shares = form.get("client_secret").is_some() || headers.contains_key(header::AUTHORIZATION);
        if shares || (asserts && attests) {
            return Err(ClientFault::Method.into()); // [OAU-15]
        }
        let (client, method) = if attests {
            let (client, attester) = self.attested(headers, proofs, now, entropy)?;
            (client, Method::Attestation(attester))
        } else if asserts {
            (self.asserted(form, proofs, now)?, Method::Assertion)
        } else {
            let Some(claimed) = form.get("client_id") else { return Ok(None) };
            (claimed.to_owned(), Method::Claimed)
        };
        if form.get("client_id").is_some_and(|claimed| claimed != client) {
            return Err(ClientFault::Unknown.into()); // [OAU-14]
        }
        let mut name = ClientName { id: client, attester: None };
        let client = &name.id;
        let fits = match self.settings.clients.get(client).map(|known| &known.authentication) {
            Some(Authentication::Public) => method == Method::Claimed,
            Some(Authentication::PrivateKeyJwt(_)) => method == Method::Assertion,
            Some(Authentication::Attestation(_)) => matches!(method, Method::Attestation(_)),
            None => match method {
                Method::Attestation(attester) if self.settings.unregistered == Unregistered::Attested => {
                    name.attester = Some(attester); // [OAU-43]
                    true
                }
                _ => return Err(ClientFault::Unknown.into()), // [OAU-14]
            },
        };
        if fits { Ok(Some(name)) } else { Err(ClientFault::Method.into()) } // [OAU-15]
    }

    fn attested(
        &self,
        headers: &HeaderMap,
        proofs: &mut Proofs,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<(String, String), Refusal> {
        let challenges = self.settings.attestation_challenges();
        let attesters =
            |client: &str| match self.settings.clients.get(client).map(|known| &known.authentication) {
                Some(Authentication::Attestation(own)) => own.as_ref(), // [OAU-43]
                _ => &self.settings.attesters,
            };
        let expected = Expected {
            audience: self.settings.issuer.as_str(),
            attesters: &attesters,
            challenges,
            challenge_required: self.settings.challenges == Challenges::Required,
        };
        match attestation::verify(headers, &expected, now) {
            Ok(Attested { client, attester, once }) => {
                proofs.add(once, || ClientFault::Attestation(AttestationError::Replayed).into());
                Ok((client, attester))
            }
            Err(AttestationError::ChallengeMissing | AttestationError::Challenge(_)) => {
                Err(Refusal::Challenge { next: challenges.issue(now, entropy) })
            }
            Err(error) => Err(ClientFault::Attestation(error).into()),
        }
    }

    fn asserted(&self, form: &Form, proofs: &mut Proofs, now: Timestamp) -> Result<String, Refusal> {
        if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err(ClientFault::Method.into()); // [OAU-15]
        }
        let text = form.get("client_assertion").unwrap_or_default();
        let assertion = Assertion::parse(text).map_err(ClientFault::Assertion)?;
        let known = self.settings.clients.get(assertion.claimed_client()).map(|known| &known.authentication);
        let keys = match known {
            Some(Authentication::PrivateKeyJwt(keys)) => keys,
            Some(_) => return Err(ClientFault::Method.into()), // [OAU-15]
            None => return Err(ClientFault::Unknown.into()),   // [OAU-14]
        };
        let identified = assertion.verify(keys, &[self.settings.issuer.as_str()], now);
        let identified = identified.map_err(ClientFault::Assertion)?;
        proofs.add(identified.once, || ClientFault::Assertion(AssertionError::Replayed).into());
        Ok(identified.client)
    }
}
