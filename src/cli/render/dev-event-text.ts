// What fx dev says about itself: what is live, what was swapped, and where a debugger attaches.
import type { DevEvent } from '../../operate/dev.ts';
import { eventTexts } from '../../project/event-uses.ts';
import type { InspectedFunction } from '../inspect.ts';
import type { DevTextOptions } from './dev-text.ts';
import { outputText } from './outputs.ts';
import { style } from './style.ts';

type Live = Extract<DevEvent, { readonly kind: 'live' }>;

/** The addresses, and the functions with their events: shown once. */
export function liveText({ project, outputs, release, ms }: Live, { color }: Pick<DevTextOptions, 'color'>): string {
  const { bold, dim, green } = style(color);
  const urls = addresses(outputs);
  const width = Math.max(0, ...project.functions.map(({ name }) => name.length));
  const functions = project.functions.map((settings) => {
    const events = eventTexts(settings, project.plugins.sources);
    return `  ${settings.name.padEnd(width)}  ${dim(events.join(', ') || 'no events')}`;
  });
  const ready = `${green('✓')} ${bold(`Release ${release} is live`)} ${dim(`${(ms / 1000).toFixed(1)} s`)}`;
  return ['', ready, '', outputText(Object.fromEntries(urls)), ...functions, '', 'Watching for changes.']
    .filter((line, index) => index === 0 || line !== '' || urls.length > 0 || functions.length > 0)
    .join('\n');
}

/** A later deploy, with the addresses that are new. */
export function liveAgainText(
  { changed, release, outputs, ms }: Live,
  before: Readonly<Record<string, string>>,
  { color }: Pick<DevTextOptions, 'color'>,
): string {
  const { dim, green } = style(color);
  const what = changed ? `Release ${release} is live` : 'Nothing to change';
  const added = addresses(outputs).filter(([name, value]) => before[name] !== value);
  return [
    `${green('✓')} ${what} ${dim(`${ms} ms`)}`,
    ...(added.length > 0 ? [outputText(Object.fromEntries(added))] : []),
  ].join('\n');
}

const addresses = (outputs: Readonly<Record<string, string>>): readonly [name: string, value: string][] =>
  Object.entries(outputs).filter(([, value]) => /^(https?|wss?):/.test(value));

export function devEventText(
  event: Exclude<DevEvent, { readonly kind: 'failed' | 'live' }>,
  { color }: Pick<DevTextOptions, 'color'>,
): string {
  const { dim, green, yellow } = style(color);
  switch (event.kind) {
    case 'swapped':
      return `${green('✓')} ${event.functions.join(', ')} ${dim(`new code, ${event.ms} ms`)}`;
    case 'fixed':
      return `${green('✓')} Fixed: what is live is what you have.`;
    case 'unwatched':
      return yellow(`warning: the system refuses to watch a folder: ${event.reason}`);
  }
}

/** Where to attach, a line each. */
export function inspectText(functions: readonly InspectedFunction[], { color }: Pick<DevTextOptions, 'color'>): string {
  const { yellow } = style(color);
  return functions
    .map(({ name, port, family, breaks }) => {
      const how = family === 'nodejs' ? 'VS Code, or chrome://inspect' : 'VS Code, with debugpy';
      return yellow(`${name}: attach to 127.0.0.1:${port} (${how})${breaks ? '; it waits for you' : ''}`);
    })
    .join('\n');
}
