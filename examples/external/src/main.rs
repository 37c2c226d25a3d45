use sinpyo_core::{claims::ClaimPath, credential::*, key::*, resolved::Resolved};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_proof::{HolderBinding, KeyRing, Occasion, Unverified, jws::Typ, sd_jwt::*, sd_jwt_vc};
use sinpyo_resolver::did_key;
use std::{error::Error, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let (issuer, holder, now) = (new_key()?, new_key()?, "2026-11-22T00:00:00Z".parse()?);

    // An issuer states two things about a holder. Either can be shown without the other.
    let [name, age] = ["given_name", "age_over_18"].map(ClaimPath::name);
    let card = Credential::builder("urn:example:Card".parse()?, issuer.key_id().did().as_str())
        .holder(Holder::Key(holder.key().verifying_key().to_jwk()))
        .valid(Validity { from: Some(now), until: Some(now.plus(Duration::from_hours(24))) })
        .claim("given_name", "한별")
        .claim("age_over_18", true)
        .build();
    let selective = [name.clone(), age.clone()];
    let hide =
        Concealment { selective: &selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
    let card = sd_jwt_vc::issue(&card, &hide, (&issuer, issuer.key().verifying_key()), &mut Os)?;

    // The holder shows one of them, bound to one verifier and its nonce.
    let (shop, nonce) = ("https://shop.example", "sHW2zMLfvQrJ0Yk4uVh1aA");
    let shown = Holding::parse(&card, &[Typ::SD_JWT_VC])?.select(&[age.clone()])?;
    let shown = shown.bind(shop, nonce, now, (&holder, holder.key().verifying_key()))?;

    // The verifier resolves the issuer's DID. What arrived cannot be read before it is verified.
    let keys = KeyRing::of(&Resolved::immutable(did_key::resolve(&issuer.key_id().did())?));
    let occasion = Occasion { audience: shop, nonce, max_age: Duration::from_mins(5) };
    let arrived = Unverified::<Presentation>::parse(shown.as_bytes())?;
    let verified = arrived.verify(&keys, HolderBinding::Required(occasion), now)?;
    let card = verified.get().credentials.first().ok_or("no credential")?;
    assert_eq!(card.claim(&age), Some(&true.into()));
    assert_eq!(card.claim(&name), None);
    Ok(())
}

fn new_key() -> Result<KeySigner, Box<dyn Error>> {
    let key = SigningKey::generate(Algorithm::Es256, &mut Os);
    let did = did_key::did_of(key.verifying_key());
    Ok(KeySigner::new(did.key(did.method_specific_id())?, key))
}

struct Os;
impl Entropy for Os {
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("randomness from the operating system");
    }
}
