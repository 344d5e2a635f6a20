// What a deploy does about each status of a stack, one by one.
import { StackStatus } from '@aws-sdk/client-cloudformation';
import { describe, expect, test } from 'vitest';
import type { Aws, StackDescription } from '../../src/aws/aws.ts';
import type { Context } from '../../src/operate/context.ts';
import { readStateToChange } from '../../src/operate/state.ts';
import type { Environment } from '../../src/project/environment.ts';
import { toStackSettings } from '../../src/project/stack-settings.ts';

const stack = toStackSettings(undefined, 'prod');
const environment = { project: 'shop', name: 'prod', stackName: 'shop-prod', stack } as Environment;
const template = JSON.stringify({ Resources: {} });

/** AWS with one stack: in this status at first, in the second when the change in progress has ended. */
function contextWith(first: string, then: string): Context {
  let looks = 0;
  const stack = (status: string): StackDescription => ({
    id: 'arn:stack',
    name: 'shop-prod',
    status,
    statusReason: 'why',
    detailedStatus: undefined,
    parameters: {},
    outputs: {},
    tags: { 'fx:project': 'shop', 'fx:environment': 'prod' },
    updated: undefined,
    terminationProtection: false,
    drift: { status: 'NOT_CHECKED', checked: undefined },
    role: undefined,
    notifications: [],
    rollbackAlarms: { alarms: [], minutes: 0 },
  });
  const stacks: Partial<Aws['stacks']> = {
    describe: async (name) => (name === 'fx-bootstrap' ? undefined : stack(looks++ === 0 ? first : then)),
    template: async () => template,
    newestEvent: async () => undefined,
    events: async () => [],
  };
  return {
    aws: { stacks } as Aws,
    report: () => {},
    signal: new AbortController().signal,
    pollMs: 1,
    wait: true,
  } as unknown as Context;
}

type Outcome = 'works' | 'never worked' | 'gone' | { readonly stuck: RegExp };
const recover = { stuck: /^fx recover --env prod / };

const outcomes: Readonly<Record<StackStatus, Outcome>> = {
  CREATE_COMPLETE: 'works',
  CREATE_FAILED: 'never worked',
  CREATE_IN_PROGRESS: 'works',
  DELETE_COMPLETE: 'never worked',
  DELETE_FAILED: { stuck: /^fx remove --env prod / },
  DELETE_IN_PROGRESS: 'gone',
  IMPORT_COMPLETE: 'works',
  IMPORT_IN_PROGRESS: 'works',
  IMPORT_ROLLBACK_COMPLETE: 'works',
  IMPORT_ROLLBACK_FAILED: { stuck: /CloudFormation console/ },
  IMPORT_ROLLBACK_IN_PROGRESS: 'works',
  REVIEW_IN_PROGRESS: 'never worked',
  ROLLBACK_COMPLETE: 'never worked',
  ROLLBACK_FAILED: 'never worked',
  ROLLBACK_IN_PROGRESS: 'never worked',
  UPDATE_COMPLETE: 'works',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'works',
  UPDATE_FAILED: recover,
  UPDATE_IN_PROGRESS: 'works',
  UPDATE_ROLLBACK_COMPLETE: 'works',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'works',
  UPDATE_ROLLBACK_FAILED: recover,
  UPDATE_ROLLBACK_IN_PROGRESS: recover,
};

/** How the operation in progress ends in this test. */
const ends: Partial<Record<StackStatus, StackStatus>> = {
  CREATE_IN_PROGRESS: 'CREATE_COMPLETE',
  DELETE_IN_PROGRESS: 'DELETE_COMPLETE',
  IMPORT_IN_PROGRESS: 'IMPORT_COMPLETE',
  IMPORT_ROLLBACK_IN_PROGRESS: 'IMPORT_ROLLBACK_COMPLETE',
  ROLLBACK_IN_PROGRESS: 'ROLLBACK_COMPLETE',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_COMPLETE',
  UPDATE_IN_PROGRESS: 'UPDATE_COMPLETE',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_ROLLBACK_COMPLETE',
  UPDATE_ROLLBACK_IN_PROGRESS: 'UPDATE_ROLLBACK_FAILED',
};

describe('a stack in', () => {
  test.each(Object.values(StackStatus))('%s', async (status) => {
    const end = ends[status] ?? status;
    const outcome = outcomes[status];
    const read = readStateToChange(environment, contextWith(status, end));
    if (typeof outcome === 'object') {
      await expect(read).rejects.toMatchObject({
        code: 'STACK_STUCK',
        message: `shop-prod is in ${end}: why`,
        hint: expect.stringMatching(outcome.stuck),
      });
      return;
    }
    const state = await read;
    expect(state.live !== undefined).toBe(outcome === 'works');
    expect(state.stack?.status).toBe(outcome === 'gone' ? undefined : end);
  });

  test('a status that AWS adds later is left to a person', async () => {
    await expect(readStateToChange(environment, contextWith('X_NEW', 'X_NEW'))).rejects.toMatchObject({
      code: 'STACK_STUCK',
    });
  });
});
