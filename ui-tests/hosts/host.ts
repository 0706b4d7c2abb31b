import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test as base, type BrowserContext, type Page } from '@playwright/test';

import { Notebook } from '../notebook';
import { Panel } from '../panel';
import { notebook, Rest } from '../rest';

export { expect };

/** Not merely a path: environments lie in folders that are named after us. */
const OURS = /ComputeApp|compute: |\/compute\/api|jupyterlab_compute/;

type Kind = 'jupyterlab' | 'notebook' | 'hub';

/** A server of one kind, from one of the environments that `make test` has made for it. `end` it. */
export class Host {
  private constructor(
    readonly url: string,
    readonly folder: string,
    readonly token: string,
    private readonly _process: ChildProcess
  ) {}

  static async start(kind: Kind, environment: string): Promise<Host> {
    const token = randomBytes(16).toString('hex');
    const python = join(process.env.COMPUTE_HOSTS!, environment, 'bin/python');
    const argv = [join(__dirname, 'host.py'), kind, '--python', python, '--token', token];
    const child = spawn(process.env.COMPUTE_TEST_PYTHON!, argv, {
      stdio: ['ignore', 'pipe', 'inherit']
    });
    const facts = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', line => resolve(String(line)));
      child.once('exit', code => reject(new Error(`host.py ended with ${code}`)));
    });
    const { url, folder } = JSON.parse(facts) as { url: string; folder: string };
    return new Host(url, folder, token, child);
  }

  async end(): Promise<void> {
    if (this._process.exitCode === null) {
      const gone = new Promise(resolve => this._process.once('exit', resolve));
      this._process.kill('SIGTERM');
      await gone;
    }
  }

  /** What the server said that concerns us, and is not a mere piece of news. */
  get complaints(): string[] {
    const lines = readFileSync(join(this.folder, 'server.log'), 'utf8').split('\n');
    return lines.filter(line => OURS.test(line) && /^\[[WEC] |Error/.test(line));
  }

  read(path: string): string {
    return readFileSync(join(this.folder, 'notebooks', path), 'utf8');
  }

  /** Put a notebook on the disk, below its folder. */
  saveAt(path: string, cells: Parameters<typeof notebook>[0]): void {
    writeFileSync(join(this.folder, path), JSON.stringify(notebook(cells)), { mode: 0o666 });
  }

  /** Let the patient cells that wait for it go on. */
  openGate(path: string): void {
    writeFileSync(join(this.folder, 'notebooks', path), '');
  }
}

/** One page, and what its console said. */
export class Tab {
  constructor(
    readonly page: Page,
    readonly url: string
  ) {
    this.notebook = new Notebook(page);
    this.panel = new Panel(page);
    page.on('console', message => {
      if (['warning', 'error'].includes(message.type())) {
        this.said.push(message.text());
      }
    });
    page.on('pageerror', error => this.said.push(String(error.stack ?? error)));
  }

  readonly notebook: Notebook;
  readonly panel: Panel;
  readonly said: string[] = [];

  /** Open JupyterLab with that notebook, in a workspace of its own, and the panel. */
  async open(path: string, token?: string): Promise<void> {
    const workspace = randomBytes(6).toString('hex');
    const query = token === undefined ? '' : `?token=${token}`;
    await this.page.goto(`${this.url}lab/workspaces/${workspace}/tree/${path}${query}`);
    await this.ready();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.page.locator('#jupyterlab-splash').waitFor({ state: 'detached', timeout: 60_000 });
    await expect(this.notebook.cells).not.toHaveCount(0, { timeout: 60_000 });
    await this.panel.open();
  }

  /** What the console said of us: warnings of versions, plugins that failed, errors of ours. Not that anything was slow. */
  get complaints(): string[] {
    return this.said.filter(
      text => /compute|Unsatisfied version|failed to activate/i.test(text) && !SLOW.test(text)
    );
  }
}

const SLOW = /to activate\.$/;

type Fixtures = { rest: Rest; open: (path: string) => Promise<Tab>; context: BrowserContext };
export type Shared = { kind: Kind; environment: string; host: Host };

export const test = base.extend<Fixtures, Shared>({
  kind: ['jupyterlab', { option: true, scope: 'worker' }],
  environment: ['newest', { option: true, scope: 'worker' }],
  host: [
    async ({ kind, environment }, use) => {
      const host = await Host.start(kind, environment);
      await use(host);
      await host.end();
    },
    { scope: 'worker', timeout: 120_000 }
  ],
  rest: async ({ playwright, host }, use) => {
    const http = await playwright.request.newContext();
    await use(new Rest(http, host.url, host.token));
    await http.dispose();
  },
  open: async ({ context, host }, use) => {
    await use(async path => {
      const tab = new Tab(await context.newPage(), host.url);
      await tab.open(path, host.token);
      return tab;
    });
  }
});
