import type { Profile } from '../../api/types';
import type { Settings } from './values';
import { isObject } from './values';

/** As much of a profile as the list knows, the way the settings hold it. */
export function settingsFrom(profile: Profile): Settings {
  const { title, description, scheduler, resources, queue, account, kernel } = profile;
  const { native = {}, gpu_types = [], at_most } = profile;
  const fixed = Object.entries(resources).map(([name, range]) => {
    const { min, default: usual, max } = range ?? {};
    return [name, usual !== undefined && min === usual && max === usual ? usual : { ...range }];
  });
  return {
    title,
    ...(description && { description }),
    scheduler: { ...scheduler },
    ...(fixed.length && { resources: Object.fromEntries(fixed) as unknown }),
    ...(queue && { queue }),
    ...(account && { account }),
    ...(Object.keys(native).length && { native: { ...native } }),
    ...(gpu_types.length && { gpu_types: [...gpu_types] }),
    ...(kernel && { environment: { kernel } }),
    ...(at_most && { at_most })
  };
}

/** A copy to be changed: of the settings where they are known, else of what the list knows. It is not the default again. */
export function copyOf(profile: Profile, known: unknown, title: string): Settings {
  const { default: _, ...rest } = isObject(known) ? known : settingsFrom(profile);
  return { ...rest, title };
}

/** `small-copy`, `small-copy-2`: a name for a copy. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  return free(`${name.slice(0, 90)}-copy`, taken);
}

/** The name if it is free, else with the first number behind it that makes it so. */
export function free(name: string, taken: ReadonlySet<string>): string {
  let found = name;
  for (let count = 2; taken.has(found); count++) {
    found = `${name}-${count}`;
  }
  return found;
}

/** The object with that profile in the place of `old`, or at the end. Nothing else of it is touched. */
export function withProfile(
  mine: Settings,
  old: string | null,
  name: string,
  profile: Settings
): Settings {
  const entries = Object.entries(mine);
  const at = entries.findIndex(([key]) => key === old);
  const rest = entries.filter(([key]) => key !== old && key !== name);
  rest.splice(at < 0 ? rest.length : at, 0, [name, profile]);
  return Object.fromEntries(rest);
}
