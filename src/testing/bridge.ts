import { ServerConnection } from '@jupyterlab/services';

/** What was asked of the bridge. */
export type Asked = Readonly<{
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  headers: Headers;
}>;

export type Answer = Readonly<{
  status?: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
}>;

type Answerer = (asked: Asked) => Answer | Promise<Answer>;

/** A bridge in memory: takes down what was asked and answers as it was told. */
export class FakeBridge {
  readonly asked: Asked[] = [];
  private readonly _routes = new Map<string, Answerer>();

  /** Answer `GET jobs` and the like; the latest word counts. */
  on(route: string, answer: Answer | Answerer): this {
    this._routes.set(route, typeof answer === 'function' ? answer : () => answer);
    return this;
  }

  /** What came over this route, in order. */
  askedFor(route: string): Asked[] {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === route);
  }

  get settings(): ServerConnection.ISettings {
    return ServerConnection.makeSettings({
      baseUrl: 'http://localhost:8888/user/ada/',
      token: 'secret',
      fetch: (input, init) => this._fetch(new Request(input, init))
    });
  }

  private async _fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = url.pathname.replace('/user/ada/compute/api/', '');
    const text = request.method === 'GET' ? '' : await request.text();
    const asked: Asked = {
      method: request.method,
      path,
      // JupyterLab adds the time, so that no cache answers.
      query: Object.fromEntries([...url.searchParams].filter(([name]) => !/^\d+$/.test(name))),
      body: text ? JSON.parse(text) : null,
      headers: request.headers
    };
    this.asked.push(asked);
    const answer = this._routes.get(`${asked.method} ${path}`);
    if (!answer) {
      return respond({ status: 404, json: { message: 'Not Found', reason: null } });
    }
    return respond(await answer(asked));
  }
}

/** The network is gone. */
export function offline(): never {
  throw new TypeError('Failed to fetch');
}

function respond({ status = 200, json, text, headers }: Answer): Response {
  const type = json === undefined ? 'text/plain' : 'application/json';
  const body = status === 204 ? null : json === undefined ? (text ?? '') : JSON.stringify(json);
  return new Response(body, { status, headers: { 'Content-Type': type, ...headers } });
}
