use sinpyo_core::time::Timestamp;
use sinpyo_wallet::{Choice, Wallet};

fn present(wallet: &mut Wallet, choice: Choice, now: Timestamp) {
    let _ = wallet.present(choice, now);
}

fn main() {}
