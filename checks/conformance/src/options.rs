//! What was asked for on the command line.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use conformance::{Area, Fields, Lang, Plan, checks};

/// What was asked for.
#[derive(Debug)]
pub(crate) enum Request {
    Help,
    Version,
    /// The list of checks.
    List(Shape),
    /// All about one check.
    Explain(&'static conformance::Check),
    Check(Box<Plan>, Shape),
}

/// How the answer is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Terminal,
    Json,
    Junit,
    Markdown,
}

const PERSON: &str = "http://127.0.0.1:5001";
const HEALTH: &str = "http://127.0.0.1:5002";

pub(crate) const HELP: &str = "\
Checks a version of the lab over HTTP, whatever it is written in, and says how to mend what is wrong.

conformance [OPTION VALUE]...

  --person URL           the person service (http://127.0.0.1:5001; with --play-person none is asked)
  --health URL           the health service (http://127.0.0.1:5002)
  --auth URL             the auth service, if there is one
  --play-person ADDRESS  play person there, where the health service looks for it: 127.0.0.1:5001
  --token TOKEN          send this token with every request
  --fields FILE          names of fields, bodies and the login of this version (JSON)
  --only NAMES           only these checks, or those of these areas: person,rule-timeout
  --patience SECONDS     wait so long for an answer (10)
  --format FORMAT        terminal, json, junit or markdown
  --lang LANG            the language of explanations: en or fr
  --list                 list the checks
  --explain ID           say all about one check
  --help, --version

It makes persons, records and accounts, and deletes the first two. It ends with 0 when nothing that the lab
requires failed, 1 when something did, 2 when there was nothing to check, 64 when it was called wrongly.
";

/// Reads the arguments, and the file that they name.
pub(crate) fn parse(arguments: &[String]) -> Result<(Request, Lang), String> {
    let (mut plan, mut person, mut lang, mut shape) = (Plan::default(), None, Lang::En, Shape::Terminal);
    let (mut list, mut explain) = (false, None);
    plan.health = Some(HEALTH.to_owned());
    let mut arguments = arguments.iter();
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--help" => return Ok((Request::Help, lang)),
            "--version" => return Ok((Request::Version, lang)),
            "--list" => {
                list = true;
                continue;
            }
            _ => {}
        }
        let mut value = || arguments.next().cloned().ok_or_else(|| format!("{name} wants a value"));
        match name.as_str() {
            "--person" => person = Some(url(&value()?)?),
            "--health" => plan.health = Some(url(&value()?)?),
            "--auth" => plan.auth = Some(url(&value()?)?),
            "--play-person" => plan.play = Some(address(&value()?)?),
            "--token" => plan.token = Some(value()?),
            "--fields" => plan.fields = fields(&value()?)?,
            "--only" => plan.only = names(&value()?)?,
            "--patience" => plan.patience = seconds(&value()?)?,
            "--format" => shape = format(&value()?)?,
            "--lang" => lang = language(&value()?)?,
            "--explain" => explain = Some(check(&value()?)?),
            _ => return Err(format!("there is no option {name}")),
        }
    }
    if let Some(check) = explain {
        return Ok((Request::Explain(check), lang));
    }
    if list {
        return Ok((Request::List(shape), lang));
    }
    // The played person stands where the real one would.
    plan.person = person.or_else(|| plan.play.is_none().then(|| PERSON.to_owned()));
    Ok((Request::Check(Box::new(plan), shape), lang))
}

fn url(value: &str) -> Result<String, String> {
    let whole = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    if whole.starts_with("http://") { Ok(whole) } else { Err(format!("{value} is no http:// URL")) }
}

fn address(value: &str) -> Result<SocketAddr, String> {
    value.parse().map_err(|_| format!("{value} is no address with a port, as 127.0.0.1:5001 is"))
}

fn fields(file: &str) -> Result<Fields, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    Fields::parse(&text).map_err(|error| format!("{file}: {error}"))
}

fn names(value: &str) -> Result<Vec<String>, String> {
    let is_known =
        |name: &str| checks::named(name).is_some() || Area::ALL.iter().any(|area| area.name() == name);
    let names: Vec<_> = value.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !is_known(name)) {
        Some(unknown) => Err(format!("there is no check and no area {unknown:?}; --list lists them")),
        None => Ok(names),
    }
}

fn seconds(value: &str) -> Result<Duration, String> {
    let seconds = value.parse().ok().filter(|seconds| (1..=600).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| format!("{value} is no number of seconds from 1 to 600"))
}

fn format(value: &str) -> Result<Shape, String> {
    match value {
        "terminal" => Ok(Shape::Terminal),
        "json" => Ok(Shape::Json),
        "junit" => Ok(Shape::Junit),
        "markdown" => Ok(Shape::Markdown),
        _ => Err(format!("there is no format {value}: terminal, json, junit, markdown")),
    }
}

fn language(value: &str) -> Result<Lang, String> {
    match value {
        "en" => Ok(Lang::En),
        "fr" => Ok(Lang::Fr),
        _ => Err(format!("there is no language {value}: en, fr")),
    }
}

fn check(id: &str) -> Result<&'static conformance::Check, String> {
    checks::named(id).ok_or_else(|| format!("there is no check {id}; --list lists them"))
}
