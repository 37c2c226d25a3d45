//! What the vocabulary accepts and refuses, through its public interface.

#[cfg(test)]
mod data_model;
