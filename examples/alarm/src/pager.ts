// Logs what an alarm says. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
interface AlarmEvent {
  readonly alarmData: {
    readonly alarmName: string;
    readonly state: { readonly value: 'ALARM' | 'INSUFFICIENT_DATA' | 'OK'; readonly reason: string };
  };
}

export const handler = async ({ alarmData: { alarmName, state } }: AlarmEvent) => {
  console.log(`${alarmName} is ${state.value}: ${state.reason}`);
};
