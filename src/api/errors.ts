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

/** Anything that was thrown, as an error with words for people. */
export function toComputeError(error: unknown): ComputeError {
  if (error instanceof ComputeError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ComputeError(message, { code: 'unexpected' }, error);
}
