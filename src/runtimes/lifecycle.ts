// Every past and present Lambda runtime: when AWS ends support, creation and updates of functions on it, and the replacement.
// fx's checks and the local AWS both read this table. Dates match cfn-lint's LmbdRuntimeLifecycle.json (compared by
// test/referee); those that cfn-lint lacks, for Java on AL2023 and for previews, come from
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html as of November 2026. AWS has published no end date for previews.

export interface Lifecycle {
  /** The first day without security updates; undefined if AWS has set no date. */
  readonly deprecated: string | undefined;
  /** From this day, AWS rejects new functions on the runtime. */
  readonly noCreate: string | undefined;
  /** From this day, AWS rejects updates and rollbacks of functions on the runtime. */
  readonly noUpdate: string | undefined;
  readonly successor: string | undefined;
  /** A public preview: not for production; the identifier does not change at release. */
  readonly isPreview: boolean;
}

const row = (deprecated: string, noCreate?: string, noUpdate?: string, successor?: string): Lifecycle => ({
  deprecated,
  noCreate,
  noUpdate,
  successor,
  isPreview: false,
});
const preview: Lifecycle = {
  deprecated: undefined,
  noCreate: undefined,
  noUpdate: undefined,
  successor: undefined,
  isPreview: true,
};

export const lifecycles: Readonly<Record<string, Lifecycle>> = {
  dotnet6: row('2024-12-20', '2027-02-01', '2027-03-03', 'dotnet10'),
  dotnet8: row('2026-11-10', '2027-02-01', '2027-03-03', 'dotnet10'),
  dotnet10: row('2028-11-14', '2028-12-14', '2029-01-15'),
  'dotnetcore2.0': row('2019-05-30', '2019-04-30', '2019-05-30', 'dotnet10'),
  'dotnetcore1.0': row('2019-06-27', '2019-06-30', '2019-07-30', 'dotnet10'),
  'dotnetcore2.1': row('2022-01-05', '2022-01-05', '2022-04-13', 'dotnet10'),
  'dotnetcore3.1': row('2023-04-03', '2023-04-03', '2023-05-03', 'dotnet10'),
  'go1.x': row('2024-01-08', '2024-02-08', '2027-03-03', 'provided.al2023'),
  java8: row('2024-01-08', '2024-02-08', '2027-03-03', 'java25'),
  java11: row('2027-06-30', '2027-07-31', '2027-08-31', 'java25'),
  java17: row('2027-06-30', '2027-07-31', '2027-08-31', 'java25'),
  'java8.al2': row('2027-06-30', '2027-07-31', '2027-08-31', 'java25'),
  'java8.al2023': row('2029-06-30'),
  'java11.al2023': row('2029-06-30'),
  'java17.al2023': row('2029-06-30'),
  java21: row('2029-06-30', '2029-07-31', '2029-08-31', 'java25'),
  java25: row('2029-06-30', '2029-07-31', '2029-08-31'),
  nodejs: row('2016-08-30', '2016-09-30', '2016-10-31', 'nodejs24.x'),
  'nodejs6.10': row('2019-08-12', '2019-07-12', '2019-08-12', 'nodejs24.x'),
  'nodejs4.3': row('2020-03-05', '2020-02-03', '2020-03-05', 'nodejs24.x'),
  'nodejs4.3-edge': row('2020-03-05', '2019-03-31', '2019-04-30', 'nodejs24.x'),
  'nodejs8.10': row('2020-03-06', '2020-02-04', '2020-03-06', 'nodejs24.x'),
  'nodejs10.x': row('2021-07-30', '2021-07-30', '2022-02-14', 'nodejs24.x'),
  'nodejs12.x': row('2023-03-31', '2023-03-31', '2023-04-30', 'nodejs24.x'),
  'nodejs14.x': row('2023-12-04', '2024-01-09', '2027-03-03', 'nodejs24.x'),
  'nodejs16.x': row('2024-06-12', '2027-02-01', '2027-03-03', 'nodejs24.x'),
  'nodejs18.x': row('2025-09-01', '2027-02-01', '2027-03-03', 'nodejs24.x'),
  'nodejs20.x': row('2026-04-30', '2027-02-01', '2027-03-03', 'nodejs24.x'),
  'nodejs22.x': row('2027-04-30', '2027-06-01', '2027-07-01', 'nodejs24.x'),
  'nodejs24.x': row('2028-04-30', '2028-06-01', '2028-07-01'),
  'nodejs26.x': preview,
  provided: row('2024-01-08', '2024-02-08', '2027-03-03', 'provided.al2023'),
  'provided.al2': row('2026-07-31', '2027-02-01', '2027-03-03', 'provided.al2023'),
  'provided.al2023': row('2029-06-30', '2029-07-31', '2029-08-31'),
  'python2.7': row('2021-07-15', '2021-07-15', '2022-05-30', 'python3.14'),
  'python3.6': row('2022-07-18', '2022-07-18', '2022-08-29', 'python3.14'),
  'python3.7': row('2023-12-04', '2024-01-09', '2027-03-03', 'python3.14'),
  'python3.8': row('2024-10-14', '2027-02-01', '2027-03-03', 'python3.14'),
  'python3.9': row('2025-12-15', '2027-02-01', '2027-03-03', 'python3.14'),
  'python3.10': row('2026-10-31', '2027-02-01', '2027-03-03', 'python3.14'),
  'python3.11': row('2027-06-30', '2027-07-31', '2027-08-31', 'python3.14'),
  'python3.12': row('2028-10-31', '2028-11-30', '2029-01-10', 'python3.14'),
  'python3.13': row('2029-06-30', '2029-07-31', '2029-08-31', 'python3.14'),
  'python3.14': row('2029-06-30', '2029-07-31', '2029-08-31'),
  'python3.15': preview,
  'ruby2.5': row('2021-07-30', '2021-07-30', '2022-03-31', 'ruby4.0'),
  'ruby2.7': row('2023-12-07', '2024-01-09', '2027-03-03', 'ruby4.0'),
  'ruby3.2': row('2026-03-31', '2027-02-01', '2027-03-03', 'ruby4.0'),
  'ruby3.3': row('2027-03-31', '2027-04-30', '2027-05-31', 'ruby4.0'),
  'ruby3.4': row('2028-03-31', '2028-04-30', '2028-05-31', 'ruby4.0'),
  'ruby4.0': row('2029-03-31', '2029-04-30', '2029-05-31'),
};

/** Undefined if Lambda never had the runtime. */
export function lifecycleOf(identifier: string): Lifecycle | undefined {
  return Object.hasOwn(lifecycles, identifier) ? lifecycles[identifier] : undefined;
}

/** The replacement: the same language on Amazon Linux 2023 if AWS offers it, the newest first. */
export function moveHint(identifier: string): string | undefined {
  const successor = lifecycleOf(identifier)?.successor;
  if (successor === undefined) return undefined;
  const twin = `${identifier.replace(/\.al2$/, '')}.al2023`;
  return lifecycleOf(twin) === undefined || twin === successor ? successor : `${twin}, or to ${successor}`;
}
