"""Addresses to listen on and to dial, for whoever speaks gRPC; proxx.runtime.address has the rules."""

from proxx.runtime.address import (
    AddressError,
    check_address,
    is_local,
    is_wildcard,
    refuse_taken_socket,
    unix_path,
)

__all__ = ["AddressError", "check_address", "is_local", "is_wildcard", "refuse_taken_socket", "unix_path"]
