//! Keys, and the raw primitive every row is compared with.

use anyhow::{Context as _, anyhow, bail};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ML_DSA_44,
    ML_DSA_44_SIGNING, ParsedPublicKey, PqdsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde_json::{Value, json};

/// The signature algorithms measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alg {
    /// Ed25519 with ed25519-dalek's strict rule.
    Ed25519,
    /// ECDSA with P-256 and SHA-256, 64-byte signatures.
    Es256,
    /// ML-DSA-44, pure, with an empty context [FIPS 204].
    MlDsa44,
}

impl Alg {
    /// The JOSE `alg` [RFC 7518, RFC 8037, draft-ietf-cose-dilithium].
    pub fn jose(self) -> &'static str {
        match self {
            Self::Ed25519 => "EdDSA",
            Self::Es256 => "ES256",
            Self::MlDsa44 => "ML-DSA-44",
        }
    }

    /// The word used in row names.
    pub(crate) fn row_word(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Es256 => "es256",
            Self::MlDsa44 => "ml-dsa-44",
        }
    }
}

/// The neutral element of the curve, y = 1 [RFC 8032 §5.1.2].
const NEUTRAL: [u8; 32] = {
    let mut point = [0; 32];
    point[0] = 1;
    point
};

/// A key pair made for this run.
#[derive(Debug)]
pub struct Key {
    secret: Secret,
    public: Vec<u8>,
}

#[derive(Debug)]
enum Secret {
    Ed25519(Box<SigningKey>),
    Es256(EcdsaKeyPair),
    MlDsa44(PqdsaKeyPair),
    /// No secret at all, see [`Key::small_order`].
    SmallOrder,
}

impl Key {
    /// The Ed25519 "key" whose public point is the neutral element: one signature fits every message, unless the
    /// verifier refuses points of small order, as our acceptance rule (ed25519-dalek's `verify_strict`) does.
    pub(crate) fn small_order() -> Self {
        Self { secret: Secret::SmallOrder, public: NEUTRAL.to_vec() }
    }

    /// A fresh key pair.
    ///
    /// # Errors
    ///
    /// When the library cannot make one.
    pub fn generate(alg: Alg) -> anyhow::Result<Self> {
        Ok(match alg {
            Alg::Ed25519 => {
                let mut seed = [0; 32];
                aws_lc_rs::rand::fill(&mut seed)?;
                let key = SigningKey::from_bytes(&seed);
                let public = key.verifying_key().to_bytes().to_vec();
                Self { secret: Secret::Ed25519(Box::new(key)), public }
            }
            Alg::Es256 => {
                let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
                let public = key.public_key().as_ref().to_vec();
                Self { secret: Secret::Es256(key), public }
            }
            Alg::MlDsa44 => {
                let key = PqdsaKeyPair::generate(&ML_DSA_44_SIGNING)?;
                let public = key.public_key().as_ref().to_vec();
                Self { secret: Secret::MlDsa44(key), public }
            }
        })
    }

    /// What the key signs with.
    pub fn alg(&self) -> Alg {
        match self.secret {
            Secret::Ed25519(_) | Secret::SmallOrder => Alg::Ed25519,
            Secret::Es256(_) => Alg::Es256,
            Secret::MlDsa44(_) => Alg::MlDsa44,
        }
    }

