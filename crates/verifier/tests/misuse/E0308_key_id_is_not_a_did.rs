use sinpyo_core::{credential::Holder, did::KeyId};

fn confused(id: KeyId) -> Holder {
    Holder::Did(id)
}

fn main() {}
