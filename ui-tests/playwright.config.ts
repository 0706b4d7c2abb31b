import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { defineConfig } from '@playwright/test';

/** The main process makes these up; the workers, which read this file again, inherit them. */
function given(name: string, make: () => string): string {
  return (process.env[name] ??= make());
}

function freePort(): string {
  const listen = `const s = require('net').createServer();
    s.listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); });`;
  return execFileSync(process.execPath, ['-e', listen], { encoding: 'utf8' }).trim();
}

/** The Python with JupyterLab and Compute: that of `make test`, or the one of a development install. */
function findPython(): string {
  const places = ['.venv-test/bin/python', '.venv/bin/python'];
  return places.map(place => resolve(__dirname, '..', place)).find(existsSync) ?? 'python3';
}

const python = given('COMPUTE_TEST_PYTHON', findPython);
const port = given('COMPUTE_UI_PORT', freePort);
const folder = given('COMPUTE_UI_DIR', () => mkdtempSync(join(tmpdir(), 'compute-ui-')));
const token = given('COMPUTE_UI_TOKEN', () => randomBytes(16).toString('hex'));
const log = resolve(__dirname, 'test-results', 'server.log');

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const flags = ['--disable-gpu', '--disable-quic', '--no-first-run'];
flags.push('--disable-background-networking', '--disable-component-update', '--disable-sync');
// Chromium's own sandbox does not work for root.
if (process.geteuid?.() === 0) {
  flags.push('--no-sandbox');
}

export default defineConfig({
  testDir: 'tests',
  // One server and two cores for all stories: one after another. What needs its second try is named in the summary.
  workers: 1,
  fullyParallel: false,
  retries: 1,
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000,
  globalTimeout: 35 * 60_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: '../reports/stories.json' }]],
  use: {
    baseURL: `http://127.0.0.1:${port}/`,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    video: 'off',
    // It costs a third of the browser's time. For a story that failed only once: `playwright test --trace on`.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: browsers.find(existsSync), args: flags }
  },
  webServer: {
    command: [
      ...[python, 'serve.py', 'run', '--dir', folder, '--port', port, '--token', token],
      ...['--python', python, '--keep-log', log]
    ].join(' '),
    url: `http://127.0.0.1:${port}/api`,
    timeout: 120_000,
    stdout: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 }
  }
});
