"""Row 9: the panel with ten thousand jobs, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..browser import Browser, chromium
from ..findings import Finding, median, ms
from ..stage import Stage
from .listing import JOBS, seed

_TAB = '.jp-SideBar .lm-TabBar-tab[data-id="jupyterlab-compute-panel"]'
_OTHER = '.jp-SideBar .lm-TabBar-tab[data-id="filebrowser"]'
_ROWS = "document.querySelectorAll('.jp-Compute-jobRow').length"
_COUNT = "+(document.querySelector('.jp-Compute-jobGrid')?.getAttribute('aria-rowcount') ?? 0)"
_OPENS_S, _FRAME_S = 0.3, 0.017
_TIMES, _FRAMES = 9, 300

#: From the press on the tab to the frame in which rows are on the screen, in milliseconds.
_WATCH = f"""
void (window.opened = new Promise(resolve => {{
  addEventListener('pointerdown', () => {{
    const begun = performance.now();
    const look = () => {_ROWS} && document.querySelector('.jp-Compute-panel').offsetParent
      ? requestAnimationFrame(() => resolve(performance.now() - begun)) : requestAnimationFrame(look);
    look();
  }}, {{capture: true, once: true}});
}}));
"""
#: The times between frames while the list moves by two and a half rows in each, in milliseconds.
_SCROLL = f"""
new Promise(resolve => {{
  const list = document.querySelector('.jp-Compute-scroll');
  list.scrollTop = 0;
  const times = [];
  let last = 0;
  const step = now => {{
    if (last) times.push(now - last);
    last = now;
    list.scrollTop += 120;
    times.length < {_FRAMES} ? requestAnimationFrame(step) : resolve(times);
  }};
  requestAnimationFrame(step);
}})
"""
_NOTHING = f"""
new Promise(resolve => {{
  const times = [];
  let last = 0;
  const step = now => {{
    if (last) times.push(now - last);
    last = now;
    times.length < {_FRAMES} ? requestAnimationFrame(step) : resolve(times);
  }};
  requestAnimationFrame(step);
}})
"""
_LOAD_ALL = f"""
(async () => {{
  const list = document.querySelector('.jp-Compute-scroll');
  for (let turn = 0; turn < 600 && {_COUNT} < {JOBS}; turn++) {{
    list.scrollTop = list.scrollHeight;
    await new Promise(resolve => setTimeout(resolve, 100));
  }}
  return {_COUNT};
}})()
"""


def measure(stage: Stage) -> Iterator[Finding]:
    """Open the panel the first time, load everything, open it again and again, scroll."""
    program = chromium()
    home = stage.folder("panel")
    seed(home / "data" / "compute" / "jobs")
    with stage.server("panel", home=home) as jupyter, Browser(program, stage.folder("browser")) as browser:
        browser.open(jupyter)
        first = _opens(browser)
        assert browser.evaluate(_LOAD_ALL) == JOBS
        again = []
        for _ in range(_TIMES):
            browser.click(_OTHER)
            again.append(_opens(browser))
        in_page = browser.evaluate(_ROWS)
        idle = sorted(browser.evaluate(_NOTHING))
        frames = sorted(browser.evaluate(_SCROLL))
    opens, p95 = median(again), _p95(frames)
    yield Finding(
        f"{JOBS:,} rows in the panel: opens", ms(opens), "≤ 300 ms", opens <= _OPENS_S,
        how=f"n={_TIMES}, all loaded, {in_page} of the rows in the page; the very first time, with loading its code"
        f" and the first page of jobs: {ms(first)}",
    )  # fmt: skip
    yield Finding(
        f"{JOBS:,} rows in the panel: frames while scrolling, p95", ms(p95), "≤ 17 ms", p95 <= _FRAME_S,
        how=f"n={_FRAMES}, 120 px a frame; median {ms(frames[len(frames) // 2] / 1000)}; the same page at rest: p95"
        f" {ms(_p95(idle))}; without a graphics card",
    )  # fmt: skip


def _opens(browser: Browser) -> float:
    browser.evaluate(_WATCH)
    browser.click(_TAB)
    return float(browser.evaluate("window.opened")) / 1000


def _p95(sorted_ms: list[Any]) -> float:
    return float(sorted_ms[int(len(sorted_ms) * 0.95)]) / 1000
