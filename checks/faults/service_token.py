"""Prints a token as health signs it for itself, with the first key of the file in the argument."""

import base64
import hmac
import json
import sys
import time


def encode(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


with open(sys.argv[1], encoding="ascii") as file:
    kid, key = file.readline().strip().split(":")
now = int(time.time())
header = {"alg": "HS256", "typ": "at+jwt", "kid": kid}
claims = {"iss": "health", "aud": ["person"], "sub": "health", "role": "service", "iat": now, "exp": now + 900}
signed = b".".join(encode(json.dumps(part).encode()) for part in (header, claims))
signature = hmac.digest(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)), signed, "sha256")
print((signed + b"." + encode(signature)).decode())
