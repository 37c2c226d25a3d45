//! Invitations: how somebody becomes a trustee. The secrets of trustees never come here.

use crate::{
    call::Call,
    dossier::{Dossier, TrusteeKeys},
    problem::{absent, unavailable},
};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_crypto::mac::equal;
use sinpyo_state::{OwnedChange, Unavailable};
use sinpyo_voting::form::from_hex_array;
use sinpyo_web::{answer, problem::Refusal};

/// Why keys are not taken.
#[derive(Debug)]
enum NotTaken {
    Absent,
    Late,
    Unavailable(Unavailable),
}

impl From<Unavailable> for NotTaken {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

/// The place of the trustee whose invitation has this secret.
pub(crate) fn place(dossier: &Dossier, secret: &str) -> Option<usize> {
    dossier.trustees.iter().position(|invited| equal(invited.secret.as_bytes(), secret.as_bytes()))
}

/// `POST /e/{election}/trustees/{invitation}`: the public keys of whoever was invited.
pub(crate) fn accept(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let election = call.election()?;
    let members = call.json()?;
    let hex = |name: &str| {
        let text = members.get(name).and_then(Value::as_str)?;
        from_hex_array::<32>(text).map(|_| text.to_owned())
    };
    let malformed =
        || Refusal::new(StatusCode::BAD_REQUEST, "VTS-40", &"key and box are 32 bytes in hex each");
    if members.len() != 2 {
        return Err(malformed());
    }
    let keys = TrusteeKeys {
        key: hex("key").ok_or_else(malformed)?, // [VTS-40]
        sealing: hex("box").ok_or_else(malformed)?,
    };
    let secret = call.routed.part("invitation");
    let mut number = 0;
    let take = |dossier: &mut Dossier, _: &mut dyn Entropy| -> Result<Vec<OwnedChange>, NotTaken> {
        let at = place(dossier, secret).ok_or(NotTaken::Absent)?; // [VTS-41]
        let settled = dossier.settled;
        let invited = dossier.trustees.get_mut(at).ok_or(NotTaken::Absent)?;
        number = at.saturating_add(1);
        if invited.keys.as_ref() == Some(&keys) {
            return Ok(Vec::new());
        }
        if settled || invited.keys.is_some() {
            return Err(NotTaken::Late); // [VTS-41]
        }
        invited.keys = Some(keys.clone());
        Ok(Vec::new())
    };
    let done = call.service.cabinet(call.now).change(&election, entropy, take);
    let unknown = || absent("VTS-41", "there is no such invitation");
    match done {
        Ok(Some(_)) => Ok(answer::json(StatusCode::CREATED, &json!({"number": number}))),
        Ok(None) | Err(NotTaken::Absent) => Err(unknown()),
        Err(NotTaken::Late) => {
            let detail = "the invitation was accepted with other keys";
            Err(Refusal::new(StatusCode::CONFLICT, "VTS-41", &detail))
        }
        Err(NotTaken::Unavailable(error)) => Err(unavailable(error)),
    }
}
