// SNS: topics, subscriptions, and the delivery of messages to functions, queues and HTTP endpoints of this machine.
// https://docs.aws.amazon.com/sns/latest/api/welcome.html
import type { Cloud, Service } from '../cloud.ts';
import { Delivery } from './delivery.ts';
import { permissionOperations } from './policy.ts';
import { Publisher } from './publish.ts';
import { pushOperations } from './push.ts';
import { createState } from './state.ts';
import { subscriptionOperations } from './subscriptions.ts';
import { textMessageOperations } from './text-messages.ts';
import { topicOperations } from './topics.ts';

export function createSns(cloud: Cloud): Service<'sns'> {
  const state = createState(cloud);
  const delivery = new Delivery(state);
  return {
    name: 'sns',
    operations: {
      ...topicOperations(state),
      ...permissionOperations(state),
      ...subscriptionOperations(state, delivery),
      ...new Publisher(state, delivery).operations(),
      ...pushOperations(state),
      ...textMessageOperations(state),
    },
    stop: () => delivery.stop(),
  };
}
