//! Disks that are full or fail.
//!
//! A full disk is a tmpfs of a few hundred KiB in its own namespace (`small_disk`). For a failing disk, strace makes a
//! system call fail, or only records the order of the calls (`trace`).

mod compaction;
mod copies;
mod failing;
mod full;
mod order;
mod owner;
mod slow;
mod small_disk;
mod trace;
