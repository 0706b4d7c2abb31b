import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { JSONObject } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';

import type { Added, IAdded, IChoice } from '../model/profiles';
import { Profiles } from '../model/profiles';
import { IProfiles } from '../tokens';
import { connectTo } from './connect';

const ID = 'jupyterlab-compute:profiles';
const LAST = 'last_profile';
const ADDED = 'added_profiles';

/** The choice lies in the user's settings rather than in the workspace: it is the person's, not the page's. */
function rememberedIn(settings: Promise<ISettingRegistry.ISettings | null>): IChoice {
  return {
    get: async () => ((await settings)?.get(LAST).user as string | undefined) || null,
    set: async name => {
      await (await settings)?.set(LAST, name);
    }
  };
}

/** In the user's settings, where the server finds them without a page. */
function addedIn(
  load: () => Promise<ISettingRegistry.ISettings>,
  registry: ISettingRegistry | null
): IAdded {
  const get = async () => {
    const { user } = (await load()).get(ADDED);
    return JSONExt.isObject(user ?? null) ? (user as unknown as Added) : {};
  };
  return {
    get,
    read: async () => {
      // All settings of a plugin are written as one: what is old here would undo what another page has written.
      await registry?.reload(ID);
      return get();
    },
    set: async added => {
      await (await load()).set(ADDED, added as unknown as JSONObject);
    }
  };
}

async function follow(
  settings: ISettingRegistry.ISettings | null,
  profiles: Profiles
): Promise<void> {
  const ofProfiles = ({ composite }: ISettingRegistry.ISettings) => ({
    site: composite.profiles ?? null,
    mine: composite.my_profiles ?? null,
    added: composite[ADDED] ?? null
  });
  let known = settings && ofProfiles(settings);
  settings?.changed.connect(now => {
    const fresh = ofProfiles(now);
    if (!JSONExt.deepEqual(fresh, known)) {
      known = fresh;
      const { loaded, sync } = profiles.snapshot;
      // An answer on its way may have been made before this change.
      if (loaded || sync === 'loading') {
        void profiles.refresh();
      }
    }
  });
}

export const profilesPlugin: JupyterFrontEndPlugin<IProfiles> = {
  id: ID,
  description: 'Knows the places to run, and remembers which one was chosen.',
  autoStart: true,
  provides: IProfiles,
  optional: [ISettingRegistry],
  activate: (app: JupyterFrontEnd, registry: ISettingRegistry | null): IProfiles => {
    const loading = Promise.resolve(registry?.load(ID) ?? null);
    const settings = loading.catch(() => null);
    const added = addedIn(async () => {
      const found = await loading;
      if (!found) {
        throw new Error('There are no settings to keep a profile in.');
      }
      return found;
    }, registry);
    const connect = connectTo(app.serviceManager.serverSettings);
    const profiles = new Profiles({ connect, choice: rememberedIn(settings), added });
    void settings.then(loaded => follow(loaded, profiles));
    return profiles;
  }
};
