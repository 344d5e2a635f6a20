// Topics of MQTT, and the filters that select them.
// https://docs.aws.amazon.com/iot/latest/developerguide/topics.html

const mostSlashes = 7;
const longestTopic = 256;

/** `+` stands for one level, `#` at the end for all that follow. */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split('/');
  return (
    filter !== '' &&
    Buffer.byteLength(filter) <= longestTopic &&
    levels.every((level, index) =>
      level.includes('#') ? level === '#' && index === levels.length - 1 : !level.includes('+') || level === '+',
    )
  );
}

export function isTopic(topic: string): boolean {
  return (
    topic !== '' && Buffer.byteLength(topic) <= longestTopic && !/[+#]/.test(topic) && levelsBelow(topic) <= mostSlashes
  );
}

/** The levels after those of a reserved topic do not count. */
function levelsBelow(topic: string): number {
  return withoutRule(topic).split('/').length - 1;
}

/** `$aws/rules/name/topic` goes to one rule only. https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html */
const ofRule = /^\$aws\/rules\/([A-Za-z0-9_]+)(?:\/|$)/;

export function ruleIn(topic: string): string | undefined {
  return ofRule.exec(topic)?.[1];
}

export function withoutRule(topic: string): string {
  return topic.replace(ofRule, '');
}

export function topicMatches(filter: string, topic: string): boolean {
  const [wanted, levels] = [filter.split('/'), topic.split('/')];
  // reserved topics are matched by their name only
  if (topic.startsWith('$') && wanted[0] !== levels[0]) return false;
  for (const [index, level] of wanted.entries()) {
    // `a/#` is about what is below `a`, not about `a`: https://docs.aws.amazon.com/iot/latest/developerguide/topics.html#topicfilters
    if (level === '#') return index < levels.length;
    if (levels[index] === undefined || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
