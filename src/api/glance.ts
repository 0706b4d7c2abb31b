import { ServerConnection } from '@jupyterlab/services';

import { countActive } from './states';
import type { JobList } from './types';
import { bridgeUrl } from './urls';

/**
 * Whether the server knows of an active job, by the smallest question there is; false when nobody can tell.
 *
 * It is asked by every page that is opened, and most have no job: so without the client, which such a page never loads.
 */
export async function hasActive(settings: ServerConnection.ISettings): Promise<boolean> {
  try {
    const url = `${bridgeUrl(settings.baseUrl)}/jobs?limit=1`;
    const response = await ServerConnection.makeRequest(url, {}, settings);
    const { counts } = (await response.json()) as JobList;
    return countActive(counts) > 0;
  } catch {
    // No network, no bridge, no word that we understand: the next glance may tell.
    return false;
  }
}
