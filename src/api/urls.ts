import { URLExt } from '@jupyterlab/coreutils';

/** Where the bridge listens. */
export function bridgeUrl(baseUrl: string): string {
  return URLExt.join(baseUrl, 'compute/api');
}

/** A path in a URL: folders stay folders, everything else is a name. */
export function escaped(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** One file of a job's run folder, as a download. */
export function fileUrl(baseUrl: string, id: string, path: string): string {
  return URLExt.join(bridgeUrl(baseUrl), 'jobs', encodeURIComponent(id), 'files', escaped(path));
}
