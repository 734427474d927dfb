//! Three nodes, each with etcd, Patroni and PostgreSQL. Each node has an address in 127.0.0.0/8 and a PID namespace: so
//! a node is killed, frozen and woken as a whole, and ends with the test, even with a killed one.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Client, as_postgres, is_root, output_of, postgres_programs, within};

/// For the first start of three nodes, and for a node that is copied again.
const START_LIMIT: Duration = Duration::from_secs(120);

/// The last bytes of each log of a node, printed if a drill fails: some forty lines.
const LOG_SHOWN: usize = 4000;

/// The first process of a node, so all others end with it. It runs the commands that arrive, until the pipe closes.
/// `bash` also waits for the processes that lose their parent: Patroni would take a dead PostgreSQL for a running one.
const NODE: &str = r#"
    cd "$0"
    etcd --config-file etcd.json >>etcd.log 2>&1 &
    patroni patroni.json >>patroni.log 2>&1 &
    while read -r command; do eval "$command"; done"#;

/// Three nodes. Dropping them kills them and removes their data.
pub(super) struct Cluster {
    nodes: Vec<Node>,
    _folder: TempDir,
}

impl Cluster {
    /// Starts nodes at these addresses, with a database for each service.
    pub(super) fn start(addresses: &[String; 3]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // PostgreSQL's user must reach the folders of the nodes.
        output_of(Command::new("chmod").arg("0755").arg(folder.path()));
        let nodes = (0..3).map(|number| Node::new(folder.path(), addresses, number)).collect();
        let mut cluster = Self { nodes, _folder: folder };
        cluster.heal();
        let primary = &cluster.nodes[cluster.primary()];
        for service in ["auth", "person", "health"] {
            let psql = postgres_programs().join("psql");
            let sql = format!("CREATE DATABASE {service}");
            output_of(as_postgres(&psql.to_string_lossy()).args(["-h", &primary.address, "-c", &sql]));
        }
        cluster
    }

    /// Returns the address of a database, with all nodes.
    pub(super) fn url(&self, database: &str) -> String {
        let addresses: Vec<_> = self.nodes.iter().map(|node| &node.address[..]).collect();
        format!("postgres://postgres@{}/{database}", addresses.join(","))
    }

    /// Starts the nodes that do not run, and waits until all three are well.
    pub(super) fn heal(&mut self) {
        self.nodes.iter_mut().filter(|node| node.process.is_none()).for_each(Node::start);
        within(START_LIMIT, "a primary, a synchronous standby and another standby", || {
            // Patroni reports a member for 20 s after its end.
            if !self.nodes.iter().all(Node::works) {
                return None;
            }
            let mut roles = self.members()?.into_iter().map(|(_, role)| role).collect::<Vec<_>>();
            roles.sort();
            (roles == ["leader", "replica", "sync_standby"]).then_some(())
        });
    }

    /// Returns the number of the node with the primary.
    pub(super) fn primary(&self) -> usize {
        self.with_role("leader")
    }

    /// Returns the number of the node with the standby that each commit waits for.
    pub(super) fn synchronous_standby(&self) -> usize {
        self.with_role("sync_standby")
    }

    /// Ends all processes of a node at once, as a power cut does.
    pub(super) fn kill(&mut self, node: usize) {
        self.nodes[node].kill();
    }

    /// Kills the first process of a node's PostgreSQL.
    pub(super) fn crash(&mut self, node: usize) {
        self.nodes[node].run("kill -KILL $(head -n 1 data/postmaster.pid)");
    }

    /// Suspends all processes of a node, as a machine that hangs.
    pub(super) fn freeze(&mut self, node: usize) {
        self.nodes[node].run("kill -STOP -1");
        self.nodes[node].frozen = true;
    }

    /// Wakes the processes of a frozen node.
    pub(super) fn wake(&mut self, node: usize) {
        self.nodes[node].run("kill -CONT -1");
        self.nodes[node].frozen = false;
    }

    /// Makes the synchronous standby the primary, in order.
    pub(super) fn switch_over(&self) {
        let primary = &self.nodes[self.primary()];
        let order = primary.api().post("/switchover", &json!({"leader": primary.name}));
        let _ = order.expect(200);
    }

    fn with_role(&self, role: &str) -> usize {
        within(START_LIMIT, role, || {
            let name = self.members()?.into_iter().find(|(_, found)| found == role)?.0;
            self.nodes.iter().position(|node| node.name == name)
        })
    }

    /// Returns the name and role of each member that works, by the first node that answers.
    fn members(&self) -> Option<Vec<(String, String)>> {
        let mut awake = self.nodes.iter().filter(|node| !node.frozen);
        let answer = awake.find_map(|node| node.api().call("GET", "/cluster").try_send().ok())?;
        let document: Value = serde_json::from_slice(&answer.body).ok()?;
        let members = document["members"].as_array()?.iter();
        let well = members.filter(|member| member["state"] == "running" || member["state"] == "streaming");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Some(well.map(|member| (text(&member["name"]), text(&member["role"]))).collect())
    }
}

