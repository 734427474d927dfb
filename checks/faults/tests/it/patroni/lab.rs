//! Two replicas of each service on the cluster, behind HAProxy.

use std::process::{Command, id};
use std::sync::atomic::{AtomicU8, Ordering};
use std::{env, fs};

use faults::services;
use tempfile::NamedTempFile;
use testkit::{Binary, Client, TestDir, eventually};

use super::cluster::Cluster;

pub(super) const SERVICES: [&str; 3] = ["auth", "person", "health"];

/// The programs of a drill besides PostgreSQL, each with the option that prints its version.
const PROGRAMS: [(&str, &str); 3] = [("etcd", "--version"), ("patroni", "--version"), ("haproxy", "-v")];

/// A replica that was ordered to stop goes on for this long: HAProxy needs a second to see that it is not ready.
const DRAIN_SECONDS: &str = "2";

/// Asks each replica twice a second whether it is ready. It tries a request again only if the connection was refused.
const DEFAULTS: &str = "
defaults
    mode http
    timeout connect 2s
    timeout client 15s
    timeout server 15s
    option http-server-close
    option redispatch
    option httpchk GET /readyz
    default-server check inter 500ms fall 2 rise 1
";

/// Starts a service that is killed with the test, even with a killed one.
const SERVE: &str = r#"exec setpriv --pdeathsig KILL "$0" serve"#;

/// The whole system. Dropping it ends every process.
pub(super) struct Lab {
    addresses: Addresses,
    _haproxy: Binary,
    _configuration: NamedTempFile,
    replicas: Vec<Replica>,
    pub(super) cluster: Cluster,
}

impl Lab {
    /// Starts everything, and waits until each replica is ready.
    pub(super) fn start() -> Self {
        for (program, option) in PROGRAMS {
            let ran = Command::new(program).arg(option).output();
            let installed = ran.is_ok_and(|ran| ran.status.success());
            assert!(installed, "{program} is missing: run the drill with `checks/faults/patroni`");
        }
        let addresses = Addresses::new();
        let cluster = Cluster::start(&[0, 1, 2].map(|node| addresses.host(node)));
        let new_replica = |number| Replica::start(number, &addresses, &cluster);
        let replicas: Vec<_> = (0..6).map(new_replica).collect();
        let configuration = NamedTempFile::new().expect("a temporary file");
        fs::write(configuration.path(), balancing(&addresses)).expect("the file is ours");
        let arguments =
            ["--pdeathsig", "KILL", "haproxy", "-db", "-f", configuration.path().to_str().expect("UTF-8")];
        let path = env::var("PATH").expect("a PATH");
        let haproxy = Binary::start("setpriv", &arguments, &[("PATH", &path)]);
        let lab = Self { addresses, _haproxy: haproxy, _configuration: configuration, replicas, cluster };
        lab.replicas.iter().for_each(Replica::wait_until_ready);
        for service in SERVICES {
            wait_until_ready(&lab.client(service));
        }
        lab
    }

    /// Returns a client of a service, through HAProxy.
    pub(super) fn client(&self, service: &str) -> Client {
        Client::new(self.addresses.front(service).parse().expect("an address"))
    }

    /// Kills the first replica of each service, and starts it again once `wait` returns.
    pub(super) fn kill_replicas(&mut self, wait: impl Fn()) {
        for replica in &mut self.replicas[..SERVICES.len()] {
            replica.process = None;
            wait();
            replica.process = Some(replica.dir.serve_after(SERVE));
            replica.wait_until_ready();
        }
    }

    /// Stops each replica in order and starts it again, one after the other. The first ones of each service come first,
    /// so that HAProxy uses them again when the second ones stop.
    pub(super) fn restart_replicas(&mut self) {
        for replica in &mut self.replicas {
            let mut process = replica.process.take().expect("it runs");
            process.signal("TERM");
            assert!(process.ended().success(), "{}", process.logs());
            replica.process = Some(replica.dir.serve_after(SERVE));
            replica.wait_until_ready();
        }
    }
}

fn wait_until_ready(client: &Client) {
    eventually("a service is ready", || {
        let answer = client.call("GET", "/readyz").try_send();
        answer.is_ok_and(|answer| answer.status == 200).then_some(())
    });
}

struct Replica {
    client: Client,
    process: Option<Binary>,
    dir: TestDir,
}

impl Replica {
    fn start(number: usize, addresses: &Addresses, cluster: &Cluster) -> Self {
        let service = SERVICES[number % SERVICES.len()];
        let address = addresses.replica(number);
        let (dir, variable) = match service {
            "auth" => (services::auth(), "AUTH"),
            "person" => (services::person(), "PERSON"),
            _ => {
                let person = format!("http://{}", addresses.front("person"));
                (services::health(&person).with("HEALTH_PURGE_SECONDS", "1"), "HEALTH")
            }
        };
        let store = format!("{variable}_{}", if service == "health" { "FILE" } else { "DB" });
        let dir = dir.with(&format!("{variable}_LISTEN"), &address).with(&store, &cluster.url(service));
        let dir = dir.with("DRAIN_SECONDS", DRAIN_SECONDS);
        let client = Client::new(address.parse().expect("an address"));
        Self { client, process: Some(dir.serve_after(SERVE)), dir }
    }

    fn wait_until_ready(&self) {
        wait_until_ready(&self.client);
    }
}

/// Addresses in 127.0.0.0/8 that no other test uses, so that each program keeps its port when it starts again.
struct Addresses {
    first: u8,
}

impl Addresses {
    /// For the nodes, HAProxy and the replicas.
    const EACH: u8 = 10;

    fn new() -> Self {
        // The test kit counts its servers from 1.
        static NEXT: AtomicU8 = AtomicU8::new(100);
        Self { first: NEXT.fetch_add(Self::EACH, Ordering::Relaxed) }
    }

    fn host(&self, number: u8) -> String {
        let [.., high, low] = id().to_be_bytes();
        format!("127.{}.{high}.{low}", self.first + number)
    }

    fn front(&self, service: &str) -> String {
        let port = SERVICES.iter().position(|name| *name == service).expect("a service");
        format!("{}:500{port}", self.host(3))
    }

    fn replica(&self, number: usize) -> String {
        format!("{}:5000", self.host(4 + number as u8))
    }
}

fn balancing(addresses: &Addresses) -> String {
    let mut text = DEFAULTS.to_owned();
    for (first, service) in SERVICES.into_iter().enumerate() {
        text.push_str(&format!("listen {service}\n    bind {}\n", addresses.front(service)));
        for number in [first, first + SERVICES.len()] {
            text.push_str(&format!("    server replica{number} {}\n", addresses.replica(number)));
        }
    }
    text
}
