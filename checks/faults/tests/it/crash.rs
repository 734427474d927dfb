//! `kill -9`: of a service under load, of one that starts, of one that compacts its log, and of `restore` and `keygen`.
//! `health/tests/it/crash.rs` and `lab/tests/it/crash.rs` also change and replace items.

#[cfg(feature = "tools")]
mod before_writing;
mod compaction;
mod first_start;
mod kills;
#[cfg(feature = "tools")]
mod operator;
