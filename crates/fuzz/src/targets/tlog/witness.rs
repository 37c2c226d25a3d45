//! A witness and who asks it, each with whatever the other may send.

use super::world::{FORKED, HONEST, LOG, ORIGIN, SIZE, WITNESSES, now, witness};
use crate::{
    Outcome,
    targets::{OK, SKIPPED},
};
use sinpyo_crypto::Algorithm;
use sinpyo_tlog::{
    cosignature::CosignerKey,
    witness::{
        AddCheckpoint, Advance, Answer, MemoryWitnessStore, Request, Witness, WitnessKey, WitnessStore as _,
    },
};
use std::str;

/// What the witness cosigned last.
const SEEN: u64 = 60;

/// What fits what the witness saw, and what does not.
pub(super) fn requests() -> Vec<Vec<u8>> {
    let honest = |old, new| AddCheckpoint {
        old,
        proof: HONEST.consistency(old, new),
        checkpoint: HONEST.checkpoint(new),
    };
    let forked =
        AddCheckpoint { old: SEEN, proof: FORKED.consistency(SEEN, 70), checkpoint: FORKED.checkpoint(70) };
    let fork = AddCheckpoint { old: SEEN, proof: Vec::new(), checkpoint: FORKED.checkpoint(SEEN) };
    let cosigned = AddCheckpoint { checkpoint: HONEST.cosigned(SIZE), ..honest(SEEN, SIZE) };
    let all = [honest(SEEN, 70), honest(SEEN, SEEN), cosigned, honest(40, 70), forked, fork];
    all.map(|request| request.to_string().into_bytes()).to_vec()
}

/// The witness goes on with the story that it knows, remembers what it cosigned, and nothing else.
pub(crate) fn answer(input: &[u8]) -> Outcome {
    let store = MemoryWitnessStore::default();
    let origin = ORIGIN.parse().expect("a name");
    let known = HONEST.head(SEEN);
    assert_eq!(store.advance(&origin, None, known).expect("memory"), Advance::Done);
    let keys = [Algorithm::Ed25519, Algorithm::MlDsa44].map(|algorithm| {
        let (key, signer) = witness(algorithm);
        WitnessKey::new(key, signer)
    });
    let witness = Witness::new(vec![LOG.clone()], keys.into(), store);
    let answer = witness.answer(input, now());
    let latest = witness.store().latest(&origin).expect("memory").expect("a head");
    assert!(answer.failure().is_none(), "the witness failed: {}", answer.status());
    let request = str::from_utf8(input).ok().and_then(|text| {
        let request: AddCheckpoint = text.parse().ok()?;
        assert_eq!(request.to_string(), text, "a request has one form");
        Some(request)
    });
    let Some(code) = answer.code() else {
        let request = request.expect("what is cosigned was read");
        assert_eq!((answer.status(), latest), (200, request.checkpoint.claimed_head()));
        assert!(latest.size >= SEEN && HONEST.had(latest), "the witness changed its story");
        let body = answer.body();
        let lines = body.lines().map(|line| line.parse().expect("a signature line"));
        let cosigned = request.checkpoint.with_signatures(lines);
        let Ok(cosigned) = cosigned else { return "too many lines" };
        assert!(WITNESSES.iter().all(|key| key.verify(&cosigned).is_ok_and(|at| at >= now())));
        return OK;
    };
    assert_eq!(latest, known, "what was refused is remembered");
    assert!(matches!(answer.status(), 400 | 403 | 404 | 409 | 422), "{}", answer.status());
    assert!(matches!(code, "WIT-25" | "WIT-26") == answer.conflicting().is_some());
    let _shown = (answer.body(), answer.content_type());
    code
}

/// Status lines with bodies.
pub(super) fn answers() -> Vec<Vec<u8>> {
    let lines = |size| HONEST.cosigned(size).signatures().iter().map(ToString::to_string).collect::<String>();
    let all = [
        format!("200\n{}", lines(SIZE)),
        format!("200\n{}", lines(SEEN)),
        "409\n60\n".to_owned(),
        "409\n0\n".to_owned(),
        "409\n101\n".to_owned(),
        "422\nWIT-26\n".to_owned(),
    ];
    all.map(String::into_bytes).to_vec()
}

/// What a log adopts was cosigned, and asking again comes to an end.
pub(super) fn adopt(input: &[u8]) -> Outcome {
    let Some(at) = input.iter().position(|byte| *byte == b'\n') else { return SKIPPED };
    let (status, body) = input.split_at(at);
    let Some(status) = str::from_utf8(status).ok().and_then(|status| status.parse().ok()) else {
        return SKIPPED;
    };
    let body = body.get(1..).unwrap_or_default();
    let mut request = Request::new(HONEST.checkpoint(SIZE), WITNESSES.to_vec(), 40);
    for _ in 0..10 {
        match request.clone().answered(status, body, now()) {
            Ok(Answer::Cosigned(lines)) => {
                let cosigned = request.checkpoint().clone().with_signatures(lines.clone());
                let cosigned = cosigned.expect("what is adopted fits");
                let said = |key: &CosignerKey| lines.iter().any(|line| key.is_key_of(line));
                for key in WITNESSES.iter().filter(|key| said(key)) {
                    assert_eq!(key.verify(&cosigned), Ok(now()), "nobody cosigned this");
                }
                assert!(!lines.is_empty() && WITNESSES.iter().any(said));
                return OK;
            }
            Ok(Answer::Again(next)) => {
                assert!(next.old_size() <= SIZE && next.old_size() != request.old_size());
                request = next;
            }
            Err(refusal) => return refusal.code().unwrap_or("refused"),
        }
    }
    unreachable!("the log argues with the witness for ever")
}
