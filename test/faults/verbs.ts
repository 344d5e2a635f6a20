// The commands whose calls fail in turn: what is there before, and what must be true after the command has run without faults.
import { writeFiles } from '../support/project.ts';

export interface Verb {
  readonly name: string;
  /** The command under test, without the environment. */
  readonly words: readonly string[];
  readonly env: 'staging' | 'prod';
  /** Command lines that make the state before; each may follow a change of the source. */
  readonly before: readonly { readonly source?: Source; readonly words: readonly string[]; readonly env?: string }[];
  /** The source when the command runs. */
  readonly source: Source;
  /** Which answers are right while or after a fault stopped the command: the live release always answers. */
  readonly mayAnswer: readonly (string | undefined)[];
  /** The answer once the command has succeeded; undefined if nothing is deployed then. */
  readonly answers: string | undefined;
}

export type Source = 'one' | 'two' | 'three';

const project = `name: faults
keep: 2
environments: {staging: {}, prod: {}}
functions:
  a: {handler: a.handler}
  b: {handler: b.handler}
`;

export async function writeSource(folder: string, source: Source): Promise<void> {
  const code = `export const handler = async () => ${JSON.stringify(source)};\n`;
  await writeFiles(folder, { 'project.yml': project, 'a.js': code, 'b.js': `// of b\n${code}` });
}

const deployed = (...sources: readonly Source[]) => sources.map((source) => ({ source, words: ['deploy'] }));

export const verbs: readonly Verb[] = [
  {
    name: 'first deploy',
    words: ['deploy'],
    env: 'staging',
    before: [],
    source: 'one',
    mayAnswer: [undefined, 'one'],
    answers: 'one',
  },
  {
    name: 'deploy',
    words: ['deploy'],
    env: 'staging',
    before: deployed('one'),
    source: 'two',
    mayAnswer: ['one', 'two'],
    answers: 'two',
  },
  {
    name: 'deploy without changes',
    words: ['deploy'],
    env: 'staging',
    before: deployed('one'),
    source: 'one',
    mayAnswer: ['one'],
    answers: 'one',
  },
  {
    name: 'rollback',
    words: ['rollback'],
    env: 'staging',
    before: deployed('one', 'two'),
    source: 'two',
    mayAnswer: ['one', 'two'],
    answers: 'one',
  },
  {
    name: 'canary',
    words: ['deploy', '--canary', '50%', '--bake', '1s'],
    env: 'staging',
    before: deployed('one'),
    source: 'two',
    mayAnswer: ['one', 'two'],
    answers: 'two',
  },
  {
    name: 'promote',
    words: ['promote', 'staging', 'prod', '--yes'],
    env: 'prod',
    before: [...deployed('one'), { words: ['promote', 'staging', 'prod', '--yes'] }, ...deployed('two')],
    source: 'two',
    mayAnswer: ['one', 'two'],
    answers: 'two',
  },
  {
    name: 'prune',
    words: ['prune'],
    env: 'staging',
    before: deployed('one', 'two', 'three'),
    source: 'three',
    mayAnswer: ['three'],
    answers: 'three',
  },
  {
    name: 'remove',
    words: ['remove', '--yes'],
    env: 'staging',
    before: deployed('one'),
    source: 'one',
    mayAnswer: ['one', undefined],
    answers: undefined,
  },
];
