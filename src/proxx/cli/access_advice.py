"""What to do when a server does not know the caller, or the caller may not do what it asks."""

from proxx.rpc.errors import RefusedCallError

_ADVICE = {
    "CREDENTIALS_MISSING": "say who you are: --token-file FILE or PROXX_TOKEN, or a client certificate (proxx certs)",
    "TOKEN_UNKNOWN": "the server's access file does not hold this token (any more): proxx tokens create makes one",
    "TOKEN_EXPIRED": "have a new token made at the server: proxx tokens create",
    "CERTIFICATE_EXPIRED": "have a new certificate issued (proxx certs issue … --replace), or compare the clocks",
    "CERTIFICATE_REVOKED": "have a new certificate issued: proxx certs issue … --replace",
    "IDENTITY_UNKNOWN": "the server's access file needs an [[identity]] with this certificate name (proxx certs show)",
    "NOT_OWNER": "ask an operator, or whoever submitted it; proxx whoami says who you are",
    "EXECUTOR_FOREIGN": "use another --name, or change `executors` of this identity in the server's access file",
}


def what_to_do(error: RefusedCallError) -> tuple[str, ...]:
    """Return the next step after a refusal that is about who calls, nothing after any other."""
    if error.reason == "ROLE_MISSING" and error.metadata.get("needed"):
        needed, has = error.metadata["needed"], error.metadata.get("has") or "none"
        return (f"needed: the role {needed}; yours: {has} (proxx whoami); the server's access file gives roles",)
    advice = _ADVICE.get(error.reason)
    return () if advice is None else (advice,)
