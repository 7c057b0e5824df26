"""Tools in memory: each request is answered by a function of the test."""

from collections.abc import Callable

from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult


def tool_result(
    *,
    end: ToolEnd = ToolEnd.EXITED,
    exit_code: int | None = 0,
    signal: int | None = None,
    stdout: bytes = b"",
    stderr: str = "",
) -> ToolResult:
    """A result with plain numbers in it."""
    return ToolResult(
        end=end,
        exit_code=exit_code if end is ToolEnd.EXITED else None,
        signal=signal,
        stdout=stdout,
        stderr_tail=stderr,
        error_lines=tuple(stderr.splitlines()),
        wall_seconds=2.0,
        cpu_seconds=1.5,
        max_rss_bytes=1_000_000,
    )


class FakeToolRunner:
    """Implements proxx.engine.tool.ToolRunner. Lines of the result's stdout go to `on_line` when one is given."""

    def __init__(self, answer: Callable[[ToolRequest], ToolResult]) -> None:
        self.requests: list[ToolRequest] = []
        self._answer = answer

    @property
    def sandbox_level(self) -> str:
        return "fake"

    async def run(self, request: ToolRequest, *, on_line: Callable[[str], None] | None = None) -> ToolResult:
        self.requests.append(request)
        result = self._answer(request)
        if on_line is None:
            return result
        for line in result.stdout.decode().splitlines():
            on_line(line)
        return ToolResult(
            end=result.end,
            exit_code=result.exit_code,
            signal=result.signal,
            stdout=b"",
            stderr_tail=result.stderr_tail,
            error_lines=result.error_lines,
            wall_seconds=result.wall_seconds,
            cpu_seconds=result.cpu_seconds,
            max_rss_bytes=result.max_rss_bytes,
        )
