export interface Order {
  readonly id: string;
  readonly total: number;
}
