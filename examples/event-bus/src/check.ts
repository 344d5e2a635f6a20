interface Check {
  readonly order: string;
  readonly total: number;
  readonly text: string;
}

export const handler = async ({ order, total, text }: Check): Promise<void> => {
  console.log(`check ${order}: ${text} (${typeof total})`);
};
