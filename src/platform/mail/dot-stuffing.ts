const dot = ".".charCodeAt(0);
const cr = "\r".charCodeAt(0);
const lf = "\n".charCodeAt(0);

/**
 * A message as SMTP carries it: a dot at a line's start is doubled, and lines end CR LF alone. A lone CR or LF, which
 * some servers take for a line's end, becomes one: behind it a dot would end the message, and what follows would be
 * taken for commands. (RFC 5321, 4.5.2; reliability 1.3, 14)
 */
export function stuffDots(message: Buffer): Buffer {
  if (!hasWholeBreaks(message)) return stuffDots(wholeBreaks(message));
  const parts: Buffer[] = [];
  let from = 0;
  if (message[0] === dot) parts.push(Buffer.from("."));
  for (let at = message.indexOf("\n."); at >= 0; at = message.indexOf("\n.", at + 1)) {
    parts.push(message.subarray(from, at + 1), Buffer.from("."));
    from = at + 1;
  }
  return parts.length === 0 ? message : Buffer.concat([...parts, message.subarray(from)]);
}

function hasWholeBreaks(message: Buffer): boolean {
  for (let at = message.indexOf(lf); at >= 0; at = message.indexOf(lf, at + 1))
    if (message[at - 1] !== cr) return false;
  for (let at = message.indexOf(cr); at >= 0; at = message.indexOf(cr, at + 1))
    if (message[at + 1] !== lf) return false;
  return message.at(-1) === lf;
}

function wholeBreaks(message: Buffer): Buffer {
  const text = message.toString("latin1").replace(/\r\n?|\n/g, "\r\n");
  return Buffer.from(text.endsWith("\r\n") ? text : `${text}\r\n`, "latin1");
}
