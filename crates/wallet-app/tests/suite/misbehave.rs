//! Each fault is in the answer, and nothing else is wrong with it: the verifier names exactly its rule.

use crate::{consent::query, hand::Hand, world::World};
use sinpyo_wallet_app::misbehave::{Misbehaviour, ProofFault};

#[test]
fn a_verifier_names_the_rule_that_each_fault_breaks() {
    for (name, fault) in Misbehaviour::ALL {
        let (mut world, mut hand) = (World::new(), Hand::new());
        assert_eq!(hand.receive(&mut world, None).unwrap(), 3);
        let link = world.ask(&query(&["age_over_18", "given_name"]));
        let sent = hand.present(&mut world, &link, Some(fault));
        let expected = match fault {
            Misbehaviour::Replay => {
                // Byte for byte the same: the verifier gives the same answer and counts it once.
                assert!(sent.is_ok(), "{name}");
                assert!(matches!(world.verdicts.as_slice(), [Ok(_)]), "{:?}", world.verdicts);
                continue;
            }
            Misbehaviour::ExtraClaims => {
                // More than asked for is no reason to refuse; the verifier gets it and must drop it.
                assert!(matches!(world.verdicts.as_slice(), [Ok(_)]), "{:?}", world.verdicts);
                continue;
            }
            fault => expected(fault),
        };
        let [Err(code)] = world.verdicts.as_slice() else { panic!("{name}: {sent:?} {:?}", world.verdicts) };
        assert_eq!(code, expected, "{name}");
        assert_eq!(name.parse(), Ok(fault));
    }
}

/// The rule of `spec/checks` whose text is about the fault.
fn expected(fault: Misbehaviour) -> &'static str {
    match fault {
        Misbehaviour::Nonce => "SDJ-13",
        Misbehaviour::Audience | Misbehaviour::StrippedPrefix => "SDJ-14",
        Misbehaviour::MissingClaim => "VP-14",
        Misbehaviour::WrongSdHash => "SDJ-03",
        Misbehaviour::OldIat | Misbehaviour::FutureIat => "SDJ-15",
        Misbehaviour::OtherKey | Misbehaviour::AlgNone => "SDJ-12",
        Misbehaviour::NoBinding => "SDJ-02",
        Misbehaviour::StringVpToken => "VP-RSP-01",
        Misbehaviour::ExtraQuery => "VP-02",
        Misbehaviour::TamperedCredential => "JWS-11",
        Misbehaviour::TamperedDisclosure => "SDJ-05",
        Misbehaviour::PlainInsteadOfEncrypted => "VP-RSP-06",
        Misbehaviour::WrongKid => "JOE-07",
        Misbehaviour::WrongAlg => "JOE-03",
        Misbehaviour::OtherRecipient => "JOE-10",
        Misbehaviour::State => "VP-REQ-08",
        other => panic!("{other:?} is no reason to refuse"),
    }
}

#[test]
fn a_wallet_without_a_fault_is_accepted() {
    let (mut world, mut hand) = (World::new(), Hand::new());
    hand.receive(&mut world, None).unwrap();
    let link = world.ask(&query(&["age_over_18", "given_name"]));
    hand.present(&mut world, &link, None).unwrap();
    assert!(matches!(world.verdicts.as_slice(), [Ok(_)]), "{:?}", world.verdicts);
}

#[test]
fn an_issuer_refuses_each_wrong_proof() {
    for (name, fault) in ProofFault::ALL {
        let (mut world, mut hand) = (World::new(), Hand::new());
        let error = hand.receive(&mut world, Some(fault)).unwrap_err();
        let expected = if fault == ProofFault::Nonce { "invalid_nonce" } else { "invalid_proof" };
        assert!(error.to_string().contains(expected), "{name}: {error}");
        assert_eq!(hand.wallet.credentials().count(), 0);
        assert_eq!(name.parse(), Ok(fault));
    }
    let (mut world, mut hand) = (World::new(), Hand::new());
    assert_eq!(hand.receive(&mut world, None).unwrap(), 3);
}
