import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { KernelSpec } from '@jupyterlab/services';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { nullTranslator } from '@jupyterlab/translation';
import { parser } from '@lezer/python';

import { ComputeClient } from '../../api/client';
import { savedSubject } from '../../notebook/subject';
import type { Beginning, IFormPlace } from '../../plugins/form';
import { optionsOf } from '../../plugins/form';
import { FakeBridge } from '../../testing/bridge';
import { aProfile } from '../../testing/builders';
import type { IProfiles } from '../../tokens';
import { aCell, aNotebook } from '../notebook/notebooks';

const languages = {
  findByMIME: () => ({ name: 'python' }),
  getLanguage: async () => ({ support: { language: { parser } } })
} as unknown as IEditorLanguageRegistry;

describe('what the form begins with', () => {
  let kept: Record<string, unknown>;
  let bridge: FakeBridge;

  const place = (change: Partial<IFormPlace> = {}): IFormPlace => ({
    jobs: { submit: jest.fn(), preview: jest.fn() },
    profiles: { snapshot: { profiles: [aProfile()] } } as unknown as IProfiles,
    kernelspecs: {
      ready: Promise.resolve(),
      specs: { kernelspecs: { ir: { name: 'ir', display_name: 'R' } } }
    } as unknown as KernelSpec.IManager,
    languages,
    registry: {
      load: async () => ({
        get: () => ({ composite: kept }),
        set: async (_: string, value: Record<string, unknown>) => void (kept = value)
      })
    } as unknown as ISettingRegistry,
    trans: nullTranslator.load('test'),
    connect: async () => new ComputeClient(bridge.settings),
    ...change
  });
  const begin = (
    beginning: Partial<Beginning> = {},
    change: Partial<IFormPlace> = {},
    language = 'python'
  ) => {
    const params = { ...aCell('params', 'a = 1'), metadata: { tags: ['parameters'] } };
    const notebook = aNotebook([params, aCell('use', 'a')]);
    const metadata = { kernelspec: { name: 'k', display_name: 'K', language } };
    return optionsOf(
      savedSubject('deep/a.ipynb', { ...notebook, metadata }, ['use']),
      { profile: aProfile(), before: 'needed', ...beginning },
      place(change)
    );
  };

  beforeEach(() => {
    kept = { local: { '/resources/cores': '4' } };
    bridge = new FakeBridge()
      .on('GET ', { json: { capabilities: ['cells', 'format-html', 'format-script'] } })
      .on('GET notify', { json: { mail: { ok: true } } });
  });

  it('is what the notebook, the server and the last time say', async () => {
    const { around, parameters, needed, before, last } = await begin();
    expect(around).toMatchObject({
      kind: 'cells',
      kernels: [{ name: 'ir', title: 'R' }],
      ownKernel: 'k',
      formats: ['html', 'script'],
      ways: { mail: { ok: true } }
    });
    expect(parameters).toMatchObject({ id: 'params', list: [{ name: 'a', value: 1 }] });
    expect(needed?.ids).toEqual(['params']);
    expect([before, last]).toEqual(['needed', kept]);
  });

  it('is all above, and values as JSON, in a language that nobody here can read', async () => {
    const { before, parameters, names } = await begin({}, {}, 'R');
    expect([before, names]).toEqual(['above', null]);
    expect(parameters).toEqual({ id: 'params', list: null, parser: null });
  });

  it('is less where the server does not say', async () => {
    bridge.on('GET ', { status: 500 }).on('GET notify', { status: 404 });
    const { around } = await begin({}, { registry: null });
    expect([around.formats, around.ways]).toEqual([[], null]);
  });

  it("is an earlier job's own, with parameters that no cell names any more", async () => {
    const { last, request, parameters } = await begin({ request: { parameters: { b: 2 } } });
    expect(last).toEqual({});
    expect(request).toEqual({ parameters: { b: 2 } });
    expect(parameters).toMatchObject({ id: null, list: [{ name: 'a' }, { name: 'b' }] });
  });

  it('is what has been said, and the last values for all else', async () => {
    const { last, request } = await begin({ said: { before: 'above' } });
    expect([last, request]).toEqual([kept, { before: 'above' }]);
  });

  it('is kept beside that of other profiles', async () => {
    const { keep } = await begin();
    keep('other', { '/account': 'mine' });
    expect(kept).toEqual({
      local: { '/resources/cores': '4' },
      other: { '/account': 'mine' }
    });
  });
});
