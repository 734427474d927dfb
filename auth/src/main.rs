//! The auth service as a process, and the operator's commands: signing keys, administrators, closed accounts.

use std::path::Path;
use std::process::ExitCode;

use auth::config::{Config, DB, LISTEN, VARIABLES};
use auth::store::{self, Location};
use daemon::config::{self, Environment, Reader};
use daemon::{CommandLine, Failure, Probe, backup_to_stdout, healthcheck, restore_from_stdin, serve};
use token::keygen::{generate, generate_if_missing, retire, rotate};

const COMMAND_LINE: CommandLine = CommandLine {
    name: auth::NAME,
    version: auth::VERSION,
    about: "The auth service of the lab: it issues tokens.",
    usage: CommandLine::SERVICE_USAGE,
    further_usage: COMMANDS,
    variables: VARIABLES,
};

const COMMANDS: &str =
    "  keygen FILE [MODE]    create a file with a new signing key; the mode is 0600 by default
  keygen --if-missing FILE [MODE]
                        do the same, or check the file if it exists
  keygen --rotate FILE  put a new signing key first; the other keys still verify
  keygen --retire FILE  drop all keys except the signing one
  grant USERNAME ROLE   make a user an `admin`, or a `user` again; the service may be running
  revoke USERNAME       close an account for good, as `DELETE /me` does; the service may be running
";

fn main() -> ExitCode {
    COMMAND_LINE.run(|arguments| match *arguments {
        [] | ["serve"] => serve(&COMMAND_LINE, &LISTEN, Config::read, auth::start),
        ["healthcheck"] => healthcheck(&LISTEN, Probe::Ready),
        ["healthcheck", "--live"] => healthcheck(&LISTEN, Probe::Live),
        ["backup"] => backup_to_stdout(location, store::backup),
        ["restore"] => restore_from_stdin(location, store::restore),
        ["keygen", "--rotate", file] => {
            rotate(Path::new(file))?;
            Ok(format!("{file} has a new signing key. Restart the services that verify, and auth last.\n"))
        }
        ["keygen", "--retire", file] => {
            retire(Path::new(file))?;
            Ok(format!("Only the signing key is left in {file}. Restart all services.\n"))
        }
        ["keygen", "--if-missing", file] => keygen(file, "0600", generate_if_missing),
        ["keygen", "--if-missing", file, mode] => keygen(file, mode, generate_if_missing),
        ["keygen", file] => keygen(file, "0600", generate),
        ["keygen", file, mode] => keygen(file, mode, generate),
        ["grant", username, role @ ("admin" | "user")] => {
            store::grant(&config::read(&Environment, location)?, username, role)?;
            Ok(format!("{username} is `{role}` from the next login on.\n"))
        }
        ["revoke", username] => {
            store::revoke(&config::read(&Environment, location)?, username)?;
            Ok(format!(
                "{username} cannot log in any more; tokens already issued run out within 15 minutes.\n"
            ))
        }
        _ => Err(COMMAND_LINE.unknown(arguments)),
    })
}

fn location(reader: &mut Reader<'_>) -> Option<Location> {
    Location::read(reader, &DB)
}

fn keygen(file: &str, mode: &str, create: fn(&Path, u32) -> anyhow::Result<()>) -> Result<String, Failure> {
    if file.starts_with('-') {
        return Err(Failure::usage(format!("`{file}` is not an option of keygen")));
    }
    // The services refuse a file that others may write.
    let Some(mode) = u32::from_str_radix(mode, 8).ok().filter(|mode| mode & !0o755 == 0) else {
        return Err(Failure::usage(format!(
            "`{mode}` is not a file mode like 0600 that only the owner may write"
        )));
    };
    create(Path::new(file), mode)?;
    Ok(format!("The signing key is in {file}; keep it as secret as a password.\n"))
}
