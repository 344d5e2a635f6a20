// Lookups on this machine: `${var.NAME}` and `${git.…}`.
import { nearest } from '../../base/suggest.ts';
import { gitState } from '../git.ts';
import { type LookupSource, prefixed } from './source.ts';

export const variable: LookupSource = {
  form: 'var.<NAME>',
  about: 'A variable of the process, of .env.<environment> or of .env, the first that has it.',
  matches: prefixed('var.'),
  find([name = ''], { variables }) {
    const value = variables[name];
    if (value !== undefined) return { plain: value };
    const suggestion = nearest(name, Object.keys(variables));
    return {
      message: `\${var.${name}} is not set, neither in the process nor in .env`,
      hint:
        suggestion === undefined
          ? `export it, or give a default: \${var.${name}, value}`
          : `did you mean \${var.${suggestion}}?`,
    };
  },
};

const facts = ['sha', 'branch', 'dirty'] as const;

export const git: LookupSource = {
  form: 'git.sha|branch|dirty',
  about: 'The commit and branch of the checkout, and whether it has uncommitted changes.',
  matches: prefixed('git.'),
  async find([name = ''], { folder }) {
    const fact = facts.find((candidate) => candidate === name);
    if (fact === undefined)
      return {
        message: `\${git.${name}} is not a lookup`,
        hint: `git lookups are ${facts.map((known) => `git.${known}`).join(', ')}`,
      };
    const state = await gitState(folder);
    if (state === undefined) {
      return {
        message: `\${git.${name}}: the project is not in a git checkout, or has no commit`,
        hint: `give a default: \${git.${name}, none}`,
      };
    }
    const value = state[fact];
    return value === undefined
      ? { message: '${git.branch}: no branch is checked out', hint: 'give a default: ${git.branch, none}' }
      : { plain: value };
  },
};
