// fx metrics as one page that needs no network: the template that the build makes of cli/metrics-page/, with the data.
import { readFile } from 'node:fs/promises';
import { packagedFile } from '../../base/packaged.ts';
import type { MetricsJson } from './metrics-json.ts';

/** What the template has where the data and the title go. */
const placeholders = { data: '<!--data-->', title: 'fx metrics' } as const;

export async function metricsPage(metrics: MetricsJson): Promise<string> {
  const template = await readFile(packagedFile('metrics-page.html'), 'utf8');
  // no text in the data may end the element that holds it
  const json = JSON.stringify(metrics).replaceAll('<', '\\u003c');
  const data = `<script type="application/json" id="data">${json}</script>`;
  const title = `${metrics.project} · ${metrics.environment} · metrics`.replace(
    /[&<>]/g,
    (sign) => `&#${sign.charCodeAt(0)};`,
  );
  return template.replace(placeholders.title, () => title).replace(placeholders.data, () => data);
}
