"""Makes generated requests obey the rules that the OpenAPI documents state in words, as JSON Schema cannot.

Only requests meant to be valid are changed. Invalid ones stay as they are, so that a service that accepts one is found.
"""

import os
import uuid
from pathlib import Path

import schemathesis
from schemathesis import GenerationMode

# The number of persons that `checks/faults/schemathesis` creates.
PERSONS = 8
ROOT = Path(__file__).parent.parent.parent
COMMONEST = (ROOT / "auth/src/commonest-passwords.txt").read_text().lower().split("\n")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Corrects a valid request before it is sent."""
    parameters, body = case.path_parameters or {}, case.body
    person = parameters.get("person_id")
    # Replace a valid id by the id of an existing person.
    if type(person) is int and 1 <= person < 2**63:
        parameters["person_id"] = person % PERSONS + 1
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    # The stored version is unknown here.
    if "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = "*"
    # "With another name of a person it is 422."
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # "An `after` beyond the last deletion is 400."
    if case.operation.path == "/persons/deleted" and "after" in (case.query or {}):
        case.query["after"] = 0
    if not isinstance(body, dict):
        return
    # "Each above the next: systolic, diastolic." A single value might not fit the stored other one.
    pressure = body.get("blood_pressure")
    if isinstance(pressure, dict) and pressure:
        upper, lower = pressure.get("systolic"), pressure.get("diastolic")
        if upper is None or lower is None:
            body["blood_pressure"] = None
        elif upper <= lower:
            pressure["diastolic"] = min(upper - 1, 250)
    # "The record must hold at least one vital sign afterwards."
    if case.method.upper() == "PATCH" and not any(body.values()):
        body["weight"] = 70
    # "8 to 256 bytes in UTF-8; not the username, and none of the commonest passwords."
    if case.operation.path == "/register":
        sound = 8 <= len(body["password"].encode()) <= 256
        common = body["password"].lower() in COMMONEST or body["password"].lower() == body["username"].lower()
        if not sound or common:
            body["password"] = "analytical engine"
    # "The current password"; the new one is the same, so that the next request knows it.
    if case.operation.path == "/me/password":
        body["current_password"] = body["new_password"] = os.environ["PASSWORD"]
