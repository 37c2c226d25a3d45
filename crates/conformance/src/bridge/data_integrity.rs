//! Data Integrity proofs.

use super::{
    answer::{Answer, Refusal},
    arguments::{Arguments, wrong},
    jsonld,
    keys::{self, Signing},
    os::OsEntropy,
    resolving,
};
use serde_json::json;
use sinpyo_core::{did::KeyId, document::VerificationRelationship};
use sinpyo_proof::{
    Disclosure, Profile,
    data_integrity::{
        self, Challenge, Cryptosuite, Earlier, Expected, ProofOptions, Securing,
        disclosure::{self, Base},
    },
};
use sinpyo_selective::Pointer;

/// `di.issue`. A proof that is there already stays, beside the new one.
pub(super) fn issue(arguments: &Arguments) -> Answer {
    let document = arguments.object("document")?.clone();
    let suite = Cryptosuite::from_name(arguments.text("cryptosuite")?).ok_or_else(|| wrong("cryptosuite"))?;
    let options = options(arguments)?;
    let contexts = jsonld::contexts(arguments)?;
    let mandatory = pointers(arguments, "mandatoryPointers")?;
    let base = Base { options: &options, mandatory: &mandatory, contexts: &contexts };
    let secured = match suite {
        Cryptosuite::Bbs2023 => {
            let key = keys::bbs_key(arguments.required("key")?, "key")?;
            let key_id: KeyId = match arguments.maybe_text("verificationMethod")? {
                Some(method) => method.parse()?,
                None => format!("did:key:{0}#{0}", key.public_key().to_multikey()).parse()?,
            };
            disclosure::sign_bbs(document, &base, (&key_id, &key), &mut OsEntropy)?
        }
        Cryptosuite::EcdsaSd2023 => {
            let key = Signing::read(arguments, "key", "verificationMethod")?;
            let prepared = disclosure::prepare(document, &base, key.signatory(), &mut OsEntropy)?;
            let signature = key.sign(prepared.signing_input())?;
            prepared.attach(&signature)?
        }
        suite => {
            let key = Signing::read(arguments, "key", "verificationMethod")?;
            let how = Securing { suite, options: &options, contexts: &contexts, earlier: Earlier::Kept };
            let prepared = data_integrity::secure(document, &how, key.signatory())?;
            let signature = key.sign(prepared.signing_input())?;
            prepared.attach(&signature)?
        }
    };
    Ok(json!({"document": secured}))
}

/// `di.derive`.
pub(super) fn derive(arguments: &Arguments) -> Answer {
    let document = arguments.object("document")?.clone();
    let selective = pointers(arguments, "selectivePointers")?;
    let header = match arguments.maybe_text("presentationHeader")? {
        Some(_) => arguments.bytes("presentationHeader")?,
        None => Vec::new(),
    };
    let contexts = jsonld::contexts(arguments)?;
    let derived = disclosure::derive(document, &selective, &header, &contexts, &mut OsEntropy)?;
    Ok(json!({"document": derived}))
}

/// `di.verify`.
pub(super) fn verify(arguments: &Arguments) -> Answer {
    let secured = arguments.object("document")?.clone();
    let keys = resolving::key_ring(arguments, data_integrity::claimed_keys(&secured))?;
    let (domain, challenge) = (arguments.maybe_text("domain")?, arguments.maybe_text("challenge")?);
    let asked = domain.is_some() || challenge.is_some();
    let expected = Expected {
        purpose: purpose(arguments)?,
        challenge: asked.then_some(Challenge { domain, challenge }),
        now: arguments.now()?,
    };
    // What comes back is the document, whose statements the caller reads with a processor of its own.
    let disclosure = if arguments.flag("base")? { Disclosure::Base } else { Disclosure::Derived };
    let profile = Profile { contexts: jsonld::contexts(arguments)?, disclosure, ..Profile::conformance() };
    let verified = data_integrity::verify_set(secured, &keys, &expected, &profile)?.into_inner();
    let signers: Vec<&str> = verified.signers.iter().map(|signer| signer.key_id.as_str()).collect();
    Ok(json!({"document": verified.document, "signers": signers}))
}

fn options(arguments: &Arguments) -> Result<ProofOptions, Refusal> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let all = |name| Ok::<_, Refusal>(arguments.texts(name)?.into_iter().map(str::to_owned).collect());
    Ok(ProofOptions {
        id: owned(arguments.maybe_text("proofId")?),
        created: Some(arguments.time("created")?),
        expires: arguments.maybe_time("expires")?,
        domains: all("domain")?,
        challenge: owned(arguments.maybe_text("challenge")?),
        nonce: owned(arguments.maybe_text("nonce")?),
        previous: all("previousProof")?,
        ..ProofOptions::new(purpose(arguments)?)
    })
}

fn purpose(arguments: &Arguments) -> Result<VerificationRelationship, Refusal> {
    let name = arguments.maybe_text("purpose")?.unwrap_or("assertionMethod");
    VerificationRelationship::from_name(name).ok_or_else(|| wrong("purpose"))
}

fn pointers(arguments: &Arguments, name: &str) -> Result<Vec<Pointer>, Refusal> {
    Ok(arguments.texts(name)?.into_iter().map(Pointer::parse).collect::<Result<_, _>>()?)
}
