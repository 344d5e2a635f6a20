// The plots of the page, by uPlot: one zoom for all, and releases as vertical lines.
import uPlot from 'uplot';

export type Hue = 'blue' | 'red' | 'amber' | 'green' | 'purple';

export interface PlotLine {
  readonly name: string;
  readonly hue: Hue;
  readonly values: readonly (number | null)[];
  /** Whether no data means zero. */
  readonly isCount: boolean;
}

export interface PlotMark {
  /** Seconds since 1970. */
  readonly at: number;
  readonly text: string;
}

export interface PlotSettings {
  /** The start of each period, in seconds since 1970. */
  readonly times: readonly number[];
  readonly marks: readonly PlotMark[];
  /** Tells what is shown, in seconds since 1970, and whether it is less than all. */
  zoomed(from: number, to: number, isZoomed: boolean): void;
}

const height = 190;
const syncKey = 'fx';

/** All plots of the page. They are drawn when they come into view: there may be hundreds. */
export class Plots {
  readonly #settings: PlotSettings;
  readonly #drawn = new Map<Element, uPlot>();
  readonly #pending = new Map<Element, () => uPlot>();
  readonly #range: readonly [number, number];
  #shown: readonly [number, number];
  #isSpreading = false;
  readonly #seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) this.#draw(target);
    },
    { rootMargin: '300px' },
  );
  readonly #sized = new ResizeObserver((entries) => {
    for (const { target } of entries) this.#drawn.get(target)?.setSize({ width: widthIn(target), height });
  });

  constructor(settings: PlotSettings) {
    this.#settings = settings;
    const { times } = settings;
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    this.#range = first === last ? [first - 30, first + 30] : [first, last];
    this.#shown = this.#range;
    // the colours are those of the canvas, which no style changes
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#redraw());
  }

  add(place: HTMLElement, lines: readonly PlotLine[], format: (value: number) => string): void {
    this.#pending.set(place, () => this.#make(place, lines, format));
    this.#seen.observe(place);
  }

  reset(): void {
    this.#spread(this.#range);
  }

  #draw(place: Element): void {
    if (this.#drawn.has(place)) return;
    const make = this.#pending.get(place);
    if (make === undefined) return;
    this.#drawn.set(place, make());
    this.#seen.unobserve(place);
    this.#sized.observe(place);
  }

  #redraw(): void {
    for (const [place, plot] of this.#drawn) {
      plot.destroy();
      const make = this.#pending.get(place);
      if (make !== undefined) this.#drawn.set(place, make());
    }
  }

  /** Shows that range in every plot. */
  #spread([min, max]: readonly [number, number]): void {
    this.#isSpreading = true;
    this.#shown = [min, max];
    for (const plot of this.#drawn.values()) plot.setScale('x', { min, max });
    this.#isSpreading = false;
    const [first, last] = this.#range;
    this.#settings.zoomed(min, max, min > first || max < last);
  }

  #make(place: HTMLElement, lines: readonly PlotLine[], format: (value: number) => string): uPlot {
    const { times, marks } = this.#settings;
    const colour = (name: string) => getComputedStyle(place).getPropertyValue(`--${name}`).trim();
    const [min, max] = this.#shown;
    const axis: uPlot.Axis = {
      stroke: colour('soft'),
      grid: { stroke: colour('line'), width: 0.5 },
      ticks: { stroke: colour('line'), width: 0.5 },
      font: '11px system-ui, sans-serif',
    };
    const options: uPlot.Options = {
      width: widthIn(place),
      height,
      padding: [16, 8, 0, 0],
      cursor: { sync: { key: syncKey }, drag: { x: true, y: false, setScale: true } },
      // a range that hides the last periods must not move
      scales: { x: { time: true, min, max }, y: { range: (_, __, top) => [0, top > 0 ? top * 1.05 : 1] } },
      axes: [
        { ...axis, space: 80, values: timeLabels },
        { ...axis, size: 62, values: (_, splits) => splits.map(format) },
      ],
      series: [
        { label: 'time', value: (_: uPlot, time: number | null) => (time === null ? '–' : moment.format(time * 1000)) },
        ...lines.map(({ name, hue }) => ({
          label: name,
          stroke: colour(hue),
          width: 1.5,
          points: { show: true, size: 5, width: 0, fill: colour(hue), filter: loneValues },
          value: (_: uPlot, value: number | null) => (value === null ? '–' : format(value)),
        })),
      ],
      hooks: {
        draw: [(plot) => drawMarks(plot, marks, colour('mark'))],
        setScale: [
          (plot, key) => {
            const { min: from, max: to } = plot.scales['x'] ?? {};
            const isOwn = this.#drawn.get(place) === plot && !this.#isSpreading;
            if (key !== 'x' || !isOwn || from == null || to == null) return;
            // a double click shows all again
            this.#spread([from, to]);
          },
        ],
      },
    };
    const values = lines.map(({ values: each, isCount }) => (isCount ? each.map((value) => value ?? 0) : [...each]));
    return new uPlot(options, [[...times], ...values], place);
  }
}

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const daySeconds = 86_400;

/** Times in the reader's zone and language, with the day where it begins. */
function timeLabels(_: uPlot, splits: readonly number[], __: number, ___: number, step: number): string[] {
  const days = splits.map((time) => day.format(time * 1000));
  if (step >= daySeconds) return days;
  return splits.map((time, index) => {
    const label = clock.format(time * 1000);
    return days[index] === days[index - 1] ? label : `${label}\n${days[index]}`;
  });
}

/** Where a value has none beside it, no line shows it. */
function loneValues({ data }: uPlot, series: number): number[] {
  const values = data[series] ?? [];
  const isNone = (index: number) => values[index] === null || values[index] === undefined;
  return [...values.keys()].filter((index) => !isNone(index) && isNone(index - 1) && isNone(index + 1));
}

function widthIn(place: Element): number {
  const { paddingLeft, paddingRight } = getComputedStyle(place);
  return Math.max(120, place.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight));
}

/** A dashed line at each release, with its number above the plot. */
function drawMarks(plot: uPlot, marks: readonly PlotMark[], colour: string): void {
  const { ctx, bbox } = plot;
  const { min = 0, max = 0 } = plot.scales['x'] ?? {};
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `600 ${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  let free = Number.NEGATIVE_INFINITY;
  for (const { at, text } of marks) {
    if (min === null || max === null || at < min || at > max) continue;
    const x = Math.round(plot.valToPos(at, 'x', true));
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const half = ctx.measureText(text).width / 2;
    // one that would cover another is in the list of releases
    if (x - half < free) continue;
    ctx.fillText(text, x, bbox.top - 4 * devicePixelRatio);
    free = x + half + 2 * devicePixelRatio;
  }
  ctx.restore();
}
