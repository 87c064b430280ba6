"""The line at the frame that is shown, over the plots, without drawing these again."""

from gpff_app.component import component

_show = component("marker")


def marker(chart: str, frame: int) -> None:
    """Draw a line at a frame over the chart with this key."""
    _show(key=f"{chart} marker", data={"chart": f"st-key-{chart.replace(' ', '-')}", "frame": frame}, height=1)
