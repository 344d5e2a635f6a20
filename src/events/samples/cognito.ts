// Samples of `cognito`, one for each trigger.
import type {
  CreateAuthChallengeTriggerEvent,
  CustomEmailSenderTriggerEvent,
  CustomMessageTriggerEvent,
  CustomSMSSenderTriggerEvent,
  DefineAuthChallengeTriggerEvent,
  InboundFederationTriggerEvent,
  PostAuthenticationTriggerEvent,
  PostConfirmationTriggerEvent,
  PreAuthenticationTriggerEvent,
  PreSignUpTriggerEvent,
  PreTokenGenerationTriggerEvent,
  PreTokenGenerationV2TriggerEvent,
  UserMigrationTriggerEvent,
  VerifyAuthChallengeResponseTriggerEvent,
} from 'aws-lambda';
import type { Sample } from './_sample.ts';

const docs = 'https://docs.aws.amazon.com/cognito/latest/developerguide';
const pool = {
  version: '1',
  region: 'us-east-1',
  userPoolId: 'us-east-1_aB1cD2eF3',
  userName: 'ann',
  callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: '1example23456789' },
};
const userAttributes = {
  sub: 'b1c2d3e4-0000-4000-8000-00000000000a',
  email: 'ann@example.com',
  email_verified: 'true',
};
const signedUp = { sub: userAttributes.sub, email: userAttributes.email };
/** Encrypted with the pool's key. */
const code = 'AYADeL5Xb0Ed4G0fPHf7cyn0';

