//! `bbs-draft`: the fixtures of draft-irtf-cfrg-bbs-signatures, in both ciphersuites. A case is a file.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sinpyo_bbs::{Disclosure, Proof, PublicKey, SecretKey, Selection, Signature, Suite};
use sinpyo_bls12381::{Expander, Scalar};
use sinpyo_core::{Secret, key::Entropy};
use std::{collections::VecDeque, path::Path};

const SUITES: [(&str, Suite, Expander); 2] = [
    ("bls12-381-sha-256", Suite::Sha256, Expander::XmdSha256),
    ("bls12-381-shake-256", Suite::Shake256, Expander::XofShake256),
];

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let messages = given::json(&folder.join("messages.json"))?;
    let files = given::json_files(folder)?;
    let mut report = Report::new(files.len());
    report.record("messages.json", check_messages(folder, &messages));
    for (name, suite, expander) in SUITES {
        for file in given::json_files(&folder.join(name))? {
            let case = given::json(&file)?;
            let fixture = Fixture { case: &case, suite, expander };
            report.record(given::name(folder, &file), fixture.check(&given::name(&folder.join(name), &file)));
        }
    }
    Ok(report)
}

/// The messages of the whole set are those that the scalars are made of.
fn check_messages(folder: &Path, messages: &Value) -> Result<()> {
    for (name, _, _) in SUITES {
        let fixture = given::json(&folder.join(name).join("MapMessageToScalarAsHash.json"))?;
        let cases = given::array(given::member(&fixture, "cases")?)?;
        let theirs = cases.iter().map(|case| given::member(case, "message").cloned());
        expect::same("messages", &Value::Array(theirs.collect::<Result<_>>()?), messages)?;
    }
    Ok(())
}

struct Fixture<'a> {
    case: &'a Value,
    suite: Suite,
    expander: Expander,
}

