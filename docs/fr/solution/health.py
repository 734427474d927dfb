"""Health: vital signs in a JSON file, for persons that person knows. Port 5002."""
import json
import os
import threading

import requests
from flask import abort, request

import service
import tokens

FILE = os.environ.get("HEALTH_FILE", "health.json")
PERSON_URL = os.environ.get("PERSON_URL", "http://127.0.0.1:5001")
LIMITS = {"weight": (0.2, 700), "height": (20, 280), "heart_rate": (10, 350)}
LOCK = threading.Lock()
app = service.new("health")
tokens.protect(app)


@app.before_request
def ask_person():
    if not request.view_args:
        return
    url = f"{PERSON_URL}/persons/{request.view_args['person_id']}"
    token = {"Authorization": request.headers.get("Authorization", "")}
    try:
        answer = requests.get(url, headers=token, timeout=1, allow_redirects=False)
    except requests.Timeout:
        abort(504, "person is too slow")
    except requests.RequestException:
        abort(503, "person does not answer")
    if answer.status_code in (401, 403, 404):
        abort(answer.status_code, "person says so")
    if answer.status_code != 200:
        abort(502, f"person answered {answer.status_code}")


def load():
    try:
        with open(FILE) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def save(records):
    with open(FILE + ".new", "w") as file:
        json.dump(records, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(FILE + ".new", FILE)


def record_in_body():
    body = request.get_json()
    if not isinstance(body, dict) or not body:
        abort(422, "the body must be an object with vital signs")
    for name, value in body.items():
        low, high = LIMITS.get(name, (1, 0))
        if type(value) not in (int, float) or not low <= value <= high:
            abort(422, f"{name}: must be one of {', '.join(LIMITS)}, and a plausible number")
    return body


@app.post("/health/<int:person_id>")
def create(person_id):
    record = record_in_body()
    with LOCK:
        records = load()
        if str(person_id) in records:
            abort(409, "there is a record already: replace it with PUT")
        records[str(person_id)] = record
        save(records)
    return record, 201, {"Location": f"/health/{person_id}"}


@app.get("/health/<int:person_id>")
def read(person_id):
    return load().get(str(person_id)) or abort(404, "no health record")


@app.put("/health/<int:person_id>")
def replace(person_id):
    record = record_in_body()
    with LOCK:
        records = load()
        if str(person_id) not in records:
            abort(404, "no health record")
        records[str(person_id)] = record
        save(records)
    return record


@app.delete("/health/<int:person_id>")
def delete(person_id):
    with LOCK:
        records = load()
        if records.pop(str(person_id), None) is None:
            abort(404, "no health record")
        save(records)
    return "", 204


if __name__ == "__main__":
    service.run(app, "HEALTH_LISTEN", 5002)
