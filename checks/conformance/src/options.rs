//! The command line.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use conformance::grid::{TASKS, is_named};
use conformance::report::Format;
use conformance::{Check, Fields, Lang, Plan, checks};

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
    /// Check a version that Compose starts.
    Compose(PathBuf, Box<Plan>, Format),
    /// Check a folder of versions.
    Class(PathBuf, Box<Plan>),
}

const PERSON: &str = "http://127.0.0.1:5001";
const HEALTH: &str = "http://127.0.0.1:5002";
/// Where versions have their auth service: the port of the lab, and the default port of Flask.
const AUTHS: [&str; 2] = ["http://127.0.0.1:5003", "http://127.0.0.1:5000"];
const FORMATS: [(&str, Format); 5] = [
    ("terminal", Format::Terminal { colour: false, verbose: false }),
    ("json", Format::Json),
    ("junit", Format::Junit),
    ("markdown", Format::Markdown),
    ("grid", Format::Grid),
];
const LANGUAGES: [(&str, Lang); 2] = [("en", Lang::En), ("fr", Lang::Fr)];

const HELP: &str = "\
Checks a version of the lab over HTTP, in any language, and explains how to fix what is wrong.

conformance [OPTION VALUE]...
conformance class FOLDER [OPTION VALUE]...   each version in FOLDER, started by its compose.yml or `start`

  --person URL           the person service (http://127.0.0.1:5001; none with --play-person)
  --health URL           the health service (http://127.0.0.1:5002)
  --auth URL             the auth service (looked for at 5003, 5000, person and health)
  --play-person ADDRESS  play person at the address where health looks for it: 127.0.0.1:5001
  --token TOKEN          send this token with every request
  --fields FILE          field names, paths, bodies and the login of this version (JSON)
  --only NAMES           run only these checks, areas, levels or tasks: person,required,rule-timeout,task1
  --compose FOLDER       start this version with Docker Compose, check it, restart it, and take it down
  --restart COMMAND      run this command, and check that the data is still there
  --may-destroy          try two writers at once too: a careless version can lose its data
  --gentle               do not (the default)
  --patience SECONDS     the timeout of each request (10)
  --format FORMAT        terminal, json, junit, markdown, or grid: the marks of the practical
  --verbose              show each check with its requests
  --lang LANG            the language: en or fr
  --list                 list the checks
  --explain ID           explain one check
  -h, --help, --version

It creates persons, records and accounts, and deletes the first two. Exit codes: 0 if no required check failed, 1 if one
failed, 2 if nothing could be checked, 64 if the arguments are wrong.
";

const HELP_FR: &str = "\
Contrôle une version du TP par HTTP, dans n'importe quel langage, et explique comment corriger ce qui ne va pas.

conformance [OPTION VALEUR]...
conformance class DOSSIER [OPTION VALEUR]...   chaque version de DOSSIER, démarrée par son compose.yml ou `start`

  --person URL           le service Personne (http://127.0.0.1:5001 ; aucun avec --play-person)
  --health URL           le service Santé (http://127.0.0.1:5002)
  --auth URL             le service Auth (cherché sur 5003, 5000, Personne et Santé)
  --play-person ADRESSE  jouer le service Personne là où le service Santé le cherche : 127.0.0.1:5001
  --token JETON          envoyer ce jeton avec chaque requête
  --fields FICHIER       champs, chemins, corps et login de cette version (JSON)
  --only NOMS            seulement ces contrôles, domaines, niveaux ou tâches : person,required,rule-timeout,task1
  --compose DOSSIER      démarrer cette version avec Docker Compose, la contrôler, la redémarrer, et l'arrêter
  --restart COMMANDE     lancer cette commande, et vérifier que les données sont encore là
  --may-destroy          essayer aussi deux écritures à la fois : une version négligente peut perdre ses données
  --gentle               ne pas le faire (par défaut)
  --patience SECONDES    le délai de chaque requête (10)
  --format FORMAT        terminal, json, junit, markdown, ou grid : les points du TP
  --verbose              montrer chaque contrôle avec ses requêtes
  --lang LANGUE          la langue : en ou fr
  --list                 la liste des contrôles
  --explain ID           expliquer un contrôle
  -h, --help, --version

Il crée des personnes, des fiches et des comptes, et supprime les deux premières. Codes de sortie : 0 si aucun contrôle
exigé n'échoue, 1 si l'un échoue, 2 si rien n'a pu être contrôlé, 64 si les arguments sont faux.
";

/// Returns the help.
pub(crate) fn help(lang: Lang) -> &'static str {
    match lang {
        Lang::En => HELP,
        Lang::Fr => HELP_FR,
    }
}

/// Returns the language of messages, also of those about wrong arguments.
pub(crate) fn lang(arguments: &[String]) -> Lang {
    let is_french = arguments.windows(2).any(|pair| pair[0] == "--lang" && pair[1] == "fr");
    if is_french { Lang::Fr } else { Lang::En }
}

/// Parses the arguments, and reads the file of `--fields`.
///
/// # Errors
/// Returns an error message for the operator if an argument is wrong.
pub(crate) fn parse(arguments: &[String]) -> Result<(Command, Lang), String> {
    let (mut plan, mut person, mut lang) = (Plan::default(), None, lang(arguments));
    let (mut format, mut list, mut explain) = (FORMATS[0].1, false, None);
    let mut verbose = false;
    plan.health = Some(HEALTH.to_owned());
    let class = arguments.first().is_some_and(|first| first == "class");
    let mut arguments = arguments.iter().skip(usize::from(class));
    let (mut compose, mut folder) = (None, None);
    if class {
        let given = arguments.next().filter(|folder| !folder.starts_with("--")).map(PathBuf::from);
        folder = Some(given.ok_or_else(|| {
            say(
                lang,
                "class needs a folder of versions".to_owned(),
                "class demande un dossier de versions".to_owned(),
            )
        })?);
    }
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
        let mut value = || {
            arguments.next().map(String::as_str).ok_or_else(|| {
                say(lang, format!("{name} needs a value"), format!("{name} demande une valeur"))
            })
        };
        match name.as_str() {
            "--person" => person = Some(url(lang, value()?)?),
            "--health" => plan.health = Some(url(lang, value()?)?),
            "--auth" => plan.auth = Some(url(lang, value()?)?),
            "--play-person" => plan.play = Some(address(lang, value()?)?),
            "--token" => plan.token = Some(value()?.to_owned()),
            "--fields" => plan.fields = fields(value()?)?,
            "--only" => plan.only = names(lang, value()?)?,
            "--compose" => compose = Some(PathBuf::from(value()?)),
            "--restart" => plan.restart = Some(value()?.to_owned()),
            "--patience" => plan.patience = seconds(lang, value()?)?,
            "--format" => format = choice(lang, name, &FORMATS, value()?)?,
            "--lang" => lang = choice(lang, name, &LANGUAGES, value()?)?,
            "--explain" => explain = Some(check(lang, value()?)?),
            _ => {
                return Err(say(lang, format!("unknown option {name}"), format!("option inconnue : {name}")));
            }
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
    if format == Format::Grid && plan.only.is_empty() {
        plan.only = TASKS.map(str::to_owned).to_vec();
    }
    // The fake person service takes the default address of the real one.
    if plan.auth.is_none() {
        plan.auth_guesses = AUTHS.map(str::to_owned).to_vec();
    }
    plan.person = person.or_else(|| plan.play.is_none().then(|| PERSON.to_owned()));
    let plan = Box::new(plan);
    Ok(match (folder, compose) {
        (Some(folder), _) => (Command::Class(folder, plan), lang),
        (_, Some(folder)) => (Command::Compose(folder, plan, format), lang),
        _ => (Command::Check(plan, format), lang),
    })
}

fn say(lang: Lang, en: String, fr: String) -> String {
    match lang {
        Lang::En => en,
        Lang::Fr => fr,
    }
}

fn url(lang: Lang, value: &str) -> Result<String, String> {
    let whole = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    if whole.starts_with("http://") {
        return Ok(whole);
    }
    Err(say(lang, format!("invalid http:// URL: {value}"), format!("URL http:// invalide : {value}")))
}

fn address(lang: Lang, value: &str) -> Result<SocketAddr, String> {
    value.parse().map_err(|_| {
        say(
            lang,
            format!("invalid address {value}: give IP and port, for example 127.0.0.1:5001"),
            format!("adresse invalide {value} : indiquez IP et port, par exemple 127.0.0.1:5001"),
        )
    })
}

fn fields(file: &str) -> Result<Fields, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    Fields::parse(&text).map_err(|error| format!("{file}: {error}"))
}

fn names(lang: Lang, value: &str) -> Result<Vec<String>, String> {
    let is_known = |name: &str| checks::all().any(|check| is_named(check, name));
    let names: Vec<_> = value.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !is_known(name)) {
        None => Ok(names),
        Some(unknown) => Err(say(
            lang,
            format!("unknown check, area, level or task {unknown:?}; --list lists the checks"),
            format!("contrôle, domaine, niveau ou tâche inconnu : {unknown:?} ; --list donne la liste"),
        )),
    }
}

fn seconds(lang: Lang, value: &str) -> Result<Duration, String> {
    let seconds = value.parse().ok().filter(|seconds| (1..=600).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| {
        say(
            lang,
            format!("--patience must be 1 to 600 seconds, not {value}"),
            format!("--patience va de 1 à 600 secondes, pas {value}"),
        )
    })
}

fn choice<T: Copy>(lang: Lang, option: &str, choices: &[(&str, T)], value: &str) -> Result<T, String> {
    let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
    let chosen = choices.iter().find(|(name, _)| *name == value).map(|(_, choice)| *choice);
    let names = names.join(", ");
    chosen.ok_or_else(|| {
        say(
            lang,
            format!("{option} must be one of {names}, not {value}"),
            format!("{option} doit être l'un de {names}, pas {value}"),
        )
    })
}

fn check(lang: Lang, id: &str) -> Result<&'static Check, String> {
    checks::named(id).ok_or_else(|| {
        say(
            lang,
            format!("unknown check {id}; --list lists the checks"),
            format!("contrôle inconnu {id} ; --list donne la liste"),
        )
    })
}
