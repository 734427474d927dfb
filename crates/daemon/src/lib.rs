//! A service as a process: command line, configuration, logs, signals, threads, files.
//!
//! It knows no HTTP beyond the one request of `healthcheck`, and no store beyond its path. Start reading at [`serve()`].

mod command_line;
pub mod config;
mod copies;
mod descriptors;
mod fatal;
pub mod files;
pub mod listener;
pub mod lock;
pub mod logs;
mod memory;
mod named;
mod probe;
mod restore;
mod running;
mod serve;
mod shutdown;
pub mod signals;
pub mod system;
mod worker;

pub use command_line::{CommandLine, Failure};
pub use copies::{backup_to_stdout, restore_from_stdin};
pub use descriptors::raise_descriptor_limit;
pub use fatal::{Failed, Fatal, fatal};
pub use memory::give_back_memory;
pub use named::Named;
pub use probe::{Probe, healthcheck};
pub use restore::restore;
pub use running::Running;
pub use serve::serve;
pub use shutdown::{Shutdown, Stop, shutdown};
pub use worker::{Boxed, Job, Jobs, Rejected, Worker};
