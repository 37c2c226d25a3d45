use sinpyo_core::time::Timestamp;
use sinpyo_wallet::{Choice, Occasion, Wallet};

fn present(wallet: &mut Wallet, choice: Choice, occasion: &Occasion<'_>, now: Timestamp) {
    let _ = wallet.present(choice, occasion, now);
}

fn main() {}