const preSignUp: Sample<PreSignUpTriggerEvent> = {
  about: 'a user who signs up',
  aws: `${docs}/user-pool-lambda-pre-sign-up.html`,
  event: {
    ...pool,
    triggerSource: 'PreSignUp_SignUp',
    request: { userAttributes: signedUp, validationData: {} },
    response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
  },
};
const postConfirmation: Sample<PostConfirmationTriggerEvent> = {
  about: 'a user who confirmed the sign-up',
  aws: `${docs}/user-pool-lambda-post-confirmation.html`,
  event: { ...pool, triggerSource: 'PostConfirmation_ConfirmSignUp', request: { userAttributes }, response: {} },
};
const preAuthentication: Sample<PreAuthenticationTriggerEvent> = {
  about: 'a user who is about to sign in',
  aws: `${docs}/user-pool-lambda-pre-authentication.html`,
  event: {
    ...pool,
    triggerSource: 'PreAuthentication_Authentication',
    request: { userAttributes, validationData: {}, userNotFound: false },
    response: {},
  },
};
const postAuthentication: Sample<PostAuthenticationTriggerEvent> = {
  about: 'a user who signed in',
  aws: `${docs}/user-pool-lambda-post-authentication.html`,
  event: {
    ...pool,
    triggerSource: 'PostAuthentication_Authentication',
    request: { userAttributes, newDeviceUsed: false },
    response: {},
  },
};
const groupConfiguration = { groupsToOverride: ['admins'], iamRolesToOverride: [] };
const preTokenGeneration: Sample<PreTokenGenerationTriggerEvent> = {
  about: 'an ID token that is about to be made',
  aws: `${docs}/user-pool-lambda-pre-token-generation.html`,
  event: {
    ...pool,
    triggerSource: 'TokenGeneration_Authentication',
    request: { userAttributes, groupConfiguration },
    response: { claimsOverrideDetails: {} },
  },
};
const preTokenGenerationV2: Sample<PreTokenGenerationV2TriggerEvent> = {
  about: 'the same with the access token, for version V2_0',
  aws: `${docs}/user-pool-lambda-pre-token-generation.html`,
  event: {
    ...pool,
    version: '2',
    triggerSource: 'TokenGeneration_Authentication',
    request: { userAttributes, groupConfiguration, scopes: ['aws.cognito.signin.user.admin'] },
    response: { claimsAndScopeOverrideDetails: {} },
  },
};
const userMigration: Sample<UserMigrationTriggerEvent> = {
  about: 'a user whom the pool does not know yet',
  aws: `${docs}/user-pool-lambda-migrate-user.html`,
  event: {
    ...pool,
    triggerSource: 'UserMigration_Authentication',
    request: { password: 'a password', validationData: {}, clientMetadata: {} },
    response: {
      userAttributes: {},
      finalUserStatus: 'CONFIRMED',
      messageAction: 'SUPPRESS',
      desiredDeliveryMediums: ['EMAIL'],
      forceAliasCreation: false,
    },
  },
};
const customMessage: Sample<CustomMessageTriggerEvent> = {
  about: 'a message to a user',
  aws: `${docs}/user-pool-lambda-custom-message.html`,
  event: {
    ...pool,
    triggerSource: 'CustomMessage_SignUp',
    request: {
      userAttributes: signedUp,
      codeParameter: '{####}',
      linkParameter: '{##Click Here##}',
      usernameParameter: null,
    },
    response: { smsMessage: null, emailMessage: null, emailSubject: null },
  },
};
const customEmailSender: Sample<CustomEmailSenderTriggerEvent> = {
  about: 'an email for you to send; its code is encrypted',
  aws: `${docs}/user-pool-lambda-custom-email-sender.html`,
  event: {
    ...pool,
    triggerSource: 'CustomEmailSender_SignUp',
    request: { type: 'customEmailSenderRequestV1', code, userAttributes: signedUp },
    response: {},
  },
};
const customSmsSender: Sample<CustomSMSSenderTriggerEvent> = {
  about: 'a text message for you to send; its code is encrypted',
  aws: `${docs}/user-pool-lambda-custom-sms-sender.html`,
  event: {
    ...pool,
    triggerSource: 'CustomSMSSender_SignUp',
    request: { type: 'customSMSSenderRequestV1', code, userAttributes: signedUp },
    response: {},
  },
};
const defineAuthChallenge: Sample<DefineAuthChallengeTriggerEvent> = {
  about: 'which challenge comes next',
  aws: `${docs}/user-pool-lambda-define-auth-challenge.html`,
  event: {
    ...pool,
    triggerSource: 'DefineAuthChallenge_Authentication',
    request: { userAttributes, session: [{ challengeName: 'SRP_A', challengeResult: true }] },
    response: { issueTokens: false, failAuthentication: false },
  },
};
const createAuthChallenge: Sample<CreateAuthChallengeTriggerEvent> = {
  about: 'a challenge for you to make',
  aws: `${docs}/user-pool-lambda-create-auth-challenge.html`,
  event: {
    ...pool,
    triggerSource: 'CreateAuthChallenge_Authentication',
    request: {
      userAttributes,
      challengeName: 'CUSTOM_CHALLENGE',
      session: [{ challengeName: 'SRP_A', challengeResult: true }],
    },
    response: { publicChallengeParameters: {}, privateChallengeParameters: {}, challengeMetadata: '' },
  },
};
const verifyAuthChallengeResponse: Sample<VerifyAuthChallengeResponseTriggerEvent> = {
  about: 'an answer to a challenge',
  aws: `${docs}/user-pool-lambda-verify-auth-challenge-response.html`,
  event: {
    ...pool,
    triggerSource: 'VerifyAuthChallengeResponse_Authentication',
    request: { userAttributes, privateChallengeParameters: { answer: '5' }, challengeAnswer: '5' },
    response: { answerCorrect: false },
  },
};
const inboundFederation: Sample<InboundFederationTriggerEvent> = {
  about: 'a user who comes from another identity provider',
  aws: `${docs}/user-pool-lambda-inbound-federation.html`,
  event: {
    ...pool,
    triggerSource: 'InboundFederation_ExternalProvider',
    request: {
      providerName: 'Google',
      providerType: 'Google',
      attributes: { idToken: { sub: '112233', email: 'ann@example.com' }, userInfo: { given_name: 'Ann' } },
    },
    response: { userAttributesToMap: {} },
  },
};

/** By the trigger's name in project.yml. */
export const triggerSamples: Readonly<Record<string, Sample>> = {
  CreateAuthChallenge: createAuthChallenge,
  CustomEmailSender: customEmailSender,
  CustomMessage: customMessage,
  CustomSMSSender: customSmsSender,
  DefineAuthChallenge: defineAuthChallenge,
  InboundFederation: inboundFederation,
  PostAuthentication: postAuthentication,
  PostConfirmation: postConfirmation,
  PreAuthentication: preAuthentication,
  PreSignUp: preSignUp,
  PreTokenGeneration: preTokenGeneration,
  'PreTokenGeneration-V2_0': preTokenGenerationV2,
  UserMigration: userMigration,
  VerifyAuthChallengeResponse: verifyAuthChallengeResponse,
};