struct Node {
    name: String,
    address: String,
    folder: PathBuf,
    process: Option<Child>,
    /// It would accept a connection and not answer.
    frozen: bool,
}

impl Node {
    fn new(parent: &Path, addresses: &[String; 3], number: usize) -> Self {
        let (name, address) = (format!("n{number}"), addresses[number].clone());
        let folder = parent.join(&name);
        fs::create_dir(&folder).expect("the folder is ours");
        for (file, content) in [
            ("etcd.json", etcd(&folder, addresses, number)),
            ("patroni.json", patroni(&folder, addresses, number)),
        ] {
            fs::write(folder.join(file), content.to_string()).expect("the folder is ours");
        }
        if is_root() {
            output_of(Command::new("chown").arg("-R").arg("postgres").arg(&folder));
        }
        Self { name, address, folder, process: None, frozen: false }
    }

    fn start(&mut self) {
        // The process that these files name is gone, and its number may be that of another one in the new namespace: then
        // PostgreSQL would not start.
        for lock in ["data/postmaster.pid", ".s.PGSQL.5432.lock"] {
            let _ = fs::remove_file(self.folder.join(lock));
        }
        let mut command = Command::new("unshare");
        if !is_root() {
            command.args(["--user", "--map-current-user"]);
        }
        let bash = as_postgres("bash");
        command.args(["--pid", "--mount-proc", "--fork"]).arg(bash.get_program()).args(bash.get_args());
        let node = command.args(["-c", NODE]).arg(&self.folder).stdin(Stdio::piped());
        self.process = Some(node.spawn().expect("unshare is installed: apt-get install util-linux"));
    }

    /// Runs a command inside the node.
    fn run(&mut self, command: &str) {
        let process = self.process.as_mut().expect("the node runs");
        writeln!(process.stdin.as_mut().expect("piped"), "{command}").expect("the node reads");
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // This closes the pipe.
            drop(process.wait());
        }
    }

    /// Returns whether PostgreSQL runs.
    fn works(&self) -> bool {
        self.api().call("GET", "/health").try_send().is_ok_and(|answer| answer.status == 200)
    }

    /// Returns a client of Patroni.
    fn api(&self) -> Client {
        Client::new(format!("{}:8008", self.address).parse().expect("an address"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            for log in ["etcd.log", "patroni.log"] {
                let text = fs::read_to_string(self.folder.join(log)).unwrap_or_default();
                let first = text.len().saturating_sub(LOG_SHOWN);
                eprintln!("the end of {log} of {}: {}", self.name, text.get(first..).unwrap_or(&text));
            }
        }
    }
}

/// Returns the configuration of etcd. Nothing here waits for a disk: no drill cuts the power.
fn etcd(folder: &Path, addresses: &[String; 3], number: usize) -> Value {
    let peers: Vec<_> = addresses
        .iter()
        .enumerate()
        .map(|(peer, address)| format!("n{peer}=http://{address}:2380"))
        .collect();
    let url = |port: u16| format!("http://{}:{port}", addresses[number]);
    json!({
        "name": format!("n{number}"), "data-dir": folder.join("etcd"), "unsafe-no-fsync": true, "log-level": "warn",
        "listen-client-urls": url(2379), "advertise-client-urls": url(2379),
        "listen-peer-urls": url(2380), "initial-advertise-peer-urls": url(2380),
        "initial-cluster": peers.join(","),
    })
}

/// Returns the configuration of Patroni: commits wait for a synchronous standby, and never do without one.
fn patroni(folder: &Path, addresses: &[String; 3], number: usize) -> Value {
    let address = &addresses[number];
    let hosts: Vec<_> = addresses.iter().map(|address| format!("{address}:2379")).collect();
    let user = json!({"username": "postgres"});
    json!({
        "scope": "drill", "name": format!("n{number}"),
        "restapi": {"listen": format!("{address}:8008"), "connect_address": format!("{address}:8008")},
        "etcd3": {"hosts": hosts},
        "bootstrap": {
            "dcs": {
                // The shortest times that Patroni accepts: `ttl` is at least 20, and `loop_wait` plus twice
                // `retry_timeout`.
                "ttl": 20, "loop_wait": 5, "retry_timeout": 5,
                "synchronous_mode": true, "synchronous_mode_strict": true,
                // 17 connections for each of six replicas.
                "postgresql": {"use_pg_rewind": true, "parameters": {"max_connections": 200, "fsync": "off"}},
            },
            "initdb": ["data-checksums", "no-sync", {"encoding": "UTF8"}, {"locale": "C"}],
        },
        "postgresql": {
            "listen": format!("{address}:5432"), "connect_address": format!("{address}:5432"),
            "data_dir": folder.join("data"), "bin_dir": postgres_programs(), "pgpass": folder.join("pgpass"),
            "authentication": {"superuser": user, "replication": user, "rewind": user},
            "basebackup": [{"checkpoint": "fast"}, "no-sync"],
            "parameters": {"unix_socket_directories": folder},
            "pg_hba": [
                "local all all trust", "host all all 127.0.0.0/8 trust", "host replication all 127.0.0.0/8 trust",
            ],
        },
    })
}
