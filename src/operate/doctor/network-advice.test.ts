// What fx doctor says of subnets, route tables and endpoints.
import { expect, test } from 'vitest';
import type { Subnet } from '../../aws/aws.ts';
import { adviceOn, type Network, servicesOf, type VpcFacts } from './network-advice.ts';

const subnet = (id: string, zone: string, freeAddresses = 200): Subnet => ({ id, vpc: 'vpc-1', zone, freeAddresses });
const local = { to: '10.0.0.0/16', through: 'local', isBlackhole: false };
const toNat = { to: '0.0.0.0/0', through: 'nat-1', isBlackhole: false };
const toInternet = { to: '0.0.0.0/0', through: 'igw-1', isBlackhole: false };
const table = (routes: VpcFacts['routeTables'][number]['routes']) => [
  { id: 'rtb-1', routes: [local, ...routes], isMain: true, subnets: [] },
];

function advice(change: Partial<Network>, vpc: Partial<VpcFacts> = {}) {
  const existing = change.existing ?? [subnet('subnet-a', 'eu-west-1a'), subnet('subnet-b', 'eu-west-1b')];
  const network: Network = {
    names: 'orders',
    region: 'eu-west-1',
    wanted: existing.map(({ id }) => id),
    existing,
    combinations: new Map(),
    services: [],
    vpc: { routeTables: table([toNat]), endpoints: [], interfaces: 3, ...vpc },
    ...change,
  };
  return adviceOn(network).map(({ level, message }) => `${level}: ${message}`);
}

test('two zones with room and a NAT gateway are well', () => {
  expect(advice({ services: ['sqs'] })).toEqual([]);
});

test('subnets that do not exist, that share a zone, or that are full', () => {
  expect(advice({ wanted: ['subnet-x', 'subnet-a', 'subnet-b'] })).toEqual([
    'problem: orders: subnet-x is not in eu-west-1 of this account',
  ]);
  expect(advice({ wanted: ['subnet-x', 'subnet-y'], existing: [], vpc: undefined })).toEqual([
    'problem: orders: subnet-x, subnet-y are not in eu-west-1 of this account',
  ]);
  expect(advice({ existing: [subnet('subnet-a', 'eu-west-1a'), subnet('subnet-b', 'eu-west-1a')] })).toEqual([
    'warning: orders: all subnets are in eu-west-1a; the functions stop when that Availability Zone does',
  ]);
  expect(advice({ existing: [subnet('subnet-a', 'eu-west-1a', 0), subnet('subnet-b', 'eu-west-1b', 1)] })).toEqual([
    expect.stringMatching(/^problem: orders: subnet-a has no free address; /),
    expect.stringMatching(/^warning: orders: subnet-b has 1 free address; /),
  ]);
  const existing = [subnet('subnet-a', 'eu-west-1a', 10), subnet('subnet-b', 'eu-west-1b', 10)];
  expect(advice({ existing, combinations: new Map([['subnet-b', 3]]) })).toEqual([
    expect.stringMatching(/^warning: orders: subnet-b has 10 free addresses; /),
  ]);
});

test('interfaces near the quota', () => {
  expect(advice({}, { interfaces: 375 })).toEqual([]);
  expect(advice({}, { interfaces: 376 })).toEqual([
    'warning: Lambda has 376 network interfaces in the VPC; the usual quota is 500',
  ]);
});

test('services that a function calls and cannot reach', () => {
  const services = ['dynamodb', 's3', 'sqs'];
  const [problem, ...others] = advice({ services }, { routeTables: table([]) });
  expect(problem).toBe(
    'problem: orders: calls of dynamodb, s3, sqs from subnet-a, subnet-b time out; there is no route to the internet, nor is there a VPC endpoint',
  );
  expect(others).toEqual([]);
  expect(advice({ services }, { routeTables: table([toInternet]) })).toEqual([
    expect.stringContaining('functions have no public address'),
  ]);
  const gateway = (service: string, routeTables = ['rtb-1']) => ({
    service: `com.amazonaws.eu-west-1.${service}`,
    kind: 'gateway' as const,
    routeTables,
    hasServiceName: false,
  });
  const sqs = {
    service: 'com.amazonaws.eu-west-1.sqs',
    kind: 'interface' as const,
    routeTables: [],
    hasServiceName: true,
  };
  const endpoints = [gateway('s3'), gateway('dynamodb'), sqs];
  expect(advice({ services }, { routeTables: table([]), endpoints })).toEqual([
    'note: orders: reaches nothing on the internet from subnet-a, subnet-b; there is no route to the internet',
  ]);
  // an interface whose name leads elsewhere, and a gateway of another table
  const useless = [gateway('s3', ['rtb-2']), gateway('dynamodb'), { ...sqs, hasServiceName: false }];
  expect(advice({ services }, { routeTables: table([]), endpoints: useless })).toEqual([
    expect.stringContaining('calls of s3, sqs from'),
  ]);
});

test('a subnet has its own route table before the main one', () => {
  const routeTables = [
    ...table([toNat]),
    { id: 'rtb-2', routes: [local], isMain: false, subnets: ['subnet-b'] },
    { id: 'rtb-3', routes: [local, { ...toNat, isBlackhole: true }], isMain: false, subnets: ['subnet-a'] },
  ];
  expect(advice({ services: ['sqs'] }, { routeTables })).toEqual([
    'problem: orders: the default route of subnet-a leads to nat-1, which is gone',
    expect.stringContaining('calls of sqs from subnet-a, subnet-b time out'),
  ]);
});

test('what passes a NAT gateway and could go free of charge', () => {
  expect(advice({ services: ['dynamodb', 's3', 'sqs'] })).toEqual([
    'note: orders: what goes to dynamodb and s3 passes the NAT gateway, which costs by the gigabyte',
  ]);
});

test('services are named as their endpoints are', () => {
  expect(
    servicesOf([
      { kind: 'grant', actions: ['s3:GetObject', 's3:PutObject', 'kinesis:PutRecord'], targets: ['*'] },
      { kind: 'statement', statement: { Effect: 'Allow', Action: 'cloudwatch:PutMetricData', Resource: '*' } },
      { kind: 'statement', statement: { Effect: 'Deny', Action: ['sqs:*'], Resource: '*' } },
      { kind: 'statement', statement: { Action: '*', Resource: '*' } },
    ]),
  ).toEqual(['kinesis-streams', 'monitoring', 's3']);
});
