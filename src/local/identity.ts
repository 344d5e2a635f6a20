// The path at which the local AWS says who it is: without credentials, and outside every service.
export const identityPath = '/_local/identity';
