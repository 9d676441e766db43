// Follows a project's events. The browser's own EventSource cannot send a token, so the stream is read by hand.

import { open, Refused } from "/page/api.js";

const RETRY_MILLISECONDS = 1000;

/** Call `tell(type, event)` for every event of a project until the signal aborts; after a gap it goes on from there. */
export async function follow(project, { tell, connected, lost, signal }) {
  let last;
  while (!signal.aborted) {
    try {
      const headers = last === undefined ? {} : { "Last-Event-ID": last };
      const body = await open(`/projects/${project}/events`, headers, signal);
      connected();
      for await (const message of messages(body)) {
        last = message.id;
        tell(message.event, JSON.parse(message.data));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused && error.status < 500) throw error;
    }
    lost();
    await new Promise((wake) => setTimeout(wake, RETRY_MILLISECONDS));
  }
}

/** Read the messages of a stream one by one, comments left out. */
async function* messages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (text + value).split("\n\n");
    text = parts.pop();
    yield* parts.map(fields).filter((message) => message.data !== undefined);
  }
}

/** Read the fields of one message. */
function fields(message) {
  const pair = (line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)];
  return Object.fromEntries(message.split("\n").map(pair));
}
