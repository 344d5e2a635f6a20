// Logs what happens in the bucket, as EventBridge tells it.
interface BucketEvent {
  'detail-type': string;
  detail: { object: { key: string; size?: number } };
}

export const handler = async (event: BucketEvent) => {
  console.log(`${event['detail-type']}: ${event.detail.object.key}`);
};
