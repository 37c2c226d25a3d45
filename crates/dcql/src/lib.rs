//! The Digital Credentials Query Language [OpenID4VP 1.0 §6, §7].
//!
//! One [`Query`] says what a verifier asks for. The wallet finds what answers it ([`Query::matches`]); the verifier
//! evaluates the whole of it again on what came back ([`Query::check`]). Both use one reading of the language.
//!
//! Promises: a query is read once and strictly, and is bounded in every direction; no combination of options is ever
//! enumerated, so that work is at most queries × credentials × claims. Refuses: to say whether a credential is
//! authentic, trusted or valid. That is for whoever makes the [`Candidate`].
//!
//! ```
//! use sinpyo_dcql::{Arrays, Bound, Candidate, Kind, Query};
//! let query = Query::parse(
//!     br#"{"credentials":[{"id":"pid","format":"dc+sd-jwt","meta":{"vct_values":["https://post.example/pid"]},
//!         "claims":[{"path":["name"]}]}]}"#,
//! )?;
//! let held = Candidate {
//!     kind: Kind::SdJwtVc { vct: "https://post.example/pid".into(), extends: vec![] },
//!     claims: serde_json::json!({"name": "김한별", "birthdate": "2001-02-03"}).as_object().cloned().unwrap_or_default(),
//!     bound: Bound::ToKey,
//!     arrays: Arrays::Whole,
//!     authorities: vec![],
//! };
//! let matches = query.matches(&[held]);
//! assert!(matches.satisfiable());
//! assert_eq!(matches.queries[0].fits[0].1.claims, [sinpyo_core::claims::ClaimPath::name("name")]);
//! # Ok::<(), sinpyo_dcql::QueryError>(())
//! ```

mod answer;
mod candidate;
mod error;
mod fit;
mod matches;
mod pointer;
mod query;
mod request;
mod wire;

pub use answer::{AnswerError, Answered};
pub use candidate::{Arrays, Authority, AuthorityKind, Bound, Candidate, Kind};
pub use error::{Part, QueryError};
pub use fit::{Fit, Miss};
pub use matches::{Matches, QueryMatches, SetMatches};
pub use query::{
    Binding, ClaimQuery, Count, CredentialQuery, CredentialSet, Format, Query, QueryId, TrustedAuthorities,
    Wanted,
};
