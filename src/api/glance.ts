import { ServerConnection } from '@jupyterlab/services';

import { isActive } from './states';
import type { JobList, JobState } from './types';
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
    return Object.entries(counts).some(([state, some]) => some > 0 && isActive(state as JobState));
  } catch {
    // No network, no bridge, no word that we understand: the next glance may tell.
    return false;
  }
}
