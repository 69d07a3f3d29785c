#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A network and IPAM plugin, as small as one can be: veth pairs on a bridge of its own.

network_plugin.py SOCKET LOG; what it is asked for goes to LOG, one JSON a line.
"""
import http.server
import json
import os
import socketserver
import subprocess
import sys

POOL, taken = "10.66.0.0/24", set()


def ip(*command):
    subprocess.run(["ip", *command], check=True, capture_output=True)


def link(endpoint):
    return "pl" + endpoint[:12]


def create_network(ask):
    if ask["Options"].get("com.docker.network.generic", {}).get("fail") == "yes":
        return {"Err": "this one is not for us"}
    ip("link", "add", "plugbr0", "type", "bridge")
    ip("addr", "add", ask["IPv4Data"][0]["Gateway"], "dev", "plugbr0")
    ip("link", "set", "plugbr0", "up")
    return {}


def delete_network(_):
    ip("link", "del", "plugbr0")
    return {}


def join(ask):
    name = link(ask["EndpointID"])
    ip("link", "add", name, "type", "veth", "peer", "name", name + "c")
    ip("link", "set", name, "master", "plugbr0", "up")
    return {"InterfaceName": {"SrcName": name + "c", "DstPrefix": "plug"}, "Gateway": "10.66.0.1",
            "StaticRoutes": [{"Destination": "10.250.0.0/16", "RouteType": 0, "NextHop": "10.66.0.1"}]}


def leave(ask):
    subprocess.run(["ip", "link", "del", link(ask["EndpointID"])], capture_output=True)
    return {}


def request_address(ask):
    wanted = ask["Address"] or next(a for a in (f"10.66.0.{n}" for n in range(1, 255)) if a not in taken)
    if wanted in taken:
        return {"Error": f"{wanted} is taken"}
    taken.add(wanted)
    return {"Address": wanted + "/24", "Data": {}}


def release_address(ask):
    taken.discard(ask["Address"])
    return {}


ANSWERS = {
    "/Plugin.Activate": lambda _: {"Implements": ["NetworkDriver", "IpamDriver"]},
    "/NetworkDriver.GetCapabilities": lambda _: {"Scope": "local"},
    "/NetworkDriver.CreateNetwork": create_network,
    "/NetworkDriver.DeleteNetwork": delete_network,
    "/NetworkDriver.CreateEndpoint": lambda ask: {"Interface": {"MacAddress": "02:66:00:00:00:07"}},
    "/NetworkDriver.Join": join,
    "/NetworkDriver.Leave": leave,
    "/IpamDriver.GetDefaultAddressSpaces": lambda _: {"LocalDefaultAddressSpace": "here", "GlobalDefaultAddressSpace": "all"},
    "/IpamDriver.RequestPool": lambda ask: {"PoolID": "pool-1", "Pool": ask["Pool"] or POOL, "Data": {}},
    "/IpamDriver.RequestAddress": request_address,
    "/IpamDriver.ReleaseAddress": release_address,
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        ask = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "{}")
        with open(sys.argv[2], "a", encoding="utf-8") as log:
            log.write(json.dumps([self.path, ask]) + "\n")
        body = json.dumps(ANSWERS.get(self.path, lambda _: {})(ask)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "engine"

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    pass


if __name__ == "__main__":
    if os.path.exists(sys.argv[1]):
        os.unlink(sys.argv[1])
    Server(sys.argv[1], Handler).serve_forever()
