//! What an issuer issues, and what it wants for it: one entry of `credential_configurations_supported`
//! [VCI 1.0 §12.2.4, appendix A].

use crate::{
    display::{DisplayError, Displays, Languages},
    member::{self, Object, Unfit},
};
use serde_json::{Map, Value, json};
use sinpyo_core::claims::ClaimPath;
use std::collections::BTreeMap;

/// A kind of credential in one format.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    /// The format, and the type in its terms.
    pub format: Format,
    /// The OAuth scope that asks for it. Issuers that follow HAIP have one for each. [HAI-02]
    pub scope: Option<String>,
    /// How it is bound to a key of the holder; none if it is not.
    pub binding: Option<Binding>,
    /// How it is signed.
    pub signing: Vec<SigningAlgorithm>,
    /// How it is called and shown.
    pub displays: Displays,
    /// The claims that are in it.
    pub claims: Vec<ClaimDescription>,
}

/// A format with the members that name a type in it [VCI 1.0 §A].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// `dc+sd-jwt`.
    SdJwtVc {
        /// The type.
        vct: String,
    },
    /// `mso_mdoc`.
    Mdoc {
        /// The document type.
        doctype: String,
    },
    /// `jwt_vc_json`: a W3C credential as JWT.
    Jwt {
        /// The types, not expanded.
        types: Vec<String>,
    },
    /// `ldp_vc`: a W3C credential with a Data Integrity proof.
    DataIntegrity {
        /// Its contexts: texts or objects.
        contexts: Vec<Value>,
        /// The types, not expanded.
        types: Vec<String>,
    },
    /// Another one, by its name: nothing that is issued here.
    Other(String),
}

/// The name of a signature algorithm: JOSE and Data Integrity use texts, COSE integers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// A JOSE algorithm or a cryptosuite.
    Named(String),
    /// A COSE algorithm.
    Cose(i64),
}

/// How a credential is bound to keys, and how their possession is proved. The two come together. [VCI-MET-06]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// `jwk`, `cose_key` or `did:…` methods.
    pub methods: Vec<String>,
    /// The proof types that are taken, by name.
    pub proofs: BTreeMap<String, ProofDemand>,
}

/// What a proof must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofDemand {
    /// `proof_signing_alg_values_supported`.
    pub algorithms: Vec<String>,
    /// Keys must be attested, and how well kept; none if they need not be.
    pub attestation: Option<AttestationDemand>,
}

/// How well an attested key must be kept [VCI 1.0 §D.2]: each list is empty, or one of its values must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttestationDemand {
    /// Resistance of the key's storage.
    pub key_storage: Vec<String>,
    /// Resistance of what authenticates the user.
    pub user_authentication: Vec<String>,
}

/// A claim of a credential, as people are shown it [VCI 1.0 §B.2].
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimDescription {
    /// Where it is.
    pub path: ClaimPath,
    /// Whether every such credential has it.
    pub mandatory: bool,
    /// How it is called.
    pub displays: Displays,
}

impl Configuration {
    /// Reads one configuration. Formats and proof types that are not known here are kept by name.
    ///
    /// # Errors
    /// The member that is missing or malformed.
    pub fn parse(members: &Object) -> Result<Self, ConfigurationError> {
        let metadata = member::object(members, "credential_metadata")?; // [VCI-MET-08]
        let (mut displays, mut claims) = (Displays::none(), Vec::new());
        if let Some(metadata) = metadata {
            displays = metadata.get("display").map_or(Ok(displays), Displays::parse)?;
            let described = member::array(metadata, "claims")?.unwrap_or_default();
            claims = described.iter().map(ClaimDescription::parse).collect::<Result<_, _>>()?;
        }
        Ok(Self {
            format: Format::parse(members)?,
            scope: member::text(members, "scope")?.map(str::to_owned),
            binding: Binding::parse(members)?,
            signing: signing(members)?,
            displays,
            claims,
        })
    }

    /// Its JSON, in the languages that are wanted.
    pub fn to_json(&self, languages: &Languages) -> Value {
        let mut members = Map::new();
        self.format.write(&mut members);
        member::put(&mut members, "scope", self.scope.clone());
        if !self.signing.is_empty() {
            let algorithms: Vec<_> = self.signing.iter().map(SigningAlgorithm::to_json).collect();
            members.insert("credential_signing_alg_values_supported".to_owned(), algorithms.into());
        }
        if let Some(binding) = &self.binding {
            binding.write(&mut members);
        }
        let mut metadata = Map::new();
        if !self.displays.is_empty() {
            metadata.insert("display".to_owned(), self.displays.to_json_in(languages));
        }
        if !self.claims.is_empty() {
            let claims = self.claims.iter().map(|claim| claim.to_json(languages)).collect();
            metadata.insert("claims".to_owned(), Value::Array(claims));
        }
        if !metadata.is_empty() {
            members.insert("credential_metadata".to_owned(), metadata.into());
        }
        members.into()
    }
}

