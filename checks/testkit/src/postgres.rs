//! A PostgreSQL server of a test, from Debian's package, on a socket in a new folder. Needs no port.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use crate::eventually;

/// Runs the server until a line with the name of a signal arrives, or until the test is gone; the folder is then removed.
/// Killing the test, in whatever way, closes the pipe.
const SUPERVISE: &str = r#"
    "$0/postgres" -D "$1/data" -k "$1" -c listen_addresses="$2" -c fsync="$3" -c max_connections=300 2>"$1/log" >&2 &
    if read -r signal; then
        kill -s "$signal" $!; wait $!
    else
        kill -s INT $!; wait $!; rm -rf "$1"
    fi"#;

/// Makes two authorities, lets the first one sign the server's certificate, and asks every client for TLS.
const CERTIFY: &str = r#"
    cd "$0"
    new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" "${@:2}"; }
    for authority in authority stranger; do new $authority -x509 -days 2 -out $authority.pem; done
    new server -out server.csr
    printf 'subjectAltName=DNS:%s' "$1" >names
    openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -extfile names \
        -days 2 -out server.pem
    chmod 0600 server.key
    printf "ssl=on\nssl_cert_file='$0/server.pem'\nssl_key_file='$0/server.key'\n" >>data/postgresql.conf
    echo 'hostssl all all 127.0.0.0/8 trust' >data/pg_hba.conf
    echo 'local all all trust' >>data/pg_hba.conf"#;

/// What a client needs to know of a server with TLS. The paths are escaped for use in an address.
#[derive(Debug)]
pub struct Encrypted {
    /// The IP address; the port is PostgreSQL's.
    pub address: String,
    /// The certificate of the authority that has signed the server's.
    pub authority: String,
    /// The certificate of an authority that has not.
    pub stranger: String,
}

/// A server. Dropping it stops the server and removes its data.
#[derive(Debug)]
pub struct PostgresServer {
    programs: PathBuf,
    folder: PathBuf,
    /// Where it listens besides its socket, if anywhere.
    address: String,
    /// `on` or `off`: whether a commit waits for the disk.
    fsync: &'static str,
    process: Option<Child>,
    databases: AtomicU32,
}

impl PostgresServer {
    /// Starts a server without databases; its only role is `tester`, without a password. It does not sync its files.
    pub fn start() -> Self {
        Self::start_with("off")
    }

    /// Starts a server that syncs its files, for measurements.
    pub fn start_durable() -> Self {
        Self::start_with("on")
    }

    fn start_with(fsync: &'static str) -> Self {
        let mut server = Self::in_new_folder(fsync);
        let data = server.folder.join("data");
        let options = ["-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"];
        output_of(server.command("initdb").args(options).arg(data));
        server.resume();
        server
    }

    fn in_new_folder(fsync: &'static str) -> Self {
        let programs = postgres_programs();
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        if is_root() {
            output_of(Command::new("chown").arg("postgres").arg(&folder));
        }
        Self { programs, folder, address: String::new(), fsync, process: None, databases: AtomicU32::new(0) }
    }

