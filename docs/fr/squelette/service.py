"""Ce que les services ont en commun. Rien n'est à compléter ici."""
import json
import os

from flask import Flask, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge


def new(name):
    """Crée un service dont les erreurs sont du JSON, comme ses réponses."""
    app = Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024

    @app.errorhandler(HTTPException)
    def as_json(error):
        response = error.get_response()
        response.data = json.dumps({"title": error.name, "status": error.code, "detail": error.description})
        response.content_type = "application/problem+json"
        return response

    @app.before_request
    def limit_body():
        if (request.content_length or 0) > app.config["MAX_CONTENT_LENGTH"]:
            raise RequestEntityTooLarge

    return app


def todo(step):
    """La réponse d'une route qui n'est pas écrite : 501, et l'étape de la page qui l'écrit."""
    body = {"title": f"Étape {step} : à faire", "status": 501}
    return json.dumps(body, ensure_ascii=False), 501, {"Content-Type": "application/problem+json"}


def run(app, variable, port):
    """Sert à l'adresse donnée par la variable d'environnement, sinon sur ce port de la machine."""
    host, port = os.environ.get(variable, f"127.0.0.1:{port}").rsplit(":", 1)
    app.run(host, int(port), threaded=True)
