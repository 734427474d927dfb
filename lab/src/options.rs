//! The options of `lab`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The usage in `--help`.
pub(crate) const USAGE: &str = "[OPTIONS], or cargo run -- [OPTIONS]

Options [default]:
  --data FOLDER         the folder of the stores and the signing key, created on the first run [data]
  --bind ADDRESS        the address to listen on [127.0.0.1]
  --person-port PORT    [5001]; 0 chooses a free port
  --health-port PORT    [5002]
  --auth-port PORT      [5003]
";

/// The folder of the data and the addresses to listen on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) data: PathBuf,
    pub(crate) auth: SocketAddr,
    pub(crate) person: SocketAddr,
    pub(crate) health: SocketAddr,
}

impl Options {
    /// Parses `--option value` and `--option=value`, each at most once.
    ///
    /// # Errors
    /// Returns an error message that names the invalid argument.
    pub(crate) fn parse(arguments: &[&str]) -> Result<Self, String> {
        let mut data = None;
        let mut bind: Option<IpAddr> = None;
        let (mut auth, mut person, mut health) = (None, None, None);
        let mut arguments = arguments.iter().copied();
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (argument, None),
            };
            let mut value = || value.or_else(|| arguments.next()).ok_or(format!("{name} needs a value"));
            match name {
                "--data" => once(&mut data, name, PathBuf::from(value()?))?,
                "--bind" => once(&mut bind, name, parse(name, value()?, "127.0.0.1")?)?,
                "--auth-port" => once(&mut auth, name, parse(name, value()?, "5003")?)?,
                "--person-port" => once(&mut person, name, parse(name, value()?, "5001")?)?,
                "--health-port" => once(&mut health, name, parse(name, value()?, "5002")?)?,
                _ => return Err(format!("{name} is not an option")),
            }
        }
        let bind = bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        Ok(Self {
            data: data.unwrap_or_else(|| PathBuf::from("data")),
            auth: SocketAddr::new(bind, auth.unwrap_or(5003)),
            person: SocketAddr::new(bind, person.unwrap_or(5001)),
            health: SocketAddr::new(bind, health.unwrap_or(5002)),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().collect::<Vec<_>>())
    }

    #[test]
    fn the_default_ports_are_those_of_the_lab() {
        let options = parse("").unwrap();
        assert_eq!(options.person.to_string(), "127.0.0.1:5001");
        assert_eq!(options.health.to_string(), "127.0.0.1:5002");
        assert_eq!(options.auth.to_string(), "127.0.0.1:5003");
        assert_eq!(options.data, PathBuf::from("data"));
    }

    #[test]
    fn a_value_may_follow_a_space_or_an_equals_sign() {
        let options = parse("--data=/tmp/x --bind ::1 --auth-port 7").unwrap();
        assert_eq!((options.data, options.auth.to_string()), (PathBuf::from("/tmp/x"), "[::1]:7".to_owned()));
    }

    #[test]
    fn an_invalid_argument_is_named() {
        for (line, named) in [
            ("--dta x", "--dta"),
            ("x", "x is not an option"),
            ("--data", "needs a value"),
            ("--auth-port high", "--auth-port high"),
            ("--bind a --bind b", "--bind a"),
            ("--data a --data b", "twice"),
        ] {
            assert!(parse(line).unwrap_err().contains(named), "{line}");
        }
    }
}
