"""Auth: accounts and tokens. Port 5003, its own SQLite database."""
import os
import sqlite3

from flask import abort, request
from werkzeug.security import check_password_hash, generate_password_hash

import service
import tokens

FILE = os.environ.get("AUTH_DB", "auth.db")
TABLE = "CREATE TABLE IF NOT EXISTS account (username TEXT PRIMARY KEY, password TEXT NOT NULL)"
NOBODY = generate_password_hash("no password has this hash")
app = service.new("auth")


def run(sql, *values):
    with sqlite3.connect(FILE) as db:
        db.execute(TABLE)
        return db.execute(sql, values)


def account_in_body():
    body = request.get_json()
    if not isinstance(body, dict) or not all(isinstance(body.get(it), str) for it in ("username", "password")):
        abort(422, "send username and password, two texts")
    return body["username"], body["password"]


@app.post("/register")
def register():
    username, password = account_in_body()
    if not username or len(password) < 8:
        abort(422, "a password has 8 characters or more")
    try:
        run("INSERT INTO account VALUES (?, ?)", username, generate_password_hash(password))
    except sqlite3.IntegrityError:
        abort(409, "this username is taken")
    return {"username": username}, 201


@app.post("/login")
def login():
    username, password = account_in_body()
    row = run("SELECT password FROM account WHERE username = ?", username).fetchone()
    if not check_password_hash(row[0] if row else NOBODY, password):
        abort(401, "username or password is wrong")
    return {"access_token": tokens.sign(username), "token_type": "Bearer", "expires_in": tokens.LIFE}


if __name__ == "__main__":
    service.run(app, "AUTH_LISTEN", 5003)
