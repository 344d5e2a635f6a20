// The stack: whether it can be deployed to, changes that were interrupted, aliases that differ, sources that are paused.

import { moveFor } from '../../stack/status.ts';
import { readAliases } from '../aliases.ts';
import { commandLine } from '../context.ts';
import { sourcesIn } from '../pause.ts';
import { heldRecord, heldRelease } from '../state.ts';
import type { Finding, LiveCheck } from './check.ts';

export const stack: LiveCheck = {
  about: 'the stack, its aliases and what is paused',
  needsLive: true,
  async run({ state, live, project, context, ...patient }) {
    const { environment } = project;
    const findings: Finding[] = state.unfinished.map(({ number, who }) => ({
      level: 'warning',
      message: `change ${number}, by ${who}, was interrupted or is still in progress`,
      hint: `${commandLine('attach', environment)} watches it; the next deploy settles it`,
    }));
    if (moveFor(live.stack.status) !== 'update') {
      findings.push({
        level: 'problem',
        message: `${live.stack.name} is in ${live.stack.status}`,
        hint: `${commandLine('recover', environment)} may help`,
      });
    }
    const { aliases } = await readAliases(
      context,
      { stack: live.stack, template: live.stacks.root.template, held: heldRelease(state) },
      heldRecord(state, live)?.functions ?? {},
    );
    for (const { name, weights, version, expected } of aliases) {
      const others = Object.entries(weights).map(
        ([other, share]) => `${Math.round(share * 100)}% of the calls to version ${other}`,
      );
      if (others.length > 0) {
        findings.push({
          level: 'warning',
          message: `${name} still sends ${others.join(', ')}: a canary that nobody ended`,
          hint: `${commandLine('deploy', environment)} moves it to one version, fx rollback to the one before`,
        });
      } else if (version !== expected) {
        findings.push({
          level: 'note',
          message: `${name} is on version ${version ?? '-'}, and the stack has ${expected}`,
          hint: 'after a rollback of the traffic that is so; the next deploy moves it',
        });
      }
    }
    const paused = (await sourcesIn(await patient.stack(), environment, context)).filter(
      (source) => source.state === 'off' && source.isOnInTemplate,
    );
    for (const { logicalId, text, functions } of paused) {
      findings.push({
        level: 'warning',
        message: `${logicalId} (${text}) of ${functions.join(', ')} is paused`,
        hint: `fx resume ${logicalId} lets it go on`,
      });
    }
    return findings;
  },
};
