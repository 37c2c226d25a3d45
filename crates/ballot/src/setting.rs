//! What a ballot is made and checked under: shape, keys, context (§§4, 7).
