"""Health : les constantes vitales, dans un fichier JSON. Port 5002."""
import json
import os
import threading

import requests
from flask import abort, request

import service
import tokens

FILE = os.environ.get("HEALTH_FILE", "health.json")
PERSON_URL = os.environ.get("PERSON_URL", "http://127.0.0.1:5001")
app = service.new("health")
tokens.protect(app)


# Étape 2.1 : load() et save(records), qui lisent et écrivent FILE.
# Étape 2.3 : avant chaque opération, demander à person si la personne existe.


@app.post("/health/<int:person_id>")
def create(person_id):
    return service.todo("2.2")


@app.get("/health/<int:person_id>")
def read(person_id):
    return service.todo("2.2")


@app.put("/health/<int:person_id>")
def replace(person_id):
    return service.todo("2.2")


@app.delete("/health/<int:person_id>")
def delete(person_id):
    return service.todo("2.2")


if __name__ == "__main__":
    service.run(app, "HEALTH_LISTEN", 5002)
