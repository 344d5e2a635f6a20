// Limits of the account's concurrency.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and configuration-concurrency.html
export const accountConcurrency = 1000;
export const unreservedMinimum = 100;
