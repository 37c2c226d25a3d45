//! The registry as its clients see it.

#[cfg(test)]
mod admission;
#[cfg(test)]
mod did;
#[cfg(test)]
mod health;
#[cfg(test)]
mod history;
#[cfg(test)]
mod http_rules;
#[cfg(test)]
mod log;
#[cfg(test)]
mod page;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod submit;
#[cfg(test)]
mod world;
