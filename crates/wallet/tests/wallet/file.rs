//! The wallet on its way to disk and back.

use crate::scene::{self, *};
use serde_json::json;
use sinpyo_core::{Secret, request::PresentationRequest};
use sinpyo_crypto::{Algorithm, password::PasswordError};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_wallet::{CopyUse, Generation, HeldId, OpenError, Password, Wallet};

fn opened(file: &[u8]) -> Wallet {
    Wallet::open(file, &password(), Generation::default()).unwrap()
}

fn present(wallet: &mut Wallet, request: &PresentationRequest) -> Box<[u8]> {
    let consent = reviewed(wallet, request).unwrap().disclose_requested();
    scene::present(wallet, consent, request, at(1)).unwrap()
}

#[test]
fn a_wallet_survives_being_sealed_and_opened() {
    let mut wallet = wallet(2);
    let unused = wallet.new_key(kind(), &mut TestEntropy::new(70));
    let phone = key(Algorithm::Ed25519, 3).verifying_key().to_jwk();
    wallet.add_key(kind(), &phone).unwrap();
    let (post, bank) = (request(POST, &[json!(["given_name"])]), request(BANK, &[json!(["given_name"])]));
    present(&mut wallet, &post);
    let file = wallet.seal(&password(), &mut TestEntropy::new(8)).unwrap();

    let mut again = opened(&file);
    assert_eq!((again.generation(), again.history()), (Generation::new(1), wallet.history()));
    for (before, after) in wallet.credentials().zip(again.credentials()) {
        assert_eq!(before.credential(), after.credential());
        assert_eq!((before.id(), before.withheld()), (after.id(), after.withheld()));
        assert_eq!(before.shown_to(), after.shown_to());
    }
    // Keys, copies and numbers go on where they were.
    let (_, presentation) = presentations(&present(&mut again, &bank)).remove(0);
    assert_eq!(verified(&presentation, &bank).claims()["given_name"], "한별");
    assert_eq!(again.history()[1].shown[0].copy, CopyUse::Fresh);
    for (number, key) in [(3, unused), (4, phone)] {
        assert_eq!(hold_bound_to(&mut again, key, claims(), &mut TestEntropy::new(9)), HeldId::new(number));
    }
}

#[test]
fn an_older_file_in_the_place_of_a_newer_one_is_noticed() {
    let mut wallet = Wallet::new();
    let mut entropy = TestEntropy::new(1);
    let older = wallet.seal(&password(), &mut entropy).unwrap();
    let newer = wallet.seal(&password(), &mut entropy).unwrap();
    let seen = wallet.generation();
    assert_eq!(seen.number(), 2);
    assert!(Wallet::open(&newer, &password(), seen).is_ok());
    let refused = Wallet::open(&older, &password(), seen).unwrap_err();
    assert_eq!((refused.code(), refused), ("WAL-16", OpenError::RolledBack));
}

#[test]
fn a_file_shows_nothing_of_its_content() {
    let mut wallet = wallet(1);
    let one = wallet.seal(&password(), &mut TestEntropy::new(1)).unwrap();
    for value in ["한별", "1987-06-05", KIND, ISSUER, "vct", "private"] {
        assert!(!one.windows(value.len()).any(|window| window == value.as_bytes()), "{value}");
    }
    // 41 bytes of header, nonce 12, tag 16, and a content of whole blocks.
    assert_eq!((one.len() - 41 - 28) % 4096, 0);
}

#[test]
fn a_wrong_password_and_a_damaged_file_are_one_error() {
    let mut file = Wallet::new().seal(&password(), &mut TestEntropy::new(1)).unwrap();
    let other = Password::new(Secret::new("correct house".to_owned())).unwrap();
    let refused =
        |file: &[u8], password: &Password| Wallet::open(file, password, Generation::default()).unwrap_err();
    assert_eq!(refused(&file, &other), OpenError::WrongPasswordOrDamaged);
    let last = file.len() - 1;
    file[last] ^= 0x10;
    assert_eq!(refused(&file, &password()), OpenError::WrongPasswordOrDamaged);
    // The cost in the header: 64 MiB made 63, then nearly 4 TiB.
    file[9..13].copy_from_slice(&(63_u32 << 10).to_be_bytes());
    assert_eq!(refused(&file, &password()), OpenError::Cost(PasswordError::TooCheap));
    file[9..13].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(refused(&file, &password()), OpenError::Cost(PasswordError::TooExpensive));
}
