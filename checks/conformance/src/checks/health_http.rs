//! Health: statuses, header lines and preconditions as HTTP has them.

use super::lab;
use crate::check::{Area::Health, Check, Level::Expected, Level::Robust};
use crate::subject::health_path;
use crate::text::text;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "health-created",
        area: Health,
        level: Expected,
        lab: &lab::HEALTH_ROUTES,
        title: text("POST /health/{id} answers 201", "POST /health/{id} répond 201"),
        why: text(
            "201 Created says that something new exists now (RFC 9110, 15.3.2).",
            "201 Created dit qu'une ressource vient de naître (RFC 9110, 15.3.2).",
        ),
        mend: text("Answer 201 where something was made.", "Répondez 201 quand quelque chose a été créé."),
        flask: "return jsonify(record), 201",
        run: |s| {
            let id = s.somebody()?;
            s.will_have_a_record(&id);
            s.health("POST", &health_path(&id))?.json(&s.record().into()).send().must_be(&[201])
        },
    },
    Check {
        id: "health-location",
        area: Health,
        level: Expected,
        lab: &lab::HEALTH_ROUTES,
        title: text(
            "a 201 says in Location where the record is",
            "un 201 donne dans Location l'adresse de la fiche",
        ),
        why: text(
            "Then a client need not know how paths are built (RFC 9110, 10.2.2).",
            "Le client n'a alors pas à savoir comment les chemins sont construits (RFC 9110, 10.2.2).",
        ),
        mend: text("Add the header line to the 201.", "Ajoutez cet en-tête au 201."),
        flask: "return jsonify(record), 201, {\"Location\": f\"/health/{id}\"}",
        run: |s| {
            let id = s.somebody()?;
            s.will_have_a_record(&id);
            let came = s.health("POST", &health_path(&id))?.json(&s.record().into()).send();
            came.must_be_ok()?;
            let leads_there = came.header("location").is_some_and(|place| place.ends_with(&health_path(&id)));
            came.must(leads_there, "Location with its path", "Location avec son chemin")
        },
    },
    Check {
        id: "health-json",
        area: Health,
        level: Expected,
        lab: &lab::BODIES,
        title: text("a record is answered as application/json", "une fiche est rendue en application/json"),
        why: text(
            "Clients choose by Content-Type how to read a body.",
            "Le client choisit d'après Content-Type comment lire le corps.",
        ),
        mend: text("Send JSON with its content type.", "Envoyez le JSON avec son type de contenu."),
        flask: "return jsonify(record)",
        run: |s| {
            let id = s.new_record()?;
            s.health("GET", &health_path(&id))?.send().must_be_json()
        },
    },
    Check {
        id: "health-error-json",
        area: Health,
        level: Expected,
        lab: &lab::BODIES,
        title: text("an error of health is JSON too", "une erreur de health est du JSON aussi"),
        why: text(
            "A program that reads JSON fails on an HTML page, and then hides the real error.",
            "Un programme qui lit du JSON échoue sur une page HTML, et masque alors la vraie erreur.",
        ),
        mend: text("Answer every error as JSON.", "Répondez à toute erreur en JSON."),
        flask: "@app.errorhandler(HTTPException)\ndef error(e): return jsonify(error=e.description), e.code",
        run: |s| {
            let came = s.health("GET", &health_path(s.nobody()))?.send();
            came.must_be(&[400, 404])?;
            came.must_be_a_json_error()
        },
    },
    Check {
        id: "health-id-letters",
        area: Health,
        level: Expected,
        lab: &lab::HEALTH_ROUTES,
        title: text("GET /health/abc is a 404 or a 400", "GET /health/abc donne 404 ou 400"),
        why: text(
            "A mistake of the client is a 4xx; nobody is called abc, and person need not even be asked.",
            "Une erreur du client est un 4xx ; personne n'a l'id abc, inutile même d'interroger person.",
        ),
        mend: text("Let the route take integers only.", "Faites que la route n'accepte que des entiers."),
        flask: "@app.get(\"/health/<int:id>\")",
        run: |s| s.health("GET", "/health/abc")?.send().must_be(&[400, 404, 422]),
    },
    Check {
        id: "health-method",
        area: Health,
        level: Expected,
        lab: &lab::HEALTH_ROUTES,
        title: text("an unknown method is a 405 or a 501", "une méthode inconnue donne 405 ou 501"),
        why: text(
            "405: not on this path; 501: nowhere (RFC 9110, 15.5.6 and 15.6.2). COPY was sent.",
            "405 : pas sur ce chemin ; 501 : nulle part (RFC 9110, 15.5.6 et 15.6.2). COPY a été envoyé.",
        ),
        mend: text(
            "Declare the methods of each route and let the framework refuse the others.",
            "Déclarez les méthodes de chaque route et laissez le framework refuser les autres.",
        ),
        flask: "@app.get(\"/health/<int:id>\")",
        run: |s| {
            let id = s.somebody()?;
            s.health("COPY", &health_path(&id))?.send().must_be(&[405, 501])
        },
    },
    Check {
        id: "health-etag",
        area: Health,
        level: Robust,
        lab: &lab::HEALTH_ROUTES,
        title: text(
            "GET gives an ETag that changes with the record",
            "GET donne un ETag qui change avec la fiche",
        ),
        why: text(
            "With it a client can tell whether the record changed since it looked (RFC 9110, 8.8.3).",
            "Un client peut ainsi savoir si la fiche a changé depuis sa lecture (RFC 9110, 8.8.3).",
        ),
        mend: text(
            "Send a version number or a hash of the record in ETag, in quotes.",
            "Envoyez un numéro de version ou une empreinte de la fiche dans ETag, entre guillemets.",
        ),
        flask: "response.set_etag(hashlib.sha256(response.data).hexdigest())",
        run: |s| {
            let path = health_path(&s.new_record()?);
            let before = s.health("GET", &path)?.send();
            s.health("PUT", &path)?.json(&s.record_weighing(71.25).into()).send().must_be_ok()?;
            let after = s.health("GET", &path)?.send();
            let [one, two] = [before.header("etag"), after.header("etag")];
            after.must(one.is_some() && two.is_some() && one != two, "a new ETag", "un nouvel ETag")
        },
    },
    Check {
        id: "health-if-match",
        area: Health,
        level: Robust,
        lab: &lab::HEALTH_ROUTES,
        title: text("PUT with an old If-Match is a 412", "PUT avec un If-Match périmé donne 412"),
        why: text(
            "Two people edit one record: without this the second overwrites the first, and neither learns \
             of it.",
            "Deux personnes modifient une fiche : sans cela la seconde écrase la première, et aucune ne le \
             sait.",
        ),
        mend: text(
            "Compare If-Match with the record's ETag before you write; answer 412 where they differ (RFC \
             9110, 13.1.1).",
            "Comparez If-Match à l'ETag de la fiche avant d'écrire ; répondez 412 s'ils diffèrent (RFC \
             9110, 13.1.1).",
        ),
        flask: "if request.if_match and not request.if_match.contains(etag): abort(412)",
        run: |s| {
            let path = health_path(&s.new_record()?);
            let put = s.health("PUT", &path)?.header("If-Match", "\"conformance-has-no-such-etag\"");
            put.json(&s.record_weighing(71.25).into()).send().must_be(&[412])
        },
    },
];
