//! The whole lab in one process: auth, person and health, each on its own port, for a machine without Docker.
//!
//! The services know as little of each other here as they do in containers: health asks person over HTTP.

mod options;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::ExitCode;

use daemon::config::{Environment, Reader};
use daemon::files::{folder_of, make_folder};
use daemon::logs::{self, Settings};
use daemon::program::{EXIT_CONFIG, EXIT_USAGE, bind, print_out, refuse, until_stopped, with_arguments};
use daemon::{Running, Shutdown};
use options::{Options, Request};
use token::keygen::generate_if_missing;

fn main() -> ExitCode {
    with_arguments("lab", |arguments| match Options::parse(arguments) {
        Err(wrong) => refuse("lab", &format!("{wrong}\n\n{}", options::help()), EXIT_USAGE),
        Ok(Request::Help) => print_out(&options::help()),
        Ok(Request::Version) => print_out(&format!("lab {}\n", env!("CARGO_PKG_VERSION"))),
        Ok(Request::Serve(options)) => serve(options),
    })
}

fn serve(options: Options) -> ExitCode {
    let mut reader = Reader::new(&Environment);
    let settings = Settings::read(&mut reader);
    let settings = match reader.finish(settings) {
        Ok(settings) => settings,
        Err(wrong) => return refuse("lab", &wrong.join("\n  "), EXIT_CONFIG),
    };
    let _flush = logs::start(settings);
    until_stopped("lab", async |shutdown| {
        let (stop_person, person_shutdown) = daemon::shutdown();
        let services = start(&options, shutdown, person_shutdown).await?;
        print_out(&welcome(&services));
        let [auth, person, health] = services;
        // Person stops last: what health still has in flight asks it.
        let health = async move { health.finished().await.map(|()| stop_person.now()) };
        // Told to stop, all three do; where one fails the others are not waited for.
        tokio::try_join!(auth.finished(), person.finished(), health).map(|_| ())
    })
}

/// Starts the three, each with a configuration of its own, as from an environment.
async fn start(
    options: &Options,
    shutdown: Shutdown,
    person_shutdown: Shutdown,
) -> Result<[Running; 3], String> {
    // All ports first: where one is taken nothing has been touched yet.
    let taken = |error: String| format!("{error}; `--help` tells how to choose other ports");
    let auth_listener = bind(options.auth).await.map_err(taken)?;
    let person_listener = bind(options.person).await.map_err(taken)?;
    let health_listener = bind(options.health).await.map_err(taken)?;
    let person_address = person_listener.local_addr().map_err(|error| error.to_string())?;

    let key_file = options.data.join("keys").join("jwt.keys");
    make_folder(folder_of(&key_file))?;
    generate_if_missing(&key_file, 0o600)?;
    let path = |name: &str| options.data.join(name).to_string_lossy().into_owned();
    let environment = HashMap::from([
        ("AUTH_DB", path("auth/auth.db")),
        ("PERSON_DB", path("person/person.db")),
        ("HEALTH_FILE", path("health/health.jsonl")),
        ("PERSON_URL", format!("http://{}", reachable(person_address))),
        ("JWT_KEYS_FILE", key_file.to_string_lossy().into_owned()),
    ]);
    let auth = auth::start(read(&environment, auth::config::Config::read)?, auth_listener, shutdown.clone())?;
    let person =
        person::start(read(&environment, person::config::Config::read)?, person_listener, person_shutdown)?;
    let health = health::start(read(&environment, health::config::Config::read)?, health_listener, shutdown)?;
    Ok([auth, person, health])
}

fn read<C>(
    environment: &HashMap<&str, String>,
    config: fn(&mut Reader<'_>) -> Option<C>,
) -> Result<C, String> {
    let mut reader = Reader::new(environment);
    let config = config(&mut reader);
    reader.finish(config).map_err(|wrong| wrong.join("\n  "))
}

/// Where one of our own listeners is reached from this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip([127, 0, 0, 1].into());
    }
    address
}

fn welcome([auth, person, health]: &[Running; 3]) -> String {
    let url = |service: &Running| format!("http://{}", reachable(service.address()));
    format!(
        "The lab is ready; Ctrl-C stops it.\n\n  auth    {auth}\n  person  {person}\n  health  {health}\n\n\
         Begin in a second terminal, and read on in README.md:\n\n  \
         curl {auth}/register --json '{{\"username\":\"ada\",\"password\":\"analytical engine\"}}'\n\n\
         Or in a browser, at {auth}/docs.\n\n",
        auth = url(auth),
        person = url(person),
        health = url(health),
    )
}
