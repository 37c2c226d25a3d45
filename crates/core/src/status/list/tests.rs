use super::*;
use proptest::prelude::*;

#[test]
fn the_examples_of_the_token_status_list_draft() {
    // draft-ietf-oauth-status-list, "Compressed Byte Array": 1 bit {0xb9, 0xa3}, 2 bits {0xc9, 0x44, 0xf9}.
    let one = StatusList::from_lst(1, "eNrbuRgAAhcBXQ").unwrap();
    let set: Vec<_> = (0..16).map(|index| one.get(index).unwrap()).collect();
    assert_eq!(set, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
    let two = StatusList::from_lst(2, "eNo76fITAAPfAgc").unwrap();
    let values: Vec<_> = (0..12).map(|index| two.get(index).unwrap()).collect();
    assert_eq!(values, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
    assert_eq!(two.get(12), Err(StatusListError::Range));
}

#[test]
fn the_two_formats_order_bits_differently() {
    let mut token = StatusList::new(1, BitOrder::LeastFirst, 16).unwrap();
    let mut bitstring = StatusList::new(1, BitOrder::MostFirst, 16).unwrap();
    token.set(0, 1).unwrap();
    bitstring.set(0, 1).unwrap();
    assert_eq!((token.bytes, bitstring.bytes), (vec![1, 0], vec![0x80, 0]));
}

#[test]
fn a_bomb_is_refused() {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..32 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = to_base64url(&encoder.finish().unwrap());
    assert_eq!(StatusList::from_lst(1, &bomb), Err(StatusListError::TooLong));
}

#[test]
fn malformed_lists_are_refused() {
    assert_eq!(StatusList::new(3, BitOrder::LeastFirst, 8), Err(StatusListError::Bits));
    assert_eq!(StatusList::new(8, BitOrder::LeastFirst, u64::MAX), Err(StatusListError::TooLong));
    assert_eq!(StatusList::from_lst(1, "AAAA"), Err(StatusListError::Compression));
    assert!(matches!(StatusList::from_lst(1, "=="), Err(StatusListError::Encoding(_))));
    assert!(matches!(
        StatusList::from_encoded_list(StatusSize::ONE, "zAA"),
        Err(StatusListError::Encoding(_))
    ));
    let mut list = StatusList::new(2, BitOrder::LeastFirst, 4).unwrap();
    assert_eq!(list.set(0, 4), Err(StatusListError::Value));
    assert_eq!(list.set(4, 1), Err(StatusListError::Range));
}

/// STA-10 of the catalogue of attacks.
#[test]
fn the_first_entry_is_the_leftmost_bit() {
    let mut list = StatusList::new(1, BitOrder::MostFirst, 24).unwrap();
    list.set(0, 1).unwrap();
    list.set(23, 1).unwrap();
    assert_eq!(list.bytes, [0x80, 0, 0x01]);
    let read = |index| list.get(index).unwrap();
    assert_eq!((read(0), read(23), read(7), read(16)), (1, 1, 0, 0));
}

#[test]
fn values_of_three_bits_cross_bytes_from_left_to_right() {
    // 101 110 01|1 000 111 1|00 ...: eight values in three bytes, as RFC-style bit diagrams are read.
    let list =
        StatusList::from_bytes(3, BitOrder::MostFirst, vec![0b1011_1001, 0b1000_1111, 0b0001_0000]).unwrap();
    let values: Vec<_> = (0..8).map(|index| list.get(index).unwrap()).collect();
    assert_eq!(values, [0b101, 0b110, 0b011, 0b000, 0b111, 0b100, 0b010, 0b000]);
    assert_eq!(list.get(8), Err(StatusListError::Range));
    assert_eq!(StatusList::new(3, BitOrder::LeastFirst, 8), Err(StatusListError::Bits));
    assert_eq!(StatusList::new(9, BitOrder::MostFirst, 8), Err(StatusListError::Bits));
    assert_eq!(StatusList::new(0, BitOrder::MostFirst, 8), Err(StatusListError::Bits));
}

/// STA-02 of the catalogue of attacks: what is unpacked is counted, whatever the compressed data promise.
#[test]
fn no_more_is_unpacked_than_the_limit() {
    struct Endless(usize);
    impl Read for &mut Endless {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            self.0 += out.len();
            Ok(out.len())
        }
    }
    let mut source = Endless(0);
    assert_eq!(unpack(&mut source), Err(StatusListError::TooLong));
    assert_eq!(source.0, MAX_BYTES + 1);
}

#[test]
fn a_bomb_of_a_gigabyte_is_refused_in_both_formats() {
    // DEFLATE of zeros, 1 MiB at a time and ended on a byte boundary, can be repeated as often as one likes.
    let zeros = vec![0; 1 << 20];
    let mut encoder = flate2::Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(1 << 16);
    encoder.compress_vec(&zeros, &mut block, flate2::FlushCompress::Full).unwrap();
    let body = block.repeat(1024);
    let zlib = [&[0x78, 0xda][..], &body].concat();
    let gzip = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff][..], &body].concat();
    assert_eq!(StatusList::from_zlib(1, &zlib), Err(StatusListError::TooLong));
    let text = to_multibase(Base::Base64Url, &gzip);
    assert_eq!(StatusList::from_encoded_list(StatusSize::ONE, &text), Err(StatusListError::TooLong));
}

