//! The command line of `lab`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use daemon::{config, logs};

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// To serve.
    Serve(Options),
    /// To tell the options.
    Help,
    /// To tell the version.
    Version,
}

/// Where the lab keeps its data and where it listens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) data: PathBuf,
    pub(crate) auth: SocketAddr,
    pub(crate) person: SocketAddr,
    pub(crate) health: SocketAddr,
}

impl Options {
    /// Reads `--option value` and `--option=value`, each at most once.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub(crate) fn parse(arguments: &[&str]) -> Result<Request, String> {
        let mut data = None;
        let mut bind: Option<IpAddr> = None;
        let (mut auth, mut person, mut health) = (None, None, None);
        let mut arguments = arguments.iter().copied();
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (argument, None),
            };
            match (name, value) {
                ("--help" | "-h", None) => return Ok(Request::Help),
                ("--version" | "-V", None) => return Ok(Request::Version),
                _ => {}
            }
            let mut value = || value.or_else(|| arguments.next()).ok_or(format!("{name} needs a value"));
            match name {
                "--data" => once(&mut data, name, PathBuf::from(value()?))?,
                "--bind" => once(&mut bind, name, parse(name, value()?, "127.0.0.1")?)?,
                "--auth-port" => once(&mut auth, name, parse(name, value()?, "5003")?)?,
                "--person-port" => once(&mut person, name, parse(name, value()?, "5001")?)?,
                "--health-port" => once(&mut health, name, parse(name, value()?, "5002")?)?,
                _ => return Err(format!("{name} is no option")),
            }
        }
        let bind = bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        Ok(Request::Serve(Self {
            data: data.unwrap_or_else(|| PathBuf::from("data")),
            auth: SocketAddr::new(bind, auth.unwrap_or(5003)),
            person: SocketAddr::new(bind, person.unwrap_or(5001)),
            health: SocketAddr::new(bind, health.unwrap_or(5002)),
        }))
    }
}

fn once<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{name} is given twice")),
    }
}

fn parse<T: std::str::FromStr>(name: &str, value: &str, example: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} {value}: expected something like {example}"))
}

/// The text of `--help`.
pub(crate) fn help() -> String {
    format!(
        "The whole lab in one process: auth, person and health, each on its own port.\n\n\
         Usage: cargo run -- [OPTIONS]\n\nOptions [default]:\n\
         \x20 --data FOLDER         where the stores and the signing key are kept, made on the first run [data]\n\
         \x20 --bind ADDRESS        the address to listen on [127.0.0.1]\n\
         \x20 --person-port PORT    [5001]; 0 finds a free one\n\
         \x20 --health-port PORT    [5002]\n\
         \x20 --auth-port PORT      [5003]\n\
         \x20 --help, --version\n\nEnvironment [default]:\n{}",
        config::table(&logs::VARIABLES)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Request, String> {
        Options::parse(&line.split_whitespace().collect::<Vec<_>>())
    }

    #[test]
    fn without_options_the_ports_are_those_of_the_lab() {
        let Ok(Request::Serve(options)) = parse("") else { panic!("it serves") };
        assert_eq!(options.person.to_string(), "127.0.0.1:5001");
        assert_eq!(options.health.to_string(), "127.0.0.1:5002");
        assert_eq!(options.auth.to_string(), "127.0.0.1:5003");
        assert_eq!(options.data, PathBuf::from("data"));
    }

    #[test]
    fn both_ways_of_writing_a_value_are_read() {
        let Ok(Request::Serve(options)) = parse("--data=/tmp/x --bind ::1 --auth-port 7") else {
            panic!("it serves")
        };
        assert_eq!((options.data, options.auth.to_string()), (PathBuf::from("/tmp/x"), "[::1]:7".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, named) in [
            ("--dta x", "--dta"),
            ("x", "x is no option"),
            ("--data", "needs a value"),
            ("--auth-port high", "--auth-port high"),
            ("--bind a --bind b", "--bind a"),
            ("--data a --data b", "twice"),
        ] {
            assert!(parse(line).unwrap_err().contains(named), "{line}");
        }
        assert_eq!(parse("-h"), Ok(Request::Help));
        assert_eq!(parse("--version"), Ok(Request::Version));
    }
}
