// fx completion, and what its scripts call
import { FxError } from '../../base/error.ts';
import { command } from '../command.ts';
import { scripts } from '../render/completion-scripts.ts';

const shells = Object.keys(scripts);

export const completion = command({
  output: 'completion',
  needs: 'folder',
  args: { shell: { about: `${shells.slice(0, -1).join(', ')} or ${shells.at(-1)}`, kind: 'required' } },
  examples: [
    ['fx completion bash', 'Append it to ~/.bashrc'],
    ['fx completion zsh', 'Write it to _fx, in a folder of $fpath'],
    ['fx completion fish', 'Write it to ~/.config/fish/completions/fx.fish'],
  ],
  async run({ args: { shell }, print, result }) {
    const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
    if (script === undefined) {
      throw new FxError('USAGE', `fx has no completion for ${JSON.stringify(shell)}`, {
        hint: `it has one for ${shells.join(', ')}`,
      });
    }
    print(script.trimEnd());
    result(script);
    return 0;
  },
});

export const completeWords = command({
  output: 'complete',
  needs: 'folder',
  args: { words: { about: 'those after fx, the last as far as it is typed', kind: 'variadic' } },
  examples: [['fx complete -- logs --en', 'What may follow']],
  async run({ io, version, args: { words }, print, result }) {
    const [{ complete }, { namesIn }] = await Promise.all([import('../complete.ts'), import('../complete-names.ts')]);
    const found = await complete(words, io, (named, where) => namesIn(named, where, { io, version }));
    print(
      found === 'files'
        ? ':files'
        : found.map(({ word, about }) => (about === '' ? word : `${word}\t${about}`)).join('\n'),
    );
    result(found);
    return 0;
  },
});
