// What both services agree on.
export interface Mail {
  readonly to: string;
  readonly subject: string;
}

/** Throws an error that says what is missing. */
export function parseMail(text: string): Mail {
  const { to, subject } = JSON.parse(text) as Partial<Mail>;
  if (to === undefined || subject === undefined) throw new Error('a mail has "to" and "subject"');
  return { to, subject };
}
