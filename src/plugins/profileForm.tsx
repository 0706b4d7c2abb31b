import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IFormRendererRegistry } from '@jupyterlab/ui-components';
import type { JSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import React, { lazy, Suspense } from 'react';

import { IProfiles } from '../tokens';
import type { Written } from '../view/profiles/MyProfiles';
import type { ProfilesFormOptions } from '../view/profiles/page';
import { connectTo } from './connect';
import { CommandIDs, ForeignIDs } from './ids';
import { tell } from './messages';

/** The settings whose form this is. */
const ID = 'jupyterlab-compute:profiles';
const MINE = 'my_profiles';

/** What is written in the settings, as a store. */
class Mine {
  readonly changed = new Signal<this, void>(this);
  private _snapshot: Written;

  constructor(private readonly _settings: ISettingRegistry.ISettings) {
    this._snapshot = this._read();
    _settings.changed.connect(this._onChanged, this);
  }

  get snapshot(): Written {
    return this._snapshot;
  }

  /** Only mine are written: nothing of the site's becomes a copy that no longer follows it. */
  async save(mine: object): Promise<void> {
    await this._settings.set(MINE, mine as JSONObject);
  }

  private _onChanged(): void {
    this._snapshot = this._read();
    this.changed.emit();
  }

  private _read(): Written {
    return {
      mine: this._settings.get(MINE).user,
      site: this._settings.get('profiles').composite
    };
  }
}

export const profileFormPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:profile-form',
  description: 'The form of one’s own profiles in the Settings Editor.',
  autoStart: true,
  requires: [IProfiles],
  optional: [IFormRendererRegistry, ISettingRegistry, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    profiles: IProfiles,
    renderers: IFormRendererRegistry | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    if (!renderers || !registry) {
      return;
    }
    const { commands, serviceManager } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    const connect = connectTo(serviceManager.serverSettings);

    const optionsOf = async (): Promise<ProfilesFormOptions> => {
      const mine = new Mine(await registry.load(ID));
      void profiles.load();
      return {
        trans,
        profiles,
        written: mine,
        save: async next => {
          await mine.save(next);
          await profiles.refresh();
        },
        removeAdded: async name => {
          await profiles.remove(name);
          await profiles.refresh();
        },
        tryOut: async wish => (await connect()).tryProfile(wish),
        mayDelete: async title => {
          const { button } = await showDialog({
            title: trans.__('Delete the profile %1?', title),
            body: trans.__('Its jobs stay and go on. They cannot be run again with it.'),
            buttons: [
              Dialog.cancelButton({ label: trans.__('Go back') }),
              Dialog.warnButton({ label: trans.__('Delete') })
            ]
          });
          return button.accept;
        }
      };
    };
    const Form = lazy(async () => {
      const [{ default: Page }, options] = await Promise.all([
        import('../view/profiles/page'),
        optionsOf()
      ]);
      return { default: () => <Page options={options} /> };
    });
    renderers.addRenderer(`${ID}.${MINE}`, {
      fieldRenderer: () => (
        <Suspense fallback={null}>
          <Form />
        </Suspense>
      )
    });
    // Saving another field of that form writes down all of it, the site's profiles as well. They stand in the list above;
    // the chosen one is chosen in the panel.
    renderers.addRenderer(`${ID}.profiles`, { fieldRenderer: () => null });
    renderers.addRenderer(`${ID}.added_profiles`, { fieldRenderer: () => null });
    renderers.addRenderer(`${ID}.last_profile`, {
      fieldRenderer: ({ formData }: { formData?: unknown }) => (
        <p>
          {typeof formData === 'string' && formData
            ? trans.__('Chosen in the panel: %1', formData)
            : trans.__('No profile is chosen yet: choose one in the Compute panel.')}
        </p>
      )
    });

    commands.addCommand(CommandIDs.manageProfiles, {
      describedBy: { args: { type: 'object', properties: {} } },
      label: trans.__('Manage profiles…'),
      caption: trans.__('Show all places to run, and add, try and change your own'),
      execute: async () => {
        try {
          await registry.load(ID);
        } catch (error) {
          const title = trans.__('Your profile settings cannot be read');
          await tell(title, new Error(faults(error)), trans);
        }
        await commands.execute(ForeignIDs.openSettings, { query: 'Compute: profiles' });
      }
    });
    palette?.addItem({ command: CommandIDs.manageProfiles, category: trans.__('Compute') });
  }
};

/** What JupyterLab's check of settings found, in its words. */
function faults(error: unknown): string {
  const list = Array.isArray(error) ? (error as { instancePath?: string; message?: string }[]) : [];
  return (
    list
      .map(({ instancePath, message }) => `${instancePath ?? ''} ${message ?? ''}`.trim())
      .join('; ') || String(error)
  );
}
