// Charts in a terminal: they keep to its width, and show values, gaps, times and marks where they belong.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Chart, chartText, resampled, sparkline } from './chart.ts';
import { style } from './style.ts';

const at = (time: string) => Date.parse(`2026-11-26T${time}:00Z`);
const chart = (values: Chart['lines'][number]['values'], more: Partial<Chart> = {}): Chart => ({
  title: 'orders',
  lines: [{ name: 'calls', values, hue: 'cyan' }],
  from: at('05:00'),
  to: at('08:00'),
  marks: [],
  columns: 33,
  rows: 2,
  format: String,
  ...more,
});
const plain = style(false);
const lines = (of: Chart) => chartText(of, plain);

test('a line rises from the axis to the top, over round times', () => {
  const [, top = '', bottom = '', axis] = lines(chart([0, 100]));
  expect(top).toMatch(/^ {4}100 ┤ {12}[⡏⡇⠉]+$/);
  expect(bottom).toMatch(/^ {6}0 ┤[⣀⡇⣇]+$/);
  expect(axis).toBe('        └────────06:00───────────');
});

test('marks stand under their time, and those without room under each other', () => {
  const marks = ['05:00', '06:30', '06:36', '08:00'].map((time, index) => ({ at: at(time), text: `▲${index + 9}` }));
  const [title, top, , axis, first, second] = lines(chart([undefined], { marks }));
  expect([title, top]).toEqual(['orders  ━ calls', '      1 ┤┊           ┊          ┊']);
  expect(axis).toHaveLength(33);
  expect([first, second]).toEqual(['         ▲9          ▲10      ▲12', '                     ▲11']);
});

test('where there is no data, there is no line', () => {
  const [, top = ''] = lines(chart([5, undefined, undefined, 5]));
  expect(top.slice(9)).toMatch(/^[^ ]+ {12}[^ ]+$/);
});

test('no line is longer than the terminal, whatever the values, marks and width', () => {
  const value = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined });
  const mark = fc.integer({ min: at('04:00'), max: at('09:00') }).map((time) => ({ at: time, text: '▲123' }));
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 300 }),
      fc.array(mark, { maxLength: 6 }),
      fc.integer({ min: 40, max: 200 }),
      fc.integer({ min: 2, max: 400 * 24 }),
      (values, marks, columns, hours) => {
        const to = at('05:00') + hours * 3_600_000;
        const text = lines(chart(values, { marks, columns, to, format: () => '1234567' }));
        for (const line of text) expect(line.length).toBeLessThanOrEqual(columns);
      },
    ),
  );
});

test('a column shows the largest of its values, a value of several columns in each', () => {
  expect(resampled([1, 5, undefined, 2], 2)).toEqual([5, 2]);
  expect(resampled([1, undefined], 4)).toEqual([1, 1, undefined, undefined]);
  expect(sparkline([0, 1, undefined, 4, 8], 8)).toBe(' ▂ ▅█');
  expect(sparkline([undefined, 0], 8)).toBe('  ');
});

test('neighbours of one colour share its escape codes', () => {
  const [, , bottom = ''] = chartText(chart([0, 0, 0]), style(true));
  // the axis and the line
  expect(bottom.split('\u001b[').length - 1).toBe(4);
});
