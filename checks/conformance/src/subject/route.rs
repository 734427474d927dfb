//! The routes of the lab, and whether each has been seen to work. A check about a refusal means nothing at a route that
//! refuses everything, and a missing route is one mistake, not one for each check that needs it.

use super::Subject;
use super::made::created_id;
use crate::http::Exchange;
use crate::outcome::{Stop, skip};
use crate::shape::{health_path, person_path};
use crate::text::{Lang, formatted};

/// How much of a response a reason shows.
const BRIEF: usize = 40;

/// A route of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    CreatePerson,
    ReadPerson,
    DeletePerson,
    CreateRecord,
    ReadRecord,
    ReplaceRecord,
    DeleteRecord,
}

impl Route {
    /// Returns the route to the health record for a method.
    pub(crate) fn of_health(method: &str) -> Option<Self> {
        match method {
            "POST" => Some(Self::CreateRecord),
            "GET" => Some(Self::ReadRecord),
            "PUT" => Some(Self::ReplaceRecord),
            "DELETE" => Some(Self::DeleteRecord),
            _ => None,
        }
    }

    fn method(self) -> &'static str {
        match self {
            Self::CreatePerson | Self::CreateRecord => "POST",
            Self::ReadPerson | Self::ReadRecord => "GET",
            Self::ReplaceRecord => "PUT",
            Self::DeletePerson | Self::DeleteRecord => "DELETE",
        }
    }

    /// Returns the check that fails if the route does not work.
    fn check(self) -> &'static str {
        match self {
            Self::CreatePerson => "person-create",
            Self::ReadPerson => "person-read",
            Self::DeletePerson => "person-delete",
            Self::CreateRecord => "health-create",
            Self::ReadRecord => "health-read",
            Self::ReplaceRecord => "health-replace",
            Self::DeleteRecord => "health-delete",
        }
    }
}

/// What became of the trial of a route.
#[derive(Debug, Clone)]
pub(crate) enum Trial {
    Works,
    Fails(Box<Exchange>),
    Untried(Stop),
}

impl Subject {
    /// Skips the check unless a valid request to this route has succeeded.
    pub(crate) fn must_work(&mut self, route: Route) -> Result<(), Stop> {
        let trial = match self.trials.get(&route) {
            Some(trial) => trial.clone(),
            None => {
                let trial = match self.attempt(route) {
                    Ok(exchange) if succeeded(route, &exchange) => Trial::Works,
                    Ok(exchange) => Trial::Fails(Box::new(exchange)),
                    Err(stop) => Trial::Untried(stop),
                };
                self.trials.insert(route, trial.clone());
                trial
            }
        };
        match trial {
            Trial::Works => Ok(()),
            Trial::Untried(stop) => Err(stop),
            Trial::Fails(exchange) if self.is_locked_out(&exchange) => skip(super::door::LOCKED_OUT),
            Trial::Fails(exchange) => {
                let (request, check) = (exchange.method_and_path(), route.check());
                let [en, fr] = [Lang::En, Lang::Fr].map(|lang| exchange.response_line(lang, BRIEF));
                skip(formatted(
                    format!("{request} does not work ({en}): see `{check}`"),
                    format!("{request} ne fonctionne pas ({fr}) : voir `{check}`"),
                ))
            }
        }
    }

    fn attempt(&mut self, route: Route) -> Result<Exchange, Stop> {
        match route {
            Route::CreatePerson => self.post_person(&self.person_body("Conformance")),
            Route::ReadPerson | Route::DeletePerson => {
                let path = person_path(&self.new_person()?);
                Ok(self.person(route.method(), &path)?.send())
            }
            Route::CreateRecord => self.post_record(self.record()),
            _ => {
                let path = health_path(&self.new_record()?);
                let request = self.health(route.method(), &path)?;
                Ok(if route == Route::ReplaceRecord {
                    request.json(self.record()).send()
                } else {
                    request.send()
                })
            }
        }
    }
}

fn succeeded(route: Route, exchange: &Exchange) -> bool {
    match route {
        Route::CreatePerson => created_id(exchange).is_some(),
        // A page for people is not a person: some servers answer 200 to any path.
        Route::ReadPerson | Route::ReadRecord => exchange.status() == Some(200) && exchange.json().is_some(),
        _ => exchange.is_ok(),
    }
}
