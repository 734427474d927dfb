"""Person: who exists. Port 5001, SQLite."""
import os
import sqlite3

from flask import abort, request

import service
import tokens

FILE = os.environ.get("PERSON_DB", "person.db")
TABLE = "CREATE TABLE IF NOT EXISTS person (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL)"
app = service.new("person")
tokens.protect(app)


def run(sql, *values):
    with sqlite3.connect(FILE) as db:
        db.execute(TABLE)
        return db.execute(sql, values)


@app.post("/persons")
def create():
    body = request.get_json()
    if not isinstance(body, dict) or not isinstance(body.get("name"), str) or not body["name"].strip():
        abort(422, "name must be a text")
    id = run("INSERT INTO person (name) VALUES (?)", body["name"]).lastrowid
    return {"id": id, "name": body["name"]}, 201, {"Location": f"/persons/{id}"}


@app.get("/persons")
def list_all():
    return [{"id": id, "name": name} for id, name in run("SELECT id, name FROM person ORDER BY id")]


@app.get("/persons/<int:id>")
def read(id):
    row = run("SELECT name FROM person WHERE id = ?", id).fetchone()
    return {"id": id, "name": row[0]} if row else abort(404, "no such person")


@app.delete("/persons/<int:id>")
def delete(id):
    return ("", 204) if run("DELETE FROM person WHERE id = ?", id).rowcount else abort(404, "no such person")


if __name__ == "__main__":
    service.run(app, "PERSON_LISTEN", 5001)
