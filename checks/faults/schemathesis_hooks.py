"""What the documents say in words, since JSON Schema cannot: generated requests that are meant to be good are made so.

Requests that are meant to be bad stay as they are, so that nothing is hidden which a service takes and must not.
"""

from pathlib import Path

import schemathesis
from schemathesis import GenerationMode

# `checks/faults/schemathesis` made so many.
PERSONS = 8
COMMONEST = (Path(__file__).parent.parent / "auth/src/commonest-passwords.txt").read_text().lower().split("\n")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Mends a request before it is sent."""
    parameters, body = case.path_parameters or {}, case.body
    person = parameters.get("person_id")
    # Of all the numbers that may be the id of a person only a few are.
    if type(person) is int and 1 <= person < 2**63:
        parameters["person_id"] = person % PERSONS + 1
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    # The version that is stored is not known here.
    if "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = "*"
    if not isinstance(body, dict):
        return
    # "Each above the next: systolic, diastolic." One alone may not fit the other that is stored.
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
