"""Person: says who exists, from SQLite. The lab as one writes it in Flask."""
import os
import sqlite3

import jwt
from flask import Flask, g, jsonify, request

app = Flask(__name__)
SECRET = os.environ["JWT_SECRET"]


def db():
    if "db" not in g:
        g.db = sqlite3.connect(os.environ["PERSON_DB"])
        g.db.execute("CREATE TABLE IF NOT EXISTS person (id INTEGER PRIMARY KEY AUTOINCREMENT,"
                     " name TEXT NOT NULL, owner TEXT NOT NULL)")
    return g.db


@app.teardown_appcontext
def close(_):
    if "db" in g:
        g.pop("db").close()


@app.before_request
def authenticate():
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme != "Bearer":
            raise jwt.InvalidTokenError("no token")
        g.user = jwt.decode(token, SECRET, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError as error:
        return jsonify(error=str(error)), 401


@app.post("/persons")
def create():
    name = request.get_json()["name"]
    with db():
        cursor = db().execute("INSERT INTO person (name, owner) VALUES (?, ?)", (name, g.user))
    return jsonify(id=cursor.lastrowid, name=name, owner=g.user), 201


@app.get("/persons/<int:id>")
def read(id):
    row = db().execute("SELECT name, owner FROM person WHERE id = ?", (id,)).fetchone()
    if row is None:
        return jsonify(error="there is no such person"), 404
    if row[1] != g.user:
        return jsonify(error="this person belongs to somebody else"), 403
    return jsonify(id=id, name=row[0], owner=row[1])


@app.delete("/persons/<int:id>")
def delete(id):
    with db():
        deleted = db().execute("DELETE FROM person WHERE id = ? AND owner = ?", (id, g.user)).rowcount
    return ("", 204) if deleted else (jsonify(error="there is no such person"), 404)
