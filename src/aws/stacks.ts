// The calls to CloudFormation that fx makes.

export interface StackDescription {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly statusReason: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** `VALIDATION_FAILED`: CloudFormation refused the last change before it began, so nothing changed. */
  readonly detailedStatus: string | undefined;
  readonly updated: Date | undefined;
  /** What the last detection of drift found: DRIFTED, IN_SYNC, UNKNOWN or NOT_CHECKED. */
  readonly drift: { readonly status: string; readonly checked: Date | undefined };
  readonly terminationProtection: boolean;
  /** The service role that CloudFormation assumes. */
  readonly role: string | undefined;
  readonly notifications: readonly string[];
  readonly rollbackAlarms: RollbackAlarms;
}

/** A resource that somebody changed or deleted outside CloudFormation. */
export interface DriftedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly status: 'MODIFIED' | 'DELETED';
  readonly differences: readonly PropertyDifference[];
}

export interface PropertyDifference {
  /** Such as `/DelaySeconds`. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

export interface RollbackAlarms {
  /** ARNs of CloudWatch alarms. */
  readonly alarms: readonly string[];
  /** How long they are watched after an update. */
  readonly minutes: number;
}

/** How CloudFormation makes a change, and what the stack has from then on. What is undefined stays. */
export interface StackOptions {
  /** Do not wait until resources are stable. */
  readonly express: boolean;
  readonly role: string | undefined;
  readonly notifications: readonly string[] | undefined;
  readonly rollbackAlarms: RollbackAlarms | undefined;
  /** The text of the stack policy. */
  readonly policy: string | undefined;
}

export interface StackEvent {
  readonly id: string;
  readonly time: Date;
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
  /** The token of the call that caused it. All events of one operation share it, including those of a rollback.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html */
  readonly token: string | undefined;
  /** The id of the operation; undefined if the endpoint has none. */
  readonly operation: string | undefined;
  /** `CONFIGURATION_COMPLETE`: the resource is configured, and not yet stable. */
  readonly detailedStatus: string | undefined;
  /** What a hook says that refused the resource. */
  readonly hookReason: string | undefined;
}

/** A failure within an operation, with the stack that it is of. */
export interface OperationFailure extends StackEvent {
  readonly stackId: string;
  /** Of a validation before the operation: where in the template, such as `/Resources/Jobs/Properties/DelaySeconds`. */
  readonly path: string | undefined;
}

export interface StackOperation {
  readonly stackId: string;
  /** Undefined if the endpoint does not tell. */
  readonly operation: string | undefined;
}

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly type: string;
  readonly status: string;
}

export interface StackInput {
  readonly name: string;
  /** The text, or an object's URL if the text exceeds CloudFormation's limit for a body. */
  readonly template: { readonly body: string } | { readonly url: string };
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly options?: StackOptions;
  /** Marks the events of this call. */
  readonly token: string;
}

export interface Stacks {
  /** Undefined if the stack does not exist or is deleted. A stack id also finds a deleted stack. */
  describe(name: string): Promise<StackDescription | undefined>;
  /** The template as it was submitted; or, processed, with what its transforms made of it. */
  template(name: string, stage?: 'submitted' | 'processed'): Promise<string>;
  /** The stack policy; undefined if the stack never had one. */
  policy(name: string): Promise<string | undefined>;
  resources(name: string): Promise<readonly StackResource[]>;
  /** Compares the stack's resources with its template, which may take minutes; those that differ. Throws AWS_REFUSED
   * with AWS's reason if the detection failed. */
  detectDrift(name: string, signal: AbortSignal): Promise<readonly DriftedResource[]>;
  /** Undefined if the stack has none. */
  newestEvent(name: string): Promise<StackEvent | undefined>;
  /** The newest events first, down to the event with this id, exclusive. */
  events(name: string, downTo: string | undefined): Promise<readonly StackEvent[]>;
  /** The failures of an operation. Undefined if AWS does not tell: without the permission, or at an endpoint without such a call. */
  failures(operation: string): Promise<readonly OperationFailure[] | undefined>;
  /** With the new stack's id: readers may not see its name yet. */
  create(input: StackInput): Promise<StackOperation>;
  /** `unchanged` if CloudFormation has nothing to do. */
  update(input: StackInput): Promise<StackOperation | 'unchanged'>;
  /** `retain` and `force` are for a stack in DELETE_FAILED: keep these resources, or whatever cannot be deleted. */
  delete(
    name: string,
    token: string,
    how?: { readonly retain?: readonly string[]; readonly force?: boolean },
  ): Promise<void>;
  /** Continues the rollback of a stack in UPDATE_ROLLBACK_FAILED. `force` skips whatever cannot be rolled back. */
  continueRollback(
    name: string,
    how: { readonly skip: readonly string[]; readonly force: boolean; readonly token: string },
  ): Promise<void>;
  /** Rolls back a stack in UPDATE_FAILED. */
  rollBack(name: string, token: string): Promise<StackOperation>;
  /** Termination protection: CloudFormation refuses to delete the stack. */
  protect(name: string, on: boolean): Promise<void>;
}

/** A change set as CloudFormation sees it. */
export interface ChangeSetChange {
  /** Add, Modify, Remove, Dynamic, SyncWithActual. */
  readonly action: string;
  readonly logicalId: string;
  readonly type: string;
  /** True, False or Conditional, of a modified resource. */
  readonly replacement?: string | undefined;
  /** Only of a change set that reverts drift: MODIFIED, DELETED, IN_SYNC, NOT_CHECKED and others. */
  readonly driftStatus?: string | undefined;
  readonly details: readonly ChangeSetDetail[];
}

export interface ChangeSetDetail {
  /** `/Properties/Timeout`, or the attribute. */
  readonly path: string;
  readonly recreation?: string | undefined;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  /** What causes the change, such as the resource that the property refers to. */
  readonly cause?: string | undefined;
  /** What the property had after the last operation, and what it has now. */
  readonly drift?: { readonly previous: string | undefined; readonly actual: string | undefined } | undefined;
}

export interface ChangeSets {
  /** Begins to create a change set. Of the kind CREATE, it also creates its stack, empty and in review. */
  create(
    input: StackInput & {
      readonly changeSet: string;
      readonly kind: 'CREATE' | 'UPDATE';
      readonly revertDrift: boolean;
    },
  ): Promise<{ readonly id: string; readonly stackId: string }>;
  describe(id: string): Promise<{
    readonly status: string;
    readonly reason: string | undefined;
    readonly changes: readonly ChangeSetChange[];
  }>;
  delete(id: string): Promise<void>;
}