impl Format {
    /// Its name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::SdJwtVc { .. } => "dc+sd-jwt",
            Self::Mdoc { .. } => "mso_mdoc",
            Self::Jwt { .. } => "jwt_vc_json",
            Self::DataIntegrity { .. } => "ldp_vc",
            Self::Other(name) => name,
        }
    }

    fn parse(members: &Object) -> Result<Self, ConfigurationError> {
        let definition =
            || member::object(members, "credential_definition")?.ok_or(Unfit("credential_definition"));
        // [VCI-MET-09]
        Ok(match member::required_text(members, "format")? {
            "dc+sd-jwt" => Self::SdJwtVc { vct: member::required_text(members, "vct")?.to_owned() },
            "mso_mdoc" => Self::Mdoc { doctype: member::required_text(members, "doctype")?.to_owned() },
            "jwt_vc_json" => Self::Jwt { types: member::required_texts(definition()?, "type")? },
            "ldp_vc" => {
                let contexts =
                    member::array(definition()?, "@context")?.filter(|contexts| !contexts.is_empty());
                Self::DataIntegrity {
                    contexts: contexts.ok_or(Unfit("@context"))?.to_vec(),
                    types: member::required_texts(definition()?, "type")?,
                }
            }
            other => Self::Other(other.to_owned()),
        })
    }

    fn write(&self, members: &mut Object) {
        members.insert("format".to_owned(), self.name().into());
        let (name, value) = match self {
            Self::SdJwtVc { vct } => ("vct", json!(vct)),
            Self::Mdoc { doctype } => ("doctype", json!(doctype)),
            Self::Jwt { types } => ("credential_definition", json!({ "type": types })),
            Self::DataIntegrity { contexts, types } => {
                ("credential_definition", json!({ "@context": contexts, "type": types }))
            }
            Self::Other(_) => return,
        };
        members.insert(name.to_owned(), value);
    }
}

fn signing(members: &Object) -> Result<Vec<SigningAlgorithm>, ConfigurationError> {
    let name = "credential_signing_alg_values_supported";
    let read = |value: &Value| match value {
        Value::String(name) => Ok(SigningAlgorithm::Named(name.clone())),
        Value::Number(number) => number.as_i64().map(SigningAlgorithm::Cose).ok_or(Unfit(name)),
        _ => Err(Unfit(name)),
    };
    let listed = member::array(members, name)?.unwrap_or_default();
    Ok(listed.iter().map(read).collect::<Result<_, _>>()?)
}

impl SigningAlgorithm {
    fn to_json(&self) -> Value {
        match self {
            Self::Named(name) => json!(name),
            Self::Cose(number) => json!(number),
        }
    }
}

impl Binding {
    fn parse(members: &Object) -> Result<Option<Self>, ConfigurationError> {
        let methods = member::texts(members, "cryptographic_binding_methods_supported")?;
        let demands = member::object(members, "proof_types_supported")?;
        if methods.is_none() && demands.is_none() {
            return Ok(None);
        }
        let mut proofs = BTreeMap::new();
        // The specification's own examples have methods without proof types: then no proof is known to be taken.
        for (name, demand) in demands.into_iter().flatten() {
            let demand = demand.as_object().ok_or(Unfit("proof_types_supported"))?;
            proofs.insert(name.clone(), ProofDemand::parse(demand)?);
        }
        Ok(Some(Self { methods: methods.unwrap_or_default(), proofs }))
    }

    fn write(&self, members: &mut Object) {
        // Others' metadata may have proof types alone; an empty list is no list.
        if !self.methods.is_empty() {
            members.insert("cryptographic_binding_methods_supported".to_owned(), json!(self.methods)); // [VCI-MET-06]
        }
        let proofs = self.proofs.iter().map(|(name, demand)| (name.clone(), demand.to_json()));
        members.insert("proof_types_supported".to_owned(), Value::Object(proofs.collect()));
    }
}

impl ProofDemand {
    fn parse(members: &Object) -> Result<Self, ConfigurationError> {
        let attestation = match member::object(members, "key_attestations_required")? {
            None => None,
            Some(demand) => Some(AttestationDemand {
                key_storage: member::texts(demand, "key_storage")?.unwrap_or_default(),
                user_authentication: member::texts(demand, "user_authentication")?.unwrap_or_default(),
            }),
        };
        let algorithms = member::required_texts(members, "proof_signing_alg_values_supported")?;
        Ok(Self { algorithms, attestation })
    }

    fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("proof_signing_alg_values_supported".to_owned(), json!(self.algorithms));
        if let Some(demand) = &self.attestation {
            let mut wanted = Map::new();
            let lists =
                [("key_storage", &demand.key_storage), ("user_authentication", &demand.user_authentication)];
            for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
                wanted.insert(name.to_owned(), json!(list));
            }
            members.insert("key_attestations_required".to_owned(), wanted.into()); // [VCI-MET-06]
        }
        members.into()
    }
}

impl ClaimDescription {
    fn parse(value: &Value) -> Result<Self, ConfigurationError> {
        let members = value.as_object().ok_or(Unfit("claims"))?;
        let path =
            ClaimPath::from_json(members.get("path").ok_or(Unfit("path"))?).map_err(|_| Unfit("path"))?;
        let displays = members.get("display").map_or(Ok(Displays::none()), Displays::parse)?;
        Ok(Self { path, mandatory: member::flag(members, "mandatory")?, displays })
    }

    fn to_json(&self, languages: &Languages) -> Value {
        let mut members = Map::new();
        members.insert("path".to_owned(), self.path.to_json());
        if self.mandatory {
            members.insert("mandatory".to_owned(), true.into());
        }
        if !self.displays.is_empty() {
            members.insert("display".to_owned(), self.displays.to_json_in(languages));
        }
        members.into()
    }
}

/// Why a configuration cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// VCI-MET-09: a member is missing or of another form.
    #[error("the configuration's {0} is missing or malformed")]
    Member(&'static str),
    /// The names and texts cannot be read.
    #[error(transparent)]
    Display(#[from] DisplayError),
}

impl ConfigurationError {
    /// The rule in `spec/checks/vci-met.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Member(_) => "VCI-MET-09",
            Self::Display(error) => error.code(),
        }
    }
}

impl From<Unfit> for ConfigurationError {
    fn from(Unfit(member): Unfit) -> Self {
        Self::Member(member)
    }
}
