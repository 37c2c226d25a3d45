use sinpyo_wallet::Consent;

fn copy(consent: &Consent) -> Consent {
    consent.clone()
}

fn main() {}
