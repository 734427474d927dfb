//! The rate of synced appends: the upper limit for durable writes one after the other.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// About as long as a line of health's log.
const APPENDED: [u8; 150] = [b'x'; 150];

/// Appends to a file in this folder and syncs it, again and again. Returns the appends per second.
pub(crate) fn syncs_per_second(folder: &Path, seconds: u32) -> f64 {
    let path = folder.join("syncs");
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("the folder is writable");
    let (start, limit) = (Instant::now(), Duration::from_secs(seconds.into()));
    let mut syncs = 0_u32;
    while start.elapsed() < limit {
        file.write_all(&APPENDED).and_then(|()| file.sync_data()).expect("the disk works");
        syncs += 1;
    }
    f64::from(syncs) / start.elapsed().as_secs_f64()
}
