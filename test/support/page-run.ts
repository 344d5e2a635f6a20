// Runs the commands of a page of the documentation as a reader would, where its comments say.
import { blocksOf } from './page.ts';
import { lackedBy } from './page-tools.ts';
import { Place } from './place.ts';

export interface PageResult {
  /** How many commands ran. */
  readonly ran: number;
  /** `file:line reason` of each block that does not run, by its mark. */
  readonly notRun: readonly string[];
  /** The blocks for which this machine lacks a tool, and which. */
  readonly lacking: readonly string[];
  readonly problems: readonly string[];
}

/** Runs all of a page. A command that fails is a problem, and the ones below it run. */
export async function runPage(name: string, markdown: string): Promise<PageResult> {
  const result = { ran: 0, notRun: [] as string[], lacking: [] as string[], problems: [] as string[] };
  const blocks = blocksOf(markdown);
  let place: Place | undefined;
  try {
    for (const block of blocks) {
      if (place?.isOver) break;
      const { marks, isCommands } = block;
      const at = `${name}:${block.line}`;
      const lacked = lackedBy(block);
      if (marks.in !== undefined) {
        await place?.close();
        place = await Place.open(marks.in);
      }
      if (marks['not run'] !== undefined) result.notRun.push(`${at} ${marks['not run']}`);
      else if (lacked !== undefined) result.lacking.push(`${lacked} is not installed, for the commands of ${at}`);
      else if (place !== undefined) {
        const { ran, problems } = await place.take(block);
        result.ran += ran;
        result.problems.push(...problems.map((one) => `${name}:${one}`));
      } else if (isCommands) {
        result.problems.push(`${at} no mark says where these commands run, or why they do not: docs/contributing.md`);
      }
    }
  } finally {
    await place?.close();
  }
  return result;
}
