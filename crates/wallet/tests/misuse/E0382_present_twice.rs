use sinpyo_core::time::Timestamp;
use sinpyo_wallet::{Consent, Occasion, Wallet};

fn present(wallet: &mut Wallet, consent: Consent, occasion: &Occasion<'_>, now: Timestamp) {
    let _ = wallet.present(consent, occasion, now);
    let _ = wallet.present(consent, occasion, now);
}

fn main() {}
