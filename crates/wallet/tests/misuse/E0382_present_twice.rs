use sinpyo_core::time::Timestamp;
use sinpyo_wallet::{Consent, Wallet};

fn present(wallet: &mut Wallet, consent: Consent, now: Timestamp) {
    let _ = wallet.present(consent, now);
    let _ = wallet.present(consent, now);
}

fn main() {}
