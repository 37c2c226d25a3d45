//! The issuer service through its public boundary: every request goes to one of two nodes in turn.

#[cfg(test)]
mod admin;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod manage;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod world;
