"""A small client of WebSocket (RFC 6455), of the standard library alone."""

import base64
import json
import os
import socket
import struct
import time
import urllib.parse


class Closed(Exception):
    """The server has closed: with a code and a reason, or (0) without a word."""

    def __init__(self, code, reason):
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class WebSocket:
    def __init__(self, url, headers=(), patience=15):
        """`url`: http://host:port/path. self.status is 101 when it is spoken, otherwise self.answer is what was said instead."""
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=patience)
        self.patience = patience
        self.read = b""
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "Sec-WebSocket-Version: 13",
                 *(f"{name}: {value}" for name, value in headers)]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self.read:
            self._more()
        head, self.read = self.read.split(b"\r\n\r\n", 1)
        self.answer = head.decode()
        self.status = int(self.answer.split(" ")[1])

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def say(self, message):
        """An object as JSON, or a text."""
        text = (message if isinstance(message, str) else json.dumps(message)).encode()
        self._send(0x1, text)

    def hear(self):
        """The next message, decoded. Pings are answered."""
        parts = b""
        while True:
            head = self._take(2)
            size = head[1] & 0x7F
            if size == 126:
                size = struct.unpack(">H", self._take(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._take(8))[0]
            body = self._take(size)
            kind = head[0] & 0x0F
            if kind == 0x9:
                self._send(0xA, body)
            elif kind == 0x8:
                code = struct.unpack(">H", body[:2])[0] if len(body) >= 2 else 0
                raise Closed(code, body[2:].decode())
            else:
                parts += body
                if head[0] & 0x80:
                    return json.loads(parts)

    def hear_until(self, accepts):
        """The first message that is accepted; those before it are passed over."""
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            message = self.hear()
            if accepts(message):
                return message
        raise TimeoutError("it was not said")

    def _send(self, kind, body):
        mask = os.urandom(4)
        head = bytes([0x80 | kind])
        if len(body) < 126:
            head += bytes([0x80 | len(body)])
        else:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(body))
        self.socket.sendall(head + mask + bytes(each ^ mask[i % 4] for i, each in enumerate(body)))

    def _take(self, size):
        while len(self.read) < size:
            self._more()
        taken, self.read = self.read[:size], self.read[size:]
        return taken

    def _more(self):
        some = self.socket.recv(65536)
        if not some:
            raise Closed(0, "without a word")
        self.read += some
