"""The published matrix of the HTTP routes that every process has."""

from collections.abc import Mapping

from proxx.core.access.grant import Grant
from proxx.core.access.role import Role

HTTP_POLICY: Mapping[str, Grant] = {
    "/metrics": Grant(role=Role.VIEWER),
    "/healthz": Grant(role=None),
    "/readyz": Grant(role=None),
}
"""Route to what it asks of its caller. What is not here answers 404 to everybody."""
