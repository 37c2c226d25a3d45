//! The query of our own request object, which is a part of the language.

use crate::{Binding, ClaimQuery, Count, CredentialQuery, Query, QueryError, Wanted};
use sinpyo_core::{credential::CredentialType, request};

impl Query {
    /// The query that a [`request::PresentationRequest`] carries: all of `queries`, each with all its claims.
    ///
    /// # Errors
    /// What [`Query::new`] refuses.
    pub fn of_request(queries: &[request::CredentialQuery]) -> Result<Self, QueryError> {
        Self::new(queries.iter().map(credential).collect::<Result<_, _>>()?, Vec::new())
    }
}

fn credential(query: &request::CredentialQuery) -> Result<CredentialQuery, QueryError> {
    let types = query.types.iter().map(CredentialType::to_string).collect();
    let claim = |claim: &request::ClaimQuery| ClaimQuery {
        id: None,
        path: claim.path.clone(),
        values: claim.values.clone(),
        retained: None,
    };
    Ok(CredentialQuery {
        id: query.id.parse()?,
        wanted: Wanted::SdJwtVc { types },
        count: Count::One,
        binding: Binding::Required,
        authorities: Vec::new(),
        claims: query.claims.iter().map(claim).collect(),
        claim_sets: Vec::new(),
    })
}
