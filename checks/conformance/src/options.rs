//! The command line.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use conformance::report::Format;
use conformance::{Area, Check, Fields, Lang, Level, Plan, checks};

/// What the user wants.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Version,
    /// List the checks.
    List(Format),
    /// Explain one check.
    Explain(&'static Check),
    Check(Box<Plan>, Format),
}

const PERSON: &str = "http://127.0.0.1:5001";
const HEALTH: &str = "http://127.0.0.1:5002";
/// Where versions have their auth service: the port of the lab, and the default port of Flask.
const AUTHS: [&str; 2] = ["http://127.0.0.1:5003", "http://127.0.0.1:5000"];
const FORMATS: [(&str, Format); 4] = [
    ("terminal", Format::Terminal { colour: false, verbose: false }),
    ("json", Format::Json),
    ("junit", Format::Junit),
    ("markdown", Format::Markdown),
];
const LANGUAGES: [(&str, Lang); 2] = [("en", Lang::En), ("fr", Lang::Fr)];

pub(crate) const HELP: &str = "\
Checks a version of the lab over HTTP, in any language, and explains how to fix what is wrong.

conformance [OPTION VALUE]...

  --person URL           the person service (http://127.0.0.1:5001; none with --play-person)
  --health URL           the health service (http://127.0.0.1:5002)
  --auth URL             the auth service, if there is one
  --play-person ADDRESS  play person at the address where health looks for it: 127.0.0.1:5001
  --token TOKEN          send this token with every request
  --fields FILE          field names, bodies and the login of this version (JSON)
  --only NAMES           run only these checks or areas: person,rule-timeout
  --patience SECONDS     the timeout of each request (10)
  --format FORMAT        terminal, json, junit or markdown
  --lang LANG            the language of explanations: en or fr
  --list                 list the checks
  --explain ID           explain one check
  --help, --version

It creates persons, records and accounts, and deletes the first two. Exit codes: 0 if no required check failed, 1 if one
failed, 2 if nothing could be checked, 64 if the arguments are wrong.
";

/// Parses the arguments, and reads the file of `--fields`.
///
/// # Errors
/// Returns an error message for the operator if an argument is wrong.
pub(crate) fn parse(arguments: &[String]) -> Result<(Command, Lang), String> {
    let (mut plan, mut person, mut lang) = (Plan::default(), None, Lang::En);
    let (mut format, mut list, mut explain) = (FORMATS[0].1, false, None);
    let mut verbose = false;
    plan.health = Some(HEALTH.to_owned());
    let mut arguments = arguments.iter();
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "-h" | "--help" => return Ok((Command::Help, lang)),
            "--version" => return Ok((Command::Version, lang)),
            "--list" => {
                list = true;
                continue;
            }
            "--verbose" => {
                verbose = true;
                continue;
            }
            "--may-destroy" => {
                plan.may_destroy = true;
                continue;
            }
            // The default, for scripts that want to say it.
            "--gentle" => {
                plan.may_destroy = false;
                continue;
            }
            _ => {}
        }
        let mut value =
            || arguments.next().map(String::as_str).ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--person" => person = Some(url(value()?)?),
            "--health" => plan.health = Some(url(value()?)?),
            "--auth" => plan.auth = Some(url(value()?)?),
            "--play-person" => plan.play = Some(address(value()?)?),
            "--token" => plan.token = Some(value()?.to_owned()),
            "--fields" => plan.fields = fields(value()?)?,
            "--only" => plan.only = names(value()?)?,
            "--patience" => plan.patience = seconds(value()?)?,
            "--format" => format = choice(name, &FORMATS, value()?)?,
            "--lang" => lang = choice(name, &LANGUAGES, value()?)?,
            "--explain" => explain = Some(check(value()?)?),
            _ => return Err(format!("unknown option {name}")),
        }
    }
    if let Format::Terminal { colour, .. } = format {
        format = Format::Terminal { colour, verbose };
    }
    if let Some(check) = explain {
        return Ok((Command::Explain(check), lang));
    }
    if list {
        return Ok((Command::List(format), lang));
    }
    // The fake person service takes the default address of the real one.
    if plan.auth.is_none() {
        plan.auth_guesses = AUTHS.map(str::to_owned).to_vec();
    }
    plan.person = person.or_else(|| plan.play.is_none().then(|| PERSON.to_owned()));
    Ok((Command::Check(Box::new(plan), format), lang))
}

fn url(value: &str) -> Result<String, String> {
    let whole = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    if whole.starts_with("http://") { Ok(whole) } else { Err(format!("invalid http:// URL: {value}")) }
}

fn address(value: &str) -> Result<SocketAddr, String> {
    value
        .parse()
        .map_err(|_| format!("invalid address {value}: give IP and port, for example 127.0.0.1:5001"))
}

fn fields(file: &str) -> Result<Fields, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    Fields::parse(&text).map_err(|error| format!("{file}: {error}"))
}

fn names(value: &str) -> Result<Vec<String>, String> {
    let is_known = |name: &str| {
        checks::named(name).is_some()
            || Area::ALL.iter().any(|area| area.name() == name)
            || Level::ALL.iter().any(|level| level.name() == name)
    };
    let names: Vec<_> = value.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !is_known(name)) {
        Some(unknown) => Err(format!("unknown check, area or level {unknown:?}; --list lists the checks")),
        None => Ok(names),
    }
}

fn seconds(value: &str) -> Result<Duration, String> {
    let seconds = value.parse().ok().filter(|seconds| (1..=600).contains(seconds));
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| format!("--patience must be 1 to 600 seconds, not {value}"))
}

fn choice<T: Copy>(option: &str, choices: &[(&str, T)], value: &str) -> Result<T, String> {
    let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
    let chosen = choices.iter().find(|(name, _)| *name == value).map(|(_, choice)| *choice);
    chosen.ok_or_else(|| format!("{option} must be one of {}, not {value}", names.join(", ")))
}

fn check(id: &str) -> Result<&'static Check, String> {
    checks::named(id).ok_or_else(|| format!("unknown check {id}; --list lists the checks"))
}
