//! The problem types that the chassis does not have.

use chassis::header::{HeaderValue, WWW_AUTHENTICATE};
use chassis::{Problem, ProblemType, Translation};

use crate::throttle::Refusal;

/// Every type; the types of the chassis follow.
pub static TYPES: &[&ProblemType] = &[
    &WRONG_CREDENTIALS,
    &INSUFFICIENT_USER_AUTHENTICATION,
    &WRONG_PASSWORD,
    &USERNAME_TAKEN,
    &TOO_MANY_FAILURES,
];

static WRONG_CREDENTIALS: ProblemType = ProblemType {
    slug: "wrong-credentials",
    status: 401,
    title: "Username or password is wrong",
    help: "Either the user does not exist or the password is wrong. The answer is the same for both, so that it does\n\
           not reveal who has an account. POST /register creates an account.",
    french: Translation {
        title: "Nom d'utilisateur ou mot de passe incorrect",
        help: "Soit l'utilisateur n'existe pas, soit le mot de passe est faux. La réponse est la même dans les deux cas, pour ne pas\n\
               révéler qui a un compte. POST /register crée un compte.",
    },
};

/// RFC 9470, as the error code that it defines.
static INSUFFICIENT_USER_AUTHENTICATION: ProblemType = ProblemType {
    slug: "insufficient-user-authentication",
    status: 401,
    title: "A fresh login is needed",
    help: "An account is deleted only with a token from a login of the last five minutes, so that a token found or stolen\n\
           later cannot do it. Log in again and repeat the request with the new token.",
    french: Translation {
        title: "Il faut s'être connecté récemment",
        help: "Un compte ne se supprime qu'avec un jeton issu d'une connexion des cinq dernières minutes, pour qu'un jeton trouvé ou\n\
               volé plus tard n'y suffise pas. Reconnectez-vous, puis renvoyez la requête avec le nouveau jeton.",
    },
};

static WRONG_PASSWORD: ProblemType = ProblemType {
    slug: "wrong-password",
    status: 403,
    title: "The current password is wrong",
    help: "`current_password` is not the password of the token's holder. It counts like a failed login of that user:\n\
           after five in a row the next attempt must wait.",
    french: Translation {
        title: "Le mot de passe actuel est incorrect",
        help: "`current_password` n'est pas le mot de passe du titulaire du jeton. Cela compte comme un échec de connexion de cet\n\
               utilisateur : après cinq échecs de suite, il faut attendre avant l'essai suivant.",
    },
};

static USERNAME_TAKEN: ProblemType = ProblemType {
    slug: "username-taken",
    status: 409,
    title: "The username is taken",
    help: "Somebody registered it already. Choose another, or log in if it was you. The username of a deleted account\n\
           stays taken for good.",
    french: Translation {
        title: "Ce nom d'utilisateur est déjà pris",
        help: "Quelqu'un l'a déjà enregistré. Choisissez-en un autre, ou connectez-vous si c'était vous. Le nom d'un compte supprimé\n\
               reste pris pour toujours.",
    },
};

static TOO_MANY_FAILURES: ProblemType = ProblemType {
    slug: "too-many-failures",
    status: 429,
    title: "Too many failed logins",
    help: "After five failures in a row from your address for a username the next attempt must wait: a second, then two,\n\
           up to a minute. An address from which this user has not logged in yet also waits once all addresses together\n\
           have failed fifty times. Wait as long as `Retry-After` says; an earlier attempt does not extend the wait.\n\
           Users behind the same proxy share an address.",
    french: Translation {
        title: "Trop d'échecs de connexion",
        help: "Après cinq échecs de suite depuis votre adresse pour un même nom d'utilisateur, il faut attendre avant de réessayer :\n\
               une seconde, puis deux, jusqu'à une minute. Une adresse d'où cet utilisateur ne s'est pas encore connecté attend aussi\n\
               dès que toutes les adresses ensemble ont échoué cinquante fois. Attendez le temps que donne `Retry-After` ; réessayer\n\
               trop tôt ne prolonge pas l'attente. Les utilisateurs d'un même proxy partagent une adresse.",
    },
};

/// Returns the problem for an unknown user or a wrong password.
pub(crate) fn wrong_credentials() -> Problem {
    Problem::new(&WRONG_CREDENTIALS, "Username or password is wrong.")
        .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"mini-projet\""))
}

/// Returns the problem for a token that was issued more than `max_age` seconds ago (RFC 9470 section 3).
pub(crate) fn login_too_old(max_age: u64) -> Problem {
    let challenge = format!(
        "Bearer realm=\"mini-projet\", error=\"insufficient_user_authentication\", \
         error_description=\"the login is too long ago\", max_age=\"{max_age}\""
    );
    let detail =
        format!("The token comes from a login more than {max_age} seconds ago: log in again for this.");
    Problem::new(&INSUFFICIENT_USER_AUTHENTICATION, detail)
        .header(WWW_AUTHENTICATE, HeaderValue::try_from(challenge).expect("the challenge is printable ASCII"))
}

/// Returns the problem for a password that the caller's account does not have.
pub(crate) fn wrong_password() -> Problem {
    Problem::new(&WRONG_PASSWORD, "`current_password` is wrong.")
}

/// Returns the problem for a token whose account is closed, or unknown to this database.
pub(crate) fn account_closed() -> Problem {
    Problem::invalid_token("its account does not exist any more")
}

/// Returns the problem for a registered username.
pub(crate) fn username_taken() -> Problem {
    Problem::new(&USERNAME_TAKEN, "This username is taken.")
}

/// Returns the problem for an attempt that the throttle refuses.
pub(crate) fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::TooEarly(wait) => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Problem::new(&TOO_MANY_FAILURES, format!("Too many failures: try again in {seconds} s."))
                .retry_after(seconds)
        }
        Refusal::Failed(error) => error.into(),
        Refusal::TooMany => Problem::too_busy("Too many logins of this user are waiting for others to end."),
    }
}
