//! What a ballot is made and checked under: shape, keys, context (§§4, 7).

mod shape;

pub(crate) use shape::SIGNATURE_LENGTHS;
pub use shape::{Shape, ShapeError};

use crate::generators::{self, ElectionId};
use crate::group::{Element, Group};
use crate::hash::Transcript;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// `context` (§7): what every ballot of an election is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Context(pub [u8; 64]);

impl Context {
    /// The context of an election with these hashes and as many rings.
    pub fn new(
        election: &ElectionId,
        manifest_hash: &[u8; 64],
        ceremony_hash: &[u8; 64],
        roll_root: &[u8; 32],
        rings: u64,
    ) -> Self {
        let transcript =
            Transcript::new("context").field(&election.0).field(manifest_hash).field(ceremony_hash);
        Self(transcript.field(roll_root).field(&rings.to_le_bytes()).hash())
    }
}

/// All that ballots of one style are made and checked under.
#[derive(Clone, Debug)]
pub struct Setting<G: Group> {
    election: ElectionId,
    context: Context,
    style: u16,
    districts: BTreeSet<u32>,
    shape: Shape,
    pub(crate) bases: Bases<G::Point>,
    public: OnceLock<Bases<G::Public>>,
}

/// The base point, the generators that a proof uses (§1), and the option keys.
#[derive(Clone, Debug)]
pub(crate) struct Bases<T> {
    /// `G`.
    pub(crate) base: T,
    /// `Gs`.
    pub(crate) secret: T,
    /// `H`.
    pub(crate) blinding: T,
    /// `U`.
    pub(crate) tag: T,
    /// `P_c`.
    pub(crate) left: Vec<T>,
    /// `Q_c`.
    pub(crate) right: Vec<T>,
    /// `K_i`.
    pub(crate) keys: Vec<T>,
}

impl<G: Group> Setting<G> {
    /// The setting of a style's ballots: the `districts` that have the style, and the option keys of the ceremony,
    /// of which the first ones are used.
    ///
    /// # Errors
    /// There are fewer keys than options, or one is the identity.
    pub fn new(
        election: &ElectionId,
        context: Context,
        style: u16,
        districts: impl IntoIterator<Item = u32>,
        shape: Shape,
        keys: &[G::Point],
    ) -> Result<Self, SettingError> {
        // [BAL-24]
        let keys = keys.get(..shape.options()).ok_or(SettingError::Keys)?.to_vec();
        if keys.contains(&G::Point::identity()) {
            return Err(SettingError::Identity);
        }
        let bases = Bases::new::<G>(election, shape.columns(), keys);
        Ok(Self {
            election: *election,
            context,
            style,
            districts: districts.into_iter().collect(),
            shape,
            bases,
            public: OnceLock::new(),
        })
    }

    /// The election.
    pub const fn election(&self) -> &ElectionId {
        &self.election
    }

    /// What the ballots are bound to.
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// The style's number.
    pub const fn style(&self) -> u16 {
        self.style
    }

    /// Whether the district has this style.
    pub fn has_district(&self, district: u32) -> bool {
        self.districts.contains(&district)
    }

    /// The ballots' shape.
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The bases in the form for checking ballots.
    pub(crate) fn public(&self) -> &Bases<G::Public> {
        self.public.get_or_init(|| self.bases.map(G::publish))
    }

    /// `K_1 … K_m`.
    pub fn keys(&self) -> &[G::Point] {
        &self.bases.keys
    }
}

impl<T: Copy> Bases<T> {
    /// `P`, `Q` and `H`: what the rows are committed to with.
    pub(crate) fn row_points(&self) -> Vec<T> {
        self.left.iter().chain(&self.right).chain([&self.blinding]).copied().collect()
    }

    fn map<U>(&self, form: impl Fn(&T) -> U) -> Bases<U> {
        let all = |points: &[T]| points.iter().map(&form).collect();
        Bases {
            base: form(&self.base),
            secret: form(&self.secret),
            blinding: form(&self.blinding),
            tag: form(&self.tag),
            left: all(&self.left),
            right: all(&self.right),
            keys: all(&self.keys),
        }
    }

    // [BAL-01]
    fn new<G: Group<Point = T>>(election: &ElectionId, columns: usize, keys: Vec<T>) -> Self {
        let row = |label: &str| {
            (0..).take(columns).map(|column| generators::generator::<G>(label, column)).collect()
        };
        Self {
            base: G::base(),
            secret: generators::secret_base::<G>(),
            blinding: generators::blinding_base::<G>(),
            tag: generators::tag_base::<G>(election),
            left: row("P"),
            right: row("Q"),
            keys,
        }
    }
}

/// Why keys and shape do not make a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// BAL-24: an option has no key.
    #[error("there are fewer keys than options")]
    Keys,
    /// BAL-24: a key is the identity.
    #[error("a key is the identity")]
    Identity,
}

impl SettingError {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        "BAL-24"
    }
}

#[cfg(test)]
mod tests;
