//! The attacks, one file a kind. With the feature `tools` also those that take more than a shell.

mod bytes;
#[cfg(feature = "tools")]
mod clock;
mod crash;
mod dependency;
#[cfg(feature = "tools")]
mod disk;
mod logins;
mod tokens;
mod torn;
