"""Attempts to reach something over a socket. Standard library only."""

import errno
import socket

from toolbox import AbsentError, Target, attempt, connect, number, text


@attempt("connect over TCP and IPv4")
def _tcp4(target: Target) -> None:
    connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", number(target, "port")))


@attempt("connect over TCP and IPv6")
def _tcp6(target: Target) -> None:
    connect(socket.AF_INET6, socket.SOCK_STREAM, ("::1", number(target, "port6")))


@attempt("send a datagram")
def _udp(target: Target) -> None:
    connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", number(target, "port")))


@attempt("listen on a TCP port")
def _listen(target: Target) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()


@attempt("open a raw socket")
def _raw(target: Target) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


@attempt("open a packet socket")
def _packet(target: Target) -> None:
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()


@attempt("open a netlink socket")
def _netlink(target: Target) -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()


@attempt("open a vsock socket to the hypervisor")
def _vsock(target: Target) -> None:
    try:
        socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
    except OSError as error:
        if error.errno == errno.EAFNOSUPPORT:
            raise AbsentError from error
        raise


@attempt("open a crypto socket (AF_ALG)")
def _alg(target: Target) -> None:
    try:
        socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).close()
    except OSError as error:
        if error.errno == errno.EAFNOSUPPORT:
            raise AbsentError from error
        raise


@attempt("connect to a Unix socket by its path")
def _unix(target: Target) -> None:
    connect(socket.AF_UNIX, socket.SOCK_STREAM, text(target, "socket"))


@attempt("connect to an abstract Unix socket")
def _abstract(target: Target) -> None:
    connect(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + text(target, "abstract"))
