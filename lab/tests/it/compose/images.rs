//! The content and the metadata of the images.

use serde_json::json;

use super::stack::{SERVICES, Stack};

const LARGEST: u64 = 6_000_000;

#[test]
fn image_is_small_and_runs_as_an_unprivileged_user() {
    let stack = Stack::built();
    for service in SERVICES {
        let image = stack.inspect_image(service);
        let size = image["Size"].as_u64().expect("a size");
        assert!(size <= LARGEST, "{service} has {size} bytes");
        let config = &image["Config"];
        assert_eq!(config["User"], "10001:10001", "{service}");
        assert_eq!(config["Entrypoint"], json!([format!("/{service}")]));
        for label in ["title", "description", "version", "licenses"] {
            let label = format!("org.opencontainers.image.{label}");
            assert!(config["Labels"][&label].as_str().is_some_and(|text| !text.is_empty()), "{label}");
        }
    }
}

#[test]
fn image_has_the_binary_and_two_folders_only() {
    let stack = Stack::built();
    for service in SERVICES {
        let image = stack.inspect_image(service)["Id"].as_str().expect("an id").to_owned();
        let container = stack.docker(&["create", &image]).out.trim().to_owned();
        let archive = format!("{service}.tar");
        stack.docker(&["export", "--output", &archive, &container]);
        stack.docker(&["rm", &container]);
        let listed = std::process::Command::new("tar").arg("-tf").arg(stack.path(&archive)).output();
        let listed = String::from_utf8(listed.expect("tar").stdout).expect("names are text");
        // Docker adds these to every container.
        let of_docker = ["dev/", "etc/", "proc/", "sys/", ".dockerenv"];
        let ours: Vec<_> =
            listed.lines().filter(|name| !of_docker.iter().any(|start| name.starts_with(start))).collect();
        let mut expected = [service, "data/", "keys/"];
        expected.sort_unstable();
        assert_eq!(ours, expected);
    }
}
