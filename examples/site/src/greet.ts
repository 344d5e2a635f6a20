// On origin-response: a header on every file, before CloudFront caches it.
interface EdgeEvent {
  readonly Records: readonly [
    { readonly cf: { readonly response: { readonly headers: Record<string, { readonly value: string }[]> } } },
  ];
}

export const handler = async ({ Records: [{ cf }] }: EdgeEvent) => {
  cf.response.headers['x-greeting'] = [{ value: 'hello from the edge' }];
  return cf.response;
};
