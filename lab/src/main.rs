//! The whole lab in one process: auth, person and health, each on its own port, for a machine without Docker.
//!
//! The services are as separate here as in containers: health calls person over HTTP.

mod options;

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context as _;
use chassis::settings::{ALLOWED_ORIGINS, LIVE, RELATED_SERVICES};
use daemon::config::{self, Environment, Reader, Source as _, Variable};
use daemon::files::{create_folder, folder_of};
use daemon::{CommandLine, Failure, Running, Shutdown, listener, logs, signals};
use options::Options;
use token::keygen::generate_if_missing;
use tokio::net::TcpListener;

const COMMAND_LINE: CommandLine = CommandLine {
    name: "lab",
    version: env!("CARGO_PKG_VERSION"),
    about: "The whole lab in one process: auth, person and health, each on its own port.",
    usage: options::USAGE,
    further_usage: "",
    variables: &[ALLOWED_ORIGINS, LIVE_BY_DEFAULT],
};

/// A lab is there to be looked at.
const LIVE_BY_DEFAULT: Variable = Variable { default: Some("on"), ..LIVE };

fn main() -> ExitCode {
    COMMAND_LINE.run(|arguments| match Options::parse(arguments) {
        Ok(options) => serve(options),
        Err(_) if arguments.contains(&"--help") => Ok(COMMAND_LINE.help()),
        Err(error) => Err(Failure::usage(format!("{error}\n\n{}", COMMAND_LINE.help()))),
    })
}

fn serve(options: Options) -> Result<String, Failure> {
    let log = config::read(&Environment, logs::Settings::read)?;
    let _flush = logs::start(log);
    signals::run_until_stopped("lab", async |shutdown| {
        let (stop_person, person_shutdown) = daemon::shutdown();
        let services = start(&options, shutdown, person_shutdown)?;
        // If standard output is closed, only the welcome is lost.
        let _ = io::stdout().write_all(welcome(&services).as_bytes());
        let [auth, person, health] = services;
        // Person stops last, because health's requests in flight still call it.
        let health = async move { health.finished().await.map(|()| stop_person.now()) };
        // If one service fails, the others are not waited for.
        tokio::try_join!(auth.finished(), person.finished(), health).map(|_| ())
    })?;
    Ok(String::new())
}

/// Starts the three services, each with its own configuration, as from an environment.
fn start(options: &Options, shutdown: Shutdown, person_shutdown: Shutdown) -> anyhow::Result<[Running; 3]> {
    // All ports are bound first: if one is taken, no file has been touched yet.
    let bind = |address, option| {
        let hint = format!(
            "if that is a lab, end it (Ctrl-C, `scripts/stop` or `docker compose down`); or choose another port: `{option}`"
        );
        listener::bind(address, &hint)
    };
    let auth_listener = bind(options.auth, "--auth-port 6003")?;
    let person_listener = bind(options.person, "--person-port 6001")?;
    let health_listener = bind(options.health, "--health-port 6002")?;
    let [auth_url, person_url, health_url] =
        [url(&auth_listener)?, url(&person_listener)?, url(&health_listener)?];

    let key_file = options.data.join("keys").join("jwt.keys");
    create_folder(folder_of(&key_file))?;
    generate_if_missing(&key_file, 0o600)?;
    let path = |name: &str| options.data.join(name).to_string_lossy().into_owned();
    let environment = HashMap::from([
        ("AUTH_DB", path("auth/auth.db")),
        ("PERSON_DB", path("person/person.db")),
        ("HEALTH_FILE", path("health/health.jsonl")),
        (RELATED_SERVICES.name, format!("auth={auth_url},person={person_url},health={health_url}")),
        ("PERSON_URL", person_url),
        ("JWT_KEYS_FILE", key_file.to_string_lossy().into_owned()),
        (ALLOWED_ORIGINS.name, value_of(&ALLOWED_ORIGINS)),
        (LIVE.name, value_of(&LIVE_BY_DEFAULT)),
    ]);
    let auth = auth::start(read(&environment, auth::config::Config::read)?, auth_listener, shutdown.clone())?;
    let person =
        person::start(read(&environment, person::config::Config::read)?, person_listener, person_shutdown)?;
    let health = health::start(read(&environment, health::config::Config::read)?, health_listener, shutdown)?;
    Ok([auth, person, health])
}

/// Returns the value of a variable that the services share, or its default. An empty value counts as not set.
fn value_of(variable: &Variable) -> String {
    let value = Environment.get(variable.name).filter(|value| !value.is_empty());
    value.or(variable.default.map(str::to_owned)).unwrap_or_default()
}

fn read<C>(
    environment: &HashMap<&str, String>,
    config: fn(&mut Reader<'_>) -> Option<C>,
) -> anyhow::Result<C> {
    let mut reader = Reader::new(environment);
    let config = config(&mut reader);
    reader.finish(config).map_err(|invalid| anyhow::Error::msg(invalid.join("\n  ")))
}

/// Returns the URL at which this machine reaches a listener.
fn url(listener: &TcpListener) -> anyhow::Result<String> {
    let address = listener.local_addr().context("the listener has no address")?;
    Ok(format!("http://{}", reachable(address)))
}

/// Returns the address at which this machine reaches a listener.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip([127, 0, 0, 1].into());
    }
    address
}

fn welcome([auth, person, health]: &[Running; 3]) -> String {
    let url = |service: &Running| format!("http://{}", reachable(service.address()));
    let is_live = value_of(&LIVE_BY_DEFAULT) == "on";
    let watch =
        if is_live { format!("Watch the requests at {}/live.\n", url(health)) } else { String::new() };
    format!(
        "The lab is ready; Ctrl-C stops it.\n\n  auth    {auth}\n  person  {person}\n  health  {health}\n\n\
         Begin in a second terminal, and read on in README.md:\n\n  \
         curl {auth}/register --json '{{\"username\":\"ada\",\"password\":\"analytical engine\"}}'\n\n\
         Or in a browser, at {auth}/docs.\n{watch}\n",
        auth = url(auth),
        person = url(person),
        health = url(health),
    )
}
