//! Disks that are full or fail.
