"""Tokens: auth signs them, person and health verify them."""
import os
import time

import jwt
from flask import request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

SECRET = os.environ["JWT_SECRET"]
LIFE = 900


def sign(username):
    now = int(time.time())
    return jwt.encode({"sub": username, "iat": now, "exp": now + LIFE}, SECRET, algorithm="HS256")


def protect(app):
    @app.before_request
    def verify():
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme != "Bearer":
                raise jwt.InvalidTokenError
            jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["sub", "exp"]})
        except jwt.InvalidTokenError:
            raise Unauthorized("log in at auth first", www_authenticate=WWWAuthenticate("bearer"))
