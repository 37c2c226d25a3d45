use sinpyo_core::credential::Credential;
use sinpyo_proof::Unverified;
use sinpyo_wallet::Wallet;

fn hold(wallet: &mut Wallet, arrived: Unverified<Credential>) {
    let _ = wallet.hold(arrived, Vec::new());
}

fn main() {}
