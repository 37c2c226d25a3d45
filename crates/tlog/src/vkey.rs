//! Public keys as text: `name+hash+key` [C2SP signed-note §Verifier keys].

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sinpyo_crypto::hash::Sha256;
use std::fmt;

/// The parts of a verifier key.
pub(crate) struct VkeyWire<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: u8,
    pub(crate) key: Vec<u8>,
}

impl<'a> VkeyWire<'a> {
    /// `None` unless `text` is a name, the key id that its name and key have, and the base64 of a signature type and
    /// a key.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let bytes = STANDARD.decode(key).ok()?;
        let (&kind, key) = bytes.split_first()?;
        let id_fits = hexadecimal(key_id(name, kind, key)) == id;
        id_fits.then(|| Self { name, kind, key: key.to_vec() })
    }
}

/// The id of a key: it binds the key to the name and the kind of signature, so that none speaks for another.
pub(crate) fn key_id(name: &str, kind: u8, key: &[u8]) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update(&[b'\n', kind]);
    hash.update(key);
    let [a, b, c, d, ..] = hash.finish();
    [a, b, c, d]
}

pub(crate) fn print(f: &mut fmt::Formatter<'_>, name: &str, kind: u8, key: &[u8]) -> fmt::Result {
    let blob = STANDARD.encode([&[kind], key].concat());
    write!(f, "{name}+{}+{blob}", hexadecimal(key_id(name, kind, key)))
}

fn hexadecimal(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}
