// Every event source has a sample, under its own name or with a variant.
import { expect, test } from 'vitest';
import { eventSources } from '../index.ts';
import { samples } from './index.ts';

test('each source has one', () => {
  const names = Object.keys(samples);
  const without = Object.keys(eventSources).filter((kind) => !names.some((name) => name.split('-')[0] === kind));
  expect(without).toEqual([]);
});

test('samples are JSON, and each name says which source it is of', () => {
  const kinds = [...Object.keys(eventSources), 'url'];
  for (const [name, { event }] of Object.entries(samples)) {
    expect(JSON.parse(JSON.stringify(event))).toEqual(event);
    expect(kinds).toContain(name.split('-')[0]);
  }
});
