#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small token server for docker-registry: who:secret may do everything,
anybody may pull what is not in private/.

    token_server.py PORT ISSUER CERTIFICATE KEY LOG

https://distribution.github.io/distribution/spec/auth/token/
"""
import base64
import http.server
import json
import subprocess
import sys
import time
import urllib.parse

PORT, ISSUER, CERTIFICATE, KEY, LOG = sys.argv[1:]
WHO = "Basic " + base64.b64encode(b"who:secret").decode()


def packed(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(audience, access, subject):
    der = subprocess.run(["openssl", "x509", "-in", CERTIFICATE, "-outform", "der"], check=True, capture_output=True).stdout
    header = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": subject, "aud": audience, "exp": now + 300, "nbf": now - 10, "iat": now,
              "jti": str(time.monotonic_ns()), "access": access}
    text = packed(json.dumps(header).encode()) + "." + packed(json.dumps(claims).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", KEY], input=text.encode(), check=True,
                               capture_output=True).stdout
    return text + "." + packed(signature)


def allowed(scope, known):
    kind, _, rest = scope.partition(":")
    name, _, actions = rest.rpartition(":")
    may = {"pull", "push", "*"} if known else set() if name.startswith("private/") else {"pull"}
    return {"type": kind, "name": name, "actions": [one for one in actions.split(",") if one in may]}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        said = self.headers.get("Authorization", "")
        scopes = [one for many in query.get("scope", []) for one in many.split()]
        with open(LOG, "a") as log:
            log.write(f"{said == WHO} {' '.join(scopes)}\n")
        if said and said != WHO:
            return self.answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "incorrect username or password"}]})
        access = [allowed(scope, said == WHO) for scope in scopes]
        self.answer(200, {"token": token(query["service"][0], access, "who" if said else ""), "expires_in": 300})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *words):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(PORT)), Handler).serve_forever()
