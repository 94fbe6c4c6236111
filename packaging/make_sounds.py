"""Makes the sounds: three for an announcement, three for an urgent one.

    python packaging/make_sounds.py

writes assets/sounds/<name>.wav, 16 bits, one channel. Each is a few decaying partials,
as struck things sound; the urgent ones repeat, and lie where the ear is keenest (2 to
4 kHz, ISO 226) so that they are heard across a room.
"""

import array
import math
import sys
import wave
from collections.abc import Callable
from pathlib import Path

SOUNDS = Path(__file__).resolve().parent.parent / "assets" / "sounds"

RATE_HZ = 22_050
LOUDEST = 0.8
"""Of what 16 bits hold."""

FADE_S = 0.004
"""A sound that begins or ends at once clicks."""

Samples = list[float]


def struck(
    pitch_hz: float, lasts_s: float, partials: tuple[tuple[float, float, float], ...]
) -> Samples:
    """A struck thing: of each partial its multiple of the pitch, how loud it is, and in
    how many seconds it has decayed to a third."""
    return [
        sum(
            loud * math.exp(-at / decay_s) * math.sin(math.tau * pitch_hz * multiple * at)
            for multiple, loud, decay_s in partials
        )
        for at in (number / RATE_HZ for number in range(round(lasts_s * RATE_HZ)))
    ]


def swept(lasts_s: float, pitch_at: Callable[[float], float]) -> Samples:
    """A tone whose pitch in Hz follows this function of the time in seconds."""
    phase, samples = 0.0, []
    for number in range(round(lasts_s * RATE_HZ)):
        phase += math.tau * pitch_at(number / RATE_HZ) / RATE_HZ
        samples.append(math.sin(phase) + 0.3 * math.sin(2 * phase))
    return samples


def mixed(*parts: tuple[float, Samples]) -> Samples:
    """Sounds together, each from its second on."""
    length = max(round(at_s * RATE_HZ) + len(samples) for at_s, samples in parts)
    whole = [0.0] * length
    for at_s, samples in parts:
        for number, sample in enumerate(samples, round(at_s * RATE_HZ)):
            whole[number] += sample
    return whole


BELL = ((1.0, 1.0, 0.35), (2.0, 0.45, 0.22), (2.99, 0.25, 0.12), (4.1, 0.12, 0.06))
WOOD = ((1.0, 1.0, 0.05), (2.57, 0.5, 0.03), (4.9, 0.25, 0.015))
METAL = ((1.0, 1.0, 0.18), (1.51, 0.6, 0.14), (2.74, 0.4, 0.1), (3.76, 0.3, 0.06))


def chime() -> Samples:
    """Two bells, a fifth apart."""
    return mixed((0.0, struck(659.3, 0.9, BELL)), (0.13, struck(987.8, 1.1, BELL)))


def drop() -> Samples:
    """A drop of water: a short tone that rises."""
    tone = swept(0.16, lambda at: 620 + 5200 * at)
    return [sample * math.exp(-number / RATE_HZ / 0.05) for number, sample in enumerate(tone)]


def wood() -> Samples:
    """Two knocks on wood."""
    return mixed((0.0, struck(520.0, 0.3, WOOD)), (0.11, struck(690.0, 0.35, WOOD)))


def alarm() -> Samples:
    """Three bursts of two high tones."""
    pairs = [
        (burst * 0.42 + note * 0.12, struck(pitch_hz, 0.16, METAL))
        for burst in range(3)
        for note, pitch_hz in enumerate((2093.0, 2637.0))
    ]
    return mixed(*pairs)


def siren() -> Samples:
    """A tone that rises and falls twice."""
    return swept(1.8, lambda at: 1900 + 700 * math.sin(math.tau * at / 0.9 - math.pi / 2))


def bells() -> Samples:
    """A bell that is struck six times."""
    return mixed(*((0.19 * strike, struck(1568.0, 0.9, BELL)) for strike in range(6)))


def write(name: str, samples: Samples) -> None:
    """Write it as loud as the others, without a click at either end."""
    peak = max(map(abs, samples))
    fade = round(FADE_S * RATE_HZ)
    count = len(samples)
    levels = array.array(
        "h",
        (
            round(32767 * LOUDEST * sample / peak * min(1.0, (at + 1) / fade, (count - at) / fade))
            for at, sample in enumerate(samples)
        ),
    )
    if sys.byteorder == "big":
        levels.byteswap()
    with wave.open(str(SOUNDS / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(levels.tobytes())


def main() -> None:
    """Write all of them."""
    SOUNDS.mkdir(parents=True, exist_ok=True)
    for make in (chime, drop, wood, alarm, siren, bells):
        write(make.__name__, make())


if __name__ == "__main__":
    main()
