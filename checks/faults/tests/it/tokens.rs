//! Forged tokens, and who may do what.

mod controls;
mod forgeries;
mod maker;
mod operations;
mod refusals;
mod rights;
mod vectors;
