//! A service as a process: its configuration, its logs, its threads, how it is started and told to stop.
//!
//! It knows no HTTP beyond the one line of `healthcheck`. Start reading at [`program`].

pub mod config;
pub mod files;
mod lifecycle;
pub mod lock;
pub mod logs;
pub mod program;
mod restore;
mod worker;

pub use lifecycle::{Failed, Fatal, Running, Shutdown, Stop, fatal, shutdown};
pub use restore::restore;
pub use worker::{Boxed, Job, Jobs, Rejected, Worker};
