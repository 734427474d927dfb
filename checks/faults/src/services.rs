//! The services as users run them: one process each.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

use serde_json::json;
use testkit::{Binary, Client, TestDir, tokens};

/// Returns the path of a service's binary, built with the profile of the tests.
pub fn exe(service: &str) -> String {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let test = env::current_exe().expect("a test is a file");
        let folder = test.ancestors().nth(2).expect("the test is in target/debug/deps").to_owned();
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "-p", "auth", "-p", "person", "-p", "health"]);
        if cfg!(feature = "patroni") {
            build.args(["--features", "auth/cluster,person/cluster,health/cluster"]);
        }
        build.arg("--target-dir").arg(folder.parent().expect("target"));
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo").success(), "the services cannot be built");
        folder
    });
    folder.join(service).to_str().expect("UTF-8").to_owned()
}

/// Returns a folder for auth.
pub fn auth() -> TestDir {
    TestDir::new(&exe("auth"), "AUTH_LISTEN", "AUTH_DB")
}

/// Returns a folder for person, which lets one account own as many persons as an attack creates.
pub fn person() -> TestDir {
    TestDir::new(&exe("person"), "PERSON_LISTEN", "PERSON_DB").with("PERSON_LIMIT", "1000000000")
}

/// Returns a folder for health, which sends its lookups to this URL and asks for deletions once an hour: so its
/// file changes only by the requests of a test.
pub fn health(person_url: &str) -> TestDir {
    let test_dir = TestDir::new(&exe("health"), "HEALTH_LISTEN", "HEALTH_FILE");
    test_dir.with("PERSON_URL", person_url).with("HEALTH_PURGE_SECONDS", "3600")
}

/// Waits until a service is ready, and returns a client with Ada's token.
pub fn ada(process: &mut Binary) -> Client {
    process.client().with_token(&tokens::user("ada"))
}

/// A running service and its folder.
#[derive(Debug)]
pub struct Service {
    /// The name of the service.
    pub name: &'static str,
    /// A client without a token.
    pub client: Client,
    /// The process.
    pub binary: Binary,
    /// The folder, which is removed after the process has ended.
    pub test_dir: TestDir,
}

impl Service {
    /// Starts a service in this folder.
    pub fn start(name: &'static str, test_dir: TestDir) -> Self {
        let mut binary = test_dir.serve();
        Self { name, client: binary.client(), binary, test_dir }
    }

    /// Returns the value of a metric without labels.
    pub fn metric(&self, name: &str) -> u64 {
        metric(&self.client, name)
    }

    /// Returns the largest resident size that the process has had, in KiB.
    pub fn peak_kib(&self) -> u64 {
        self.status_kib("VmHWM:")
    }

    /// Returns the number of connections to the service that it has not closed, accepted or not.
    pub fn connections(&self) -> usize {
        let sockets = fs::read_to_string("/proc/net/tcp").expect("Linux");
        let port = format!(":{:04X}", self.client.address().port());
        // The fields are a number, the local and the remote address, and the state: ESTABLISHED or CLOSE_WAIT.
        let is_open = |fields: &[&str]| fields[1].ends_with(&port) && ["01", "08"].contains(&fields[3]);
        sockets.lines().filter(|line| is_open(&line.split_whitespace().collect::<Vec<_>>())).count()
    }

    /// Returns the resident size of the process, in KiB.
    pub fn resident_kib(&self) -> u64 {
        self.status_kib("VmRSS:")
    }

    fn status_kib(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.binary.id())).expect("it runs");
        let size = status.lines().find_map(|line| line.strip_prefix(field)).expect("a size");
        size.trim().trim_end_matches(" kB").parse().expect("KiB")
    }
}

/// Returns the value of a metric without labels.
pub fn metric(client: &Client, name: &str) -> u64 {
    let metrics = client.get("/metrics").expect(200).text();
    let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{name} in {metrics}")).parse().expect("a whole number")
}

/// The three services; health asks the person service beside it.
#[derive(Debug)]
pub struct Services {
    /// Issues tokens.
    pub auth: Service,
    /// Decides who exists.
    pub person: Service,
    /// Stores vital signs.
    pub health: Service,
}

impl Services {
    /// Starts the three services, each in a folder that `prepare` may change.
    pub fn start(prepare: impl Fn(TestDir) -> TestDir) -> Self {
        let auth = Service::start("auth", prepare(auth()));
        let person = Service::start("person", prepare(person()));
        let url = format!("http://{}", person.client.address());
        let health = Service::start("health", prepare(health(&url)));
        Self { auth, person, health }
    }

    /// Starts the three services; Ada owns person 1, who has a health record.
    pub fn with_ada(prepare: impl Fn(TestDir) -> TestDir) -> Self {
        let services = Self::start(prepare);
        let ada = tokens::user("ada");
        let person = services.person.client.with_token(&ada);
        let _ = person.post("/persons", &json!({"name": "Ada"})).expect(201);
        let health = services.health.client.with_token(&ada);
        let _ = health.post("/health/1", &json!({"weight": 57.5})).expect(201);
        services
    }

    /// Returns all three.
    pub fn all(&self) -> [&Service; 3] {
        [&self.auth, &self.person, &self.health]
    }

    /// Returns the service with this name.
    pub fn named(&self, name: &str) -> &Service {
        self.all().into_iter().find(|service| service.name == name).expect("the name of a service")
    }
}
