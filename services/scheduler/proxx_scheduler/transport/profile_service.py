"""ProfileService: the profile library as it was loaded at the start."""

from typing import Any

from proxx.api.profiles.v1 import profile_service_pb2 as pb
from proxx.api.profiles.v1.profile_service_pb2_grpc import ProfileServiceServicer
from proxx.api.types.v1 import plan_pb2
from proxx.core.profile_library import ProfileLibrary
from proxx.rpc.mapping import to_message
from proxx_scheduler.app.errors import ProfileNotFoundError
from proxx_scheduler.transport.paging import PageTokens, page_size
from proxx_scheduler.transport.refusals import refusing


class ProfileService(ProfileServiceServicer):
    """Serves the library."""

    def __init__(self, *, library: ProfileLibrary, tokens: PageTokens) -> None:
        """Take the library, and what writes page tokens."""
        self._library = library
        self._tokens = tokens

    async def ListProfiles(self, request: pb.ListProfilesRequest, context: Any) -> pb.ListProfilesResponse:
        """Return a page of profiles by name."""
        with refusing():
            first = self._tokens.read(scope="profiles", token=request.page_token) or 0
            size = page_size(request.page_size, default=100)
        profiles = self._library.profiles
        more = first + size if first + size < len(profiles) else None
        return pb.ListProfilesResponse(
            profiles=[to_message(profile, plan_pb2.Profile) for profile in profiles[first : first + size]],
            next_page_token=self._tokens.write(scope="profiles", after=more),
        )

    async def GetProfile(self, request: pb.GetProfileRequest, context: Any) -> pb.GetProfileResponse:
        """Return one profile."""
        with refusing():
            profile = self._library.get(request.name)
            if profile is None:
                raise ProfileNotFoundError(name=request.name)
        return pb.GetProfileResponse(profile=to_message(profile, plan_pb2.Profile))
