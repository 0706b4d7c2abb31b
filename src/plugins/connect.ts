import type { ServerConnection } from '@jupyterlab/services';

import type { ComputeClient } from '../api/client';
import { lazily } from './lazy';

/** Loads the client when it is first needed: who never opens the panel does not pay for it. */
export function connectTo(settings: ServerConnection.ISettings): () => Promise<ComputeClient> {
  return lazily(async () => {
    const { ComputeClient } = await import('../api/client');
    return new ComputeClient(settings);
  });
}
