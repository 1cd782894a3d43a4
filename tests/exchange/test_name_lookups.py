"""fetch_page() looks up names in DNS, on the event loop, in bounded time."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.asyncresolver
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from app.core.public_addresses import Address
from app.exchange import fetch
from app.exchange.fetch import system_resolver

RECORDS = {
    ("both.test.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("both.test.", "AAAA"): ["2001:db8::1"],
    ("four.test.", "A"): ["192.0.2.4"],
}


@contextmanager
def name_server(monkeypatch: pytest.MonkeyPatch, *, is_silent: bool = False) -> Iterator[list[str]]:
    """A server of RECORDS that the system is configured to ask; gives the names it is asked for."""
    asked: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                wire, client = server.recvfrom(4096)
                if not wire:
                    return
                query = dns.message.from_wire(wire)
                (question,) = query.question
                asked.append(str(question.name))
                kind = dns.rdatatype.to_text(question.rdtype)
                answer = dns.message.make_response(query)
                if found := RECORDS.get((str(question.name), kind)):
                    answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
                elif not any(name == str(question.name) for name, _ in RECORDS):
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                if not is_silent:
                    server.sendto(answer.to_wire(), client)

        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = server.getsockname()[1]
        monkeypatch.setattr(dns.asyncresolver, "Resolver", lambda: resolver)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield asked
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.sendto(b"", server.getsockname())
            thread.join()


def looked_up(host: str) -> list[str]:
    found: list[Address] = [*asyncio.run(system_resolver(host))]
    return sorted(str(address) for address in found)


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("The C library was asked, in a thread that it may block.")


def test_a_name_has_the_addresses_of_both_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    with name_server(monkeypatch) as asked:
        assert looked_up("both.test") == ["192.0.2.1", "192.0.2.2", "2001:db8::1"]
        assert looked_up("four.test") == ["192.0.2.4"]
        assert looked_up("none.test") == []
    # No search domain is put behind a name.
    assert set(asked) == {"both.test.", "four.test.", "none.test."}


def test_a_silent_name_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "DNS_SECONDS", 0.2)
    with name_server(monkeypatch, is_silent=True) as asked:
        assert looked_up("both.test") == []
    assert asked


def test_names_that_cannot_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with name_server(monkeypatch):
        assert looked_up(f"{'x' * 64}.test") == []


def test_a_machine_without_name_servers_resolves_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unconfigured() -> dns.asyncresolver.Resolver:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.asyncresolver, "Resolver", unconfigured)
    assert looked_up("both.test") == []
