// The account's settings for text messages, and the numbers that opted out. No message is sent.
// https://docs.aws.amazon.com/sns/latest/api/API_SetSMSAttributes.html
import { AwsError, type Operations } from '../cloud.ts';
import { type Attributes, invalid, type State } from './state.ts';

const defaults: Attributes = { MonthlySpendLimit: '1' };
const names: Readonly<Record<string, RegExp>> = {
  DefaultSenderID: /^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/,
  DefaultSMSType: /^(Promotional|Transactional)$/,
  DeliveryStatusIAMRole: /^arn:\S+:iam::\d{12}:role\/\S+$/,
  DeliveryStatusSuccessSamplingRate: /^(\d{1,2}|100)$/,
  MonthlySpendLimit: /^\d+$/,
  UsageReportS3Bucket: /^[a-z0-9.-]{3,63}$/,
};

export function textMessageOperations({ cloud }: State): Operations<'sns'> {
  const settings = cloud.collection<Attributes>('sns.sms');
  const current = () => ({ ...defaults, ...settings.get('attributes') });
  return {
    SetSMSAttributes: {
      members: ['attributes'],
      run({ attributes = {} }) {
        for (const [name, value] of Object.entries(attributes)) {
          const form = Object.hasOwn(names, name) ? names[name] : undefined;
          if (form === undefined) throw plain(`${name} is not a valid attribute`);
          if (!form.test(value)) throw plain(`${name} is invalid`);
        }
        settings.set('attributes', { ...settings.get('attributes'), ...attributes });
        return {};
      },
    },
    GetSMSAttributes: {
      members: ['attributes'],
      run({ attributes = [] }) {
        const all = Object.entries(current());
        return {
          attributes: Object.fromEntries(all.filter(([name]) => attributes.length === 0 || attributes.includes(name))),
        };
      },
    },
    // numbers opt out by answering a message, and none is sent
    ListPhoneNumbersOptedOut: { members: ['nextToken'], run: () => ({ phoneNumbers: [] }) },
    CheckIfPhoneNumberIsOptedOut: {
      members: ['phoneNumber'],
      run({ phoneNumber }) {
        checkNumber(phoneNumber);
        return { isOptedOut: false };
      },
    },
    OptInPhoneNumber: {
      members: ['phoneNumber'],
      run({ phoneNumber }) {
        checkNumber(phoneNumber);
        return {};
      },
    },
  };
}

/** Without "Invalid parameter: " (recorded in 2026). */
function plain(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

function checkNumber(number = ''): void {
  if (!/^\+[1-9]\d{6,14}$/.test(number)) throw invalid('PhoneNumber Reason: input incorrectly formatted');
}
