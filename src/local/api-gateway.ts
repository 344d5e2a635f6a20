// What the APIs of both versions of API Gateway share: their errors, the ids of their resources, and parts kept by id.
import { AwsError } from './cloud.ts';
import { lowerCaseAndDigits, randomLetters } from './random.ts';

export function notFound(message: string): AwsError {
  return new AwsError('NotFoundException', message, 404);
}

export function badRequest(message: string): AwsError {
  return new AwsError('BadRequestException', message, 400);
}

export function conflict(message: string): AwsError {
  return new AwsError('ConflictException', message, 409);
}

export const newId = (length: number): string => randomLetters(length, lowerCaseAndDigits);

export function without<T>(parts: Readonly<Record<string, T>>, id: string): Readonly<Record<string, T>> {
  const { [id]: _, ...others } = parts;
  return others;
}
