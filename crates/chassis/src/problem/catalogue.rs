//! The problem types of every service, each in English and in French.

use super::{ProblemType, Translation};

/// Makes a static of each type, and the list of all: status, slug, title and help, then both in French.
macro_rules! catalogue {
    ($(
        $name:ident = $status:literal $slug:literal, $title:literal, $help:literal, $title_fr:literal, $help_fr:literal;
    )*) => {
        $(pub(crate) static $name: ProblemType = ProblemType {
            slug: $slug,
            status: $status,
            title: $title,
            help: $help,
            french: Translation { title: $title_fr, help: $help_fr },
        };)*
        /// The problem types of every service.
        pub(crate) static CATALOGUE: &[&ProblemType] = &[$(&$name),*];
    };
}

catalogue! {
    BAD_REQUEST = 400 "bad-request", "The request is not valid HTTP",
        "HTTP/1.1 requires the Host header exactly once. HTTP clients send it; a hand-written request must too.",
        "La requête n'est pas du HTTP valide",
        "HTTP/1.1 exige l'en-tête Host, une fois et une seule. Les clients HTTP l'envoient d'eux-mêmes ; une requête écrite\n\
         à la main doit l'envoyer aussi.";
    BAD_HEADER = 400 "bad-header", "A header is wrong",
        "The header named in `detail` is given more than once or has an invalid value. A good `Idempotency-Key` is a\n\
         random UUID, made once for each change and sent again with each repetition.",
        "Un en-tête est incorrect",
        "L'en-tête que nomme `detail` est donné plusieurs fois, ou sa valeur est invalide. Une bonne `Idempotency-Key` est un\n\
         UUID aléatoire, créé une fois pour chaque modification et renvoyé à chaque nouvel essai.";
    BAD_QUERY = 400 "bad-query", "A query parameter is wrong",
        "The parameter named in `detail` is unknown here, given twice, or out of its range.\n\
         GET /openapi.json lists the parameters of each route.",
        "Un paramètre de l'URL est incorrect",
        "Le paramètre que nomme `detail` est inconnu ici, donné deux fois, ou hors limites.\n\
         GET /openapi.json donne les paramètres de chaque route.";
    MALFORMED_JSON = 400 "malformed-json", "The body is not a JSON object",
        "The body must be one JSON object in UTF-8, without a byte order mark, nested at most 16 deep.\n\
         Paste it into `jq .` to find the error. In a shell, quote it: -d '{\"name\":\"Ada\"}'.",
        "Le corps n'est pas un objet JSON",
        "Le corps doit être un seul objet JSON, en UTF-8, sans indicateur d'ordre des octets (BOM), imbriqué sur 16 niveaux\n\
         au plus. Collez-le dans `jq .` pour trouver l'erreur. Dans un shell, mettez-le entre apostrophes :\n\
         -d '{\"name\":\"Ada\"}'.";
    MISSING_TOKEN = 401 "missing-token", "A token is needed",
        "Register and log in at the auth service, then send the access_token from POST /login:\n\
         curl -H \"Authorization: Bearer $TOKEN\" ...",
        "Il faut un jeton",
        "Inscrivez-vous et connectez-vous auprès du service auth, puis envoyez l'access_token que donne POST /login :\n\
         curl -H \"Authorization: Bearer $TOKEN\" ...";
    INVALID_TOKEN = 401 "invalid-token", "The token is not valid",
        "Tokens expire after 15 minutes: log in again. `detail` gives the reason.\n\
         The header is `Authorization: Bearer <token>`, once, with one space.",
        "Le jeton n'est pas valide",
        "Un jeton expire au bout de 15 minutes : reconnectez-vous. `detail` donne la raison du refus.\n\
         L'en-tête est `Authorization: Bearer <jeton>`, une seule fois, avec un seul espace.";
    INSUFFICIENT_SCOPE = 403 "insufficient-scope", "The token does not give this right",
        "The token is valid, but the data belong to somebody else, or the route to another role.\n\
         The owner and the administrators may see and change data.",
        "Le jeton ne donne pas ce droit",
        "Le jeton est valide, mais les données appartiennent à quelqu'un d'autre, ou la route est réservée à un autre rôle.\n\
         Seuls leur propriétaire et les administrateurs peuvent lire et modifier des données.";
    NO_SUCH_ROUTE = 404 "no-such-route", "There is no such path",
        "The service has no such path. GET / links to its paths, GET /openapi.json describes every route.\n\
         A trailing slash, a doubled slash and an escaped character make another path.",
        "Ce chemin n'existe pas",
        "Le service n'a pas ce chemin. GET / énumère ses chemins, GET /openapi.json décrit chaque route.\n\
         Une barre finale, une barre doublée ou un caractère échappé donnent un autre chemin.";
    METHOD_NOT_ALLOWED = 405 "method-not-allowed", "This path does not answer that method",
        "The `Allow` header of the answer lists the methods of this path.",
        "Ce chemin n'accepte pas cette méthode",
        "L'en-tête `Allow` de la réponse énumère les méthodes de ce chemin.";
    BODY_TIMEOUT = 408 "body-timeout", "The body took too long",
        "A whole body must arrive within 10 seconds.",
        "Le corps a mis trop de temps à arriver",
        "Le corps entier doit arriver en 10 secondes.";
    PRECONDITION_FAILED = 412 "precondition-failed", "Somebody else changed it first",
        "`If-Match` names another version than the stored one, or `If-None-Match` the stored one (`*` is any version).\n\
         GET it again, look at the changes, and send your own with the new ETag.",
        "Quelqu'un d'autre a modifié les données entre-temps",
        "`If-Match` nomme une autre version que celle qui est enregistrée, ou `If-None-Match` nomme celle-ci (`*` désigne\n\
         n'importe quelle version). Relisez avec GET, voyez ce qui a changé, et renvoyez votre modification avec le nouvel ETag.";
    BODY_TOO_LARGE = 413 "body-too-large", "The body is too large",
        "A body may hold 64 KiB.",
        "Le corps est trop volumineux",
        "Un corps fait 64 Kio au plus.";
    TARGET_TOO_LONG = 414 "target-too-long", "The path is too long",
        "Path and query together may hold 2,048 bytes.",
        "Le chemin est trop long",
        "Le chemin et ses paramètres font ensemble 2 048 octets au plus.";
    UNSUPPORTED_MEDIA_TYPE = 415 "unsupported-media-type", "The media type of the body is not accepted here",
        "Name the media type of the body in a header. With curl: -H 'Content-Type: application/json'\n\
         (curl's -d alone sends application/x-www-form-urlencoded; --json sends application/json).",
        "Le type de média du corps n'est pas accepté ici",
        "Annoncez le type de média du corps dans un en-tête. Avec curl : -H 'Content-Type: application/json'\n\
         (sans cet en-tête, -d envoie application/x-www-form-urlencoded ; --json envoie application/json).";
    INVALID_FIELDS = 422 "invalid-fields", "The body's fields are wrong",
        "`errors` lists every field that is wrong, missing, unknown or given twice, each with a JSON pointer\n\
         (RFC 6901). Fix them all and send the body again.",
        "Les champs du corps sont incorrects",
        "`errors` énumère tous les champs incorrects, manquants, inconnus ou donnés deux fois, chacun avec un pointeur JSON\n\
         (RFC 6901). Corrigez-les tous, puis renvoyez le corps.";
    INTERNAL = 500 "internal", "The service failed",
        "The request is not at fault. Search the log of the service for the trace_id of the answer: it has the cause.",
        "Le service a rencontré une erreur",
        "La requête n'y est pour rien. Cherchez dans les journaux du service le trace_id de la réponse : la cause y figure.";
    UNSUPPORTED_TRANSFER_CODING = 501 "unsupported-transfer-coding", "The transfer coding is not supported",
        "A body is sent with `Content-Length`, or with `Transfer-Encoding: chunked`, exactly once and without another\n\
         coding. HTTP clients do this by themselves.",
        "Ce codage de transfert n'est pas pris en charge",
        "Un corps s'envoie avec `Content-Length`, ou avec `Transfer-Encoding: chunked`, une seule fois et sans autre codage.\n\
         Les clients HTTP le font d'eux-mêmes.";
    NOT_READY = 503 "not-ready", "The service is not ready",
        "It runs, but cannot do its work now; `detail` gives the reason. Try again in a moment.",
        "Le service n'est pas prêt",
        "Il tourne, mais ne peut pas travailler pour l'instant ; `detail` dit pourquoi. Réessayez dans un instant.";
    TOO_BUSY = 503 "too-busy", "The service is too busy",
        "Its queues are full. Nothing was changed; try again after `Retry-After` seconds.",
        "Le service est surchargé",
        "Ses files d'attente sont pleines. Rien n'a été modifié ; réessayez après le nombre de secondes que donne\n\
         `Retry-After`.";
    TIMED_OUT = 503 "timed-out", "The service took too long",
        "It stopped the request after 5 seconds, before it began to change anything. Try again in a moment.",
        "Le service a mis trop de temps",
        "Il a abandonné la requête au bout de 5 secondes, sans avoir rien modifié. Réessayez dans un instant.";
    OUTCOME_UNKNOWN = 503 "outcome-unknown", "It is unknown whether the change was made",
        "The service passed the change on to its store and stopped waiting. It may be made or not: read before you\n\
         repeat the request. A request with an `Idempotency-Key` can be repeated with the same key at any time.",
        "Impossible de savoir si la modification a été faite",
        "Le service l'a transmise à son espace de stockage, puis a cessé d'attendre. Elle est peut-être faite, ou non : relisez\n\
         avant de renvoyer la requête. Avec une `Idempotency-Key`, vous pouvez la renvoyer à tout moment, avec la même clé.";
    DISK_FULL = 507 "disk-full", "The disk is full",
        "Nothing was changed, and reads still work. Writes work again once there is room.",
        "Le disque est plein",
        "Rien n'a été modifié, et les lectures fonctionnent encore. Les écritures reprendront dès qu'il y aura de la place.";
}
