import { isHTTPError, isNetworkError, isTimeoutError } from 'ky';

import { ComputeError, NoBridgeError, OfflineError, toComputeError } from './errors';
import type { ErrorBody } from './types';

/** What the transport throws, as one of our errors. The only place that knows both. */
export function translate(error: unknown): ComputeError {
  if (isNetworkError(error) || isTimeoutError(error)) {
    return new OfflineError(error);
  }
  if (!isHTTPError(error)) {
    return toComputeError(error);
  }
  const { status } = error.response;
  if (isErrorBody(error.data)) {
    const { code, message, hint, pointer } = error.data;
    return new ComputeError(message, { code, hint, pointer, status }, error);
  }
  // Jupyter's own words, which name no code: nobody has heard of the route.
  if (status === 404) {
    return new NoBridgeError(error);
  }
  const code = status === 401 || status === 403 ? 'not_allowed' : 'unexpected';
  return new ComputeError(messageOf(error.data) || error.message, { code, status }, error);
}

function isErrorBody(data: unknown): data is ErrorBody {
  const body = data as Partial<ErrorBody> | null | undefined;
  return typeof body?.code === 'string' && typeof body.message === 'string';
}

function messageOf(data: unknown): string {
  const message = (data as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : '';
}
