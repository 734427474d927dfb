//! `kill -9` at any moment: of a service that many write to, of one that is just starting, of what an operator does.

#[cfg(feature = "tools")]
mod before_writing;
mod compaction;
#[cfg(feature = "tools")]
mod every_syscall;
mod first_start;
mod known;
mod operator;
mod restoring;
mod storm;
mod subjects;
