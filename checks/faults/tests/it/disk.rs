//! Disks that are full or fail.
//!
//! A full one is a tmpfs of a few hundred KiB in a namespace of its own (`small_disk`); one that fails is strace, which
//! has a call to the kernel fail instead of making it, or only writes down in which order they were made (`trace`).

mod compaction;
mod copies;
mod failing;
mod full;
mod order;
mod small_disk;
mod store;
mod trace;
