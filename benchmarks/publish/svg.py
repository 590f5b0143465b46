"""Plain SVG: text, lines and boxes on white, so that a plot reads the same on light and dark pages and in a diff."""

from __future__ import annotations

from html import escape

WIDTH = 720
FONT = "ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"
INK, FAINT, GRID = "#1f2933", "#52606d", "#e4e7eb"


class Svg:
    """One drawing under construction; coordinates are pixels from the top left."""

    def __init__(self, height: float, title: str) -> None:
        self._height = height
        self._title = title
        self._parts: list[str] = []
        self.text(16, 28, title, size=16, weight="600")

    def text(  # noqa: PLR0913 - how a text looks, each by its name
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: int = 12,
        anchor: str = "start",
        colour: str = INK,
        weight: str = "400",
    ) -> None:
        """Write words with their baseline at y."""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
            f'text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
        )

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a box; one too narrow to be seen is still a pixel wide."""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}" rx="2" fill="{colour}"/>'
        )

    def line(self, points: list[tuple[float, float]], colour: str, *, width: float = 1, dash: str = "") -> None:
        """Draw a line through the points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashes}/>'
        )

    def dot(self, x: float, y: float, colour: str, radius: float = 3.5) -> None:
        """Draw one point."""
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}"/>')

    def legend(self, y: float, entries: list[tuple[str, str]]) -> None:
        """Write what the colours mean, in one row."""
        x = 16.0
        for label, colour in entries:
            self.box(x, y - 9, 10, 10, colour)
            self.text(x + 15, y, label, colour=FAINT)
            x += 33 + 6.4 * len(label)

    def document(self) -> str:
        """Return the file."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self._height:g}" width="{WIDTH}" '
            f'height="{self._height:g}" role="img" font-family="{escape(FONT)}">'
        )
        title = f"<title>{escape(self._title)}</title>"
        ground = f'<rect width="{WIDTH}" height="{self._height:g}" fill="#ffffff"/>'
        return "\n".join([head, title, ground, *self._parts, "</svg>", ""])
