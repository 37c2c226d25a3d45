//! The hash of a block header, by the rule of its consensus.

use alloy::{
    consensus::Header,
    primitives::{B256, Bytes},
    rlp::{Header as ListHeader, PayloadView},
};

/// How a chain hashes its headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hashing {
    /// Keccak-256 of the whole header.
    #[default]
    Ethereum,
    /// QBFT: the extra data is hashed with round 0 and without the validators' seals, which are made afterwards
    /// [Besu, `BftBlockHashing`, hash of a block on the chain].
    Qbft,
}

impl Hashing {
    /// The hash; `None` if the extra data is not that of the consensus.
    pub fn hash(self, header: &Header) -> Option<B256> {
        match self {
            Self::Ethereum => Some(header.hash_slow()),
            Self::Qbft => {
                let extra_data = without_seals(&header.extra_data)?;
                Some(Header { extra_data, ..header.clone() }.hash_slow())
            }
        }
    }
}

/// The list of vanity, validators, vote, round and seals with the last two emptied.
fn without_seals(extra_data: &[u8]) -> Option<Bytes> {
    const NO_ROUND: &[u8] = &[0x80];
    const NO_SEALS: &[u8] = &[0xc0];
    let mut rest = extra_data;
    let PayloadView::List(items) = ListHeader::decode_raw(&mut rest).ok()? else { return None };
    let [vanity, validators, vote, _round, _seals] = *items.as_slice() else { return None };
    if !rest.is_empty() {
        return None;
    }
    let payload = [vanity, validators, vote, NO_ROUND, NO_SEALS].concat();
    let mut list = Vec::with_capacity(payload.len() + 4);
    ListHeader { list: true, payload_length: payload.len() }.encode(&mut list);
    list.extend_from_slice(&payload);
    Some(list.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{hex, keccak256};

    /// Extra data with two validators, a vote, round 0xfedcba and two seals, as Besu's own test of its codec has it.
    const SEALED: &[u8] = &hex!(
        "f8f0a00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20ea940000000000000000"
        "000000000000000000000001940000000000000000000000000000000000000002d7940000000000000000"
        "00000000000000000000000181ff83fedcbaf886b841000000000000000000000000000000000000000000"
        "0000000000000000000001000000000000000000000000000000000000000000000000000000000000000a"
        "00b841000000000000000000000000000000000000000000000000000000000000000a0000000000000000"
        "00000000000000000000000000000000000000000000000100"
    );

    /// The same by hand: 33 + 43 + 24 bytes of vanity, validators and vote, 1 of round, 1 of seals: 102 = 0x66.
    #[test]
    fn round_and_seals_are_not_in_a_qbft_hash() {
        let head = [&[0xf8, 0x66][..], &SEALED[2..102], &[0x80, 0xc0]].concat();
        assert_eq!(without_seals(SEALED).unwrap(), head);
        let header = |extra: &[u8]| Header { extra_data: extra.to_vec().into(), ..Header::default() };
        let hash = Hashing::Qbft.hash(&header(SEALED)).unwrap();
        assert_eq!(hash, Hashing::Ethereum.hash(&header(&head)).unwrap());
        assert_ne!(hash, Hashing::Ethereum.hash(&header(SEALED)).unwrap());
        assert_eq!(Hashing::Ethereum.hash(&header(SEALED)).unwrap(), keccak256(rlp(&header(SEALED))));
    }

    #[test]
    fn other_extra_data_has_no_qbft_hash() {
        for extra in
            [&b""[..], &[0x80], &[0xc0], &SEALED[..50], &[SEALED, &[0]].concat(), &[0xc4, 1, 2, 3, 4]]
        {
            let header = Header { extra_data: extra.to_vec().into(), ..Header::default() };
            assert_eq!(Hashing::Qbft.hash(&header), None);
        }
        let mut other = SEALED.to_vec();
        other[40] ^= 1; // a validator
        assert_ne!(without_seals(&other).unwrap(), without_seals(SEALED).unwrap());
    }

    fn rlp(header: &Header) -> Vec<u8> {
        alloy::rlp::encode(header)
    }
}
