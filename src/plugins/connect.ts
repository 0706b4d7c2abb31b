import type { ServerConnection } from '@jupyterlab/services';

import type { ComputeClient } from '../api/client';

/** Loads the client when it is first needed: who never opens the panel does not pay for it. */
export function connectTo(settings: ServerConnection.ISettings): () => Promise<ComputeClient> {
  let client: Promise<ComputeClient> | undefined;
  return () =>
    (client ??= import('../api/client').then(({ ComputeClient }) => new ComputeClient(settings)));
}
