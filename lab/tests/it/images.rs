//! What can be said of the images without Docker: see "compose" for the rest.

use std::fs;

use crate::workspace;

const DOCKERFILES: [&str; 3] = ["Dockerfile.auth", "Dockerfile.person", "Dockerfile.health"];

fn read(name: &str) -> String {
    let file = workspace().join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The stages that compile.
fn build_stages(dockerfile: &str) -> String {
    dockerfile.split_once("FROM scratch").expect("a stage of the image").0.to_owned()
}

#[test]
fn the_three_images_share_their_build_stages() {
    let [auth, person, health] = DOCKERFILES.map(|name| build_stages(&read(name)));
    assert_eq!(person, auth);
    assert_eq!(health, auth);
}

#[test]
fn an_image_says_which_version_it_holds() {
    let label = format!("org.opencontainers.image.version=\"{}\"", env!("CARGO_PKG_VERSION"));
    for name in DOCKERFILES {
        assert!(read(name).contains(&label), "{name} lacks {label}");
    }
}

#[test]
fn the_containers_are_at_the_ports_of_the_lab_unless_told_otherwise() {
    let compose = read("compose.yml");
    for (service, port) in [("AUTH", 5003), ("PERSON", 5001), ("HEALTH", 5002)] {
        let published = format!("\"127.0.0.1:${{{service}_PORT:-{port}}}:{port}\"");
        assert!(compose.contains(&published), "compose.yml lacks {published}");
    }
}
