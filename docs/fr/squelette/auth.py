"""Auth : les comptes et les jetons. Port 5003, sa propre base SQLite."""
import os
import sqlite3

from flask import abort, request
from werkzeug.security import check_password_hash, generate_password_hash

import service
import tokens

FILE = os.environ.get("AUTH_DB", "auth.db")
app = service.new("auth")


@app.post("/register")
def register():
    return service.todo("4.2")


@app.post("/login")
def login():
    return service.todo("4.3")


if __name__ == "__main__":
    service.run(app, "AUTH_LISTEN", 5003)
