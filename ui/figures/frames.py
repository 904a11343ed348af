"""Figures that stay plain data.

plotly makes an object of every trace, axis and frame, checked or not, and copies them all whenever a figure is sent:
most of the time that a figure takes. Nobody asks for those objects but a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import plotly.graph_objects as go


class PlainFigure(go.Figure):
    """A figure made from plain data, not checked; objects are made only when they are asked for, to be read."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        """Take data, layout and frames; they are shared, never copied or changed."""
        # Not plotly's own __init__: see __getattr__.
        object.__setattr__(self, "_plain", plain)

    def __getattr__(self, name: str) -> Any:
        """Make plotly's objects at the first question for one."""
        if name.startswith("__") or "_plain" not in vars(self) or "_data_objs" in vars(self):
            raise AttributeError(name)
        # plotly takes the types out of what it is given.
        parts = deepcopy({"data": self._plain["data"], "layout": self._plain["layout"]})
        super().__init__(parts, _validate=False)
        return getattr(self, name)

    @property
    def frames(self) -> tuple[go.Frame, ...]:
        """The frames as objects."""
        frames = deepcopy(list(self._plain.get("frames", ())))
        return go.Figure({"frames": frames}, _validate=False).frames

    @property
    def plain(self) -> Mapping[str, Any]:
        """What the figure was made from, to be read only."""
        return self._plain

    def to_dict(self) -> dict[str, Any]:
        """Give the figure as plain data, to be read only."""
        frames = self._plain.get("frames")
        found = {"data": self._plain["data"], "layout": self._plain["layout"]}
        return found | {"frames": list(frames)} if frames else found
