//! The attacks, one file for each kind. The feature `tools` adds the attacks that need more than a shell,
//! `patroni` the drills on a cluster of databases. They look at processes and sockets in /proc, so they need Linux.
#![cfg(target_os = "linux")]

mod bytes;
#[cfg(feature = "tools")]
mod clock;
mod crash;
mod dependency;
#[cfg(feature = "tools")]
mod disk;
mod logins;
mod memory;
#[cfg(feature = "patroni")]
mod patroni;
mod tokens;
mod torn;
