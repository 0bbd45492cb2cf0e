//! Outreach.

#[cfg(test)]
mod dice;
pub mod engine;
pub mod kinds;
pub mod model;
pub mod open;
pub mod rules;
pub mod settings;
pub mod shipped;
