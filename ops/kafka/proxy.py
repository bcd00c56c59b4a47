"""A proxy before a broker: it may speak TLS and SCRAM in its place, and lose answers.

Brokers name themselves in their answers; there their port is replaced, so that clients come back here.
"""
import asyncio
import base64
import contextlib
import hashlib
import hmac
import os
import random
import ssl
import struct
import threading

PRODUCE, END_TXN, HANDSHAKE, AUTHENTICATE = 0, 26, 17, 36


class Scram:
    """The broker's side of one login by SCRAM-SHA-256 (RFC 5802, RFC 7677)."""

    ITERATIONS = 4096

    def __init__(self, users):
        self.users = users
        self.salt = os.urandom(16)
        self.first = None

    def answer(self, text):
        """What is said to the client's message; `None` if it does not know the password."""
        fields = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
        if self.first is None:
            self.first = text.split(",", 2)[2]  # without the header "n,,"
            self.user, self.nonce = fields["n"], fields["r"] + base64.b64encode(os.urandom(12)).decode()
            self.reply = (f"r={self.nonce},s={base64.b64encode(self.salt).decode()},"
                          f"i={self.ITERATIONS}")
            return self.reply

        def mac(key, data):
            return hmac.digest(key, data, "sha256")

        password = self.users.get(self.user, "").encode()
        salted = hashlib.pbkdf2_hmac("sha256", password, self.salt, self.ITERATIONS)
        proven = f"{self.first},{self.reply},{text[:text.rindex(',p=')]}".encode()
        client = mac(salted, b"Client Key")
        signature = mac(hashlib.sha256(client).digest(), proven)
        proof = bytes(a ^ b for a, b in zip(client, signature))
        # As Kafka's brokers do: librdkafka 2.0 says its own nonce twice.
        if not fields["r"].endswith(self.nonce) or base64.b64decode(fields["p"]) != proof or not password:
            return None
        return "v=" + base64.b64encode(mac(mac(salted, b"Server Key"), proven)).decode()


class Proxy:
    """For the length of a `with` block; `address` is where clients are to connect.

    With `users`, passwords by name, clients must log in by SCRAM-SHA-256; the broker sees nothing of it.
    With `loss`, that share of the answers to Produce and EndTxn is not passed on: the broker has done
    what was asked, and the connection ends before the client learns of it.
    """

    def __init__(self, broker, certificate=None, loss=0.0, seed=0, users=None):
        host, port = broker.split(":")
        self.broker = host, int(port)
        self.loss = loss
        self.users = users
        self.logins = 0
        self.dice = random.Random(seed)
        self.lost = self.connections = 0
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.server = self.call(asyncio.start_server(
            self.serve, "127.0.0.1", 0, ssl=self.context, limit=1 << 20))
        self.port = self.server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        self.call(self.close())
        self.loop.call_soon_threadsafe(self.loop.stop)

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    async def close(self):
        """Ends the connections too: none of their tasks may outlive the loop."""
        self.server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def serve(self, reader, writer):
        try:
            from_broker, to_broker = await asyncio.open_connection(*self.broker, limit=1 << 20)
        except OSError:
            writer.close()
            return
        self.connections += 1
        asked = {}
        ways = [
            asyncio.ensure_future(self.requests(reader, writer, to_broker, asked)),
            asyncio.ensure_future(self.answers(from_broker, writer, asked))]
        # Cancelled by `close`; the server would log it.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, to_broker):
            end.close()

    async def requests(self, reader, client, writer, asked):
        login = Scram(self.users) if self.users else None
        while frame := await self.frame(reader):
            key, version, correlation = struct.unpack(">hhi", frame[:8])
            if login and key in (HANDSHAKE, AUTHENTICATE):
                name = struct.unpack(">h", frame[8:10])[0]
                body = self.login(login, key, version, frame[10 + max(0, name):])
                client.write(struct.pack(">ii", 4 + len(body), correlation) + body)
                await client.drain()
                continue
            asked[correlation] = key
            writer.write(struct.pack(">i", len(frame)) + frame)
            await writer.drain()

    def login(self, login, key, version, body):
        """The answer to a step of a login, without its head."""
        def text(value):
            return struct.pack(">h", len(value)) + value

        if key == HANDSHAKE:
            asked = body[2:]
            mechanism = b"SCRAM-SHA-256"
            return struct.pack(">hi", 0 if asked == mechanism else 33, 1) + text(mechanism)
        answer = login.answer(body[4:].decode())
        if answer is None:
            data, head = b"", struct.pack(">h", 58) + text(b"the password is wrong")
        else:
            self.logins += answer.startswith("v=")
            data, head = answer.encode(), struct.pack(">hh", 0, -1)
        return head + struct.pack(">i", len(data)) + data + struct.pack(">q", 0) * (version > 0)

    async def answers(self, reader, writer, asked):
        name = b"127.0.0.1"
        own = name + struct.pack(">i", self.broker[1])
        shown = name + struct.pack(">i", self.port)
        while frame := await self.frame(reader):
            key = asked.pop(struct.unpack(">i", frame[:4])[0], None)
            if key in (PRODUCE, END_TXN) and self.dice.random() < self.loss:
                self.lost += 1
                return
            frame = frame.replace(own, shown)
            writer.write(struct.pack(">i", len(frame)) + frame)
            await writer.drain()

    @staticmethod
    async def frame(reader):
        """The next frame without its size; `None` at the end."""
        try:
            size = await reader.readexactly(4)
            return await reader.readexactly(struct.unpack(">i", size)[0])
        except (asyncio.IncompleteReadError, OSError):
            return None
