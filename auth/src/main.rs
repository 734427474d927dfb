//! The auth service as a process, and the two things that an operator does beside it: make a key file, make
//! an administrator.

use std::path::Path;
use std::process::ExitCode;

use auth::config::{Config, DB, LISTEN, VARIABLES};
use auth::store;
use daemon::config::{Environment, Reader, path};
use daemon::program::{EXIT_CONFIG, EXIT_USAGE, Program, print_out, refuse, with_arguments};
use token::keys;

fn main() -> ExitCode {
    let program = Program {
        name: auth::NAME,
        version: auth::VERSION,
        about: "The auth service of the lab: it issues tokens.",
        subcommands: "  keygen FILE [MODE]    make a file with a new signing key, mode 0600 or as told\n  \
                      grant USERNAME ROLE   make somebody an `admin`, or a `user` again; a running service may stay up\n",
        variables: VARIABLES,
        listen: LISTEN,
        read: Config::read,
        start: auth::start,
    };
    with_arguments(auth::NAME, |arguments| match *arguments {
        ["keygen", file] => keygen(file, "0600"),
        ["keygen", file, mode] => keygen(file, mode),
        ["grant", username, role @ ("admin" | "user")] => grant(username, role),
        _ => program.run(arguments),
    })
}

fn keygen(file: &str, mode: &str) -> ExitCode {
    let Some(mode) = u32::from_str_radix(mode, 8).ok().filter(|mode| *mode <= 0o777) else {
        return refuse(auth::NAME, &format!("`{mode}` is no file mode like 0600"), EXIT_USAGE);
    };
    match keys::generate(Path::new(file), mode) {
        Ok(()) => print_out(&format!("A new signing key is in {file}; keep it as secret as a password.\n")),
        Err(sentence) => refuse(auth::NAME, &sentence, 1),
    }
}

fn grant(username: &str, role: &str) -> ExitCode {
    let mut reader = Reader::new(&Environment);
    let db = reader.read(&DB, path);
    match reader.finish(db) {
        Err(wrong) => refuse(auth::NAME, &wrong.join("\n  "), EXIT_CONFIG),
        Ok(db) => match store::grant(&db, username, role) {
            Ok(()) => print_out(&format!("{username} is `{role}` from the next login on.\n")),
            Err(sentence) => refuse(auth::NAME, &sentence, 1),
        },
    }
}
