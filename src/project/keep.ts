// How many good releases of an environment stay restorable.

/** Enough to go back over a day of busy work. */
export const defaultKeep = 10;
/** The live release, and one to go back to. */
export const leastKeep = 2;
export const mostKeep = 1000;
