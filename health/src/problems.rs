//! The problem types that the chassis does not have.

use chassis::{Problem, ProblemType, Translation};

/// Every type; the types of the chassis follow.
pub static TYPES: &[&ProblemType] = &[
    &NO_SUCH_PERSON,
    &NO_HEALTH_RECORD,
    &RECORD_EXISTS,
    &PERSON_UNREACHABLE,
    &PERSON_TIMEOUT,
    &PERSON_BROKEN,
    &PERSON_REPLACED,
];

static NO_SUCH_PERSON: ProblemType = ProblemType {
    slug: "no-such-person",
    status: 404,
    title: "There is no such person",
    help: "The person service does not know this id. Health never creates a person: POST /persons there,\n\
           then use the id of the response here.",
    french: Translation {
        title: "Cette personne n'existe pas",
        help: "Le service person ne connaît pas cet identifiant. Health ne crée jamais de personne : créez-la auprès de person avec\n\
               POST /persons, puis utilisez ici l'identifiant reçu en réponse.",
    },
};

static NO_HEALTH_RECORD: ProblemType = ProblemType {
    slug: "no-health-record",
    status: 404,
    title: "The person has no health record",
    help: "The person exists, but nothing has been recorded yet. POST to the same path creates the record;\n\
           PUT and PATCH only change an existing one.",
    french: Translation {
        title: "Cette personne n'a pas de fiche de santé",
        help: "La personne existe, mais rien n'a encore été enregistré. POST sur le même chemin crée la fiche ;\n\
               PUT et PATCH ne font que modifier une fiche existante.",
    },
};

static RECORD_EXISTS: ProblemType = ProblemType {
    slug: "health-record-exists",
    status: 409,
    title: "The person has a health record already",
    help: "POST creates a record and never overwrites one. PUT replaces it, PATCH changes a part of it.",
    french: Translation {
        title: "Cette personne a déjà une fiche de santé",
        help: "POST crée une fiche et n'en écrase jamais. PUT la remplace, PATCH en modifie une partie.",
    },
};

static PERSON_UNREACHABLE: ProblemType = ProblemType {
    slug: "person-unreachable",
    status: 503,
    title: "The person service does not answer",
    help: "Health asks the person service before every operation and continues only on `200 OK`, so that it never\n\
           stores data of a person who does not exist. Nothing was changed. Check that the person service is\n\
           running, then retry.",
    french: Translation {
        title: "Le service person ne répond pas",
        help: "Health interroge le service person avant chaque opération et ne continue que sur un `200 OK`, pour ne jamais\n\
               enregistrer de données sur quelqu'un qui n'existe pas. Rien n'a été modifié. Vérifiez que le service person tourne,\n\
               puis réessayez.",
    },
};

static PERSON_TIMEOUT: ProblemType = ProblemType {
    slug: "person-timeout",
    status: 504,
    title: "The person service is too slow",
    help: "Health waits one second for the response of the person service. Nothing was changed. Retry in a moment.",
    french: Translation {
        title: "Le service person est trop lent",
        help: "Health attend une seconde la réponse du service person. Rien n'a été modifié. Réessayez dans un instant.",
    },
};

static PERSON_BROKEN: ProblemType = ProblemType {
    slug: "person-broken",
    status: 502,
    title: "Invalid response from the person service",
    help: "The response was not the requested person: an unexpected status, a redirect, a truncated body, or\n\
           another person. Nothing was changed. Does PERSON_URL point to the person service?",
    french: Translation {
        title: "La réponse du service person est invalide",
        help: "La réponse n'était pas la personne demandée : un statut inattendu, une redirection, un corps tronqué ou une autre\n\
               personne. Rien n'a été modifié. PERSON_URL désigne-t-elle bien le service person ?",
    },
};

static PERSON_REPLACED: ProblemType = ProblemType {
    slug: "person-replaced",
    status: 503,
    title: "The person service has another database",
    help: "Every record belongs to a person of one database, and the person service now has another one, in which the\n\
           same id is another person. Nothing was read or changed. The operator restores person's database from a\n\
           backup with `person restore`, or, if it is lost, runs `health adopt`, which sets the records aside.",
    french: Translation {
        title: "Le service person a une autre base de données",
        help: "Chaque fiche appartient à une personne d'une base précise, et le service person en a maintenant une autre, où le même\n\
               identifiant désigne quelqu'un d'autre. Rien n'a été lu ni modifié. L'exploitant restaure la base de person depuis une\n\
               sauvegarde avec `person restore` ou, si elle est perdue, lance `health adopt`, qui met les fiches de côté.",
    },
};

/// Returns the problem for an unknown id.
pub(crate) fn no_such_person() -> Problem {
    Problem::new(&NO_SUCH_PERSON, "No person has this id.")
}

/// Returns the problem for a person without a record.
pub(crate) fn no_health_record() -> Problem {
    Problem::new(&NO_HEALTH_RECORD, "The person exists, but has no health record.")
}

/// Returns the problem for a second record.
pub(crate) fn record_exists() -> Problem {
    Problem::new(&RECORD_EXISTS, "The person has a health record already.")
}

/// Returns the problem for a lookup without an answer.
pub(crate) fn person_unreachable() -> Problem {
    Problem::new(&PERSON_UNREACHABLE, "The person service does not answer.").retry_after(1)
}

/// Returns the problem for a lookup that took too long.
pub(crate) fn person_timeout() -> Problem {
    Problem::new(&PERSON_TIMEOUT, "The person service did not answer within a second.")
}

/// Returns the problem for an invalid response; `status` is its status, if it has one.
pub(crate) fn person_broken(status: Option<u16>) -> Problem {
    let cause = status.map_or_else(|| "no status".to_owned(), |status| format!("status {status}"));
    Problem::new(&PERSON_BROKEN, "The person service sent an invalid response. Is PERSON_URL right?")
        .because(cause)
}

/// Returns the problem for an answer from another database of person.
pub(crate) fn person_replaced() -> Problem {
    let detail = "The records belong to another database of the person service. Restore that database, or run \
                  `health adopt`.";
    Problem::new(&PERSON_REPLACED, detail)
}