    /// The public key: 32 bytes of Ed25519, an uncompressed P-256 point (65 bytes), or 1,312 bytes of ML-DSA-44.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// The public key as a JWK [RFC 7517].
    ///
    /// # Errors
    ///
    /// For ML-DSA, of which no row needs a JWK.
    pub fn jwk(&self) -> anyhow::Result<Value> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Ok(match self.alg() {
            Alg::Ed25519 => json!({"kty": "OKP", "crv": "Ed25519", "x": text(&self.public)}),
            Alg::Es256 => {
                let point = self.public.get(1..).context("empty point")?;
                let (x, y) = point.split_at_checked(32).context("short point")?;
                json!({"kty": "EC", "crv": "P-256", "x": text(x), "y": text(y)})
            }
            Alg::MlDsa44 => bail!("no JWK of ML-DSA here"),
        })
    }

    /// The public key as a Multikey [Controlled Identifiers 1.0 §2.2.2].
    ///
    /// # Errors
    ///
    /// For ML-DSA, of which no row needs a Multikey.
    pub fn multikey(&self) -> anyhow::Result<String> {
        let bytes = match self.alg() {
            Alg::Ed25519 => [&[0xed, 0x01], self.public.as_slice()].concat(),
            Alg::Es256 => {
                let (x, y) =
                    self.public.get(1..).and_then(|xy| xy.split_at_checked(32)).context("no point")?;
                let sign = 2 + (y.last().context("no point")? & 1);
                [&[0x80, 0x24, sign], x].concat()
            }
            Alg::MlDsa44 => bail!("no Multikey of ML-DSA here"),
        };
        Ok(multibase::encode(multibase::Base::Base58Btc, bytes))
    }

    /// A signature: 64 bytes, or 2,420 of ML-DSA-44.
    ///
    /// # Errors
    ///
    /// When the library refuses to sign.
    pub fn sign(&self, message: &[u8]) -> anyhow::Result<Vec<u8>> {
        Ok(match &self.secret {
            Secret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Secret::Es256(key) => key.sign(&SystemRandom::new(), message)?.as_ref().to_vec(),
            Secret::MlDsa44(key) => {
                let mut signature = vec![0; key.algorithm().signature_len()];
                let length = key.sign(message, &mut signature)?;
                signature.truncate(length);
                signature
            }
            Secret::SmallOrder => [NEUTRAL, [0; 32]].concat(),
        })
    }

    /// The raw check with this key, parsed.
    ///
    /// # Errors
    ///
    /// As [`Verifier::new`].
    pub fn verifier(&self) -> anyhow::Result<Verifier> {
        Verifier::new(self.alg(), &self.public)
    }
}

/// The raw primitive: a signature check with a parsed key.
#[derive(Clone, Debug)]
pub enum Verifier {
    /// ed25519-dalek, `verify_strict`.
    Ed25519(Box<VerifyingKey>),
    /// aws-lc-rs, fixed-length signatures.
    Es256(Box<ParsedPublicKey>),
    /// aws-lc-rs.
    MlDsa44(Box<ParsedPublicKey>),
}

impl Verifier {
    /// Parses a public key, as [`Key::public`] gives it.
    ///
    /// # Errors
    ///
    /// When the bytes are no key of that algorithm.
    pub fn new(alg: Alg, public: &[u8]) -> anyhow::Result<Self> {
        Ok(match alg {
            Alg::Ed25519 => Self::Ed25519(Box::new(VerifyingKey::try_from(public)?)),
            Alg::Es256 => Self::Es256(Box::new(ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public)?)),
            Alg::MlDsa44 => Self::MlDsa44(Box::new(ParsedPublicKey::new(&ML_DSA_44, public)?)),
        })
    }

    /// Parses a P-256 JWK, as a credential's `cnf` carries it.
    ///
    /// # Errors
    ///
    /// When the JWK is not a P-256 key.
    pub fn from_p256_jwk(jwk: &Value) -> anyhow::Result<Self> {
        if jwk.get("kty") != Some(&json!("EC")) || jwk.get("crv") != Some(&json!("P-256")) {
            bail!("not a P-256 key");
        }
        let mut point = vec![4];
        for name in ["x", "y"] {
            let text = jwk.get(name).and_then(Value::as_str).context("missing coordinate")?;
            point.extend(URL_SAFE_NO_PAD.decode(text)?);
        }
        Self::new(Alg::Es256, &point)
    }

    /// What it verifies.
    pub fn alg(&self) -> Alg {
        match self {
            Self::Ed25519(_) => Alg::Ed25519,
            Self::Es256(_) => Alg::Es256,
            Self::MlDsa44(_) => Alg::MlDsa44,
        }
    }

    /// Checks one signature.
    ///
    /// # Errors
    ///
    /// When it does not verify.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::Ed25519(key) => key.verify_strict(message, &Signature::from_slice(signature)?)?,
            Self::Es256(key) | Self::MlDsa44(key) => {
                key.verify_sig(message, signature).map_err(|_| anyhow!("signature does not verify"))?;
            }
        }
        Ok(())
    }

    /// Checks a compact JWS: its `alg`, its `typ` and its signature; returns the decoded payload.
    ///
    /// For the peers that leave the JWS to their caller. Headers with `crit` are refused [RFC 7515 §4.1.11].
    ///
    /// # Errors
    ///
    /// When one of these checks fails.
    pub fn verify_jws(&self, jws: &str, typ: &str) -> anyhow::Result<Value> {
        let (message, signature) = jws.rsplit_once('.').context("not a JWS")?;
        let (header, payload) = message.split_once('.').context("not a JWS")?;
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header)?)?;
        if header.get("alg").and_then(Value::as_str) != Some(self.alg().jose())
            || header.get("typ").and_then(Value::as_str) != Some(typ)
            || header.get("crit").is_some()
        {
            bail!("unexpected header");
        }
        self.verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature)?)?;
        Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
    }
}
