// The products for sale. Prices are in cents.
export interface Product {
  readonly id: string;
  readonly name: string;
  readonly price: number;
}

export const catalogue: readonly Product[] = [
  { id: 'tea', name: 'Green tea', price: 450 },
  { id: 'mug', name: 'Mug', price: 1200 },
  { id: 'pot', name: 'Tea pot', price: 3900 },
];

export const find = (id: string): Product | undefined => catalogue.find((product) => product.id === id);
