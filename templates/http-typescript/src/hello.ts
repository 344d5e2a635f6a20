interface HttpEvent {
  readonly pathParameters?: { readonly name?: string };
}

export async function handler(event: HttpEvent) {
  const name = event.pathParameters?.name ?? 'world';
  console.log('greeting', name);
  return { message: `${process.env.GREETING}, ${name}!` };
}
