import { URLExt } from '@jupyterlab/coreutils';

/** Where the bridge listens. */
export function bridgeUrl(baseUrl: string): string {
  return URLExt.join(baseUrl, 'compute/api');
}

/** One file of a job's run folder, as a download. */
export function fileUrl(baseUrl: string, id: string, path: string): string {
  const parts = path.split('/').map(encodeURIComponent);
  return URLExt.join(bridgeUrl(baseUrl), 'jobs', encodeURIComponent(id), 'files', ...parts);
}
