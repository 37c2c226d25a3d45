//! What an issuer hands out, and a part of which is shown [ISO 18013-5 §8.3.2.1.2.2].

use crate::{
    ElementName, ParseMdocError,
    members::{self, Members},
    names,
};
use sinpyo_cose::{
    Header, Sign1,
    cbor::{Map, Value, encoded},
};
use std::{collections::BTreeSet, fmt};

/// Shortest `random` of an element: what keeps hidden values from being guessed [ISO 18013-5 §9.1.2.5].
const MIN_RANDOM: usize = 16;

/// An mdoc or a part of one, of which nothing is proven; see [`crate::VerifiedMdoc`].
///
/// Readable are only the [`IssuerSigned::hint`]s that are needed to find the issuer's key.
pub struct IssuerSigned {
    pub(crate) items: Vec<Item>,
    pub(crate) issuer_auth: Sign1,
}

/// One element with what its digest was made from.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) namespace: String,
    pub(crate) identifier: String,
    pub(crate) digest_id: u64,
    pub(crate) value: Value,
    /// The `IssuerSignedItem` as it arrived.
    pub(crate) content: Vec<u8>,
}

impl IssuerSigned {
    /// Takes apart an `IssuerSigned` structure, as OpenID4VCI delivers it (there in base64url).
    ///
    /// # Errors
    /// It has another form; a name is not in NFC; an element or digest identifier occurs twice; a `random` is too short.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseMdocError> {
        Self::from_value(members::parse(bytes)?)
    }

    pub(crate) fn from_value(value: Value) -> Result<Self, ParseMdocError> {
        let mut members = Members::of(value, "issuerSigned")?;
        let issuer_auth =
            Sign1::from_value(members.required("issuerAuth")?).map_err(ParseMdocError::IssuerAuth)?;
        let mut items = Vec::new();
        let namespaces = members.optional("nameSpaces").unwrap_or_else(|| Value::Map(Map::new()));
        for (namespace, elements) in Members::of(namespaces, "nameSpaces")?.into_map() {
            let namespace = names::name(namespace)?;
            let Value::Array(elements) = elements else { return Err(ParseMdocError::Member("nameSpaces")) }; // [MDC-01]
            let (mut identifiers, mut digest_ids) = (BTreeSet::new(), BTreeSet::new());
            for element in elements {
                let item = Item::parse(&namespace, members::encoded(element, "IssuerSignedItem")?)?;
                if !identifiers.insert(item.identifier.clone()) || !digest_ids.insert(item.digest_id) {
                    return Err(ParseMdocError::Twice); // [MDC-06]
                }
                items.push(item);
            }
        }
        Ok(Self { items, issuer_auth })
    }

    /// What it says about its signer. Not a fact: good for finding a key, for nothing else.
    pub const fn hint(&self) -> &Header {
        self.issuer_auth.hint()
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        part(self.items.iter(), &self.issuer_auth).to_bytes()
    }
}

/// The structure with these of its elements, which come namespace by namespace.
pub(crate) fn part<'a>(items: impl Iterator<Item = &'a Item>, issuer_auth: &Sign1) -> Value {
    let mut namespaces: Vec<(&str, Vec<Value>)> = Vec::new();
    for item in items {
        let element = Value::encoded_bytes(item.content.clone());
        match namespaces.last_mut().filter(|(namespace, _)| *namespace == item.namespace) {
            Some((_, elements)) => elements.push(element),
            None => namespaces.push((&item.namespace, vec![element])),
        }
    }
    let mut map = Map::new();
    if !namespaces.is_empty() {
        let mut all = Map::new();
        for (namespace, elements) in namespaces {
            all.insert(namespace, elements);
        }
        map.insert("nameSpaces", all);
    }
    map.insert("issuerAuth", issuer_auth.to_value());
    Value::Map(map)
}

impl Item {
    fn parse(namespace: &str, content: Vec<u8>) -> Result<Self, ParseMdocError> {
        let mut members = Members::of(members::parse(&content)?, "IssuerSignedItem")?;
        if members.bytes("random")?.len() < MIN_RANDOM {
            return Err(ParseMdocError::Random); // [MDC-05]
        }
        Ok(Self {
            namespace: namespace.to_owned(),
            identifier: names::checked(members.text("elementIdentifier")?)?,
            digest_id: members.unsigned("digestID")?,
            value: members.required("elementValue")?,
            content,
        })
    }

    /// What the digest is made from: `IssuerSignedItemBytes`.
    pub(crate) fn digested(&self) -> Vec<u8> {
        encoded(&self.content)
    }

    pub(crate) fn name(&self) -> ElementName<'_> {
        ElementName { namespace: &self.namespace, identifier: &self.identifier }
    }
}

impl fmt::Debug for IssuerSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerSigned").field("hint", self.hint()).finish_non_exhaustive()
    }
}
