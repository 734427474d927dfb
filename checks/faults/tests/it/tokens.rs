//! Forged tokens, and the rights of each caller.

mod controls;
mod forgeries;
mod maker;
mod operations;
mod refusals;
mod rights;
mod vectors;
