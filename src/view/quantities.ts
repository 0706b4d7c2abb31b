/**
 * Sizes and times as people write them, read and written. What is read is shown again in one form, so that nobody is in doubt
 * how `1:30` was understood.
 */

const MIB_PER: Readonly<Record<string, number>> = {
  k: 1 / 1024,
  m: 1,
  g: 1024,
  t: 1024 ** 2,
  p: 1024 ** 3
};

const S_PER: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** The first letter of a unit of time says it: 90 s, 90 min, 1.5 h, 2 days, 1 week. */
const TIME_UNIT =
  '(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)(?![a-z])';

/** `4 GiB`, `4G`, `512 mb`, `1.5 TiB`, in MiB and rounded up; a scheduler's G is 1024 M. Null: no size, or one without a unit. */
export function readMemory(text: string): number | null {
  const match = /^([\d.,]+)\s*([kmgtp])(?:i?b)?$/i.exec(text.trim());
  const value = match && number(match[1]);
  return match && value !== null ? Math.ceil(value * MIB_PER[match[2].toLowerCase()]) : null;
}

/** The shortest text that `readMemory` reads as exactly that: 512 MiB, 1.5 GiB, 1000 MiB. */
export function writeMemory(mib: number): string {
  const gib = mib / 1024;
  return mib >= 1024 && Number.isInteger(gib * 4) ? `${gib} GiB` : `${mib} MiB`;
}

/** For reading: 21471 MiB is 20.9 GiB. Never more than it is. */
export function tellMemory(mib: number): string {
  return mib < 1024 ? `${mib} MiB` : `${Math.floor((mib / 1024) * 10) / 10} GiB`;
}

/**
 * `90 min`, `1.5 h`, `1h30`, `2 d 12 h`; `1:30` is hours and minutes, `1:30:00` has seconds, `2-12:00` has days. In seconds,
 * rounded up. Null: no time, or a number without a unit.
 */
export function readTime(text: string): number | null {
  const plain = text.trim().toLowerCase();
  return readClock(plain) ?? readUnits(plain);
}

function readClock(text: string): number | null {
  const match = /^(?:(\d+)\s*(?:-|d(?:ays?)?)\s*)?(\d+):(\d{1,2})(?::(\d{1,2}))?$/.exec(text);
  if (!match) {
    return null;
  }
  const [days, hours, minutes, seconds] = match.slice(1).map(part => Number(part ?? 0));
  return minutes > 59 || seconds > 59 ? null : ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

function readUnits(text: string): number | null {
  const part = new RegExp(`([\\d.,]+)\\s*${TIME_UNIT}\\s*`, 'y');
  let seconds = 0;
  let smallest = Infinity;
  while (part.lastIndex < text.length) {
    const at = part.lastIndex;
    const match = part.exec(text);
    if (!match) {
      // 1h30: the minutes go without saying.
      const minutes = smallest === S_PER.h ? /^\d{1,2}$/.exec(text.slice(at)) : null;
      return minutes ? seconds + Number(minutes[0]) * 60 : null;
    }
    const value = number(match[1]);
    const unit = S_PER[match[2][0]];
    // 5 min 2 h and 1 h 1 h are slips of the hand.
    if (value === null || unit >= smallest) {
      return null;
    }
    seconds += value * unit;
    smallest = unit;
  }
  return smallest === Infinity ? null : Math.ceil(seconds);
}

/** 90 s, 30 min, 1 h 30 min, 2 d: what `readTime` reads as exactly that. */
export function writeTime(seconds: number): string {
  const parts: string[] = [];
  let rest = seconds;
  for (const [size, unit] of [
    [S_PER.d, 'd'],
    [S_PER.h, 'h'],
    [S_PER.m, 'min'],
    [1, 's']
  ] as const) {
    if (rest >= size) {
      parts.push(`${Math.floor(rest / size)} ${unit}`);
      rest %= size;
    }
  }
  return parts.join(' ') || '0 s';
}

/** A whole number from 0 on; null: something else. */
export function readCount(text: string): number | null {
  return /^\d{1,15}$/.test(text.trim()) ? Number(text) : null;
}

/** `1.5`, and `1,5` as half of the world writes it; `1,500` may be either and is neither. */
function number(text: string): number | null {
  return /^(\d+(\.\d+)?|\d+,\d{1,2}|\.\d+)$/.test(text) ? Number(text.replace(',', '.')) : null;
}
