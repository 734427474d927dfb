//! A service as a process: its subcommands, its signals, its exit codes. Only `main` ends the process; here
//! is only said with which code.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{self, Environment, Reader, Variable};
use crate::logs::{self, Settings};
use crate::{Running, Shutdown, Stop, shutdown};

/// `EX_USAGE` of sysexits.h: the arguments are wrong.
pub const EXIT_USAGE: u8 = 64;
/// `EX_CONFIG` of sysexits.h: a variable is wrong.
pub const EXIT_CONFIG: u8 = 78;
/// What a shell gives for SIGINT: told twice to stop.
const EXIT_INTERRUPTED: u8 = 130;

/// Connections that the kernel takes before the service does: as many as a service serves. It drops those past it, and
/// they try again a second later; with tokio's 128 a crowd would wait that long for an answer that is to come at once.
const BACKLOG: u32 = 1024;
/// What `healthcheck` waits for an answer.
const PROBE_LIMIT: Duration = Duration::from_secs(2);

/// A service's binary.
pub struct Program<C> {
    /// The name of the service and of its binary.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// One line on what it is for.
    pub about: &'static str,
    /// Lines of `--help` for subcommands that only it has.
    pub subcommands: &'static str,
    /// Every variable that it reads.
    pub variables: &'static [Variable],
    /// The one of them that says where it listens.
    pub listen: Variable,
    /// The one that names its store.
    pub store: Variable,
    /// Reads the configuration.
    pub read: fn(&mut Reader<'_>) -> Option<C>,
    /// Starts the service; a refusal is a sentence.
    pub start: fn(C, TcpListener, Shutdown) -> Result<Running, String>,
    /// Writes a copy of its store, which may be in use; a refusal is a sentence.
    pub backup: fn(&Path, &mut dyn Write) -> Result<(), String>,
    /// Puts a copy in the place of its store, and returns where that is kept; a refusal is a sentence.
    pub restore: fn(&Path, &mut dyn Read) -> Result<Option<PathBuf>, String>,
}

impl<C> Program<C> {
    /// Does what the arguments say: `serve` where there is none.
    pub fn run(&self, arguments: &[&str]) -> ExitCode {
        match arguments {
            [] | ["serve"] => self.serve(),
            ["healthcheck"] => self.healthcheck(),
            ["backup"] => self.backup(),
            ["restore"] => self.restore(),
            ["--help" | "-h" | "help"] => print_out(&self.help()),
            ["--version" | "-V"] => print_out(&format!("{} {}\n", self.name, self.version)),
            _ => refuse(
                self.name,
                &format!("unknown arguments: {}\n\n{}", arguments.join(" "), self.help()),
                EXIT_USAGE,
            ),
        }
    }

    fn help(&self) -> String {
        let Self { name, about, subcommands, .. } = self;
        let variables = config::table(&[self.variables, &logs::VARIABLES].concat());
        format!(
            "{about}\n\nUsage: {name} [COMMAND]\n\nCommands:\n\
             \x20 serve                 run the service (the default)\n\
             \x20 healthcheck           ask a running one whether it is ready: exit 0 or 1\n\
             \x20 backup                write a copy of the store to standard output; the service may be running\n\
             \x20 restore               put the copy that comes on standard input in the store's place\n{subcommands}\
             \x20 --help, --version\n\nEnvironment [default]:\n{variables}"
        )
    }

    fn serve(&self) -> ExitCode {
        let mut reader = Reader::new(&Environment);
        let settings = Settings::read(&mut reader);
        let address = reader.read(&self.listen, config::like("127.0.0.1:5001"));
        let config = (self.read)(&mut reader);
        let (settings, address, config) = match reader.finish(settings.zip(address).zip(config)) {
            Ok(((settings, address), config)) => (settings, address, config),
            Err(wrong) => return refuse(self.name, &wrong.join("\n  "), EXIT_CONFIG),
        };
        let _flush = logs::start(settings);
        until_stopped(self.name, async |shutdown| {
            let listener = bind(address)
                .await
                .map_err(|error| format!("{error}; {} chooses another", self.listen.name))?;
            let running = (self.start)(config, listener, shutdown)?;
            tracing::info!(service = self.name, version = self.version, address = %running.address(), "ready");
            running.finished().await
        })
    }

    fn healthcheck(&self) -> ExitCode {
        let mut reader = Reader::new(&Environment);
        let address = reader.read(&self.listen, config::like("127.0.0.1:5001"));
        match reader.finish(address) {
            Err(wrong) => refuse(self.name, &wrong.join("\n  "), EXIT_CONFIG),
            Ok(address) => report(self.name, probe(address).map(|()| String::new())),
        }
    }

    fn backup(&self) -> ExitCode {
        if io::stdout().is_terminal() {
            return refuse(self.name, "send the copy to a file: `backup >FILE`", EXIT_USAGE);
        }
        self.with_store(|store| (self.backup)(store, &mut io::stdout()).map(|()| String::new()))
    }

