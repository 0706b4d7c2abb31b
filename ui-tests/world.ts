import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect } from '@playwright/test';

type Facts = Readonly<{
  url: string;
  token: string;
  python: string;
  user: string | null;
  uid: number;
  gid: number;
  home: string;
  notebooks: string;
  slurm: { folder: string; env: Record<string, string> } | null;
  why_no_slurm: string | null;
}>;

/** Those of a job's id. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** What `serve.py` started, and what a story may do to it. */
export class World {
  constructor(
    readonly folder: string,
    private readonly _process: ChildProcess | null = null
  ) {}

  /** The world that all stories share. */
  static shared(): World {
    return new World(process.env.COMPUTE_UI_DIR!);
  }

  /** One of a story's own, without Slurm, whose server may be killed. `end` it. */
  static async start(): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'compute-ui-own-'));
    const python = process.env.COMPUTE_TEST_PYTHON!;
    const options = [
      '--port',
      String(await freePort()),
      '--token',
      randomBytes(16).toString('hex')
    ];
    const argv = [join(__dirname, 'serve.py'), 'run', '--dir', folder, '--no-slurm', ...options];
    const child = spawn(python, [...argv, '--python', python], {
      stdio: ['ignore', 'pipe', 'inherit']
    });
    let said = '';
    child.stdout!.on('data', piece => (said += String(piece)));
    await expect.poll(() => said, { timeout: 60_000 }).toContain('The world is there');
    return new World(folder, child);
  }

  async end(): Promise<void> {
    const child = this._process;
    if (child && child.exitCode === null) {
      const gone = new Promise(resolve => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
  }

  get facts(): Facts {
    return JSON.parse(readFileSync(join(this.folder, 'world.json'), 'utf8')) as Facts;
  }

  /** End the server at once, as a crash would. Its jobs are none of our business here. */
  killServer(): void {
    this._do('kill-server');
  }

  /** Start it again and return when it answers. */
  startServer(): void {
    this._do('start-server');
  }

  /** Kill every process of a job of this machine, so that none is left to tell of its end. */
  killJob({ run_folder }: { run_folder: string }): void {
    this._do('kill-job', '--job', run_folder);
  }

  stopController(): void {
    this._do('stop-controller');
  }

  startController(): void {
    this._do('start-controller');
  }

  /** Run a command of Slurm's as the user whose jobs these are. */
  slurm(...argv: string[]): string {
    const { home, uid, gid, slurm } = this.facts;
    const env = { PATH: process.env.PATH, HOME: home, ...slurm!.env };
    return execFileSync(argv[0], argv.slice(1), { uid, gid, env, cwd: '/', encoding: 'utf8' });
  }

  /** The text of a file beside the notebooks, as it is on the disk. */
  read(path: string): string {
    return readFileSync(join(this.facts.notebooks, path), 'utf8');
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.facts.notebooks, path), text);
  }

  /** Make the log of an ended job that long: mostly of holes, which are letters too, and of lines at its end. */
  fillLog({ run_folder }: { run_folder: string }, size: number): void {
    const log = join(run_folder, 'attempts', '1', 'stdout.log');
    const lines = `${'of no interest '.repeat(6)}\n`.repeat(50_000);
    const last = '\nthe last line\n';
    truncateSync(log, size - lines.length - last.length);
    appendFileSync(log, lines + last);
  }

  /** Let a schedule's next run be due now, as if this were the moment that was worked out. */
  makeDue({ id }: { id: string }): void {
    const next_at = new Date().toISOString();
    this._keep(`schedules/${id}`, { ...this._kept(`schedules/${id}`), next_at });
  }

  /** Copies of an ended job, each made after the one before, as another server of the same user would write them. */
  copyJob({ id }: { id: string }, names: readonly string[]): void {
    const record = this._kept(`jobs/${id}`);
    const made = Date.parse(String(record.created_at));
    names.forEach((name, index) => {
      const copy = [...randomBytes(16)].map(byte => LETTERS[byte % LETTERS.length]).join('');
      this._keep(`jobs/${copy}`, {
        ...record,
        ...{
          id: copy,
          key: copy,
          native_id: copy,
          name,
          created_at: new Date(made + index + 1).toISOString()
        },
        run_folder: join(dirname(String(record.run_folder)), copy)
      });
    });
  }

  /** Give a file another name, as one does in a terminal. */
  rename(from: string, to: string): void {
    renameSync(join(this.facts.notebooks, from), join(this.facts.notebooks, to));
  }

  /** Let the patient cells that wait for it go on. */
  openGate(path: string): void {
    this.write(path, '');
  }

  private _kept(name: string): Record<string, unknown> {
    const text = readFileSync(join(this._data, `${name}.json`), 'utf8');
    return JSON.parse(text) as Record<string, unknown>;
  }

  private _keep(name: string, thing: object): void {
    const { uid, gid } = this.facts;
    const part = join(this._data, '.story.part');
    writeFileSync(part, JSON.stringify(thing), { mode: 0o600 });
    chownSync(part, uid, gid);
    renameSync(part, join(this._data, `${name}.json`));
  }

  private get _data(): string {
    return join(this.facts.home, '.local/share/jupyter/compute');
  }

  private _do(verb: string, ...options: string[]): void {
    const argv = [join(__dirname, 'serve.py'), verb, '--dir', this.folder, ...options];
    execFileSync(this.facts.python, argv, { stdio: 'inherit', timeout: 60_000 });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
