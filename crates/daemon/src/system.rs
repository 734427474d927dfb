//! What differs between Unix and Windows, in the files of a store: modes, owners, the identity of an open file, how a
//! name becomes durable; and in signals and sockets.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;
