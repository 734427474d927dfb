"""Health: vital signs in a JSON file, for persons that the person service knows. The lab in Flask."""
import fcntl
import json
import os

import jwt
import requests
from flask import Flask, g, jsonify, request

app = Flask(__name__)
SECRET = os.environ["JWT_SECRET"]
FILE = os.environ["HEALTH_FILE"]
PERSON_URL = os.environ["PERSON_URL"]
session = requests.Session()


class Records:
    """The file, locked against the other workers, as a dictionary; written back whole."""

    def __enter__(self):
        self.file = open(FILE, "a+")
        fcntl.flock(self.file, fcntl.LOCK_EX)
        self.file.seek(0)
        self.records = json.loads(self.file.read() or "{}")
        self.before = json.dumps(self.records)
        return self.records

    def __exit__(self, *_):
        after = json.dumps(self.records)
        if after != self.before:
            self.file.seek(0)
            self.file.truncate()
            self.file.write(after)
            self.file.flush()
            os.fsync(self.file.fileno())
        self.file.close()


@app.before_request
def check():
    token = request.headers.get("Authorization", "")
    try:
        g.user = jwt.decode(token.removeprefix("Bearer "), SECRET, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError as error:
        return jsonify(error=str(error)), 401
    id = request.view_args["id"]
    try:
        answer = session.get(f"{PERSON_URL}/persons/{id}", headers={"Authorization": token}, timeout=1)
    except requests.RequestException:
        return jsonify(error="the person service does not answer"), 503
    if answer.status_code != 200:
        return jsonify(error="the person service refuses"), answer.status_code


@app.post("/health/<int:id>")
def create(id):
    with Records() as records:
        if str(id) in records:
            return jsonify(error="there is a record already"), 409
        records[str(id)] = request.get_json()
        return jsonify(records[str(id)]), 201


@app.get("/health/<int:id>")
def read(id):
    with Records() as records:
        if str(id) not in records:
            return jsonify(error="there is no record"), 404
        return jsonify(records[str(id)])


@app.put("/health/<int:id>")
def replace(id):
    with Records() as records:
        if str(id) not in records:
            return jsonify(error="there is no record"), 404
        records[str(id)] = request.get_json()
        return jsonify(records[str(id)])


@app.delete("/health/<int:id>")
def delete(id):
    with Records() as records:
        if records.pop(str(id), None) is None:
            return jsonify(error="there is no record"), 404
        return "", 204
