//! Person: statuses, header lines and methods as HTTP has them.

use super::lab;
use crate::check::{Area::Person, Check, Level::Expected, Level::Robust};
use crate::subject::ADA;
use crate::text::text;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "person-created",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_ROUTES,
        title: text("POST /persons answers 201", "POST /persons répond 201"),
        why: text(
            "201 Created says that something new exists now; 200 only says that all went well (RFC 9110, \
             15.3.2).",
            "201 Created dit qu'une ressource vient de naître ; 200 dit seulement que tout va bien (RFC \
             9110, 15.3.2).",
        ),
        mend: text("Answer 201 where something was made.", "Répondez 201 quand quelque chose a été créé."),
        flask: "return jsonify(person), 201",
        run: |s| {
            let came = s.person("POST", "/persons")?.json(&s.person_body(ADA)).send();
            s.adopt(&came);
            came.must_be(&[201])
        },
    },
    Check {
        id: "person-location",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_ROUTES,
        title: text(
            "a 201 says in Location where the person is",
            "un 201 donne dans Location l'adresse de la personne",
        ),
        why: text(
            "Then a client need not know how paths are built (RFC 9110, 10.2.2).",
            "Le client n'a alors pas à savoir comment les chemins sont construits (RFC 9110, 10.2.2).",
        ),
        mend: text("Add the header line to the 201.", "Ajoutez cet en-tête au 201."),
        flask: "return jsonify(person), 201, {\"Location\": f\"/persons/{id}\"}",
        run: |s| {
            let came = s.person("POST", "/persons")?.json(&s.person_body(ADA)).send();
            came.must_be_ok()?;
            s.adopt(&came);
            let Some(place) = came.header("location") else {
                return came.wrong("no Location in the answer", "pas de Location dans la réponse");
            };
            // Servers may give the whole URL.
            let path = place.find("/persons").map_or(place, |start| &place[start..]);
            s.person("GET", path)?.send().must_be(&[200])
        },
    },
    Check {
        id: "person-json",
        area: Person,
        level: Expected,
        lab: &lab::BODIES,
        title: text(
            "a person is answered as application/json",
            "une personne est rendue en application/json",
        ),
        why: text(
            "Clients choose by Content-Type how to read a body; text/html makes them show it instead.",
            "Le client choisit d'après Content-Type comment lire le corps ; avec text/html, il l'affiche.",
        ),
        mend: text("Send JSON with its content type.", "Envoyez le JSON avec son type de contenu."),
        flask: "return jsonify(person)  # not json.dumps(person)",
        run: |s| {
            let path = format!("/persons/{}", s.new_person()?);
            let came = s.person("GET", &path)?.send();
            came.must_be(&[200])?;
            came.must_be_json()
        },
    },
    Check {
        id: "person-error-json",
        area: Person,
        level: Expected,
        lab: &lab::BODIES,
        title: text("a 404 is JSON too", "un 404 est du JSON aussi"),
        why: text(
            "A program that reads JSON fails on an HTML page, and then hides the real error.",
            "Un programme qui lit du JSON échoue sur une page HTML, et masque alors la vraie erreur.",
        ),
        mend: text(
            "Answer every error as JSON; frameworks have one place for it.",
            "Répondez à toute erreur en JSON ; les frameworks ont un endroit unique pour cela.",
        ),
        flask: "@app.errorhandler(HTTPException)\ndef error(e): return jsonify(error=e.description), e.code",
        run: |s| {
            let came = s.person("GET", &format!("/persons/{}", s.nobody()))?.send();
            came.must_be(&[404])?;
            came.must_be_a_json_error()
        },
    },
    Check {
        id: "person-id-letters",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_EXISTS,
        title: text("GET /persons/abc is a 404 or a 400", "GET /persons/abc donne 404 ou 400"),
        why: text(
            "A mistake of the client is a 4xx; a 5xx says that the service is broken, and wakes somebody up.",
            "Une erreur du client est un 4xx ; un 5xx dit que le service est en panne, et réveille \
             quelqu'un.",
        ),
        mend: text("Let the route take integers only.", "Faites que la route n'accepte que des entiers."),
        flask: "@app.get(\"/persons/<int:id>\")",
        run: |s| s.person("GET", "/persons/abc")?.send().must_be(&[400, 404, 422]),
    },
    Check {
        id: "person-id-huge",
        area: Person,
        level: Robust,
        lab: &lab::PERSON_EXISTS,
        title: text("an id of 30 digits is a 404 or a 400", "un id de 30 chiffres donne 404 ou 400"),
        why: text(
            "SQLite's integers have 64 bits; a larger one raises an error that nobody caught.",
            "Les entiers de SQLite ont 64 bits ; un plus grand lève une erreur que personne n'attrape.",
        ),
        mend: text(
            "An id that no person can have is nobody's: 404.",
            "Un id qu'aucune personne ne peut avoir n'est à personne : 404.",
        ),
        flask: "if id > 2**63 - 1: abort(404)",
        run: |s| {
            s.person("GET", "/persons/999999999999999999999999999999")?.send().must_be(&[400, 404, 414, 422])
        },
    },
    Check {
        id: "person-no-such-path",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_ROUTES,
        title: text("an unknown path is a 404", "un chemin inconnu donne 404"),
        why: text(
            "A 200 for anything hides every typing mistake in a path.",
            "Un 200 pour n'importe quoi cache toute faute de frappe dans un chemin.",
        ),
        mend: text("Remove the route that catches all.", "Retirez la route qui attrape tout."),
        flask: "# no @app.route(\"/<path:p>\")",
        run: |s| s.person("GET", "/no-such-path")?.send().must_be(&[404]),
    },
    Check {
        id: "person-method",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_ROUTES,
        title: text(
            "a method that a path does not have is a 405",
            "une méthode que le chemin n'a pas donne 405",
        ),
        why: text(
            "405 says: the path is right, the method is not (RFC 9110, 15.5.6). PUT /persons was sent.",
            "405 dit : le chemin est bon, pas la méthode (RFC 9110, 15.5.6). PUT /persons a été envoyé.",
        ),
        mend: text(
            "Declare the methods of each route and let the framework refuse the others.",
            "Déclarez les méthodes de chaque route et laissez le framework refuser les autres.",
        ),
        flask: "@app.post(\"/persons\")  # Flask answers 405 to the rest",
        run: |s| s.person("PUT", "/persons")?.json(&s.person_body(ADA)).send().must_be(&[405]),
    },
    Check {
        id: "person-allow",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_ROUTES,
        title: text(
            "a 405 says in Allow which methods there are",
            "un 405 donne dans Allow les méthodes possibles",
        ),
        why: text(
            "HTTP demands it (RFC 9110, 15.5.6), and it tells the client what to do instead.",
            "HTTP l'exige (RFC 9110, 15.5.6), et le client apprend ainsi quoi faire à la place.",
        ),
        mend: text("Add the header line to the 405.", "Ajoutez cet en-tête au 405."),
        flask: "# Flask adds it, unless an error handler drops it: return jsonify(...), 405, e.get_headers()",
        run: |s| {
            let came = s.person("PUT", "/persons")?.json(&s.person_body(ADA)).send();
            let lists_post = came.header("allow").is_some_and(|allow| allow.contains("POST"));
            came.must(lists_post, "Allow with POST in it", "Allow, avec POST")
        },
    },
    Check {
        id: "person-head",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_ROUTES,
        title: text("HEAD answers as GET does, without a body", "HEAD répond comme GET, sans corps"),
        why: text(
            "Every server must have GET and HEAD (RFC 9110, 9.1): caches and monitors ask with HEAD.",
            "Tout serveur doit connaître GET et HEAD (RFC 9110, 9.1) : caches et sondes utilisent HEAD.",
        ),
        mend: text("Let HEAD run the code of GET.", "Faites exécuter par HEAD le code de GET."),
        flask: "# Flask does it for every GET route",
        run: |s| {
            let path = format!("/persons/{}", s.new_person()?);
            s.person("HEAD", &path)?.send().must_be(&[200])?;
            s.person("HEAD", &format!("/persons/{}", s.nobody()))?.send().must_be(&[404])
        },
    },
    Check {
        id: "person-delete-status",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_ROUTES,
        title: text("DELETE answers 204 or 200", "DELETE répond 204 ou 200"),
        why: text(
            "204 says: done, nothing to add; 200 comes with a body (RFC 9110, 9.3.5).",
            "204 dit : c'est fait, rien à ajouter ; 200 vient avec un corps (RFC 9110, 9.3.5).",
        ),
        mend: text("Answer 204 without a body.", "Répondez 204 sans corps."),
        flask: "return \"\", 204",
        run: |s| {
            let path = format!("/persons/{}", s.new_person()?);
            s.person("DELETE", &path)?.send().must_be(&[204, 200])
        },
    },
];
