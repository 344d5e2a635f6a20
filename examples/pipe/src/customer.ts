interface Question {
  order: number;
  customer: string;
}

const names: Record<string, string> = { c1: 'Ann', c2: 'Bo' };

/** A pipe sends a batch, and expects the records that go on. */
export const handler = async (questions: Question[]) =>
  questions.map(({ order, customer }) => ({ order, name: names[customer] ?? 'nobody' }));