/// STA-01 of the catalogue of attacks: one list, and what is not one.
#[test]
fn only_whole_lists_are_read() {
    let good = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
    let read = |text: &str| StatusList::from_encoded_list(StatusSize::ONE, text);
    assert_eq!(read(good).unwrap(), StatusList::new(1, BitOrder::MostFirst, 131_072).unwrap());
    for (text, code) in [
        (String::new(), "STS-04"),
        (good[1..].to_owned(), "STS-04"),
        (format!("z{}", &good[1..]), "STS-04"),
        (format!("m{}", &good[1..]), "STS-04"),
        (format!("{good}="), "STS-04"),
        (good.replace('-', "+"), "STS-04"),
        (format!(" {good}"), "STS-04"),
        (good[..good.len() - 4].to_owned(), "STS-03"),
        (good[..20].to_owned(), "STS-03"),
        ("u".to_owned(), "STS-03"),
        // Another checksum; another length; ZLIB instead of GZIP.
        (good.replace("YbSVKsA", "YbSVKsB"), "STS-03"),
        (good.replace("AQAAA", "AQAAB"), "STS-03"),
        (good.replace("sAQAAA", "sAQBAA"), "STS-03"),
        (to_multibase(Base::Base64Url, &read(good).unwrap().to_zlib()), "STS-03"),
    ] {
        assert_eq!(read(&text).map_err(|error| error.code()).err(), Some(code), "{text}");
    }
    assert_eq!(StatusList::from_lst(1, &good[1..]), Err(StatusListError::Compression), "GZIP is no ZLIB");
}

proptest! {
    #[test]
    fn what_is_set_is_read_after_both_encodings(
        width in 1_u8..=8,
        values in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        for order in [BitOrder::LeastFirst, BitOrder::MostFirst] {
            if order == BitOrder::LeastFirst && !width.is_power_of_two() {
                continue;
            }
            let mut list = StatusList::new(width, order, 200).unwrap();
            for (index, value) in (0..).zip(&values) {
                list.set(index, value & list.mask()).unwrap();
            }
            let again = match order {
                BitOrder::LeastFirst => StatusList::from_lst(width, &list.to_lst()),
                BitOrder::MostFirst => {
                    StatusList::from_encoded_list(StatusSize::new(width).unwrap(), &list.to_encoded_list())
                }
            };
            prop_assert_eq!(again.unwrap(), list.clone());
            for (index, value) in (0..).zip(&values) {
                prop_assert_eq!(list.get(index).unwrap(), value & list.mask());
            }
        }
    }

    #[test]
    fn a_bitstring_holds_the_entries_of_one_value(
        width in prop::sample::select(vec![1_u8, 2, 4, 8]),
        values in prop::collection::vec(any::<u8>(), 1..200),
        wanted in 1_u8..=255,
    ) {
        let mut list = StatusList::new(width, BitOrder::LeastFirst, u64::try_from(values.len()).unwrap()).unwrap();
        let wanted = NonZeroU8::new(wanted & list.mask()).unwrap_or(NonZeroU8::MIN);
        for (index, value) in (0..).zip(&values) {
            list.set(index, value & list.mask()).unwrap();
        }
        let bitstring = list.bitstring_of(wanted).unwrap();
        prop_assert_eq!(bitstring.len(), list.len().next_multiple_of(8));
        for index in 0..u64::try_from(list.len()).unwrap() {
            prop_assert_eq!(bitstring.get(index).unwrap() == 1, list.get(index).unwrap() == wanted.get());
        }
        for padding in list.len()..bitstring.len() {
            prop_assert_eq!(bitstring.get(u64::try_from(padding).unwrap()), Ok(0));
        }
    }
}
