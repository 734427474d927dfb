//! The problem types that the chassis does not have.

use chassis::{Problem, ProblemType, Translation};

/// Every type; the types of the chassis follow.
pub static TYPES: &[&ProblemType] = &[&NO_SUCH_PERSON, &LIMIT_REACHED, &IDEMPOTENCY_KEY_REUSED];

static NO_SUCH_PERSON: ProblemType = ProblemType {
    slug: "no-such-person",
    status: 404,
    title: "There is no such person",
    help: "No person has this id: it was never used, or its person was deleted. Ids are never reused.\n\
           GET /persons lists the persons that you may see; POST /persons creates one.",
    french: Translation {
        title: "Cette personne n'existe pas",
        help: "Aucune personne n'a cet identifiant : il n'a jamais servi, ou sa personne a été supprimée. Un identifiant ne ressert\n\
               jamais. GET /persons énumère les personnes que vous pouvez voir ; POST /persons en crée une.",
    },
};

static LIMIT_REACHED: ProblemType = ProblemType {
    slug: "limit-reached",
    status: 403,
    title: "Your account owns as many persons as it may",
    help: "One account owns a limited number of persons, so that nobody fills the disk of all. Delete persons that you\n\
           no longer need. The operator sets the limit with PERSON_LIMIT; it does not hold for administrators.",
    french: Translation {
        title: "Votre compte possède déjà le maximum de personnes",
        help: "Un compte possède un nombre limité de personnes, pour que nul ne remplisse le disque de tous. Supprimez celles dont\n\
               vous n'avez plus besoin. L'exploitant fixe la limite avec PERSON_LIMIT ; elle ne s'applique pas aux administrateurs.",
    },
};

static IDEMPOTENCY_KEY_REUSED: ProblemType = ProblemType {
    slug: "idempotency-key-reused",
    status: 422,
    title: "The key was used for another person",
    help: "An `Idempotency-Key` names one creation: within 24 hours a request with the same key and the same name returns\n\
           the first answer, and a request with another name is refused. Make a new key, a random UUID, for each person.",
    french: Translation {
        title: "Cette clé a déjà servi pour une autre personne",
        help: "Une `Idempotency-Key` désigne une seule création : pendant 24 heures, une requête qui porte la même clé et le même nom\n\
               reçoit la première réponse, et une requête qui porte un autre nom est refusée. Prenez pour chaque personne une\n\
               nouvelle clé, par exemple un UUID aléatoire.",
    },
};

/// Returns the problem for a key that was used with another name.
pub(crate) fn idempotency_key_reused() -> Problem {
    Problem::new(
        &IDEMPOTENCY_KEY_REUSED,
        "You have created another person with this key; nothing was changed.",
    )
}

/// Returns the problem for a person beyond the limit of an account.
pub(crate) fn limit_reached() -> Problem {
    Problem::new(&LIMIT_REACHED, "Your account owns as many persons as it may; delete one first.")
}

/// Returns the problem for an unknown id.
pub(crate) fn no_such_person() -> Problem {
    Problem::new(&NO_SUCH_PERSON, "No person has this id.")
}
