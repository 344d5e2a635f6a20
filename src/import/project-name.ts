// The name of an imported project: lower-case letters, digits and -, at most 40, beginning with a letter.

export function projectNameOf(text: string, otherwise: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
  return name === '' ? otherwise : name;
}
