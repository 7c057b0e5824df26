"""WatchService: what watchers say about their folders."""

from typing import Any

from google.protobuf.duration_pb2 import Duration

from proxx.api.watch.v1 import watch_service_pb2 as pb
from proxx.api.watch.v1.watch_service_pb2_grpc import WatchServiceServicer
from proxx.core.watch_folders import WatchFolder
from proxx.rpc.mapping import from_message, to_message
from proxx_scheduler.app.watch_registry import REPORT_WITHIN_SECONDS, WatchRegistry
from proxx_scheduler.transport.paging import PageTokens, page_size
from proxx_scheduler.transport.refusals import refusing


class WatchService(WatchServiceServicer):
    """Serves watchers, operators and consoles."""

    def __init__(self, *, registry: WatchRegistry, tokens: PageTokens) -> None:
        """Take the registry and the page tokens of this database."""
        self._registry = registry
        self._tokens = tokens

    async def ReportFolders(self, request: pb.ReportFoldersRequest, context: Any) -> pb.ReportFoldersResponse:
        """Keep a report."""
        with refusing():
            taken = self._registry.report(
                watcher=request.watcher,
                incarnation=request.incarnation,
                folders=tuple(from_message(folder, WatchFolder) for folder in request.folders),
            )
        within = Duration()
        within.FromMilliseconds(int(REPORT_WITHIN_SECONDS * 1000))
        return pb.ReportFoldersResponse(
            report_within=within, taken=[to_message(folder, pb.TakenFolder) for folder in taken]
        )

    async def ListFolders(self, request: pb.ListFoldersRequest, context: Any) -> pb.ListFoldersResponse:
        """Return a page of folders by name."""
        scope = f"folders/{request.name}"
        with refusing():
            first = self._tokens.read(scope=scope, token=request.page_token) or 0
            size = page_size(request.page_size, default=20)
            folders = self._registry.folders(name=request.name)
        more = first + size if first + size < len(folders) else None
        return pb.ListFoldersResponse(
            folders=[to_message(folder, pb.WatchFolder) for folder in folders[first : first + size]],
            next_page_token=self._tokens.write(scope=scope, after=more),
        )
