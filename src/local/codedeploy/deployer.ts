// Carries out deployments: hooks, the weights of the alias step by step, alarms, and the way back.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-lambda.html
import { randomUUID } from 'node:crypto';
import type { Principal } from '../cloud.ts';
import { trusts } from '../role-trust.ts';
import { appSpecText } from './app-spec.ts';
import { findConfig, stepsOf } from './configs.ts';
import { alarmsActive, Failure, failureOf, hookFailed, wrongAppSpec } from './failure.ts';
import { type HookResult, Run } from './run.ts';
import {
  type CodeDeployContext,
  type Deployment,
  findDeployment,
  groupKey,
  isUnderWay,
  type LifecycleEventName,
  lifecycle,
  newDeploymentId,
} from './state.ts';

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#reference-appspec-file-structure-hooks-section-structure-lambda-sample-function */
const hookMs = 60 * 60_000;
const alarmEveryMs = 10_000;
const minuteMs = 60_000;

export class Deployer {
  readonly #context: CodeDeployContext;
  readonly #runs = new Map<string, Run>();
  readonly #tasks = new Set<Promise<void>>();
  #isStopping = false;

  constructor(context: CodeDeployContext) {
    this.#context = context;
  }

  start(id: string): void {
    const run = new Run(this.#context.cloud);
    this.#runs.set(id, run);
    const task = this.#run(id, run).finally(() => {
      this.#runs.delete(id);
      this.#tasks.delete(task);
    });
    this.#tasks.add(task);
  }

  halt(id: string, failure: Failure): void {
    this.#runs.get(id)?.halt(failure);
  }

  /** False if the hook is not waited for. */
  reported(id: string, hookId: string, result: HookResult): boolean {
    return this.#runs.get(id)?.reported(hookId, result) ?? false;
  }

  /** Ends the deployments that were under way when the local AWS stopped. */
  async finishAll(): Promise<void> {
    for (const { id } of this.#context.deployments.filter(isUnderWay)) {
      await this.#end(
        id,
        new Failure('INTERNAL_ERROR', 'The fx local AWS was stopped while this was under way.'),
        true,
      );
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const run of this.#runs.values()) run.halt(new Failure('INTERNAL_ERROR', 'The fx local AWS stops.'));
    await Promise.all(this.#tasks);
  }

  async #run(id: string, run: Run): Promise<void> {
    let failure: Failure | undefined;
    try {
      await this.#carryOut(id, run);
    } catch (error) {
      failure = failureOf(error, this.#roleOf(id), 'AWSLambda');
    }
    // The next start ends it.
    if (!this.#isStopping) await this.#end(id, failure, run.isChecked);
  }

  async #carryOut(id: string, run: Run): Promise<void> {
    this.#save(id, { status: 'InProgress', started: this.#context.cloud.now() });
    await this.#check(id);
    run.isChecked = true;
    await this.#checkAlarms(id);
    let cancelWatch = () => {};
    const watch = () => {
      cancelWatch = this.#context.cloud.after(alarmEveryMs, () => {
        watch();
        this.#checkAlarms(id).catch((error: unknown) =>
          run.halt(failureOf(error, this.#roleOf(id), 'AmazonCloudWatch')),
        );
      });
    };
    watch();
    try {
      await this.#step(id, 'BeforeAllowTraffic', () => this.#hook(id, run, 'BeforeAllowTraffic'));
      await this.#step(id, 'AllowTraffic', () => this.#shift(id, run));
      await this.#step(id, 'AfterAllowTraffic', () => this.#hook(id, run, 'AfterAllowTraffic'));
      run.continueOrThrow();
    } finally {
      cancelWatch();
    }
  }

  async #step(id: string, name: LifecycleEventName, work: () => Promise<void>): Promise<void> {
    const { cloud } = this.#context;
    const started = cloud.now();
    this.#saveEvent(id, name, { status: 'InProgress', started });
    try {
      await work();
    } catch (error) {
      this.#saveEvent(id, name, { status: 'Failed', ended: cloud.now() });
      throw error;
    }
    this.#saveEvent(id, name, { status: 'Succeeded', ended: cloud.now() });
  }

  /** CodeDeploy moves an alias only from the version that the AppSpec names, with all of the traffic. */
  async #check(id: string): Promise<void> {
    const { spec } = this.#deployment(id);
    const role = this.#roleOf(id);
    if (!(await trusts(this.#context.cloud, role, 'codedeploy.amazonaws.com'))) {
      throw new Failure('IAM_ROLE_MISSING', 'The service role cannot be accessed.');
    }
    const Name = spec.alias;
    const input = { FunctionName: spec.functionName, Name };
    const alias = await this.#context.cloud.call('lambda', 'GetAlias', input, this.#principal(id));
    if (spec.currentVersion === spec.targetVersion) throw wrongAppSpec('');
    if (alias.FunctionVersion !== spec.currentVersion || alias.RoutingConfig !== undefined) {
      throw wrongAppSpec('The Lambda function alias version does not match the current version in AppSpec file.');
    }
  }

  async #checkAlarms(id: string): Promise<void> {
    const { enabled = false, ignorePollAlarmFailure = false, alarms = [] } = this.#deployment(id).alarms;
    if (!enabled) return;
    const AlarmNames = alarms.map(({ name = '' }) => name);
    const inAlarm = this.#context.cloud
      .call('monitoring', 'DescribeAlarms', { AlarmNames, StateValue: 'ALARM' }, this.#principal(id))
      .then(({ MetricAlarms = [] }) => MetricAlarms.map(({ AlarmName = '' }) => AlarmName));
    const active = await inAlarm.catch((error: unknown): readonly string[] => {
      if (ignorePollAlarmFailure) return [];
      throw failureOf(error, this.#roleOf(id), 'AmazonCloudWatch');
    });
    if (active.length > 0) throw alarmsActive(active);
  }

  /** Here, a function that fails ends the deployment at once: AWS waits for its report for an hour. */
  async #hook(id: string, run: Run, name: LifecycleEventName): Promise<void> {
    const FunctionName = this.#deployment(id).spec.hooks[name];
    if (FunctionName === undefined) return;
    const hookId = Buffer.from(JSON.stringify({ id: randomUUID() })).toString('base64');
    this.#saveEvent(id, name, { hookId });
    const Payload = Buffer.from(JSON.stringify({ DeploymentId: id, LifecycleEventHookExecutionId: hookId }));
    const reported = run.report(hookId, hookMs);
    const invoked = this.#context.cloud.call('lambda', 'Invoke', { FunctionName, Payload }, this.#principal(id)).then(
      ({ FunctionError }) => {
        if (FunctionError !== undefined) run.halt(hookFailed());
      },
      (error: unknown) => run.halt(failureOf(error, this.#roleOf(id), 'AWSLambda')),
    );
    void invoked;
    if ((await reported) !== 'Succeeded') throw hookFailed();
  }

  async #shift(id: string, run: Run): Promise<void> {
    const { spec, config } = this.#deployment(id);
    for (const { weight, minutes } of stepsOf(findConfig(this.#context, config).routing)) {
      run.continueOrThrow();
      await this.#route(id, spec.currentVersion, { [spec.targetVersion]: weight });
      await run.wait(minutes * minuteMs);
    }
    await this.#route(id, spec.targetVersion, {});
  }

  async #route(id: string, FunctionVersion: string, AdditionalVersionWeights: Record<string, number>): Promise<void> {
    const { functionName: FunctionName, alias: Name } = this.#deployment(id).spec;
    const input = { FunctionName, Name, FunctionVersion, RoutingConfig: { AdditionalVersionWeights } };
    await this.#context.cloud.call('lambda', 'UpdateAlias', input, this.#principal(id));
  }

  async #end(id: string, failure: Failure | undefined, isChecked: boolean): Promise<void> {
    const { cloud, deployments } = this.#context;
    const deployment = deployments.get(id);
    if (deployment === undefined) return;
    const completed = cloud.now();
    if (failure === undefined) {
      this.#save(id, { status: 'Succeeded', completed });
      return;
    }
    const { code, message, status } = failure;
    for (const name of lifecycle) {
      if (deployment.events[name].status === 'Pending') this.#saveEvent(id, name, { status: 'Skipped' });
    }
    const rolledBack = isChecked && rollsBack(deployment, failure) ? await this.#rollBack(deployment) : undefined;
    const rollbackInfo = rolledBack && {
      rollbackDeploymentId: rolledBack,
      rollbackMessage: `Deployment ${id} terminated. Automatic rollback is triggered with a DeploymentId ${rolledBack}.`,
    };
    this.#save(id, { status, error: { code, message }, completed, ...(rollbackInfo && { rollbackInfo }) });
  }

  /** A rollback is a deployment of its own, at once and without hooks. Returns its id. */
  async #rollBack(failed: Deployment): Promise<string> {
    const { cloud, deployments } = this.#context;
    const id = newDeploymentId();
    const now = cloud.now();
    const done = { status: 'Succeeded', started: now, ended: now } as const;
    const { rollbackInfo: _, error: __, completed: ___, ...rest } = failed;
    const { currentVersion, targetVersion } = failed.spec;
    const spec = { ...failed.spec, currentVersion: targetVersion, targetVersion: currentVersion, hooks: {} };
    const rollback: Deployment = {
      ...rest,
      id,
      creator: 'codeDeployRollback',
      spec,
      content: appSpecText(spec),
      status: 'Succeeded',
      rollbackInfo: {
        rollbackTriggeringDeploymentId: failed.id,
        rollbackMessage: `Deployment ${id} is triggered to roll back deployment ${failed.id}.`,
      },
      events: { BeforeAllowTraffic: done, AllowTraffic: done, AfterAllowTraffic: done },
      created: now,
      started: now,
      completed: now,
    };
    try {
      await this.#route(failed.id, currentVersion, {});
      deployments.set(id, rollback);
    } catch (error) {
      const { code, message } = failureOf(error, this.#roleOf(failed.id), 'AWSLambda');
      deployments.set(id, { ...rollback, status: 'Failed', error: { code, message } });
    }
    return id;
  }

  #deployment(id: string): Deployment {
    return findDeployment(this.#context, id);
  }

  #roleOf(id: string): string {
    const { deployments, groups } = this.#context;
    const { application = '', group = '' } = deployments.get(id) ?? {};
    return groups.get(groupKey(application, group))?.role ?? '';
  }

  #principal(id: string): Principal {
    return { kind: 'role', arn: this.#roleOf(id), session: id };
  }

  #save(id: string, changed: Partial<Deployment>): void {
    this.#context.deployments.set(id, { ...this.#deployment(id), ...changed });
  }

  #saveEvent(id: string, name: LifecycleEventName, changed: Partial<Deployment['events'][LifecycleEventName]>): void {
    const { events } = this.#deployment(id);
    this.#save(id, { events: { ...events, [name]: { ...events[name], ...changed } } });
  }
}

function rollsBack({ rollback }: Deployment, { event }: Failure): boolean {
  return (rollback.enabled ?? false) && (rollback.events ?? []).includes(event);
}
