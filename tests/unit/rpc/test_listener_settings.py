import pytest

from proxx.rpc.listener_settings import ListenerSettings
from proxx.rpc.server_security import ServerSecurity
from proxx.runtime.settings import SettingsInvalidError, load_settings


def test_options_become_the_security_of_the_listeners():
    flags = {"tls_certificate": "c", "tls_key": "k", "tls_client_ca": "a", "access": "t"}
    settings = load_settings(ListenerSettings, flags=flags)
    assert {key: str(getattr(settings.server_security, key)) for key in flags} == flags


def test_without_options_the_listeners_are_open():
    assert load_settings(ListenerSettings).server_security == ServerSecurity()


@pytest.mark.parametrize(
    ("flags", "setting"),
    [
        pytest.param({"tls_certificate": "c"}, "tls_key", id="certificate alone"),
        pytest.param({"tls_key": "k"}, "tls_key", id="key alone"),
        pytest.param({"tls_client_ca": "a"}, "tls_client_ca", id="client authority alone"),
    ],
)
def test_options_that_do_not_go_together_are_refused_by_name(flags, setting):
    with pytest.raises(SettingsInvalidError) as caught:
        load_settings(ListenerSettings, flags=flags)
    assert [problem.setting for problem in caught.value.problems] == [setting]