    fn restore(&self) -> ExitCode {
        if io::stdin().is_terminal() {
            return refuse(self.name, "take the copy from a file: `restore <FILE`", EXIT_USAGE);
        }
        self.with_store(|store| {
            let kept = (self.restore)(store, &mut io::stdin())?;
            let kept =
                kept.map_or_else(String::new, |kept| format!("; what it held is kept in {}", kept.display()));
            Ok(format!("{} is restored{kept}.\n", store.display()))
        })
    }

    /// Does something to the store, and says what came of it.
    pub fn with_store(&self, act: impl FnOnce(&Path) -> Result<String, String>) -> ExitCode {
        let mut reader = Reader::new(&Environment);
        let store = reader.read(&self.store, config::path);
        match reader.finish(store) {
            Err(wrong) => refuse(self.name, &wrong.join("\n  "), EXIT_CONFIG),
            Ok(store) => report(self.name, act(&store)),
        }
    }
}

/// Runs `life` on a runtime of its own until it ends or two signals end it: the first orders a clean stop.
pub fn until_stopped<L>(name: &str, life: L) -> ExitCode
where
    L: AsyncFnOnce(Shutdown) -> Result<(), String>,
{
    let runtime = match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(name, &format!("cannot start threads: {error}"), 1),
    };
    let code = live(name, &runtime, life);
    // What still runs was told to stop and did not: nothing of it is waited for.
    runtime.shutdown_background();
    code
}

fn live<L>(name: &str, runtime: &Runtime, life: L) -> ExitCode
where
    L: AsyncFnOnce(Shutdown) -> Result<(), String>,
{
    runtime.block_on(async {
        let (stop, shutdown) = shutdown();
        let signals = signal(SignalKind::terminate()).and_then(|term| Ok((term, signal(SignalKind::interrupt())?)));
        let signals = match signals {
            Ok(signals) => signals,
            Err(error) => return refuse(name, &format!("cannot listen for signals: {error}"), 1),
        };
        tokio::select! {
            outcome = life(shutdown) => match outcome {
                Ok(()) => ExitCode::SUCCESS,
                Err(sentence) => refuse(name, &sentence, 1),
            },
            () = second_signal(name, signals, stop) => refuse(name, "told twice to stop: ended at once", EXIT_INTERRUPTED),
        }
    })
}

async fn second_signal(name: &str, (mut term, mut interrupt): (Signal, Signal), stop: Stop) {
    for attempt in 0..2 {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        if attempt == 0 {
            stop.now();
            tracing::info!(service = name, "stopping");
        }
    }
}

/// Listens on an address.
///
/// # Errors
/// A sentence that names the address and, where it is taken, says so.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    listen(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => format!("{address} is taken by another program"),
        _ => format!("cannot listen on {address}: {error}"),
    })
}

/// What `TcpListener::bind` does, but for the backlog.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Else the port is taken for a minute after a service that had connections has ended.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Asks `/readyz` as an orchestrator would.
fn probe(mut address: SocketAddr) -> Result<(), String> {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let ask = || {
        let mut stream = TcpStream::connect_timeout(&address, PROBE_LIMIT)?;
        stream.set_read_timeout(Some(PROBE_LIMIT))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(16 * 1024).read_to_string(&mut answer).map(|_| answer)
    };
    let answer = ask().map_err(|error: io::Error| format!("{address} does not answer: {error}"))?;
    if answer.starts_with("HTTP/1.1 200 ") {
        return Ok(());
    }
    Err(format!("{address} is not ready: {}", answer.lines().last().unwrap_or_default()))
}

/// Acts on the arguments of this process, the name of the program left out; not on one that is no text.
pub fn with_arguments(name: &str, act: impl FnOnce(&[&str]) -> ExitCode) -> ExitCode {
    let arguments = env::args_os().skip(1).map(OsString::into_string).collect::<Result<Vec<_>, _>>();
    match arguments {
        Ok(arguments) => act(&arguments.iter().map(String::as_str).collect::<Vec<_>>()),
        Err(wrong) => refuse(name, &format!("the argument {wrong:?} is not UTF-8"), EXIT_USAGE),
    }
}

/// Prints what was asked for.
pub fn print_out(text: &str) -> ExitCode {
    // A reader that has had enough, as `| head -1`, is no failure.
    let _ = io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// Prints what came of something, or says why nothing did.
pub fn report(name: &str, outcome: Result<String, String>) -> ExitCode {
    match outcome {
        Ok(text) => print_out(&text),
        Err(sentence) => refuse(name, &sentence, 1),
    }
}

/// Says on standard error why the process ends, and gives the code to end it with.
pub fn refuse(name: &str, sentence: &str, code: u8) -> ExitCode {
    logs::say(&format!("{name}: {sentence}"));
    ExitCode::from(code)
}
