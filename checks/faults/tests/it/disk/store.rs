//! The three services seen as one thing: a store that is written by number and read back by number.

use std::collections::BTreeSet;
use std::io;

use faults::exe;
use serde_json::{Value, json};
use testkit::{Answer, Binary, Client, FakePerson, Place, eventually, tokens};

/// A service and where it keeps its store.
pub(crate) struct Store {
    pub(crate) service: &'static str,
    /// The variable that names its store.
    pub(crate) variable: &'static str,
    pub(crate) place: Place,
    _person: Option<FakePerson>,
}

/// What became of each write, by its number.
#[derive(Default)]
pub(crate) struct Told {
    /// Answered with 2xx.
    pub(crate) kept: BTreeSet<usize>,
    /// Answered with 507.
    pub(crate) refused: BTreeSet<usize>,
    /// Not answered, or with a 500: it may be there.
    pub(crate) unknown: BTreeSet<usize>,
}

impl Store {
    pub(crate) fn auth() -> Self {
        Self { service: "auth", variable: "AUTH_DB", place: faults::auth(), _person: None }
    }

    pub(crate) fn person() -> Self {
        Self { service: "person", variable: "PERSON_DB", place: faults::person(), _person: None }
    }

    /// It asks for deletions once, and then writes only what it is asked to.
    pub(crate) fn health() -> Self {
        let person = FakePerson::start();
        let place = faults::health(&person.url()).with("HEALTH_PURGE_SECONDS", "3600");
        Self { service: "health", variable: "HEALTH_FILE", place, _person: Some(person) }
    }

    /// The same service with its store at another path.
    pub(crate) fn at(self, path: &str) -> Self {
        Self { place: self.place.with(self.variable, path), ..self }
    }

    pub(crate) fn exe(&self) -> String {
        exe(self.service)
    }

    /// A client of the running service once it is ready; or, where it refuses to start, the sentence.
    pub(crate) fn started(&self, running: &mut Binary) -> Result<Client, String> {
        let refusal = || self.sentence(running);
        let ready = |logs: &str| logs.lines().any(|line| line.contains(r#""message":"ready""#));
        let refused = eventually("it is ready or refuses to start", || {
            refusal().map(Some).or_else(|| ready(&running.logs()).then_some(None))
        });
        match refused {
            Some(sentence) => Err(sentence),
            None => Ok(running.client().with_token(&tokens::user("ada"))),
        }
    }

    /// The sentence that it ended with.
    pub(crate) fn sentence(&self, running: &Binary) -> Option<String> {
        let start = format!("{}: ", self.service);
        running.logs().lines().find_map(|line| line.strip_prefix(&start).map(str::to_owned))
    }

    /// Makes the write of this number.
    pub(crate) fn write(&self, client: &Client, number: usize) -> io::Result<Answer> {
        let (path, body) = match self.service {
            "auth" => ("/register".to_owned(), account(number)),
            "person" => ("/persons".to_owned(), json!({"name": mark(number)})),
            _ => (record_path(number), json!({"weight": weight(number)})),
        };
        client.call("POST", &path).json(&body).try_send()
    }

    /// The same, and puts down what came of it. Gives whether another may be tried.
    pub(crate) fn try_write(&self, client: &Client, number: usize, told: &mut Told) -> bool {
        match self.write(client, number) {
            Ok(answer) if answer.status == 201 => told.kept.insert(number),
            Ok(answer) if answer.status == 507 => {
                answer.expect_problem(507, "disk-full");
                told.refused.insert(number)
            }
            Ok(answer) => {
                answer.expect_problem(500, "internal");
                told.unknown.insert(number);
                false
            }
            Err(_) => {
                told.unknown.insert(number);
                false
            }
        }
    }

    /// What shows, as strace writes it, that the write of this number is in something.
    pub(crate) fn needle(&self, number: usize) -> String {
        if self.service == "health" { format!(r#"weight\":{}}}"#, weight(number)) } else { mark(number) }
    }

    /// Which of these writes the store holds, each whole; of person, what it holds at all.
    fn holds(&self, client: &Client, tried: &BTreeSet<usize>) -> BTreeSet<usize> {
        let found = |number: &usize| match self.service {
            "auth" => match client.post("/login", &account(*number)) {
                answer if answer.status == 401 => false,
                answer => answer.expect(200).status == 200,
            },
            _ => match client.get(&record_path(*number)) {
                answer if answer.status == 404 => false,
                answer => {
                    let record = answer.expect(200).json();
                    assert_eq!(record["weight"].as_f64(), Some(weight(*number)), "{record}");
                    true
                }
            },
        };
        if self.service == "person" {
            return names(client);
        }
        tried.iter().copied().filter(found).collect()
    }

    /// Checks that nothing acknowledged is missing, and that nothing is there that was refused or never asked for.
    #[track_caller]
    pub(crate) fn check(&self, client: &Client, told: &Told) {
        let tried = [&told.kept, &told.refused, &told.unknown].into_iter().flatten().copied().collect();
        let held = self.holds(client, &tried);
        let lost: Vec<_> = told.kept.difference(&held).collect();
        assert!(lost.is_empty(), "{}: acknowledged and lost: {lost:?}", self.service);
        let ghosts: Vec<_> =
            held.iter().filter(|one| !told.kept.contains(one) && !told.unknown.contains(one)).collect();
        assert!(ghosts.is_empty(), "{}: refused, and yet there: {ghosts:?}", self.service);
    }
}

fn mark(number: usize) -> String {
    format!("mark{number:06}")
}

fn account(number: usize) -> Value {
    json!({"username": mark(number), "password": format!("the password of {number}")})
}

fn record_path(number: usize) -> String {
    format!("/health/{}", number + 1)
}

/// Another one for each number.
fn weight(number: usize) -> f64 {
    (20_000 + number) as f64 / 1000.0
}

/// The numbers of the persons that there are.
fn names(client: &Client) -> BTreeSet<usize> {
    let mut path = "/persons?limit=1000".to_owned();
    let mut numbers = BTreeSet::new();
    loop {
        let page = client.get(&path).expect(200).json();
        let page = page.as_array().expect("an array");
        for person in page {
            let name = person["name"].as_str().expect("text");
            let number = name.strip_prefix("mark").and_then(|number| number.parse().ok());
            assert!(numbers.insert(number.expect("one of ours, and whole")), "{name} is there twice");
        }
        match page.last() {
            Some(last) if page.len() == 1000 => path = format!("/persons?limit=1000&after={}", last["id"]),
            _ => return numbers,
        }
    }
}
