import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { CommandIDs } from '../../plugins/ids';

const ROOT = resolve(__dirname, '../../..');
const SCHEMAS = readdirSync(join(ROOT, 'schema')).filter(name => name.endsWith('.json'));
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(
  name => /\.tsx?$/.test(name) && !/__tests__|testing/.test(name)
);

/** Every command that an object names, however deep. */
function commandsIn(found: unknown): string[] {
  if (typeof found !== 'object' || found === null) {
    return [];
  }
  return Object.entries(found).flatMap(([key, value]) =>
    key === 'command' && typeof value === 'string' ? [value] : commandsIn(value)
  );
}

describe('entries of menus and toolbars', () => {
  it.each(SCHEMAS)('%s names commands that exist', name => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'schema', name), 'utf8')) as object;
    const known: string[] = Object.values(CommandIDs);
    for (const command of commandsIn(schema)) {
      expect(known).toContain(command);
    }
  });

  // What code puts there, no overrides.json can move or take away.
  it('are put there by settings, not by code', () => {
    expect(SOURCES.length).toBeGreaterThan(100);
    const byCode =
      /contextMenu\.addItem|IMainMenu|mainMenu\.|@jupyterlab\/mainmenu|toolbar\.insertItem/;
    const guilty = SOURCES.filter(name =>
      byCode.test(readFileSync(join(ROOT, 'src', name), 'utf8'))
    );
    // The profiles in the menu of a notebook's button: which there are, the server tells.
    expect(guilty).toEqual(['plugins/notebook.ts']);
  });
});
