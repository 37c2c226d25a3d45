use sinpyo_core::Secret;

fn print(secret: Secret<[u8; 32]>) {
    println!("{secret}");
}

fn main() {}
