import { isHTTPError, isNetworkError, isTimeoutError } from 'ky';

import type { ErrorBody } from './types';

type Details = Readonly<{ code: string; hint?: string; pointer?: string; status?: number }>;

/** What went wrong, in words for people, and `code` for programs. */
export class ComputeError extends Error {
  override readonly name: string = 'ComputeError';
  readonly code: string;
  readonly hint: string;
  /** JSON pointer of the offending field of the request. */
  readonly pointer: string | undefined;
  readonly status: number | undefined;

  constructor(message: string, { code, hint = '', pointer, status }: Details, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
    this.pointer = pointer;
    this.status = status;
  }
}

/** The server did not answer: it is gone, or the network is. */
export class OfflineError extends ComputeError {
  override readonly name = 'OfflineError';

  constructor(cause: unknown) {
    super('The server does not answer.', { code: 'offline' }, cause);
  }
}

/** The server answers, but has no bridge: its half of the extension is missing or disabled. */
export class NoBridgeError extends ComputeError {
  override readonly name = 'NoBridgeError';

  constructor(cause: unknown) {
    const message = 'The server extension jupyterlab_compute is missing.';
    super(message, { code: 'no_bridge', status: 404 }, cause);
  }
}

/** One sentence that says what to do about an error; empty when it said so itself, or when nobody knows. */
export function toComputeError(error: unknown): ComputeError {
  if (error instanceof ComputeError) {
    return error;
  }
  if (isNetworkError(error) || isTimeoutError(error)) {
    return new OfflineError(error);
  }
  if (!isHTTPError(error)) {
    return new ComputeError(messageOf(error), { code: 'unexpected' }, error);
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
