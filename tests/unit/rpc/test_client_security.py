"""The options of a client: what goes together, and where a token may go."""

from pathlib import Path

import pytest

from proxx.rpc.client_security import ClientSecurity, ClientSecurityError

CERTIFICATE, KEY = Path("/tls/me.crt"), Path("/tls/me.key")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(
            {"tls_ca": "/ca", "tls_client_certificate": CERTIFICATE},
            'tls-client-key: is needed beside "/tls/me.crt"',
            id="certificate without its key",
        ),
        pytest.param(
            {"tls_ca": "/ca", "tls_client_key": KEY},
            'tls-client-certificate: is needed beside "/tls/me.key"',
            id="key without its certificate",
        ),
        pytest.param(
            {"tls_client_certificate": CERTIFICATE, "tls_client_key": KEY},
            "tls-ca: is needed beside tls-client-certificate, which is shown over TLS only; "
            "name the server's authority, or system",
            id="certificate without TLS",
        ),
        pytest.param(
            {"token": "t", "token_file": Path("/t")},
            "token-file: a token is given, too; give one of them",
            id="two tokens",
        ),
        pytest.param(
            {"token": "two words"},
            "the token: is no token (9 characters): 1 to 512 letters, digits and . _ ~ + / = - are",
            id="what is no token",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, sentence):
    with pytest.raises(ClientSecurityError) as refused:
        ClientSecurity(**options)
    assert str(refused.value) == sentence


def test_a_token_is_never_shown_by_accident():
    assert "proxx_secret" not in repr(ClientSecurity(token="proxx_secret"))


@pytest.mark.parametrize("target", ["127.0.0.1:1", "[::1]:1", "localhost:1", "unix:/run/proxx.sock"])
def test_a_token_may_go_to_this_machine_in_the_clear(target):
    assert ClientSecurity(token="t").check_target(target) is None


def test_a_token_goes_to_another_machine_over_tls():
    assert ClientSecurity(token="t", tls_ca="/ca").check_target("farm:7600") is None


@pytest.mark.parametrize("options", [{"token": "t"}, {"token_file": Path("/t")}], ids=["token", "token file"])
def test_a_token_does_not_go_to_another_machine_in_the_clear(options):
    with pytest.raises(ClientSecurityError, match=r"^tls-ca: is needed to send a token to farm:7600, or anybody on"):
        ClientSecurity(**options).check_target("farm:7600")


def test_a_unix_socket_is_dialled_without_tls():
    security = ClientSecurity(tls_ca="/ca")
    assert (security.encrypts("unix:/s"), security.encrypts("127.0.0.1:1")) == (False, True)
