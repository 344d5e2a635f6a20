// The part of the client of AWS IoT's data plane that fx calls.
export { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
