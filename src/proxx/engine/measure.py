"""Measuring a staged proxy: facts from probing it, and what one full decode gives."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from proxx.core.failure import Failure, FailureKind, tool_not_found, tool_timeout
from proxx.core.facts import MediaFacts
from proxx.core.plan import Plan
from proxx.core.roots import RootPath
from proxx.core.steps import Measured
from proxx.engine.errors import StepFailedError, failed
from proxx.engine.framecrc import FramecrcCounter
from proxx.engine.probe import probe_source
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult, ToolRunner
