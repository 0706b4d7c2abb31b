import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { FileBrowser } from '@jupyterlab/filebrowser';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { countActive } from '../api/states';
import { serverPath } from '../notebook/source';
import { IJobs } from '../tokens';
import { lazily } from './lazy';

export const browserPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:browser',
  description: 'Marks notebooks with active jobs in the file browser.',
  autoStart: true,
  requires: [IJobs],
  optional: [IFileBrowserFactory, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    factory: IFileBrowserFactory | null,
    translator: ITranslator | null
  ): void => {
    if (!factory) {
      return;
    }
    const { contents } = app.serviceManager;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    jobs.listen();
    const badges = lazily(async () => {
      const { FileBadges } = await import('../view/badges');
      const made = new FileBadges(trans);
      const add = ({ node, model, disposed }: FileBrowser) => {
        const listing = { node, folder: () => serverPath(model.path, contents) };
        made.add(listing);
        disposed.connect(() => made.remove(listing));
      };
      factory.tracker.forEach(add);
      factory.tracker.widgetAdded.connect((_, browser) => add(browser));
      return made;
    });
    let wasShown = false;
    const show = async () => {
      (await badges()).show(jobs.snapshot.jobs);
    };
    jobs.changed.connect(() => {
      // Who has no active job loads nothing for it; the last one's mark is taken away.
      if (wasShown || countActive(jobs.snapshot.counts) > 0) {
        wasShown = true;
        void show();
      }
    });
  }
};
