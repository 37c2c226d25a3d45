use sinpyo_core::credential::{Credential, CredentialType, Holder};

fn hasty(kind: CredentialType) {
    let _ = Credential::builder(kind, "did:x:issuer").holder(Holder::Bearer).build();
}

fn main() {}