impl Fixture<'_> {
    fn check(&self, name: &str) -> Result<()> {
        match name.split('/').next() {
            Some("keypair.json") => self.key_pair(),
            Some("generators.json") => self.generators(),
            Some("h2s.json") => self.scalar(self.case),
            Some("MapMessageToScalarAsHash.json") => self.message_scalars(),
            Some("mockedRng.json") => self.mocked_scalars(),
            Some("signature") => self.signature(),
            Some("proof") => self.proof(),
            _ => bail!("a fixture that is not known"),
        }
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>> {
        given::hex(given::text_member(self.case, name)?)
    }

    fn separator(&self, suffix: &str) -> Vec<u8> {
        format!("{}{suffix}", self.suite.api_id()).into_bytes()
    }

    fn key_pair(&self) -> Result<()> {
        let material = Secret::new(self.bytes("keyMaterial")?);
        let key = SecretKey::derive(self.suite, &material, &self.bytes("keyInfo")?)?;
        let pair = given::member(self.case, "keyPair")?;
        let stated = |name| given::hex(given::text_member(pair, name)?);
        expect::same_bytes("secret key", key.to_octets().expose(), &stated("secretKey")?)?;
        expect::same_bytes("public key", key.public_key().to_octets(), &stated("publicKey")?)
    }

    /// Makes the generators by the draft's own steps [§4.1.1]; that our signatures use them, the signatures show.
    fn generators(&self) -> Result<()> {
        let mut stated = vec![self.bytes("Q1")?];
        for point in given::array(given::member(self.case, "MsgGenerators")?)? {
            stated.push(given::hex(point.as_str().context("a point is text")?)?);
        }
        let made = self.points("MESSAGE_GENERATOR_SEED", stated.len());
        for (number, (made, stated)) in made.iter().zip(&stated).enumerate() {
            expect::same_bytes(&format!("generator {number}"), made, stated)?;
        }
        let base = self.points("BP_MESSAGE_GENERATOR_SEED", 1);
        expect::same_bytes("P1", base.first().context("one point")?, &self.bytes("P1")?)
    }

    fn points(&self, seed: &str, count: usize) -> Vec<Vec<u8>> {
        let seed_dst = self.separator("SIG_GENERATOR_SEED_");
        let dst = self.separator("SIG_GENERATOR_DST_");
        let mut state: [u8; 48] = self.expander.expand(&self.separator(seed), &seed_dst);
        let mut point = |number: u64| {
            state = self.expander.expand(&[&state[..], &number.to_be_bytes()].concat(), &seed_dst);
            self.expander.hash_to_g1(&state, &dst).to_compressed().to_vec()
        };
        (1..).take(count).map(&mut point).collect()
    }

    fn scalar(&self, case: &Value) -> Result<()> {
        let message = given::hex(given::text_member(case, "message")?)?;
        let scalar = self.expander.hash_to_scalar(&message, &self.bytes("dst")?);
        expect::same_bytes("scalar", &scalar.to_be_bytes(), &given::hex(given::text_member(case, "scalar")?)?)
    }

    fn message_scalars(&self) -> Result<()> {
        expect::same_bytes("dst", &self.separator("MAP_MSG_TO_SCALAR_AS_HASH_"), &self.bytes("dst")?)?;
        let cases = given::array(given::member(self.case, "cases")?)?;
        ensure!(cases.len() == 10, "expected ten messages");
        cases.iter().try_for_each(|case| self.scalar(case))
    }

    fn mocked_scalars(&self) -> Result<()> {
        let stream: [u8; 480] = self.expander.expand(&self.bytes("seed")?, &self.bytes("dst")?);
        let stated = given::array(given::member(self.case, "mockedScalars")?)?;
        ensure!(stated.len() == 10, "expected ten scalars");
        for (uniform, stated) in stream.chunks(48).zip(stated) {
            let stated = given::hex(stated.as_str().context("a scalar is text")?)?;
            expect::same_bytes("scalar", &Scalar::reduce(uniform).to_be_bytes(), &stated)?;
        }
        Ok(())
    }

    fn signature(&self) -> Result<()> {
        let messages = list(given::member(self.case, "messages")?)?;
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let header = self.bytes("header")?;
        let pair = given::member(self.case, "signerKeyPair")?;
        let key = PublicKey::from_octets(&given::hex(given::text_member(pair, "publicKey")?)?)?;
        let octets = self.bytes("signature")?;
        let signature = Signature::from_octets(&octets)?;
        expect::same_bytes("signature, written again", &signature.to_octets(), &octets)?;
        let verdict = key.verify(self.suite, &signature, &header, &messages);
        if !valid(self.case)? {
            let refusal = verdict.err().map(|error| error.code());
            return expect::refused_by("the signature", "BBS-04", refusal);
        }
        expect::same("signed messages", verdict?.messages(), messages.as_slice())?;
        let secret = SecretKey::from_octets(&given::hex(given::text_member(pair, "secretKey")?)?)?;
        let ours = secret.sign(self.suite, &header, &messages)?;
        expect::same_bytes("our signature", &ours.to_octets(), &octets)
    }

    fn proof(&self) -> Result<()> {
        let messages = list(given::member(self.case, "messages")?)?;
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let indexes = given::array(given::member(self.case, "disclosedIndexes")?)?;
        let mut shown: Vec<(usize, &[u8])> = Vec::new();
        for index in indexes {
            let index = usize::try_from(index.as_u64().context("an index is a number")?)?;
            shown.push((index, messages.get(index).copied().context("an index names a message")?));
        }
        let (header, presentation_header) = (self.bytes("header")?, self.bytes("presentationHeader")?);
        let key = PublicKey::from_octets(&self.bytes("signerPublicKey")?)?;
        let octets = self.bytes("proof")?;
        let proof = Proof::from_octets(&octets)?;
        expect::same_bytes("proof, written again", &proof.to_octets(), &octets)?;
        let disclosure =
            Disclosure { header: &header, presentation_header: &presentation_header, messages: &shown };
        let verdict = key.verify_proof(self.suite, &proof, disclosure);
        if !valid(self.case)? {
            return expect::refused("the proof", &verdict);
        }
        expect::same("disclosed messages", verdict?.messages(), shown.as_slice())?;
        let disclosed: Vec<usize> = shown.iter().map(|(index, _)| *index).collect();
        let selection = Selection {
            header: &header,
            presentation_header: &presentation_header,
            messages: &messages,
            disclosed: &disclosed,
        };
        let signature = Signature::from_octets(&self.bytes("signature")?)?;
        let mut entropy = Scripted::of(given::member(self.case, "trace")?)?;
        let ours = key.prove(self.suite, &signature, &selection, &mut entropy)?;
        expect::same_bytes("our proof", &ours.to_octets(), &octets)?;
        ensure!(entropy.0.is_empty(), "a scalar of the fixture was not drawn");
        Ok(())
    }
}

fn valid(case: &Value) -> Result<bool> {
    given::member(given::member(case, "result")?, "valid")?.as_bool().context("a verdict is a boolean")
}

fn list(value: &Value) -> Result<Vec<Vec<u8>>> {
    given::array(value)?.iter().map(|text| given::hex(text.as_str().context("bytes are text")?)).collect()
}

/// Hands out the scalars of a fixture so that they survive the reduction of 48 bytes.
struct Scripted(VecDeque<Vec<u8>>);

impl Scripted {
    fn of(trace: &Value) -> Result<Self> {
        let scalars = given::member(trace, "random_scalars")?;
        let mut drawn = VecDeque::new();
        for name in ["r1", "r2", "e_tilde", "r1_tilde", "r3_tilde"] {
            drawn.push_back(given::hex(given::text_member(scalars, name)?)?);
        }
        drawn.extend(list(given::member(scalars, "m_tilde_scalars")?)?);
        Ok(Self(drawn))
    }
}

impl Entropy for Scripted {
    fn fill(&mut self, out: &mut [u8]) {
        let scalar = self.0.pop_front().unwrap_or_default();
        let zeros = out.len().saturating_sub(scalar.len());
        let padded = std::iter::repeat_n(0, zeros).chain(scalar);
        out.iter_mut().zip(padded).for_each(|(out, byte)| *out = byte);
    }
}
