use sinpyo_core::Secret;

fn clone(secret: Secret<[u8; 32]>) {
    let _ = secret.clone();
}

fn main() {}
