import { Args, Command, Flags } from '@oclif/core';

class Hello extends Command {
  static args = { name: Args.string() };
  static flags = { loud: Flags.boolean() };
  async run() {
    const { args, flags } = await this.parse(Hello);
    return `hi ${args.name}${flags.loud ? '!' : ''}`;
  }
}
export const handler = async () => Hello.run(['x', '--loud'], process.cwd());
