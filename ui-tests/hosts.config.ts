import { existsSync } from 'node:fs';

import { defineConfig } from '@playwright/test';

import type { Shared } from './hosts/host';

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const flags = ['--disable-gpu', '--disable-quic', '--no-first-run'];
flags.push('--disable-background-networking', '--disable-component-update', '--disable-sync');
// Chromium's own sandbox does not work for root.
if (process.geteuid?.() === 0) {
  flags.push('--no-sandbox');
}

/** The stories of the places that Compute runs in: `make test` makes their environments and says where they are. */
export default defineConfig<object, Shared>({
  testDir: 'hosts',
  outputDir: '../reports/hosts',
  workers: 1,
  fullyParallel: false,
  retries: 1,
  forbidOnly: Boolean(process.env.CI),
  timeout: 150_000,
  globalTimeout: 12 * 60_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: '../reports/hosts.json' }]],
  projects: [
    { name: 'JupyterLab 4.0', testMatch: 'jupyterlab.spec.ts', use: { environment: 'oldest' } },
    { name: 'JupyterLab 4.6', testMatch: 'jupyterlab.spec.ts', use: { environment: 'newest' } },
    { name: 'Notebook 7', testMatch: 'notebook.spec.ts', use: { kind: 'notebook' } },
    // Its proxy comes from npm, and not everybody has that.
    ...(process.env.COMPUTE_HUB_PROXY
      ? [{ name: 'JupyterHub', testMatch: 'hub.spec.ts', use: { kind: 'hub' as const } }]
      : []),
    {
      name: 'jupyter-collaboration',
      testMatch: 'collaboration.spec.ts',
      use: { environment: 'collaboration' }
    }
  ],
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    video: 'off',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: browsers.find(existsSync), args: flags }
  }
});
