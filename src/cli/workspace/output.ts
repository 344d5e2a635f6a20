// The output of several projects at once: lines that name their project, one page per project, or JSON; and one question at a time.
import { interruption } from '../../base/interrupt.ts';
import type { RegionOutput } from '../regions.ts';
import { plainRenderer } from '../render/plain.ts';
import type { Each } from './choose.ts';

/** What a project's command gets instead of the screen. */
export interface View {
  readonly invocation: Each;
  readonly output: RegionOutput;
  /** Shows what is left, when the project has ended. */
  end(): void;
}

/** While a question waits for its answer, everything else waits, too. */
export class Screen {
  #held: (() => void)[] | undefined;
  #asking: Promise<unknown> = Promise.resolve();

  show(write: () => void): void {
    if (this.#held === undefined) write();
    else this.#held.push(write);
  }

  /** Questions of several projects come one after the other. */
  ask(put: () => Promise<string>, signal: AbortSignal): Promise<string> {
    const answer = this.#asking.then(async () => {
      if (signal.aborted) throw interruption();
      this.#held = [];
      try {
        return await put();
      } finally {
        const held = this.#held ?? [];
        this.#held = undefined;
        for (const write of held) write();
      }
    });
    this.#asking = answer.catch(() => {});
    return answer;
  }
}

/** Each line begins with the name of its project. */
export function prefixedView(name: string, invocation: Each, screen: Screen, output: RegionOutput): View {
  const { print, aside, item, ask, signal } = invocation;
  const prefixed = (text: string) => text.replace(/^(?=.)/gm, `[${name}] `);
  const lines = { print: (text: string) => screen.show(() => output.print(prefixed(text))) };
  const renderer = plainRenderer(lines.print);
  return {
    output: lines,
    end: () => renderer.end('done'),
    invocation: {
      ...invocation,
      report: renderer.report,
      print: (text) => screen.show(() => print(prefixed(text))),
      aside: (text) => screen.show(() => aside(prefixed(text))),
      item: (type, value, text) => screen.show(() => item(type, value, prefixed(text))),
      ask: (question) => screen.ask(() => ask(prefixed(question)), signal),
    },
  };
}

/** Progress as above; the result as one page, when its turn comes. */
export function pagedView(
  name: string,
  invocation: Each,
  screen: Screen,
  output: RegionOutput,
): View & { page(): string } {
  const view = prefixedView(name, invocation, screen, output);
  const texts: string[] = [];
  const print = (text: string) => void texts.push(text);
  // the names of regions are a part of it
  const regions = { print: (text: string) => print(text.trimEnd()) };
  return { ...view, output: regions, invocation: { ...view.invocation, print }, page: () => texts.join('\n') };
}

/** Each object has the name of its project. */
export function jsonView(name: string, invocation: Each, output: RegionOutput): View {
  const { report, item } = invocation;
  return {
    output,
    end: () => {},
    invocation: {
      ...invocation,
      report: (event) => {
        const named = { ...event, project: name };
        report(named);
      },
      item: (type, value, text) => item(type, Object.assign({ project: name }, value), text),
    },
  };
}
