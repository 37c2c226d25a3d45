//! What tokens permit.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// One of the things that a service lets its clients do. Each service has its own set.
pub trait Scope: Copy + Ord + fmt::Debug + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// The word in a token: printable ASCII without spaces, `"` and `\` [RFC 6749 §3.3].
    fn name(self) -> &'static str;

    /// What it permits, in words.
    fn describe(self) -> &'static str;
}

/// A set of scopes, written with spaces between them [RFC 6749 §3.3].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes<S>(BTreeSet<S>);

impl<S: Scope> Scopes<S> {
    /// All that there are.
    pub fn all() -> Self {
        S::ALL.iter().copied().collect()
    }

    /// Whether `scope` is one of them.
    pub fn contains(&self, scope: S) -> bool {
        self.0.contains(&scope)
    }

    /// Whether all of these are among `others`.
    pub fn is_within(&self, others: &Self) -> bool {
        self.0.is_subset(&others.0)
    }
}

impl<S: Scope> FromIterator<S> for Scopes<S> {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl<S: Scope> FromStr for Scopes<S> {
    type Err = UnknownScope;

    fn from_str(names: &str) -> Result<Self, UnknownScope> {
        let scope = |name| S::ALL.iter().copied().find(|scope| scope.name() == name).ok_or(UnknownScope);
        names.split(' ').filter(|name| !name.is_empty()).map(scope).collect()
    }
}

impl<S: Scope> fmt::Display for Scopes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|scope| scope.name()).collect();
        f.write_str(&names.join(" "))
    }
}

/// The service has no scope of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no scope of this name")]
pub struct UnknownScope;
