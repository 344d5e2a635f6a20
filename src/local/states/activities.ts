// Activities: tasks that workers poll for.
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html
import { AwsError, type Cloud, type Operations, type Request } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageFrom } from '../paging.ts';
import { checkName, invalidToken, tagsOf } from './names.ts';
import { arnOf, readArn, type StatesState } from './state.ts';
import { runtimeError } from './state-error.ts';

interface Offer {
  readonly input: string;
  readonly token: string;
  started(workerName: string | undefined): void;
}

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html
const longPollMs = 60_000;

/** Tasks that wait for a worker, and workers that wait for a task. */
export class ActivityQueues {
  readonly #state: StatesState;
  readonly #offers = new Map<string, Offer[]>();
  readonly #workers = new Map<string, (() => boolean)[]>();

  constructor(state: StatesState) {
    this.#state = state;
  }

  offer(arn: string, input: string, task: Omit<Offer, 'input'> & { readonly signal: AbortSignal }) {
    const [name = ''] = arn.split(':').slice(6);
    if (!this.#state.activities.has(name)) throw runtimeError(`The activity ${arn} does not exist.`);
    const offer: Offer = { input, token: task.token, started: task.started };
    const offers = listIn(this.#offers, arn);
    offers.push(offer);
    const workers = listIn(this.#workers, arn);
    while (workers.length > 0 && workers.shift()?.() !== true);
    return {
      withdraw: () => {
        const index = offers.indexOf(offer);
        if (index >= 0) offers.splice(index, 1);
      },
    };
  }

  /** The next task; undefined if there is none for a minute. */
  async take(arn: string, workerName: string | undefined, { signal }: Request): Promise<Offer | undefined> {
    const offers = listIn(this.#offers, arn);
    if (offers.length === 0) await this.#nextOffer(arn, signal);
    const offer = offers.shift();
    offer?.started(workerName);
    return offer;
  }

  #nextOffer(arn: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let isWaiting = true;
      const end = () => {
        if (!isWaiting) return false;
        isWaiting = false;
        cancel();
        resolve();
        return true;
      };
      const cancel = this.#state.cloud.after(longPollMs, end);
      signal.addEventListener('abort', end, { once: true });
      listIn(this.#workers, arn).push(end);
    });
  }

  stop(): void {
    for (const workers of this.#workers.values()) for (const end of workers) end();
  }
}

function listIn<T>(map: Map<string, T[]>, key: string): T[] {
  let list = map.get(key);
  if (list === undefined) {
    list = [];
    map.set(key, list);
  }
  return list;
}

export function activityOperations(state: StatesState, queues: ActivityQueues): Operations<'states'> {
  const { cloud, activities } = state;
  const onActivity = { resource: ({ activityArn }: { activityArn: string | undefined }) => activityArn };
  const find = (arn: string | undefined) => {
    const activity = activities.get(readArn(arn, 'activity')[0] ?? '');
    if (activity === undefined) throw new AwsError('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`);
    return activity;
  };
  const shown = (cloudHere: Cloud, { name, created }: { name: string; created: number }) => ({
    activityArn: arnOf(cloudHere, 'activity', name),
    creationDate: new Date(created),
  });
  return {
    CreateActivity: {
      members: ['name', 'tags'],
      authorize: { resource: ({ name = '' }) => arnOf(cloud, 'activity', name) },
      run({ name = '', tags }) {
        checkName(name);
        // the same name is the same activity
        const activity = activities.get(name) ?? { name, created: cloud.now(), tags: tagsOf(tags) };
        activities.set(name, activity);
        return shown(cloud, activity);
      },
    },
    DescribeActivity: {
      members: ['activityArn'],
      authorize: onActivity,
      run({ activityArn }) {
        const activity = find(activityArn);
        return { ...shown(cloud, activity), name: activity.name };
      },
    },
    ListActivities: {
      members: ['maxResults', 'nextToken'],
      run({ maxResults, nextToken }) {
        checkConstraints('ValidationException', [['maxResults', maxResults, { min: 0, max: 1000 }]]);
        const all = [...activities.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
        const page = pageFrom(all, { token: nextToken, most: maxResults || 100 });
        if (page === undefined) throw invalidToken();
        return {
          activities: page.items.map((activity) => ({ ...shown(cloud, activity), name: activity.name })),
          ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
        };
      },
    },
    DeleteActivity: {
      members: ['activityArn'],
      authorize: onActivity,
      run({ activityArn }) {
        activities.delete(readArn(activityArn, 'activity')[0] ?? '');
        return {};
      },
    },
    GetActivityTask: {
      members: ['activityArn', 'workerName'],
      authorize: onActivity,
      async run({ activityArn = '', workerName }, request) {
        find(activityArn);
        const offer = await queues.take(activityArn, workerName, request);
        return offer === undefined ? {} : { taskToken: offer.token, input: offer.input };
      },
    },
  };
}
