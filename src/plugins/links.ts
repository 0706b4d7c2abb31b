import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, IRouter } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { linkIcon } from '@jupyterlab/ui-components';

import { toComputeError } from '../api/errors';
import { IJobs } from '../tokens';
import { CommandIDs, JOB_PAGE } from './ids';
import { tell } from './messages';

const PARAMETER = 'compute-job';
const LINK = new RegExp(`[?&]${PARAMETER}=([a-z2-7]{16})(?=&|#|$)`);
const SAID_MS = 3000;

/** Where a job's page is found by whoever has this server: in JupyterLab, or in the tree of Notebook 7. */
function linkTo(baseUrl: string, id: string): string {
  const page = PageConfig.getOption('notebookPage') ? 'tree' : 'lab';
  return `${URLExt.join(baseUrl, page)}?${PARAMETER}=${encodeURIComponent(id)}`;
}

/** The address with another job, or with none; everything else of it stays. */
function readdressed(request: string, id: string | null): string {
  const url = new URL(request, window.location.origin);
  if (id === null) {
    url.searchParams.delete(PARAMETER);
  } else {
    url.searchParams.set(PARAMETER, id);
  }
  return url.pathname + url.search + url.hash;
}

export const linksPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:links',
  description: "Gives a job's page an address that can be copied, sent, and loaded again.",
  autoStart: true,
  requires: [IJobs],
  optional: [IRouter, ILabShell, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    router: IRouter | null,
    shell: ILabShell | null,
    translator: ITranslator | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');

    /** The job of the row or of the tab that was right-clicked. */
    const pointedAt = (): string | undefined => {
      const row = app.contextMenuHitTest(node => node.classList.contains('jp-Compute-jobRow'));
      const tab = row ?? app.contextMenuHitTest(node => !!node.dataset.id?.startsWith(JOB_PAGE));
      return tab?.dataset.id?.replace(JOB_PAGE, '');
    };
    commands.addCommand(CommandIDs.copyLink, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            id: {
              type: 'string',
              description: 'The job; the one that was right-clicked when left out.'
            }
          }
        }
      },
      label: trans.__('Copy link'),
      caption: trans.__("Copy the address of the job's page"),
      icon: linkIcon,
      isVisible: ({ id }) => id !== undefined || pointedAt() !== undefined,
      execute: args => {
        const id = args.id === undefined ? pointedAt() : String(args.id);
        if (id !== undefined) {
          Clipboard.copyToSystem(linkTo(app.serviceManager.serverSettings.baseUrl, id));
          Notification.info(trans.__('The link is copied.'), { autoClose: SAID_MS });
        }
      }
    });

    if (!router) {
      return;
    }
    const address = (id: string | null) => {
      const { request } = router.current;
      const wanted = readdressed(request, id);
      if (
        wanted !== readdressed(request, new URLSearchParams(router.current.search).get(PARAMETER))
      ) {
        router.navigate(wanted, { skipRouting: true });
      }
    };
    commands.addCommand(CommandIDs.followLink, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            request: { type: 'string', description: "The page's address, with `?compute-job=`." }
          }
        }
      },
      label: trans.__('Open the job of a link'),
      execute: ({ request }) => {
        const id = LINK.exec(String(request ?? ''))?.[1];
        if (id !== undefined) {
          // Routing is one step of starting: it must not wait for us, nor we come before the tabs that are being restored.
          void app.restored.then(() => open(id));
        }
      }
    });
    const open = async (id: string) => {
      try {
        await jobs.get(id);
        await commands.execute(CommandIDs.openJob, { id });
      } catch (error) {
        if (toComputeError(error).code !== 'no_such_job') {
          await tell(trans.__('The job cannot be opened'), error, trans);
          return;
        }
        address(null);
        const why = trans.__(
          'The link leads to a job that this server does not have: it was deleted, or it belongs to another server.'
        );
        await tell(trans.__('This job is gone'), new Error(why), trans);
      }
    };
    router.register({ command: CommandIDs.followLink, pattern: LINK });

    // The address bar always says what a reload, or somebody it is sent to, will see.
    void app.restored.then(() => {
      shell?.currentChanged.connect((_, { newValue }) => {
        const id = newValue?.id ?? '';
        address(id.startsWith(JOB_PAGE) ? id.slice(JOB_PAGE.length) : null);
      });
    });
  }
};
