"""Auth: issues JWTs. The lab as one writes it in Flask."""
import os
import sqlite3
import time

import jwt
from flask import Flask, g, jsonify, request
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
SECRET = os.environ["JWT_SECRET"]


def db():
    if "db" not in g:
        g.db = sqlite3.connect(os.environ["AUTH_DB"])
        g.db.execute("CREATE TABLE IF NOT EXISTS account (username TEXT PRIMARY KEY, password TEXT NOT NULL)")
    return g.db


@app.teardown_appcontext
def close(_):
    if "db" in g:
        g.pop("db").close()


@app.post("/register")
def register():
    body = request.get_json()
    try:
        with db():
            db().execute("INSERT INTO account VALUES (?, ?)",
                         (body["username"], generate_password_hash(body["password"])))
    except sqlite3.IntegrityError:
        return jsonify(error="this username is taken"), 409
    return jsonify(username=body["username"]), 201


@app.post("/login")
def login():
    body = request.get_json()
    row = db().execute("SELECT password FROM account WHERE username = ?", (body["username"],)).fetchone()
    if row is None or not check_password_hash(row[0], body["password"]):
        return jsonify(error="username or password is wrong"), 401
    now = int(time.time())
    token = jwt.encode({"sub": body["username"], "iat": now, "exp": now + 900}, SECRET, algorithm="HS256")
    return jsonify(access_token=token)
