"""Put the frames that a story left into a GIF: `film.py FRAMES FILM`. Needs Pillow (the extra `images`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PIL import Image

#: A page has few colours; more of them would only make the film larger.
COLOURS = 96
MOST_BYTES = 2_000_000


def main() -> None:
    folder, film = map(Path, sys.argv[1:])
    frames = json.loads((folder / "frames.json").read_text())
    pictures = [Image.open(folder / frame["file"]).convert("RGB") for frame in frames]
    # One palette for all, from all: frames with palettes of their own flicker.
    strip = Image.new("RGB", (pictures[0].width, sum(picture.height for picture in pictures)))
    for place, picture in enumerate(pictures):
        strip.paste(picture, (0, place * picture.height))
    palette = strip.quantize(COLOURS, dither=Image.Dither.NONE)
    images = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    durations = [frame["milliseconds"] for frame in frames]
    images[0].save(film, save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=True)
    size = film.stat().st_size
    print(f"{film}: {len(frames)} frames, {sum(durations) / 1000:.0f} s, {size / 1000:.0f} kB")
    if size > MOST_BYTES:
        sys.exit(f"That is more than {MOST_BYTES / 1e6:g} MB: use fewer frames or colours.")


if __name__ == "__main__":
    main()
