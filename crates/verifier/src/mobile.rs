//! Mobile documents [OpenID4VP 1.0 §B.2].

use crate::{
    arrival::{Authentic, Issuer, Reading},
    authorities,
    error::VerifyError,
    presented::Wire,
    trust::Way,
};
use sinpyo_core::{
    credential::{Credential, Presentation},
    encoding::from_base64url,
};
use sinpyo_dcql::{Arrays, Bound, Candidate, CredentialQuery, Kind};
use sinpyo_mdoc::{ElementName, IssuerTrust, Request, Selection};
use sinpyo_proof::mdoc::{Opening, verify_response};

/// Verifies a `DeviceResponse`: its issuer by certificate, its device over the transcript of this session.
pub(crate) fn verify(wire: &Wire, doctype: &str, reading: &Reading<'_>) -> Result<Authentic, VerifyError> {
    let Wire::Text(text) = wire else { return Err(VerifyError::OtherFormat) }; // [VP-19]
    let bytes = from_base64url(text).map_err(|_| VerifyError::OtherFormat)?; // [VP-19]
    // A mobile document names no issuer but by a certificate.
    let Some(Way::Certified(certified)) = reading.expectation.trust.way(None) else {
        return Err(VerifyError::NotTrusted); // [VP-20]
    };
    let elements = elements(reading.asked);
    let request = Request { doc_type: doctype, elements: &elements };
    let handover = reading.expectation.session.handover(&reading.expectation.nonce);
    let opening = Opening { handover: &handover, mac_key: None };
    let trust = IssuerTrust::Roots(&certified.roots);
    let verified = verify_response(&bytes, &request, &opening, trust, reading.now)?; // [VP-VAL-04]
    let Presentation { credentials, .. } = verified.into_inner();
    let [credential] = <[Credential; 1]>::try_from(credentials).map_err(|_| VerifyError::OneCredential)?; // [VP-21]
    if !certified.believes(credential.issuer()) {
        return Err(VerifyError::NotTrusted); // [VP-20]
    }
    let candidate = Candidate {
        kind: Kind::Mdoc { doctype: doctype.to_owned() },
        claims: credential.claims().clone(),
        bound: Bound::ToKey,
        arrays: Arrays::Whole,
        authorities: authorities::of_mdoc(&bytes, &certified.roots, reading),
    };
    Ok(Authentic { credential, candidate, authorised: Vec::new(), issuer: Issuer::Certified })
}

/// Every element that is asked for, in whichever combination.
fn elements(asked: &CredentialQuery) -> Selection {
    asked.elements().fold(Selection::default(), |elements, (namespace, identifier)| {
        elements.with(ElementName { namespace, identifier })
    })
}
