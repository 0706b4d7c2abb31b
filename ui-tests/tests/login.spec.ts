import { request } from '@playwright/test';

import { expect, test } from '../lab';
import { code } from '../rest';

const nobody = 'aaaaaaaaaaaaaaaa';

/** Every route that changes something, and those that tell something. */
const routes = [
  ['GET', ''],
  ['GET', 'profiles'],
  ['GET', 'jobs'],
  ['POST', 'jobs'],
  ['POST', 'preview'],
  ['POST', 'jobs/bulk'],
  ['GET', `jobs/${nobody}`],
  ['DELETE', `jobs/${nobody}`],
  ['POST', `jobs/${nobody}/cancel`],
  ['POST', `jobs/${nobody}/retry`],
  ['POST', `jobs/${nobody}/applied`],
  ['GET', `jobs/${nobody}/log`],
  ['GET', `jobs/${nobody}/outputs`],
  ['GET', `jobs/${nobody}/files`],
  ['GET', `jobs/${nobody}/files/stdout.log`]
] as const;

test('a stranger is refused on every route, and told nothing', async ({ world }) => {
  const stranger = await request.newContext();
  for (const [method, route] of routes) {
    const url = `${world.facts.url}compute/api/${route}`;
    const answer = await stranger.fetch(url, { method, maxRedirects: 0 });
    expect.soft(answer.status(), `${method} ${route}`).toBe(403);
    expect.soft(await answer.text(), `${method} ${route}`).not.toContain('this-machine');
  }
  await stranger.dispose();
});

test('a page that is logged in may read, and may change something only with the XSRF header', async ({
  page,
  world
}) => {
  await page.goto(`${world.facts.url}lab?token=${world.facts.token}`);
  const post = (headers: Record<string, string>) =>
    page.evaluate(async more => {
      const body = JSON.stringify({ key: 'story-login-1', profile: 'no-such-place', source: {} });
      const answer = await fetch('/compute/api/jobs', { method: 'POST', body, headers: more });
      return answer.status;
    }, headers);
  const xsrf = (await page.context().cookies()).find(({ name }) => name === '_xsrf')!.value;

  expect(await page.evaluate(async () => (await fetch('/compute/api/profiles')).status)).toBe(200);
  expect(await post({ 'Content-Type': 'application/json' })).toBe(403);
  // With the header the request is looked at, and found to be nonsense.
  expect(await post({ 'Content-Type': 'application/json', 'X-XSRFToken': xsrf })).toBe(422);
});

test('a page from elsewhere can do nothing with the cookies of this one', async ({
  context,
  page,
  rest,
  world
}) => {
  await rest.save('login/long.ipynb', [code('import time; time.sleep(120)')]);
  const job = await rest.run('login/long.ipynb');
  await page.goto(`${world.facts.url}lab?token=${world.facts.token}`);
  const cookies = await context.cookies();
  const stranger = await request.newContext({
    extraHTTPHeaders: {
      Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
      'X-XSRFToken': cookies.find(({ name }) => name === '_xsrf')!.value,
      Origin: 'https://elsewhere.example'
    }
  });
  for (const [method, route] of routes.filter(([verb]) => verb !== 'GET')) {
    const url = `${world.facts.url}compute/api/${route.replace(nobody, job.id)}`;
    const answer = await stranger.fetch(url, { method, data: {} });
    // Jupyter Server hides what it protects from foreign origins.
    expect.soft([403, 404], `${method} ${route}`).toContain(answer.status());
  }
  const answer = await stranger.get(`${world.facts.url}compute/api/jobs`);
  expect.soft(answer.headers()['access-control-allow-origin']).toBeUndefined();
  await stranger.dispose();

  expect((await rest.job(job.id)).cancel_requested_at).toBeNull();
  await rest.clear();
});
