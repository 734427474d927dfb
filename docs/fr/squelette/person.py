"""Person : qui existe. Port 5001, SQLite."""
import os
import sqlite3

from flask import abort, request

import service
import tokens

FILE = os.environ.get("PERSON_DB", "person.db")
app = service.new("person")
tokens.protect(app)


# Étape 1.1 : une fonction run(sql, *values) qui ouvre FILE, crée la table si elle n'existe pas, et exécute.


@app.post("/persons")
def create():
    return service.todo("1.2")


@app.get("/persons")
def list_all():
    return service.todo("1.3")


@app.get("/persons/<int:id>")
def read(id):
    return service.todo("1.3")


@app.delete("/persons/<int:id>")
def delete(id):
    return service.todo("1.4")


if __name__ == "__main__":
    service.run(app, "PERSON_LISTEN", 5001)
