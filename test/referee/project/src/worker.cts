interface Event {
  readonly Records: readonly { readonly body: string }[];
}

exports.handler = async (event: Event) => {
  for (const { body } of event.Records) console.log(`worked on ${body}`);
  return {};
};
