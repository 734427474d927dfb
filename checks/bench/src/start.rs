//! Measures start time, idle memory and size of each service.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::contenders::{auth, health, person};
use crate::process::Process;
use crate::table::median;

const STARTS: usize = 21;
/// Time after which a service has freed the memory that only its start needed.
const SETTLE_TIME: Duration = Duration::from_secs(2);

/// Starts a service in a folder. Also returns the time until it was ready.
type Start<'s> = &'s dyn Fn(&Path) -> (Process, Duration);

/// Measures the three services and returns the table.
pub(crate) fn table(folder: &Path) -> String {
    let mut text = "| | start to ready, ms | idle memory, MB | binary, MB | image, MB |\n\
                    |---|---:|---:|---:|---:|\n"
        .to_owned();
    let (known, _) = person(folder);
    let services: [(&str, Start<'_>); 3] =
        [("auth", &auth), ("person", &person), ("health", &|folder| health(folder, &known))];
    for (name, start) in services {
        let folder = tempfile::tempdir_in(folder).expect("the folder is writable");
        let starts = median((0..STARTS).map(|_| start(folder.path()).1.as_secs_f64() * 1e3));
        let (process, _) = start(folder.path());
        thread::sleep(SETTLE_TIME);
        let binary = fs::metadata(format!("target/release/{name}")).expect("it was built").len() as f64 / 1e6;
        let image = image(name).map_or_else(|| "not built".to_owned(), |bytes| format!("{:.1}", bytes / 1e6));
        text += &format!("| {name} | {starts:.1} | {:.1} | {binary:.1} | {image} |\n", process.megabytes());
    }
    text
}

/// Returns the size of a service's image in bytes, if `docker compose build` has built it.
fn image(service: &str) -> Option<f64> {
    let docker = |arguments: &[&str]| {
        let ran = Command::new("docker").args(arguments).output().ok()?;
        String::from_utf8(ran.stdout).ok()
    };
    let images = docker(&["compose", "config", "--images"])?;
    let image = images.lines().find(|image| image.ends_with(service))?;
    docker(&["image", "inspect", "--format", "{{.Size}}", image])?.trim().parse().ok()
}
