"""The registry of flows, by the stable tag that states keep."""

from collections.abc import Mapping

from dialogs.flows.base import Flow
from dialogs.flows.citizen import CitizenFlow
from dialogs.flows.officer import OfficerFlow

FLOWS: Mapping[str, Flow] = {flow.tag: flow for flow in (CitizenFlow(), OfficerFlow())}
