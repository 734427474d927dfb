//! What checks do with the fake person service.

use fake_person::{FakePerson, RecordedRequest, Response};

use super::Subject;
use crate::outcome::{Stop, skip};
use crate::person::PersonState;
use crate::text::{Text, formatted, text};

impl Subject {
    /// Makes the fake person service behave like this from now on. Skips the check if person is not faked.
    pub(crate) fn set_person(&mut self, state: PersonState) -> Result<(), Stop> {
        let Some(fake) = &mut self.fake_person else {
            return skip(text(
                "needs `--play-person ADDRESS`, so that the checker can play person",
                "demande `--play-person ADRESSE`, pour que le vérificateur joue le service Personne",
            ));
        };
        let response = match state {
            PersonState::Down => {
                fake.stop_listening();
                return Ok(());
            }
            PersonState::Healthy => Response::Person,
            PersonState::Responds(response) => response,
        };
        fake.says(response);
        // A service of one thread may still wait for an earlier response: it must be free for the next request.
        fake.close_connections();
        fake.listen().or_else(|_| {
            skip(text(
                "another program took the port of the fake person service",
                "un autre programme a pris le port du faux service Personne",
            ))
        })
    }

    /// Takes the requests that the fake person service has recorded since the last call.
    pub(crate) fn person_requests(&mut self) -> Vec<RecordedRequest> {
        let requests = self.fake_person.as_ref().map(FakePerson::lookups).unwrap_or_default();
        self.request_log.extend(requests.iter().map(|request| {
            let line = format!("{} {}", request.method, request.target);
            match &self.token {
                Some(token) if request.carries(&token.value) => {
                    formatted(format!("{line} with the token"), format!("{line} avec le jeton"))
                }
                Some(_) => formatted(format!("{line} without the token"), format!("{line} sans le jeton")),
                None => formatted(&line, &line),
            }
        }));
        requests
    }

    /// Takes the same requests in words, for the report.
    pub(crate) fn take_request_log(&mut self) -> Vec<Text> {
        std::mem::take(&mut self.request_log)
    }

    /// Whether the person service is faked.
    pub(crate) fn is_person_fake(&self) -> bool {
        self.fake_person.is_some()
    }
}
