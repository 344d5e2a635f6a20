import { Annotation, END, START, StateGraph } from '@langchain/langgraph';

const S = Annotation.Root({ a: Annotation() });
export const handler = async () =>
  new StateGraph(S)
    .addNode('n', () => ({ a: 'x' }))
    .addEdge(START, 'n')
    .addEdge('n', END)
    .compile()
    .invoke({ a: 'y' });
