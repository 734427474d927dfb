//! The auth service as a process, and what an operator does beside it: care for the signing keys, make an
//! administrator.

use std::path::Path;
use std::process::ExitCode;

use auth::config::{Config, DB, LISTEN, VARIABLES};
use auth::store;
use daemon::program::{EXIT_USAGE, Program, refuse, report, with_arguments};
use token::keygen::{generate, generate_if_missing, retire, rotate};

const SUBCOMMANDS: &str = "  \
  keygen FILE [MODE]    make a file with a new signing key, mode 0600 or as told
  keygen --if-missing FILE [MODE]
                        the same, and content with a sound file that is there
  keygen --rotate FILE  put a new signing key in front; those that are there still verify
  keygen --retire FILE  drop all keys but the one that signs
  grant USERNAME ROLE   make somebody an `admin`, or a `user` again; a running service may stay up
";

fn main() -> ExitCode {
    let program = Program {
        name: auth::NAME,
        version: auth::VERSION,
        about: "The auth service of the lab: it issues tokens.",
        subcommands: SUBCOMMANDS,
        variables: VARIABLES,
        listen: LISTEN,
        store: DB,
        read: Config::read,
        start: auth::start,
        backup: sqlite::backup,
        restore: store::restore,
    };
    with_arguments(auth::NAME, |arguments| match *arguments {
        ["keygen", "--rotate", file] => report(
            auth::NAME,
            rotate(Path::new(file)).map(|()| {
                format!("A new key stands first in {file}. Restart those who verify, and auth last.\n")
            }),
        ),
        ["keygen", "--retire", file] => report(
            auth::NAME,
            retire(Path::new(file))
                .map(|()| format!("Only the key that signs is left in {file}. Restart all who read it.\n")),
        ),
        ["keygen", "--if-missing", file] => keygen(file, "0600", generate_if_missing),
        ["keygen", "--if-missing", file, mode] => keygen(file, mode, generate_if_missing),
        ["keygen", file] => keygen(file, "0600", generate),
        ["keygen", file, mode] => keygen(file, mode, generate),
        ["grant", username, role @ ("admin" | "user")] => program.with_store(|db| {
            store::grant(db, username, role)?;
            Ok(format!("{username} is `{role}` from the next login on.\n"))
        }),
        _ => program.run(arguments),
    })
}

fn keygen(file: &str, mode: &str, make: fn(&Path, u32) -> Result<(), String>) -> ExitCode {
    if file.starts_with('-') {
        return refuse(auth::NAME, &format!("`{file}` is no option of keygen"), EXIT_USAGE);
    }
    let Some(mode) = u32::from_str_radix(mode, 8).ok().filter(|mode| *mode <= 0o777) else {
        return refuse(auth::NAME, &format!("`{mode}` is no file mode like 0600"), EXIT_USAGE);
    };
    let made = make(Path::new(file), mode);
    report(
        auth::NAME,
        made.map(|()| format!("The signing key is in {file}; keep it as secret as a password.\n")),
    )
}
