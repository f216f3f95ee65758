#!/usr/bin/env python3
"""The air around the virtual machine: one controller for its kernel, and one controller with a GATT server per virtual sensor.

    air.py --hci SOCKET --sensor ADDRESS=COMMAND... --drop ADDRESS@SECONDS:FOR

Each COMMAND is a `virtual_sensor`: the state machine behind the table, which the tests on the emulated Bluetooth use as well. The session
begins for all of them when all have streamed for some seconds; SECONDS count from there.
"""
import argparse
import asyncio
import json
import shlex
import time

from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData
from bumble.device import Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport import open_transport
from bumble.transport.common import AsyncPipeSink

STARTED = time.monotonic()
PROPERTIES = {
    "read": Characteristic.Properties.READ,
    "write": Characteristic.Properties.WRITE,
    "write-without-response": Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
    "notify": Characteristic.Properties.NOTIFY,
    "indicate": Characteristic.Properties.INDICATE,
}
# Packets of all before the session begins, and a moment for the second link to settle.
SETTLED_S = 4.0


def log(*words):
    print(f"AIR {time.monotonic() - STARTED:7.2f}", *words, flush=True)


class Air(LocalLink):
    """The library labels data with the sender's random address; a link that was made to a public one never gets them."""

    def send_acl_data(self, sender, dest, transport, data):
        for connection in sender.le_connections.values():
            if connection.peer_address == dest:
                receiver = self.find_le_controller(dest)
                if receiver:
                    loop = asyncio.get_running_loop()
                    loop.call_soon(receiver.on_link_acl_data, connection.self_address, transport, data)
                return
        super().send_acl_data(sender, dest, transport, data)


def uuid_of(text):
    number = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    # Short ones are known to the stack by their short names.
    base = "-0000-1000-8000-00805f9b34fb"
    return UUID(number[4:8]) if number.startswith("0000") and number.endswith(base) else UUID(number)


class Sensor:
    def __init__(self, address, link):
        self.address, self.in_reach, self.sent, self.streaming_since = address, True, 0, None
        self.connection, self.values, self.characteristics = None, {}, {}
        controller = Controller(address, link=link, public_address=address)
        host = Host(controller, AsyncPipeSink(controller))
        self.device = Device(name="sensor", address=Address(address, Address.RANDOM_DEVICE_ADDRESS), host=host)
        self.device.on("connection", self.on_connection)

    async def start(self, command):
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*shlex.split(command), stdin=pipe, stdout=pipe)
        self.table = json.loads(await self.process.stdout.readline())
        self.device.name = self.table["name"]
        services = [self.service(service) for service in self.table["services"]]
        self.device.add_services(services)
        await self.device.power_on()
        await self.advertise()
        self.reader = asyncio.create_task(self.read_lines())

    def service(self, table):
        return Service(uuid_of(table["uuid"]), [self.characteristic(c) for c in table["characteristics"]])

    def characteristic(self, table):
        uuid = table["uuid"]
        properties = Characteristic.Properties(0)
        for flag in table["flags"]:
            properties |= PROPERTIES[flag]
        value = CharacteristicValue(
            read=lambda _: self.values.get(uuid, b""), write=lambda _, data: self.tell("write", uuid, bytes(data).hex() or "-")
        )
        made = Characteristic(uuid_of(uuid), properties, Characteristic.READABLE | Characteristic.WRITEABLE, value)
        made.on("subscription", lambda _, notify, indicate: self.on_subscription(uuid, notify or indicate))
        self.characteristics[uuid] = made
        return made

    def tell(self, *words):
        self.process.stdin.write((" ".join(str(word) for word in words) + "\n").encode())

    def on_subscription(self, uuid, on):
        log(self.address, "subscribed" if on else "unsubscribed", uuid[:8])
        self.tell("subscribe", uuid, int(on))

    def on_connection(self, connection):
        log(self.address, "connected")
        self.connection = connection
        self.tell("connected", 247)
        connection.on("disconnection", self.on_disconnection)

    def on_disconnection(self, reason):
        log(self.address, f"disconnected, reason {reason:#04x}")
        self.connection, self.streaming_since = None, None
        self.tell("disconnected")
        if self.in_reach:
            asyncio.create_task(self.advertise())

    async def advertise(self):
        data = [(AdvertisingData.FLAGS, bytes([0x06])), (AdvertisingData.COMPLETE_LOCAL_NAME, self.table["name"].encode())]
        for company in self.table["companies"][:1]:
            data.append((AdvertisingData.MANUFACTURER_SPECIFIC_DATA, company.to_bytes(2, "little") + b"\0"))
        for service in self.table["advertised"][:1]:
            data.append((AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes.fromhex(service)[::-1]))
        await self.device.start_advertising(
            advertising_data=bytes(AdvertisingData(data)), auto_restart=False, advertising_interval_min=100, advertising_interval_max=100
        )

    async def read_lines(self):
        while line := await self.process.stdout.readline():
            kind, uuid, payload = line.decode().split()
            if kind == "value":
                self.values[uuid] = bytes.fromhex(payload)
            elif self.connection:
                self.streaming_since = self.streaming_since or time.monotonic()
                self.sent += 1
                await self.device.notify_subscriber(self.connection, self.characteristics[uuid], bytes.fromhex(payload))

    async def drop(self, seconds):
        log(self.address, "out of reach for", seconds, "s")
        self.in_reach = False
        if self.connection:
            await self.device.disconnect(self.connection, 0x08)
        await asyncio.sleep(seconds)
        self.in_reach = True
        log(self.address, "in reach")
        await self.advertise()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hci", required=True)
    parser.add_argument("--sensor", action="append", default=[])
    parser.add_argument("--drop", action="append", default=[])
    args = parser.parse_args()
    air = Air()
    transport = await open_transport(args.hci)
    kernel = Controller("kernel", host_source=transport.source, host_sink=transport.sink, link=air, public_address="00:AA:01:00:00:42")
    sensors = {}
    for entry in args.sensor:
        address, command = entry.split("=", 1)
        sensors[address] = Sensor(address, air)
        await sensors[address].start(command)
    log("ready", kernel.name)

    def settled():
        now = time.monotonic()
        return all(s.streaming_since and now - s.streaming_since > SETTLED_S for s in sensors.values())

    while not settled():
        await asyncio.sleep(0.1)
    log("the session begins")
    for sensor in sensors.values():
        sensor.tell("begin")

    async def drop_later(entry):
        address, when = entry.split("@")
        at, seconds = (float(x) for x in when.split(":"))
        await asyncio.sleep(at)
        await sensors[address].drop(seconds)

    drops = [asyncio.create_task(drop_later(entry)) for entry in args.drop]
    while True:
        await asyncio.sleep(5)
        log(" ".join(f"{s.address} sent {s.sent}" for s in sensors.values()), f"drops {sum(d.done() for d in drops)}")


asyncio.run(main())