    /// From now on the server accepts TLS, and nothing else, at an IP address that no other server has. Its certificate is for `name`.
    pub fn listen_with_tls(&mut self, name: &str) -> Encrypted {
        self.stop("INT");
        // The port is always the same, so each server gets another address in 127.0.0.0/8.
        let [.., high, low] = std::process::id().to_be_bytes();
        static SERVERS: AtomicU8 = AtomicU8::new(1);
        let server = SERVERS.fetch_add(1, Ordering::Relaxed);
        self.address = format!("127.{server}.{high}.{low}");
        let folder = self.folder.display().to_string();
        let script = as_postgres("bash").args(["-ec", CERTIFY, &folder, name]).output().expect("a shell");
        assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stderr));
        self.resume();
        let authority = |name: &str| format!("{folder}/{name}").replace('/', "%2F");
        Encrypted {
            address: self.address.clone(),
            authority: authority("authority.pem"),
            stranger: authority("stranger.pem"),
        }
    }

    /// Creates a database and returns its address.
    pub fn create_database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.query("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://tester@{}/{name}", self.host())
    }

    /// The folder of the socket as the host of an address.
    pub fn host(&self) -> String {
        self.folder.to_string_lossy().replace('/', "%2F")
    }

    /// Starts a copy that follows this server. From now on this server's commits wait for it.
    pub fn add_synchronous_standby(&self) -> Self {
        let mut standby = Self::in_new_folder(self.fsync);
        let copy = ["-U", "tester", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"];
        let data = standby.folder.join("data");
        output_of(self.command("pg_basebackup").args(copy).arg("-h").arg(&self.folder).arg("-D").arg(data));
        standby.resume();
        self.query("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.query("postgres", "SELECT pg_reload_conf()");
        let state = "SELECT sync_state FROM pg_stat_replication";
        eventually("the standby is synchronous", || (self.query("postgres", state) == "sync").then_some(()));
        standby
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        assert_eq!(self.query("postgres", "SELECT pg_promote()"), "t");
    }

    /// The path of the socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// Runs a statement in a database, which its name or its address names, and returns the values of its rows, a line each.
    pub fn query(&self, database: &str, sql: &str) -> String {
        let database = database.rsplit('/').next().expect("a name");
        let options =
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "tester", "-d", database, "-c", sql];
        output_of(self.command("psql").args(options).arg("-h").arg(&self.folder))
    }

    /// Runs a script with `pgbench` for a number of seconds, and returns what it prints.
    pub fn pgbench(&self, database: &str, script: &Path, clients: u32, seconds: u32) -> String {
        let options = ["-n", "-M", "prepared", "-j", "1", "-U", "tester", "-c", &clients.to_string(), "-T"];
        let mut command = self.command("pgbench");
        command.args(options).arg(seconds.to_string()).arg("-f").arg(script);
        output_of(command.arg("-h").arg(&self.folder).arg(database))
    }

    /// Stops the server with a signal: `INT` closes connections and stops in order, `QUIT` is as a crash.
    pub fn stop(&mut self, signal: &str) {
        let mut process = self.process.take().expect("the server runs");
        let pipe = process.stdin.as_mut().expect("piped");
        writeln!(pipe, "{signal}").expect("the supervisor reads");
        process.wait().expect("it is our child");
    }

    /// Starts the server again with the same data.
    pub fn resume(&mut self) {
        let script = as_postgres("sh")
            .args(["-c", SUPERVISE])
            .arg(&self.programs)
            .arg(&self.folder)
            .args([&self.address, self.fsync])
            .stdin(Stdio::piped())
            .spawn();
        self.process = Some(script.expect("a shell"));
        eventually("PostgreSQL accepts connections", || {
            let ready = self.command("pg_isready").arg("-q").arg("-h").arg(&self.folder).status();
            ready.expect("pg_isready").success().then_some(())
        });
    }

    fn command(&self, program: &str) -> Command {
        as_postgres(&self.programs.join(program).to_string_lossy())
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        match self.process.take() {
            // Closes the pipe: the supervisor stops the server and removes the folder.
            Some(mut process) => drop(process.wait()),
            None => drop(fs::remove_dir_all(&self.folder)),
        }
    }
}

/// Returns a command that runs a program as the user `postgres`, if the test runs as root: PostgreSQL refuses to.
pub fn as_postgres(program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", program]).current_dir("/");
    command
}

/// Returns the folder of PostgreSQL's programs, which Debian keeps out of `PATH`.
pub fn postgres_programs() -> PathBuf {
    let versions =
        fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed: apt-get install postgresql");
    let mut found: Vec<_> = versions.map(|version| version.expect("a folder").path().join("bin")).collect();
    found.sort();
    found.pop().expect("PostgreSQL is installed: apt-get install postgresql")
}

/// Returns whether the test runs as root.
pub fn is_root() -> bool {
    tempfile::tempfile().and_then(|file| file.metadata()).expect("a new file").uid() == 0
}

/// Runs a command that must succeed, and returns its output.
pub fn output_of(command: &mut Command) -> String {
    let ended = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(ended.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).expect("UTF-8").trim_end().to_owned()
}
