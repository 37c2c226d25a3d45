//! Publishing status lists.

use super::{Format, Issuer};
use crate::{ListForm, StatusBook};
use serde_json::Value;
use sinpyo_core::{
    key::{SignError as KeyStoreRefused, Signer},
    status::{StatusListError, StatusPurpose},
    time::Timestamp,
};
use sinpyo_proof::{
    IssueError, SignError, StatusError,
    status_token::{self, Publication},
    vc_di, vc_jwt,
};
use std::time::Duration;

/// How often a list is published anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// For how long an edition may be kept before a newer one is asked for.
    pub ttl: Duration,
    /// For how long an edition may be used at all.
    pub lifetime: Duration,
}

impl Cadence {
    fn publication(self, uri: &str, now: Timestamp) -> Publication {
        let expires = Some(now.plus(self.lifetime));
        Publication { uri: uri.to_owned(), issued_at: now, expires, ttl: Some(self.ttl) }
    }
}

/// One edition of a status list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedList {
    /// Where it is to be found.
    pub uri: String,
    /// What is to be found there: a Status List Token, or a Bitstring Status List credential.
    pub wire: String,
}

impl<S: Signer> Issuer<S> {
    /// Makes the present edition of the lists of `book`: one Status List Token, or one credential per purpose.
    ///
    /// The times are exact: an edition is the same for everybody, and says when it was true.
    ///
    /// # Errors
    /// The list cannot be expressed, or was not signed.
    pub fn publish(
        &self,
        book: &StatusBook,
        cadence: Cadence,
        now: Timestamp,
    ) -> Result<Vec<PublishedList>, PublishError> {
        let publication = |uri: &str| cadence.publication(uri, now);
        let (series, number) = (book.series(), book.number());
        match series.form() {
            ListForm::Token => {
                let uri = series.token_uri(number);
                let wire = self.publish_token(book, &publication(&uri))?;
                Ok(vec![PublishedList { uri, wire }])
            }
            ListForm::Bitstring => series
                .purposes()
                .into_iter()
                .map(|purpose| {
                    let uri = series.bitstring_uri(number, purpose);
                    let wire = self.publish_bitstring(book, purpose, &publication(&uri))?;
                    Ok(PublishedList { uri, wire })
                })
                .collect(),
        }
    }

    /// Makes the present edition of the list of `book` as a Status List Token in CBOR, with its address.
    ///
    /// # Errors
    /// It is a book of Bitstring Status Lists, or the list was not signed.
    pub fn publish_cwt(
        &self,
        book: &StatusBook,
        cadence: Cadence,
        now: Timestamp,
    ) -> Result<(String, Vec<u8>), PublishError> {
        let series = book.series();
        if series.form() != ListForm::Token {
            return Err(PublishError::Form);
        }
        let uri = series.token_uri(book.number());
        let publication = cadence.publication(&uri, now);
        let prepared = match self.by_certificate() {
            Some(signatory) => {
                status_token::prepare_cwt_certified(book.values(), &publication, self.name(), signatory)?
            }
            None => status_token::prepare_cwt(book.values(), &publication, self.signatory()),
        };
        let signed = prepared.sign(&self.signer).map_err(IssueError::from)?;
        Ok((uri, signed.to_bytes()))
    }

    fn publish_token(&self, book: &StatusBook, publication: &Publication) -> Result<String, PublishError> {
        let prepared = match self.by_certificate() {
            Some(signatory) => {
                status_token::prepare_certified(book.values(), publication, self.name(), signatory)?
            }
            None => status_token::prepare(book.values(), publication, self.signatory()),
        };
        let signature = self.signer.sign(prepared.signing_input())?;
        Ok(prepared.attach(&signature)?)
    }

    fn publish_bitstring(
        &self,
        book: &StatusBook,
        purpose: StatusPurpose,
        publication: &Publication,
    ) -> Result<String, PublishError> {
        let list = book.bitstring(purpose)?;
        let did = self.did().ok_or(PublishError::Form)?;
        let credential = status_token::bitstring_credential(&list, purpose, publication, did)?;
        let signer: (&dyn Signer, _) = (&self.signer, &self.key);
        Ok(match self.options.format {
            Format::SdJwtVc | Format::Mdoc | Format::VcJwt => vc_jwt::issue(&credential, &[], signer)?,
            Format::DataIntegrity | Format::DataIntegrityStatements => {
                Value::Object(vc_di::issue(&credential, &[], signer)?).to_string()
            }
        })
    }
}

/// Why a status list was not published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// Lists of this form have no such publication: Bitstring Status Lists are no tokens, and need an issuer with a DID.
    #[error("lists of this form are not published in this way")]
    Form,
    /// The list has no form in the format.
    #[error("the status list cannot be read out")]
    List(#[from] StatusListError),
    /// The format does not admit the list.
    #[error("the format does not admit the status list")]
    Format(#[from] StatusError),
    /// The credential that holds the list was not issued.
    #[error("the credential that holds the status list was not issued")]
    Issue(#[from] IssueError),
    /// The key store refused.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreRefused),
    /// The signature was not of the announced key.
    #[error(transparent)]
    Sign(#[from] SignError),
}
