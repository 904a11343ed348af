"""Figures whose frames stay plain data.

plotly makes an object of every trace of every frame, checked or not, and copies them all whenever the figure is sent:
two thirds of the time that a figure with a slider takes. Nobody asks for those objects but a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import plotly.graph_objects as go


class SlidingFigure(go.Figure):
    """A figure made from plain data, not checked, whose frames become objects only when they are asked for."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        """Take data, layout and frames; they are shared, never copied or changed."""
        super().__init__({"data": plain["data"], "layout": plain["layout"]}, _validate=False)
        self._plain_frames = list(plain.get("frames", ()))
        self._plain = plain

    @property
    def frames(self) -> tuple[go.Frame, ...]:
        """The frames as objects."""
        # plotly takes the types out of what it is given.
        return go.Figure({"frames": deepcopy(self._plain_frames)}, _validate=False).frames

    @property
    def plain(self) -> Mapping[str, Any]:
        """What the figure was made from, to be read only."""
        return self._plain

    def to_dict(self) -> dict[str, Any]:
        """Give the figure as plain data; its frames are to be read only."""
        found: dict[str, Any] = super().to_dict()
        return found | {"frames": self._plain_frames} if self._plain_frames else found
