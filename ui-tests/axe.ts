import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** What axe finds in these places, by CSS selectors; the rest of JupyterLab's page has findings of its own. */
export async function findings(page: Page, ...places: string[]): Promise<string[]> {
  // The other mode opens a page for every look, to put together what it found in frames. There are none.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  for (const place of places) {
    axe.include(place);
  }
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(node => `${id}: ${node.html.slice(0, 150)} — ${node.failureSummary ?? ''}`)
  );
}
