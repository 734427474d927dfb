//! Rules for the Dockerfiles, the Compose files, the files for orchestrators and the proxies that can be tested without
//! Docker; `compose` tests the others.

use std::fs;

use crate::workspace;

const DOCKERFILES: [&str; 3] = ["Dockerfile.auth", "Dockerfile.person", "Dockerfile.health"];

fn read(name: &str) -> String {
    let file = workspace().join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Returns the stages before the final one.
fn build_stages(dockerfile: &str) -> String {
    dockerfile.split_once("FROM scratch").expect("a stage of the image").0.to_owned()
}

#[test]
fn dockerfiles_share_their_build_stages() {
    let [auth, person, health] = DOCKERFILES.map(|name| build_stages(&read(name)));
    assert_eq!(person, auth);
    assert_eq!(health, auth);
}

#[test]
fn image_label_has_the_version() {
    let label = format!("org.opencontainers.image.version=\"{}\"", env!("CARGO_PKG_VERSION"));
    for name in DOCKERFILES {
        assert!(read(name).contains(&label), "{name} lacks {label}");
    }
}

#[test]
fn live_page_is_off_in_containers_by_default() {
    assert_eq!(read("compose.yml").matches("      LIVE: ${LIVE:-off}\n").count(), 3);
    for name in DOCKERFILES {
        assert!(!read(name).contains("LIVE"), "{name}");
    }
}

#[test]
fn compose_publishes_the_ports_of_the_lab_by_default() {
    let compose = read("compose.yml");
    for (service, port) in [("AUTH", 5003), ("PERSON", 5001), ("HEALTH", 5002)] {
        let published = format!("\"127.0.0.1:${{{service}_PORT:-{port}}}:{port}\"");
        assert!(compose.contains(&published), "compose.yml lacks {published}");
    }
}

/// Podman drops the check of an image.
#[test]
fn compose_checks_the_health_of_each_service_itself() {
    let compose = read("compose.yml");
    for service in ["auth", "person", "health"] {
        let check = format!("healthcheck: {{ <<: *healthcheck, test: [CMD, /{service}, healthcheck] }}");
        assert!(compose.contains(&check), "compose.yml lacks {check}");
    }
}

/// Without a database no replica is ready, and a restart of all of them would help none.
#[test]
fn orchestrators_restart_a_service_by_livez_only() {
    let stack = read("deploy/stack.yml");
    assert_eq!(stack.matches(" healthcheck: ").count(), 3, "{stack}");
    for service in ["auth", "person", "health"] {
        let check =
            format!("healthcheck: {{ <<: *healthcheck, test: [CMD, /{service}, healthcheck, --live] }}");
        assert!(stack.contains(&check), "deploy/stack.yml lacks {check}");
        let manifest = read(&format!("deploy/kubernetes/{service}.yml"));
        for (probe, path) in [("startup", "/livez"), ("liveness", "/livez"), ("readiness", "/readyz")] {
            let probe = format!("{probe}Probe: {{ httpGet: {{ path: {path},");
            assert!(manifest.contains(&probe), "{service}.yml lacks {probe}");
        }
    }
}

#[test]
fn kubernetes_runs_the_images_of_this_version() {
    for service in ["auth", "person", "health"] {
        let image = format!("image: mini-projet-{service}:{}\n", env!("CARGO_PKG_VERSION"));
        assert!(
            read(&format!("deploy/kubernetes/{service}.yml")).contains(&image),
            "{service}.yml lacks {image}"
        );
    }
}

/// The services close a connection that is idle for 10 s. A request that a proxy sends on it meanwhile is lost.
#[test]
fn proxies_close_idle_connections_before_the_services() {
    let nginx = read("deploy/nginx.conf");
    let upstreams: Vec<_> = nginx.lines().filter(|line| line.trim().starts_with("upstream ")).collect();
    assert_eq!(upstreams.len(), 3, "{nginx}");
    assert!(upstreams.iter().all(|upstream| upstream.contains(" keepalive_timeout 8s;")), "{upstreams:?}");
    for haproxy in ["deploy/haproxy.cfg", "deploy/balancer.cfg"] {
        assert!(read(haproxy).contains("    option http-server-close\n"), "{haproxy}");
    }
    let caddy = read("deploy/Caddyfile");
    assert!(caddy.contains("\t\tkeepalive 8s\n"), "{caddy}");
    assert_eq!(caddy.matches("import idle").count(), 3, "{caddy}");
}
