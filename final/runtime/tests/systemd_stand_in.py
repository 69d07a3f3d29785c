# SPDX-License-Identifier: Apache-2.0
"""A stand-in for systemd on a bus of our own: takes the calls that a runtime
makes, answers as systemd does, and writes each down as a line of JSON.

    systemd_stand_in.py ADDRESS LOG
"""
import json
import sys

import dbus
import dbus.lowlevel
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

MANAGER = "org.freedesktop.systemd1.Manager"
PATH = "/org/freedesktop/systemd1"


def plain(value):
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, (dbus.Array, list, tuple, dbus.Struct)):
        return [plain(one) for one in value]
    if isinstance(value, (int, dbus.Byte)):
        return int(value)
    return str(value)


class NoSuchUnit(dbus.DBusException):
    _dbus_error_name = "org.freedesktop.systemd1.NoSuchUnit"


class Manager(dbus.service.Object):
    def __init__(self, bus, log):
        super().__init__(bus, PATH)
        self.log = open(log, "a", buffering=1)
        self.units = set()
        self.jobs = 0

    def note(self, call, **what):
        self.log.write(json.dumps({"call": call, **what}) + "\n")

    def job(self, unit, result="done"):
        self.jobs += 1
        path = f"{PATH}/job/{self.jobs}"
        # Another's job first, and ours only a moment later.
        GLib.timeout_add(5, lambda: self.JobRemoved(0, PATH + "/job/0", "x", "done"))
        GLib.timeout_add(20, lambda: self.JobRemoved(self.jobs, path, unit, result))
        return dbus.ObjectPath(path)

    @dbus.service.method(MANAGER)
    def Subscribe(self):
        self.note("Subscribe")

    @dbus.service.method(MANAGER, in_signature="ssa(sv)a(sa(sv))", out_signature="o")
    def StartTransientUnit(self, name, mode, properties, aux):
        self.note("StartTransientUnit", name=name, mode=mode,
                  properties={str(k): plain(v) for k, v in properties},
                  types={str(k): (v.signature if isinstance(v, dbus.Array) else type(v).__name__)
                         for k, v in properties},
                  aux=plain(aux))
        if "refused" in name:
            raise dbus.DBusException("Unit refused.", name="org.freedesktop.systemd1.UnitExists")
        self.units.add(str(name))
        return self.job(name, "failed" if "failing" in name else "done")

    @dbus.service.method(MANAGER, in_signature="ss", out_signature="o")
    def StopUnit(self, name, mode):
        self.note("StopUnit", name=name, mode=mode)
        if name not in self.units:
            raise NoSuchUnit(f"Unit {name} not loaded.")
        self.units.discard(str(name))
        return self.job(name)

    @dbus.service.method(MANAGER, in_signature="s")
    def ResetFailedUnit(self, name):
        self.note("ResetFailedUnit", name=name)
        raise NoSuchUnit(f"Unit {name} not loaded.")

    @dbus.service.method(MANAGER, in_signature="sba(sv)")
    def SetUnitProperties(self, name, runtime, properties):
        self.note("SetUnitProperties", name=name, runtime=bool(runtime),
                  properties={str(k): plain(v) for k, v in properties})

    @dbus.service.signal(MANAGER, signature="uoss")
    def JobRemoved(self, number, job, unit, result):
        pass


def main():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.bus.BusConnection(sys.argv[1])
    bus.request_name("org.freedesktop.systemd1")
    manager = Manager(bus, sys.argv[2])
    manager.note("ready")
    GLib.MainLoop().run()


main()
